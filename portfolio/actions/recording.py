"""What an owner records of a lighthouse, whatever the stage: forecasts, the week, facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, rights
from portfolio.actions import milestones, readings
from portfolio.actions.delivery import PLAN, ask_to_own, set_plan
from portfolio.actions.lighthouses import expect_active, expect_believable, locked, shown, today_at
from portfolio.actions.readings import NewReading
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Forecast, Lighthouse, Reading
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

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
) -> list[Reading]:
    """Readings, milestones reached and a forecast, all of them or none; the new readings."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD)
    if not (update.readings or update.reached or update.ships_on):
        raise ValidationError("Nothing to save yet: give a reading, a milestone or a forecast.")
    for milestone in milestones.open_ones(lighthouse, update.reached):
        expect_active(lighthouse)
        milestones.change(actor, lighthouse, milestone, {"done_on": today_at(lighthouse, now)}, now)
    if update.ships_on is not None:
        _forecast(actor, lighthouse, update.ships_on, update.note, now)
    return [readings.read(actor, lighthouse, reading, None, now) for reading in update.readings]


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


def doubts_of_ship_date(lighthouse: Lighthouse, shipped_on: date) -> list[str]:
    """What is asked back before a person records this day; machines mean what they send."""
    start = lighthouse.start_date
    if start is None or shipped_on >= start or shipped_on == lighthouse.shipped_on:
        return []
    return [
        f"{shipped_on:%-d %B %Y} is before the start, {start:%-d %B %Y}: it would have been in "
        "production before the lighthouse began."
    ]


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
