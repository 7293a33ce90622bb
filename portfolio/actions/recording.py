"""What is recorded of a lighthouse, whatever the stage: promises, forecasts, readings, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, gates, rights
from portfolio.actions.delivery import (
    PLAN,
    ask_to_own,
    expect_active,
    expect_believable,
    locked,
    set_plan,
    shown,
    today_at,
)
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Forecast, Lighthouse, Milestone, Reading
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import verdicts
from portfolio.rules.rights import Right

# --- Milestones -----------------------------------------------------------------------------------


@transaction.atomic
def add_milestone(
    actor: Actor,
    lighthouse_id: int,
    *,
    title: str,
    due_on: date,
    done_on: date | None = None,
    now: datetime,
) -> Milestone:
    """A dated promise."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD)
    expect_active(lighthouse)
    expect_believable("due_on", due_on)
    milestone = Milestone(lighthouse=lighthouse, title=title.strip(), due_on=due_on)
    _set_done(actor, lighthouse, milestone, done_on, now)
    milestone.full_clean(exclude=["lighthouse", "done_by"])
    milestone.save(force_insert=True)
    _tell_milestone(actor, lighthouse, Kind.MILESTONE_SET, milestone)
    return milestone


@transaction.atomic
def change_milestone(
    actor: Actor,
    milestone_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    now: datetime,
) -> Milestone:
    """Exactly the fields named: title, due_on, done_on (none: not done after all)."""
    lighthouse, milestone = _locked_milestone(actor, milestone_id)
    milestone.expect_version(seen_version)
    return _change(actor, lighthouse, milestone, changes, now)


@transaction.atomic
def remove_milestone(
    actor: Actor, milestone_id: int, *, seen_version: int | None = None, now: datetime
) -> None:
    """Take a promise back; that there was one stays in the history."""
    lighthouse, milestone = _locked_milestone(actor, milestone_id)
    milestone.expect_version(seen_version)
    revision = _tell_milestone(actor, lighthouse, Kind.MILESTONE_REMOVED, milestone)
    events.bury(
        milestone,
        "milestone",
        portfolio_id=lighthouse.portfolio_id,
        parent_id=lighthouse.pk,
        revision=revision,
    )
    milestone.delete()


def _locked_milestone(actor: Actor, milestone_id: int) -> tuple[Lighthouse, Milestone]:
    found = Milestone.objects.visible_to(actor).get(pk=milestone_id)
    lighthouse = locked(actor, found.lighthouse_id, Right.RECORD)
    expect_active(lighthouse)
    return lighthouse, Milestone.objects.get_for_change(milestone_id)


def _change(
    actor: Actor,
    lighthouse: Lighthouse,
    milestone: Milestone,
    changes: Mapping[str, Any],
    now: datetime,
) -> Milestone:
    before = {name: getattr(milestone, name) for name in ("title", "due_on", "done_on")}
    asked = {**before, **changes}
    asked["title"] = str(asked["title"]).strip()
    if asked == before:
        return milestone
    expect_believable("due_on", asked["due_on"])
    milestone.title, milestone.due_on = asked["title"], asked["due_on"]
    if asked["done_on"] != before["done_on"]:
        _set_done(actor, lighthouse, milestone, asked["done_on"], now)
    milestone.full_clean(exclude=["lighthouse", "done_by"])
    milestone.save(update_fields=["title", "due_on", "done_on", "done_by"])
    is_reached = milestone.done_on is not None and before["done_on"] is None
    _tell_milestone(
        actor,
        lighthouse,
        Kind.MILESTONE_DONE if is_reached else Kind.MILESTONE_SET,
        milestone,
        changed={
            name: [shown(before[name]), shown(asked[name])]
            for name in before
            if asked[name] != before[name]
        },
    )
    return milestone


def _set_done(
    actor: Actor, lighthouse: Lighthouse, milestone: Milestone, day: date | None, now: datetime
) -> None:
    expect_believable("done_on", day)
    if day is not None and day > today_at(lighthouse, now):
        raise ValidationError({"done_on": "This day has not come yet."})
    milestone.done_on = day
    milestone.done_by = actor.user if day is not None else None


def _tell_milestone(
    actor: Actor,
    lighthouse: Lighthouse,
    kind: Kind,
    milestone: Milestone,
    changed: dict[str, list] | None = None,
) -> int:
    return events.record(
        lighthouse,
        kind,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "title": milestone.title,
            "due_on": shown(milestone.due_on),
            **({"changed": changed} if changed else {}),
        },
        touched=[milestone],
    )


# --- Forecasts ------------------------------------------------------------------------------------


@transaction.atomic
def give_forecast(
    actor: Actor, lighthouse_id: int, *, ships_on: date, note: str = "", now: datetime
) -> Forecast:
    """A further statement of when it will be in production; earlier ones stay."""
    return _forecast(actor, locked(actor, lighthouse_id, Right.RECORD), ships_on, note, now)


def _forecast(
    actor: Actor, lighthouse: Lighthouse, ships_on: date, note: str, now: datetime
) -> Forecast:
    expect_active(lighthouse)
    if lighthouse.shipped_on is not None:
        raise RuleBroken("It is in production already, so there is nothing to forecast.")
    expect_believable("ships_on", ships_on)
    today = today_at(lighthouse, now)
    if ships_on < today:
        raise ValidationError(
            {"ships_on": "This day is over. If it shipped then, record the ship date."}
        )
    forecast = Forecast(
        lighthouse=lighthouse,
        ships_on=ships_on,
        note=note.strip(),
        made_on=today,
        made_by=actor.user,
        made_at=now,
    )
    forecast.full_clean(exclude=["lighthouse", "made_by"])
    forecast.save(force_insert=True)
    events.record(
        lighthouse,
        Kind.FORECAST_GIVEN,
        by=actor,
        what={"lighthouse": lighthouse.pk, "ships_on": shown(ships_on), "note": forecast.note},
        touched=[forecast],
    )
    return forecast


