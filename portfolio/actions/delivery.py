"""Lighthouses: drawn up, owned, planned, and their contract sealed.

Everything here and in `recording` and `verdicts` locks the lighthouse first, then what hangs on
it, then, in `events.record`, the portfolio.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, gates, rights
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import (
    Contract,
    Event,
    Lighthouse,
    LighthouseStanding,
    Reading,
    UseCase,
    User,
)
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock, verdicts
from portfolio.rules.clock import FEWEST_WEEKS, MOST_WEEKS
from portfolio.rules.contract import Guardrail as Promised
from portfolio.rules.contract import what_is_missing
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right
from portfolio.rules.words import Acceptance

FIRST_YEAR, LAST_YEAR = 1990, 2190
RELATIONS = ["use_case", "portfolio", "owner", "declared_by"]
DELIVERY_STAGES = (
    Stage.QUALIFIED,
    Stage.SELECTED,
    Stage.MOBILISING,
    Stage.BUILDING,
    Stage.LIVE,
)
SEALING_STAGES = (Stage.MOBILISING, Stage.BUILDING, Stage.LIVE)

START = ("start_date", "start_reason")
AGREED = (
    "planned_weeks",
    "how_measured",
    "smallest_sample",
    "last_readings",
    "no_guardrails",
)
FACTS = ("production_environment", "reading_plan", "review_working_on")
PLAN = (*START, *AGREED, *FACTS)


def locked(
    actor: Actor, lighthouse_id: int, right: Right, seen_version: int | None = None
) -> Lighthouse:
    """The lighthouse, locked, when the actor holds the right there and saw its last version."""
    lighthouse = Lighthouse.objects.visible_to(actor).get_for_change(lighthouse_id)
    rights.require(actor, right, lighthouse)
    lighthouse.expect_version(seen_version)
    return lighthouse


def today_at(lighthouse: Lighthouse, now: datetime) -> date:
    """The day in the lighthouse's portfolio."""
    return clock.today_in(lighthouse.portfolio.time_zone, now)


def expect_active(lighthouse: Lighthouse) -> None:
    """Refuse where the lighthouse is over."""
    if lighthouse.abandoned_at is not None:
        raise RuleBroken("This lighthouse was abandoned; it stays as it was.")
    if lighthouse.declared_at is not None:
        raise RuleBroken("The verdict is declared; this stays as it was.")


def expect_believable(field: str, day: date | None) -> None:
    """Refuse a day that only a slip of the keyboard names."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError({field: f"The year {day.year} cannot be meant."})


# --- Drawing up, and the owner --------------------------------------------------------------------


@transaction.atomic
def draw_up(
    actor: Actor,
    use_case_id: int,
    *,
    owner: str,
    start_date: date | None = None,
    start_reason: str = "",
    planned_weeks: int = MOST_WEEKS,
    now: datetime,
) -> Lighthouse:
    """A lighthouse for this use case; the person at `owner`, an e-mail address, is asked."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.NAME_OWNER, use_case)
    if use_case.stage not in DELIVERY_STAGES:
        raise RuleBroken("A lighthouse is drawn up from qualified on, and before it is decided.")
    if use_case.lighthouses.active().exists():
        raise RuleBroken("This use case has an active lighthouse already.")
    declared = use_case.lighthouses.declared().of_this_attempt()
    if use_case.stage in SEALING_STAGES and declared.exists():
        raise RuleBroken("The verdict is declared: move it to decided; a retry begins afresh.")
    lighthouse = Lighthouse(
        use_case=use_case,
        portfolio=use_case.portfolio,
        owner=person_to_own(use_case.portfolio_id, owner),
        created_at=now,
        planned_weeks=planned_weeks,
    )
    default = default_start(lighthouse, now)
    if start_date is None and use_case.stage != Stage.QUALIFIED:
        start_date = default
    _set_start(lighthouse, start_date, start_reason, default)
    _save_new(lighthouse)
    LighthouseStanding.objects.create(lighthouse=lighthouse)
    events.record(
        lighthouse,
        Kind.OWNER_NAMED,
        by=actor,
        what={"owner": str(lighthouse.owner), "lighthouse": lighthouse.pk},
        wants=Bell.SETTLE,
        touched=[lighthouse],
    )
    return lighthouse


