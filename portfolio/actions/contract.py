"""The success contract of a lighthouse, sealed from what is said by then."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portfolio import events, gates
from portfolio.actions.lighthouses import expect_active, locked, shown
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Contract, Lighthouse
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.contract import Guardrail as Promised
from portfolio.rules.contract import what_is_missing
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right

SEALING_STAGES = (Stage.MOBILISING, Stage.BUILDING, Stage.LIVE)


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
    lighthouse.verdict_due = clock.verdict_due(contract.start_date, contract.planned_weeks)
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
