"""Readings of a lighthouse's metrics: recorded and corrected, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, gates
from portfolio.actions.lighthouses import expect_believable, locked, shown, today_at
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Lighthouse, Reading
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import doubts, verdicts
from portfolio.rules.rights import Right
from portfolio.rules.words import as_sentence


@dataclass(frozen=True)
class Measured:
    """A metric of a lighthouse that readings may be of; no guardrail: the success metric."""

    metric: str
    unit: str
    guardrail_id: int | None = None


@dataclass(frozen=True)
class NewReading:
    """A measured value as somebody enters it."""

    metric: str
    value: Decimal
    measured_on: date
    source: str = ""
    sample_size: int | None = None


def metrics_of(lighthouse: Lighthouse) -> list[Measured]:
    """What may be read: of the sealed contract, else of what the contract would be."""
    if lighthouse.is_sealed:
        contract = lighthouse.contract
        guarded = [
            Measured(guardrail["metric"], guardrail["unit"], guardrail["id"])
            for guardrail in contract.guardrails
        ]
        return [Measured(contract.metric, contract.unit), *guarded]
    metric = gates.metric_of(lighthouse)
    known = [Measured(metric.metric, metric.unit)] if metric and metric.metric else []
    in_force = lighthouse.use_case.guardrails.in_force()
    return [*known, *(Measured(row.metric, row.unit, row.pk) for row in in_force)]


@transaction.atomic
def record_reading(
    actor: Actor,
    lighthouse_id: int,
    reading: NewReading,
    *,
    supersedes: int | None = None,
    now: datetime,
) -> Reading:
    """A further reading, or a correction that supersedes one; the verdict follows."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD)
    return read(actor, lighthouse, reading, supersedes, now)


def read(
    actor: Actor,
    lighthouse: Lighthouse,
    new: NewReading,
    supersedes: int | None,
    now: datetime,
) -> Reading:
    """Add a reading of a locked lighthouse."""
    if lighthouse.abandoned_at is not None:
        raise RuleBroken("This lighthouse was abandoned; it stays as it was.")
    expect_believable("measured_on", new.measured_on)
    today = today_at(lighthouse, now)
    if new.measured_on > today:
        raise ValidationError({"measured_on": "A reading cannot lie after today."})
    measured = _measured(lighthouse, new.metric)
    corrected = _corrected(lighthouse, measured, supersedes)
    due = lighthouse.verdict_due
    reading = Reading(
        lighthouse=lighthouse,
        guardrail_id=measured.guardrail_id,
        metric=measured.metric,
        unit=measured.unit,
        value=new.value,
        measured_on=new.measured_on,
        source=new.source.strip(),
        sample_size=new.sample_size,
        supersedes=corrected,
        entered_by=actor.user,
        entered_at=now,
        is_late=due is not None and verdicts.is_late(today, new.measured_on, due),
    )
    reading.full_clean(exclude=["lighthouse", "guardrail", "entered_by", "supersedes"])
    reading.save(force_insert=True)
    events.record(
        lighthouse,
        Kind.READING_CORRECTED if corrected else Kind.READING_RECORDED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "metric": measured.metric,
            "value": shown(reading.value),
            "unit": measured.unit,
            "measured_on": shown(reading.measured_on),
            **({"before": shown(corrected.value)} if corrected else {}),
        },
        wants=Bell.SETTLE,
        touched=[reading, corrected] if corrected else [reading],
    )
    return reading


def doubts_of(lighthouse: Lighthouse, new: NewReading, supersedes: int | None = None) -> list[str]:
    """What is asked back before a person enters this reading; machines mean what they send."""
    measured = _measured(lighthouse, new.metric)
    rows = Reading.objects.of(lighthouse.pk).with_history().in_order()
    standing = [
        doubts.Read(row.value, row.measured_on, row.sample_size)
        for row in rows
        if row.is_of(measured.metric, measured.unit)
        and not row.is_superseded
        and row.pk != supersedes
    ]
    entered = doubts.Read(new.value, new.measured_on, new.sample_size)
    found = doubts.doubts_of_reading(entered, standing, _agreed_values(lighthouse, measured))
    return [f"{as_sentence(measured.metric)}: {words}" for words in found]


def _agreed_values(lighthouse: Lighthouse, measured: Measured) -> list[Decimal | None]:
    """What a metric is held against: baseline and target, or the guardrail's limit."""
    if measured.guardrail_id is None:
        said = lighthouse.contract if lighthouse.is_sealed else gates.metric_of(lighthouse)
        return [said.baseline, said.target] if said else []
    if lighthouse.is_sealed:
        limits = {one.id: one.limit for one in lighthouse.contract.as_agreed().guardrails}
        return [limits[measured.guardrail_id]]
    return [lighthouse.use_case.guardrails.in_force().get(pk=measured.guardrail_id).limit]


def _measured(lighthouse: Lighthouse, metric: str) -> Measured:
    known = metrics_of(lighthouse)
    for measured in known:
        if measured.metric.casefold() == metric.strip().casefold():
            return measured
    if not known:
        raise ValidationError({"metric": "No metric is agreed yet; answer the outcome test first."})
    names = ", ".join(measured.metric for measured in known)
    raise ValidationError({"metric": f"Not a metric of this lighthouse. Known: {names}."})


def _corrected(
    lighthouse: Lighthouse, measured: Measured, supersedes: int | None
) -> Reading | None:
    if supersedes is None:
        return None
    corrected = Reading.objects.of(lighthouse.pk).with_history().filter(pk=supersedes).first()
    if corrected is None:
        raise ValidationError({"supersedes": "Not a reading of this lighthouse."})
    if corrected.is_superseded:
        raise RuleBroken("This reading was corrected already; correct the newer one.")
    if corrected.metric.casefold() != measured.metric.casefold():
        raise ValidationError({"metric": "A correction is of the same metric."})
    return corrected