def _save_new(lighthouse: Lighthouse) -> None:
    _refuse_weeks(lighthouse)
    lighthouse.verdict_due = _due(lighthouse)
    lighthouse.full_clean(exclude=RELATIONS)
    lighthouse.save(force_insert=True)


def person_to_own(portfolio_id: int, email: str) -> User:
    """The member with this address whose role can own; the same words for anybody else."""
    person = User.objects.with_email(email)
    if person is None or not person.is_active or not rights.can_own_in(person, portfolio_id):
        raise ValidationError(
            {"owner": "Name a contributor or sponsor of this portfolio by e-mail address."}
        )
    return person


@transaction.atomic
def name_owner(
    actor: Actor, lighthouse_id: int, *, owner: str, seen_version: int | None = None
) -> Lighthouse:
    """Ask another person to own it; nobody owns it until they accept."""
    lighthouse = locked(actor, lighthouse_id, Right.NAME_OWNER, seen_version)
    ask_to_own(actor, lighthouse, owner)
    return lighthouse


@transaction.atomic
def take_back_owner(actor: Actor, lighthouse_id: int, was: Mapping[str, Any]) -> Lighthouse:
    """Give it back the owner it had, with what they had answered: nobody is asked twice.

    `was` holds `owner` (an address), and `acceptance`, `answered_at` and `decline_reason` of then.
    """
    lighthouse = locked(actor, lighthouse_id, Right.NAME_OWNER)
    ask_to_own(actor, lighthouse, was["owner"])
    if "acceptance" in was:
        answered = was["answered_at"]
        lighthouse.acceptance = was["acceptance"]
        lighthouse.answered_at = datetime.fromisoformat(answered) if answered else None
        lighthouse.decline_reason = was["decline_reason"]
        lighthouse.save(update_fields=["acceptance", "answered_at", "decline_reason"])
    return lighthouse


def ask_to_own(actor: Actor, lighthouse: Lighthouse, email: str) -> None:
    """Name this person as owner of a locked lighthouse."""
    rights.require(actor, Right.NAME_OWNER, lighthouse)
    expect_active(lighthouse)
    person = person_to_own(lighthouse.portfolio_id, email)
    if person.pk == lighthouse.owner_id and lighthouse.acceptance != Acceptance.DECLINED:
        return
    lighthouse.owner = person
    lighthouse.acceptance = Acceptance.ASKED.value
    lighthouse.answered_at = None
    lighthouse.decline_reason = ""
    lighthouse.save(update_fields=["owner", "acceptance", "answered_at", "decline_reason"])
    events.record(
        lighthouse,
        Kind.OWNER_NAMED,
        by=actor,
        what={"owner": str(person), "lighthouse": lighthouse.pk},
        touched=[lighthouse],
    )


@transaction.atomic
def answer_ownership(
    actor: Actor, lighthouse_id: int, *, accept: bool, reason: str = "", now: datetime
) -> Lighthouse:
    """The person named says yes, or no; nobody can say it for them."""
    lighthouse = locked(actor, lighthouse_id, Right.ACCEPT_OWNERSHIP)
    expect_active(lighthouse)
    lighthouse.acceptance = (Acceptance.ACCEPTED if accept else Acceptance.DECLINED).value
    lighthouse.answered_at = now
    lighthouse.decline_reason = "" if accept else reason.strip()
    lighthouse.save(update_fields=["acceptance", "answered_at", "decline_reason"])
    events.record(
        lighthouse,
        Kind.OWNER_ACCEPTED if accept else Kind.OWNER_DECLINED,
        by=actor,
        what={"lighthouse": lighthouse.pk, "reason": lighthouse.decline_reason},
        touched=[lighthouse],
    )
    return lighthouse