# --- Readings -------------------------------------------------------------------------------------


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
    return _read(actor, lighthouse, reading, supersedes, now)


def _read(
    actor: Actor,
    lighthouse: Lighthouse,
    new: NewReading,
    supersedes: int | None,
    now: datetime,
) -> Reading:
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
    if (corrected.guardrail_id is None) != (measured.guardrail_id is None) or (
        corrected.guardrail is not None
        and corrected.guardrail.metric.casefold() != measured.metric.casefold()
    ):
        raise ValidationError({"metric": "A correction is of the same metric."})
    return corrected


# --- The week's update ----------------------------------------------------------------------------


@dataclass(frozen=True)
class WeeklyUpdate:
    """What an owner tells once a week; whatever is empty is skipped."""

    readings: tuple[NewReading, ...] = ()
    reached: tuple[int, ...] = ()  # ids of milestones
    ships_on: date | None = None
    note: str = ""


@transaction.atomic
def post_update(
    actor: Actor, lighthouse_id: int, update: WeeklyUpdate, *, now: datetime
) -> Lighthouse:
    """Readings, milestones reached and a forecast, all of them or none."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD)
    if not (update.readings or update.reached or update.ships_on):
        raise ValidationError("Nothing to save yet: give a reading, a milestone or a forecast.")
    for milestone in _open_milestones(lighthouse, update.reached):
        expect_active(lighthouse)
        _change(actor, lighthouse, milestone, {"done_on": today_at(lighthouse, now)}, now)
    if update.ships_on is not None:
        _forecast(actor, lighthouse, update.ships_on, update.note, now)
    for reading in update.readings:
        _read(actor, lighthouse, reading, None, now)
    return lighthouse


def _open_milestones(lighthouse: Lighthouse, reached: Iterable[int]) -> list[Milestone]:
    wanted = set(reached)
    return [
        milestone
        for milestone in Milestone.objects.of(lighthouse.pk).open().by_due()
        if milestone.pk in wanted
    ]


# --- Facts ----------------------------------------------------------------------------------------


@transaction.atomic
def record_ship_date(
    actor: Actor,
    lighthouse_id: int,
    *,
    shipped_on: date | None,
    seen_version: int | None = None,
    now: datetime,
) -> Lighthouse:
    """Since when it is in production; none takes it back. The verdict follows."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD, seen_version)
    ship(actor, lighthouse, shipped_on, now)
    return lighthouse


def ship(actor: Actor, lighthouse: Lighthouse, shipped_on: date | None, now: datetime) -> None:
    """Set the ship date of a locked lighthouse."""
    rights.require(actor, Right.RECORD, lighthouse)
    before = lighthouse.shipped_on
    if shipped_on == before:
        return
    if lighthouse.abandoned_at is not None:
        raise RuleBroken("This lighthouse was abandoned; it stays as it was.")
    expect_believable("shipped_on", shipped_on)
    if shipped_on is not None and shipped_on > today_at(lighthouse, now):
        raise ValidationError({"shipped_on": "A ship date cannot lie after today."})
    lighthouse.shipped_on = shipped_on
    lighthouse.shipped_entered_at = now if shipped_on is not None else None
    lighthouse.save(update_fields=["shipped_on", "shipped_entered_at"])
    events.record(
        lighthouse,
        Kind.SHIPPED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "shipped_on": shown(shipped_on),
            **({"before": shown(before)} if before else {}),
        },
        wants=Bell.SETTLE,
        touched=[lighthouse],
    )


@transaction.atomic
def write_retrospective(
    actor: Actor,
    lighthouse_id: int,
    *,
    retrospective: str,
    seen_version: int | None = None,
) -> Lighthouse:
    """What was learnt; the gate to `decided` asks for it."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD, seen_version)
    look_back(actor, lighthouse, retrospective)
    return lighthouse


def look_back(actor: Actor, lighthouse: Lighthouse, retrospective: str) -> None:
    """Set the retrospective of a locked lighthouse."""
    rights.require(actor, Right.RECORD, lighthouse)
    written = retrospective.strip()
    if written == lighthouse.retrospective:
        return
    lighthouse.retrospective = written
    lighthouse.save(update_fields=["retrospective"])
    events.record(
        lighthouse,
        Kind.RETROSPECTIVE_WRITTEN,
        by=actor,
        what={"lighthouse": lighthouse.pk},
        touched=[lighthouse],
    )


# --- Any of it at once ----------------------------------------------------------------------------


@transaction.atomic
def change_lighthouse(
    actor: Actor,
    lighthouse_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    now: datetime,
) -> Lighthouse:
    """Exactly the fields named: owner, plan, ship date, retrospective, each under its own right."""
    lighthouse = locked(actor, lighthouse_id, Right.READ, seen_version)
    if "owner" in changes:
        ask_to_own(actor, lighthouse, str(changes["owner"]))
    plan = {name: value for name, value in changes.items() if name in PLAN}
    if plan:
        set_plan(actor, lighthouse, plan, now)
    if "shipped_on" in changes:
        ship(actor, lighthouse, changes["shipped_on"], now)
    if "retrospective" in changes:
        look_back(actor, lighthouse, str(changes["retrospective"]))
    return lighthouse
