"""What a sponsor alone does to a sealed lighthouse: amend its contract, declare its verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events
from portfolio.actions.contract import written
from portfolio.actions.delivery import mark_late_again
from portfolio.actions.lighthouses import expect_believable, locked, shown, today_at
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import (
    Amendment,
    Contract,
    Guardrail,
    Lighthouse,
    LighthouseStanding,
    Reading,
)
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.contract import Draft, ends_at_once, judge_amendment
from portfolio.rules.contract import Guardrail as Promised
from portfolio.rules.rights import Right
from portfolio.rules.words import Direction, LimitKind, Verdict

WORDS = ("statement", "segment")
TERMS = (
    "metric",
    "unit",
    "direction",
    "baseline",
    "target",
    "how_measured",
    "smallest_sample",
    "last_readings",
    "start_date",
    "planned_weeks",
)
AMENDABLE = (*WORDS, *TERMS, "guardrails")
IN_STEP = ("how_measured", "smallest_sample", "last_readings", "start_date", "planned_weeks")


class VerdictAlreadyGiven(RuleBroken):
    """A declared verdict is fixed."""

    code = "verdict_already_given"


@dataclass(frozen=True)
class Limit:
    """A guardrail as an amendment names it."""

    metric: str
    unit: str
    kind: LimitKind
    limit: Decimal


@transaction.atomic
def amend(
    actor: Actor,
    lighthouse_id: int,
    changes: Mapping[str, Any],
    *,
    reason: str,
    seen_version: int | None = None,
    now: datetime,
) -> Amendment:
    """A change of the sealed contract, with its reason; it stands beside the verdict for good.

    `changes` holds fields of AMENDABLE; `guardrails` is a sequence of `Limit`, the whole new list.
    """
    lighthouse = locked(actor, lighthouse_id, Right.AMEND)
    if not lighthouse.is_sealed:
        raise RuleBroken("Nothing is sealed yet: change the plan and the outcome test instead.")
    if lighthouse.abandoned_at is not None:
        raise RuleBroken("This lighthouse was abandoned; it stays as it was.")
    contract: Contract = lighthouse.contract
    contract.expect_version(seen_version)
    asked = {name: value for name, value in changes.items() if name in AMENDABLE}
    expect_believable("start_date", asked.get("start_date"))
    if "guardrails" in asked:
        asked["guardrails"] = _promised(lighthouse, contract, asked["guardrails"], now)
    _refuse(lighthouse, contract, asked, reason)
    before = {name: shown(getattr(contract, name)) for name in AMENDABLE}
    for name, value in asked.items():
        setattr(contract, name, [written(one) for one in value] if name == "guardrails" else value)
    contract.full_clean(exclude=["lighthouse", "sealed_by", "guardrails"])
    after = {name: shown(getattr(contract, name)) for name in AMENDABLE}
    changed = {name: [before[name], after[name]] for name in asked if before[name] != after[name]}
    if not changed:
        raise ValidationError("Nothing would change.")
    contract.save(update_fields=list(changed))
    marked = _keep_in_step(lighthouse, contract)
    amendment = Amendment.objects.create(
        lighthouse=lighthouse, changes=changed, reason=reason.strip(), by=actor.person, at=now
    )
    events.record(
        lighthouse,
        Kind.CONTRACT_AMENDED,
        by=actor,
        what={"lighthouse": lighthouse.pk, "changed": changed, "reason": amendment.reason},
        wants=Bell.SETTLE,
        touched=[amendment, contract, lighthouse, *marked],
    )
    return amendment


def doubts_of_amendment(
    lighthouse: Lighthouse, changes: Mapping[str, Any], now: datetime
) -> list[str]:
    """What is asked back before a person amends this way; machines mean what they send."""
    agreed = lighthouse.contract.as_agreed()
    start = changes.get("start_date") or agreed.start_date
    weeks = changes.get("planned_weeks") or agreed.planned_weeks
    due = clock.verdict_due(start, weeks)
    words = ends_at_once(agreed, due, today_at(lighthouse, now))
    return [words] if words else []


def _refuse(
    lighthouse: Lighthouse, contract: Contract, asked: Mapping[str, Any], reason: str
) -> None:
    agreed = contract.as_agreed()
    terms = {name: getattr(agreed, name) for name in TERMS}
    terms.update({name: value for name, value in asked.items() if name in TERMS})
    terms["direction"] = Direction(terms["direction"]) if terms["direction"] else None
    guardrails = asked.get("guardrails", agreed.guardrails)
    draft = dataclasses.replace(
        Draft(**terms), guardrails=tuple(guardrails), no_guardrails=not guardrails
    )
    objections = judge_amendment(
        draft,
        sealed_start=first_sealed_start(lighthouse, contract),
        reason=reason,
        is_declared=lighthouse.declared_at is not None,
    )
    for objection in objections:
        if not objection.field:
            raise VerdictAlreadyGiven(objection.words)
    if objections:
        raise ValidationError({found.field: found.words for found in objections})


def first_sealed_start(lighthouse: Lighthouse, contract: Contract) -> date:
    """The start date as it was first sealed, before any amendment."""
    first = lighthouse.amendments.of_start().in_order().first()
    return date.fromisoformat(first.changes["start_date"][0]) if first else contract.start_date


def _promised(
    lighthouse: Lighthouse, contract: Contract, limits: Sequence[Limit], now: datetime
) -> list[Promised]:
    """The guardrails with the rows that readings point at; a new metric gets one of its own."""
    known = {one.metric.casefold(): one.id for one in contract.as_agreed().guardrails}
    names = [limit.metric.strip().casefold() for limit in limits]
    if len(set(names)) != len(names) or contract.metric.casefold() in names:
        raise ValidationError({"guardrails": "Each metric stands once, the success metric apart."})
    promised = []
    for name, limit in zip(names, limits, strict=True):
        key = known.get(name)
        if key is None:
            key = _row_for(lighthouse, limit, now).pk
        promised.append(Promised(key, limit.metric.strip(), limit.kind, limit.limit, limit.unit))
    return promised


def _row_for(lighthouse: Lighthouse, limit: Limit, now: datetime) -> Guardrail:
    in_force = lighthouse.use_case.guardrails.in_force()
    row = in_force.named(limit.metric.strip()).first()
    if row is not None:
        return row
    row = Guardrail(
        use_case=lighthouse.use_case,
        metric=limit.metric.strip(),
        unit=limit.unit,
        kind=limit.kind.value,
        limit=limit.limit,
        removed_at=now,  # of this contract only: the outcome test goes on as it was
    )
    row.full_clean(exclude=["use_case"])
    row.save(force_insert=True)
    return row


def _keep_in_step(lighthouse: Lighthouse, contract: Contract) -> list[Reading]:
    """The readings that are late now, or no longer, by the plan as amended."""
    for name in IN_STEP:
        setattr(lighthouse, name, getattr(contract, name))
    lighthouse.no_guardrails = not contract.guardrails
    lighthouse.verdict_due = clock.verdict_due(contract.start_date, contract.planned_weeks)
    lighthouse.save(update_fields=[*IN_STEP, "no_guardrails", "verdict_due"])
    return mark_late_again(lighthouse)


@transaction.atomic
def declare(
    actor: Actor,
    lighthouse_id: int,
    *,
    verdict: Verdict,
    reason: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> Lighthouse:
    """The verdict, confirmed, or overruled with a reason. Fixed afterwards; both stay visible."""
    lighthouse = locked(actor, lighthouse_id, Right.DECLARE)
    if lighthouse.declared_at is not None:
        raise VerdictAlreadyGiven("The verdict is declared; it stays as it is.")
    if lighthouse.abandoned_at is not None:
        raise RuleBroken("This lighthouse was abandoned, so it gets no verdict.")
    lighthouse.expect_version(seen_version)
    if verdict is Verdict.PENDING:
        raise ValidationError({"verdict": "Declare victory or failure."})
    standing = _computed(lighthouse)
    computed = Verdict(standing.verdict)
    if verdict is not computed and not reason.strip():
        raise ValidationError(
            {"reason": f"The computed verdict is {computed}. Write why you overrule it."}
        )
    lighthouse.declared_verdict = verdict.value
    lighthouse.declared_by = actor.user
    lighthouse.declared_at = now
    lighthouse.declared_reason = reason.strip()
    lighthouse.computed_at_declaration = computed.value
    lighthouse.reasons_at_declaration = standing.verdict_reasons
    lighthouse.words_at_declaration = standing.reason_words
    lighthouse.save(
        update_fields=[
            "declared_verdict",
            "declared_by",
            "declared_at",
            "declared_reason",
            "computed_at_declaration",
            "reasons_at_declaration",
            "words_at_declaration",
        ]
    )
    events.record(
        lighthouse,
        Kind.VERDICT_DECLARED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "verdict": verdict.value,
            "computed": computed.value,
            "reason": lighthouse.declared_reason,
        },
        touched=[lighthouse],
    )
    return lighthouse


def _computed(lighthouse: Lighthouse) -> LighthouseStanding:
    """What a worker published of what stands now: a verdict. Whoever declares has seen it."""
    standing = LighthouseStanding.objects.of(lighthouse.pk)
    if standing is None or standing.settle_done < lighthouse.settle_wanted:
        raise RuleBroken("The verdict is being computed. Look again in a moment.")
    if standing.verdict == Verdict.PENDING:
        raise RuleBroken("The verdict is pending until its day has ended.")
    return standing
