"""The gates: rooms register what a stage asks; a move and the board look through all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from portfolio.models import Guardrail, Lighthouse, Membership, SuccessMetric
from portfolio.rules import contract, gates
from portfolio.rules.findings import Finding, Objection
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Acceptance, Direction, LimitKind, Verdict


@dataclass(frozen=True)
class Gathering:
    """What one room asks before a stage is entered.

    `facts` takes the ids of use cases and returns facts by id, in a number of queries that does
    not grow with them; `judge` is pure and returns a finding for every condition.
    """

    facts: Callable[[Sequence[int]], Mapping[int, Any]]
    judge: Callable[[Any], list[Finding]]


_gatherings: dict[Stage, list[Gathering]] = defaultdict(list)


def register(stage: Stage, gathering: Gathering) -> None:
    """Called by a room once, in `AppConfig.ready()`."""
    if gathering not in _gatherings[stage]:
        _gatherings[stage].append(gathering)


def look(stage: Stage, use_case_ids: Sequence[int]) -> dict[int, list[Finding]]:
    """Every condition for entering the stage, for each of these use cases."""
    findings: dict[int, list[Finding]] = {pk: [] for pk in use_case_ids}
    for gathering in _gatherings[stage]:
        facts = gathering.facts(use_case_ids)
        for pk in use_case_ids:
            findings[pk].extend(gathering.judge(facts[pk]))
    return findings


# --- what this room asks --------------------------------------------------------------------------


def register_own() -> None:
    """The gatherings whose facts are this room's: owner, contract, clock, verdict."""
    for stage, facts, judge in (
        (Stage.SELECTED, selected_facts, gates.judge_selected),
        (Stage.MOBILISING, mobilising_facts, gates.judge_mobilising),
        (Stage.BUILDING, building_facts, gates.judge_building),
        (Stage.LIVE, live_facts, gates.judge_live),
        (Stage.DECIDED, decided_facts, gates.judge_decided),
    ):
        register(stage, Gathering(facts, judge))


def selected_facts(ids: Sequence[int]) -> dict[int, gates.SelectedFacts]:
    rows = Lighthouse.objects.newest_for_cards(ids)
    found = {row.use_case_id: row for row in rows if row.is_active}
    able = who_can_own(found.values())
    return {
        pk: gates.SelectedFacts(_owner_name(found.get(pk)), pk in found and found[pk].pk in able)
        for pk in ids
    }


def mobilising_facts(ids: Sequence[int]) -> dict[int, gates.MobilisingFacts]:
    found = _active(ids, "owner", "contract", "use_case__success_metric")
    guardrails, able = guardrails_of(found), who_can_own(found.values())
    facts = {}
    for pk in ids:
        lighthouse = found.get(pk)
        if lighthouse is None:
            missing = contract.what_is_missing(contract.Draft())
            facts[pk] = gates.MobilisingFacts(None, False, words_of(missing), None)
            continue
        missing = what_keeps_open(lighthouse, guardrails[pk])
        facts[pk] = gates.MobilisingFacts(
            owner_name=_owner_name(lighthouse),
            has_accepted=lighthouse.acceptance == Acceptance.ACCEPTED,
            can_own=lighthouse.pk in able,
            contract_missing=words_of(missing),
            planned_weeks=lighthouse.planned_weeks,
        )
    return facts


def building_facts(ids: Sequence[int]) -> dict[int, gates.BuildingFacts]:
    found = _read(ids)
    return {
        pk: gates.BuildingFacts(found[pk].production_environment if pk in found else "")
        for pk in ids
    }


def live_facts(ids: Sequence[int]) -> dict[int, gates.LiveFacts]:
    found = _read(ids)
    nothing = gates.LiveFacts(None, "", None)
    return {
        pk: gates.LiveFacts(
            found[pk].shipped_on, found[pk].reading_plan, found[pk].review_working_on
        )
        if pk in found
        else nothing
        for pk in ids
    }