# --- The plan -------------------------------------------------------------------------------------


@transaction.atomic
def plan(
    actor: Actor,
    lighthouse_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    now: datetime,
) -> Lighthouse:
    """Exactly the fields of PLAN named; what the contract seals is free until it is sealed."""
    lighthouse = locked(actor, lighthouse_id, Right.PLAN_LIGHTHOUSE, seen_version)
    set_plan(actor, lighthouse, changes, now)
    return lighthouse


def set_plan(actor: Actor, lighthouse: Lighthouse, asked: Mapping[str, Any], now: datetime) -> None:
    """Change the plan of a locked lighthouse."""
    before = {name: getattr(lighthouse, name) for name in PLAN}
    changed = [name for name in PLAN if name in asked and asked[name] != before[name]]
    if not changed:
        return
    rights.require(actor, Right.PLAN_LIGHTHOUSE, lighthouse)
    if any(name in START for name in changed):
        rights.require(actor, Right.SET_START, lighthouse)
    expect_active(lighthouse)
    if lighthouse.is_sealed and any(name not in FACTS for name in changed):
        raise RuleBroken("The success contract is sealed; a sponsor can amend it with a reason.")
    for name in changed:
        setattr(lighthouse, name, asked[name])
    if any(name in START for name in changed):
        _set_start(
            lighthouse,
            lighthouse.start_date,
            lighthouse.start_reason,
            default_start(lighthouse, now),
        )
    _refuse_weeks(lighthouse)
    expect_believable("review_working_on", lighthouse.review_working_on)
    if lighthouse.review_working_on and lighthouse.review_working_on > today_at(lighthouse, now):
        raise ValidationError({"review_working_on": "This day has not come yet."})
    due_before, lighthouse.verdict_due = lighthouse.verdict_due, _due(lighthouse)
    lighthouse.full_clean(exclude=RELATIONS)
    lighthouse.save(update_fields=[*changed, "verdict_due"])
    if due_before != lighthouse.verdict_due:
        mark_late_again(lighthouse)
    events.record(
        lighthouse,
        Kind.PLAN_CHANGED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "changed": {
                name: [shown(before[name]), shown(getattr(lighthouse, name))] for name in changed
            },
        },
        wants=Bell.SETTLE if due_before != lighthouse.verdict_due else (),
        touched=[lighthouse],
    )


def default_start(lighthouse: Lighthouse, now: datetime) -> date:
    """The day `selected` was entered; before that, today."""
    use_case = lighthouse.use_case
    if use_case.stage in (Stage.PROPOSED, Stage.QUALIFIED):
        return today_at(lighthouse, now)
    if use_case.stage == Stage.SELECTED:
        return today_at(lighthouse, use_case.stage_entered_at)
    moves = Event.objects.about(use_case.pk).entered_stage(Stage.SELECTED)
    last = moves.newest_first().first()
    return today_at(lighthouse, last.at if last else use_case.stage_entered_at)


def _set_start(lighthouse: Lighthouse, start: date | None, reason: str, default: date) -> None:
    expect_believable("start_date", start)
    lighthouse.start_date = start
    lighthouse.start_reason = reason.strip()
    if start is None or not clock.start_needs_reason(start, default):
        return
    if not lighthouse.start_reason:
        raise ValidationError(
            {
                "start_reason": f"More than 14 days from {default:%-d %B %Y}, when the clock "
                "would start: say why."
            }
        )


def _refuse_weeks(lighthouse: Lighthouse) -> None:
    weeks = lighthouse.planned_weeks
    if weeks is None or not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise ValidationError({"planned_weeks": "A lighthouse runs 8 to 16 weeks."})


