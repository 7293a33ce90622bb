"""Named sets of weights that people keep to look at: they move nobody's ranking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.models import Criterion, Scenario
from portfolio import events, rights
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Portfolio
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

MOST_EACH = 100
HEAVIEST = Decimal("9999.99")
WRITABLE = ("name", "weights", "is_shared")


class EnoughScenarios(RuleBroken):
    code = "enough_scenarios"


@transaction.atomic
def save_scenario(
    actor: Actor,
    portfolio_id: int,
    *,
    name: str,
    weights: Mapping[str, Any],
    is_shared: bool = False,
    now: datetime,
) -> Scenario:
    """A new scenario of the actor's; a criterion that it does not name keeps its saved weight."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.SAVE_SCENARIOS, portfolio)
    if Scenario.objects.count_of(actor.person.pk, portfolio_id) >= MOST_EACH:
        raise EnoughScenarios(f"You keep {MOST_EACH} scenarios here already. Remove one first.")
    scenario = Scenario(portfolio=portfolio, by=actor.person, is_shared=is_shared, changed_at=now)
    scenario.name = name.strip()
    scenario.weights = _checked(portfolio_id, weights)
    scenario.full_clean(exclude=["weights"])
    scenario.save()
    _tell(scenario, Kind.SCENARIO_SHARED, by=actor)
    return scenario


@transaction.atomic
def change_scenario(
    actor: Actor,
    scenario_id: int,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    seen_version: int | None = None,
) -> Scenario:
    """The scenario with exactly these fields changed; only its author may."""
    scenario = Scenario.objects.visible_to(actor).get_for_change(scenario_id)
    rights.require(actor, Right.SAVE_SCENARIOS, scenario.portfolio)
    if scenario.by_id != actor.user_id:
        raise NotAllowed("Only its author changes a scenario. Save one of your own from it.")
    scenario.expect_version(seen_version)
    before = {field: getattr(scenario, field) for field in WRITABLE}
    if "name" in changes:
        scenario.name = changes["name"].strip()
    if "weights" in changes:
        scenario.weights = _checked(scenario.portfolio_id, changes["weights"])
    if "is_shared" in changes:
        scenario.is_shared = changes["is_shared"]
    scenario.full_clean(exclude=["weights"])
    changed = [field for field in WRITABLE if before[field] != getattr(scenario, field)]
    if not changed:
        return scenario
    scenario.changed_at = now
    scenario.save(update_fields=[*changed, "changed_at"])
    if before["is_shared"] and not scenario.is_shared:
        revision = _tell(scenario, Kind.SCENARIO_UNSHARED, by=actor, was_shared=True)
        _bury(scenario, revision, was_shared=True)
    else:
        is_new = scenario.is_shared and not before["is_shared"]
        _tell(scenario, Kind.SCENARIO_SHARED if is_new else Kind.SCENARIO_CHANGED, by=actor)
    return scenario


@transaction.atomic
def remove_scenario(actor: Actor, scenario_id: int, *, seen_version: int | None = None) -> None:
    """Take it away: its author may, and a sponsor where it is shared."""
    scenario = Scenario.objects.visible_to(actor).get_for_change(scenario_id)
    rights.require(actor, Right.SAVE_SCENARIOS, scenario.portfolio)
    if scenario.by_id != actor.user_id:
        rights.require(actor, Right.MANAGE_WEIGHTS, scenario.portfolio)
    scenario.expect_version(seen_version)
    revision = _tell(scenario, Kind.SCENARIO_REMOVED, by=actor)
    _bury(scenario, revision, was_shared=scenario.is_shared)
    scenario.delete()


def _checked(portfolio_id: int, weights: Mapping[str, Any]) -> dict[str, str]:
    """The weights as they are kept; each fits and belongs to a criterion in use."""
    known = {row.slug for row in Criterion.objects.in_portfolio(portfolio_id).in_force()}
    kept: dict[str, str] = {}
    faults: dict[str, list[str]] = {}
    for slug, given in weights.items():
        try:
            weight = Decimal(str(given))
        except InvalidOperation:
            weight = Decimal("NaN")
        if slug not in known:
            faults[f"weights.{slug}"] = [f"There is no criterion “{slug}” here."]
        elif not weight.is_finite() or not 0 <= weight <= HEAVIEST:
            faults[f"weights.{slug}"] = [f"A weight is 0 to {HEAVIEST}."]
        elif weight != round(weight, 2):
            faults[f"weights.{slug}"] = ["A weight has two decimals at most."]
        else:
            kept[slug] = f"{weight.normalize():f}" if weight else "0"
    if faults:
        raise ValidationError(faults)
    return kept


def _tell(scenario: Scenario, kind: Kind, *, by: Actor, was_shared: bool = False) -> int:
    """The event of a shared scenario; a private one takes a number and tells nobody."""
    if not (scenario.is_shared or was_shared):
        return events.note(scenario.portfolio_id, touched=[scenario])
    what = {"scenario": scenario.pk, "name": scenario.name}
    return events.record(scenario.portfolio, kind, by=by, what=what, touched=[scenario])


def _bury(scenario: Scenario, revision: int, *, was_shared: bool) -> None:
    """Leave a tombstone: for everybody where it was shared, else for its author alone."""
    events.bury(
        scenario,
        "scenario",
        portfolio_id=scenario.portfolio_id,
        parent_id=None if was_shared else scenario.by_id,
        revision=revision,
    )