def decided_facts(ids: Sequence[int]) -> dict[int, gates.DecidedFacts]:
    found = _newest(ids, "standing")
    nothing = gates.DecidedFacts(Verdict.PENDING, False, "")
    return {
        pk: gates.DecidedFacts(
            verdict_of(found[pk]), found[pk].declared_at is not None, found[pk].retrospective
        )
        if pk in found
        else nothing
        for pk in ids
    }


def verdict_of(lighthouse: Lighthouse | None) -> Verdict:
    """The verdict that stands: the declared one, else the computed one, else pending."""
    if lighthouse is None:
        return Verdict.PENDING
    if lighthouse.declared_verdict:
        return Verdict(lighthouse.declared_verdict)
    standing = getattr(lighthouse, "standing", None)
    return Verdict(standing.verdict) if standing else Verdict.PENDING


def what_keeps_open(
    lighthouse: Lighthouse, guardrails: Sequence[Guardrail]
) -> tuple[Objection, ...]:
    """What is missing before the contract can be sealed; nothing where it is sealed."""
    if lighthouse.is_sealed:
        return ()
    return contract.what_is_missing(draft_of(lighthouse, guardrails))


def draft_of(lighthouse: Lighthouse, guardrails: Sequence[Guardrail]) -> contract.Draft:
    """The contract as it would be sealed now, from the success metric and the plan."""
    metric = metric_of(lighthouse)
    return contract.Draft(
        metric=metric.metric if metric else "",
        unit=metric.unit if metric else "",
        direction=Direction(metric.direction) if metric and metric.direction else None,
        baseline=metric.baseline if metric else None,
        target=metric.target if metric else None,
        guardrails=tuple(
            contract.Guardrail(
                id=row.pk,
                metric=row.metric,
                kind=LimitKind(row.kind),
                limit=Decimal(row.limit),
                unit=row.unit,
            )
            for row in guardrails
        ),
        no_guardrails=lighthouse.no_guardrails,
        how_measured=lighthouse.how_measured,
        smallest_sample=lighthouse.smallest_sample,
        last_readings=lighthouse.last_readings,
        start_date=lighthouse.start_date,
        planned_weeks=lighthouse.planned_weeks,
    )


def metric_of(lighthouse: Lighthouse) -> SuccessMetric | None:
    """The success metric of the lighthouse's use case, where the outcome test was begun."""
    try:
        return lighthouse.use_case.success_metric
    except ObjectDoesNotExist:
        return None


def guardrails_of(use_case_ids: Iterable[int]) -> dict[int, list[Guardrail]]:
    """The guardrails in force by use case, in one query."""
    found: dict[int, list[Guardrail]] = {pk: [] for pk in use_case_ids}
    for row in Guardrail.objects.for_use_cases(found).in_force():
        found[row.use_case_id].append(row)
    return found


def words_of(objections: Sequence[Objection]) -> tuple[str, ...]:
    return tuple(objection.words for objection in objections)


def _newest(ids: Sequence[int], *related: str) -> dict[int, Lighthouse]:
    """The lighthouse by use case that it stands on now, with what a gate reads beside its row."""
    return {row.use_case_id: row for row in Lighthouse.objects.newest_of(ids, *related)}


def _read(ids: Sequence[int]) -> dict[int, Lighthouse]:
    """The same, each with no more than what is asked on the way to production."""
    return {row.use_case_id: row for row in Lighthouse.objects.newest_for_production(ids)}


def _active(ids: Sequence[int], *related: str) -> dict[int, Lighthouse]:
    """A retry needs a lighthouse of its own: one already declared answers no earlier gate."""
    return {pk: row for pk, row in _newest(ids, *related).items() if row.is_active}


def who_can_own(lighthouses: Iterable[Lighthouse]) -> set[int]:
    """Which of these lighthouses have an owner, or one named, who is a member that can own."""
    named = {row.pk: (row.portfolio_id, row.owner_id) for row in lighthouses}
    able = Membership.objects.able_to_own(named.values()) if named else set()
    return {pk for pk, pair in named.items() if pair in able}


def _owner_name(lighthouse: Lighthouse | None) -> str | None:
    if lighthouse is None or lighthouse.acceptance == Acceptance.DECLINED:
        return None
    return str(lighthouse.owner)