def _due(lighthouse: Lighthouse) -> date | None:
    if lighthouse.start_date is None:
        return None
    return clock.verdict_due(lighthouse.start_date, lighthouse.planned_weeks)


def mark_late_again(lighthouse: Lighthouse) -> None:
    """Bring the late marks of readings in line with a verdict day that moved."""
    for reading in Reading.objects.of(lighthouse.pk).in_order():
        entered_on = today_at(lighthouse, reading.entered_at)
        is_late = lighthouse.verdict_due is not None and verdicts.is_late(
            entered_on, reading.measured_on, lighthouse.verdict_due
        )
        if is_late != reading.is_late:
            reading.is_late = is_late
            reading.save(update_fields=["is_late"])


# --- The contract ---------------------------------------------------------------------------------


@transaction.atomic
def seal(
    actor: Actor, lighthouse_id: int, *, seen_version: int | None = None, now: datetime
) -> Contract:
    """The sealed contract of a lighthouse that came past `mobilising` without one."""
    lighthouse = locked(actor, lighthouse_id, Right.MOVE_DELIVERY, seen_version)
    expect_active(lighthouse)
    if lighthouse.is_sealed:
        raise RuleBroken("The success contract is sealed already.")
    if lighthouse.use_case.stage not in SEALING_STAGES:
        raise RuleBroken("The contract is sealed when the use case moves to mobilising.")
    contract = seal_contract(lighthouse, actor, now)
    if contract is None:
        missing = ", ".join(found.words for found in missing_of(lighthouse))
        raise RuleBroken(f"The contract is not complete. Missing: {missing}.")
    return contract


def seal_contract(lighthouse: Lighthouse, actor: Actor, now: datetime) -> Contract | None:
    """The contract, copied from what is said now; the one sealed before where there is one.

    None where something is missing (the gate was overridden): there is nothing to seal yet, and
    `seal` does it later. The caller holds the lighthouse's lock, has judged the gate, and locks
    nothing afterwards: this records an event.
    """
    if lighthouse.is_sealed:
        return lighthouse.contract
    if missing_of(lighthouse):
        return None
    draft = draft_of(lighthouse)
    metric = lighthouse.use_case.success_metric
    contract = Contract(
        lighthouse=lighthouse,
        statement=metric.statement,
        metric=draft.metric,
        unit=draft.unit,
        direction=metric.direction,
        baseline=draft.baseline,
        target=draft.target,
        segment=metric.segment,
        guardrails=[written(guardrail) for guardrail in draft.guardrails],
        how_measured=draft.how_measured,
        smallest_sample=draft.smallest_sample,
        last_readings=draft.last_readings,
        start_date=draft.start_date,
        planned_weeks=draft.planned_weeks,
        sealed_at=now,
        sealed_by=actor.user,
    )
    contract.save(force_insert=True)
    lighthouse.verdict_due = _due(lighthouse)
    lighthouse.save(update_fields=["verdict_due"])
    events.record(
        lighthouse,
        Kind.CONTRACT_SEALED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "metric": contract.metric,
            "target": shown(contract.target),
            "verdict_due": shown(lighthouse.verdict_due),
        },
        wants=Bell.SETTLE,
        touched=[contract, lighthouse],
    )
    return contract


def draft_of(lighthouse: Lighthouse):
    """The contract as it would be sealed now."""
    return gates.draft_of(lighthouse, lighthouse.use_case.guardrails.in_force())


def missing_of(lighthouse: Lighthouse):
    """What keeps the contract from being sealed."""
    return what_is_missing(draft_of(lighthouse))


def written(guardrail: Promised) -> dict[str, object]:
    """A guardrail as the sealed contract keeps it."""
    return {
        "id": guardrail.id,
        "metric": guardrail.metric,
        "unit": guardrail.unit,
        "kind": guardrail.kind.value,
        "limit": shown(guardrail.limit),
    }


def shown(value: object) -> object:
    """A value as an event and an amendment keep it: plain words, exact numbers."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    return value
