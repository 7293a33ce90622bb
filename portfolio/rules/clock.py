"""Judges where a lighthouse stands in its weeks, and when a day has ended where it is run."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS_A_WEEK = 7
FEWEST_WEEKS, MOST_WEEKS = 8, 16  # of a plan
START_NEEDS_NO_REASON_WITHIN_DAYS = 14


class Phase(StrEnum):
    CONFIRM = "confirm"  # owner, metric, data
    MOBILISE = "mobilise"  # team, evaluation first
    BUILD = "build"  # build, evaluate, iterate, ship


LAST_CONFIRM_WEEK = 2
LAST_MOBILISE_WEEK = 4


def today_in(zone: str, now: datetime) -> date:
    """The calendar day in a time zone at an instant. `now` must know its own zone."""
    if now.tzinfo is None:
        raise ValueError("An instant without a time zone is no instant.")
    return now.astimezone(ZoneInfo(zone)).date()


def midnight(zone: str, day: date) -> datetime:
    """When the day begins in this time zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def has_ended(day: date, zone: str, now: datetime) -> bool:
    """Whether a day is over in a time zone: true from the first instant of the next day there."""
    return today_in(zone, now) > day


def week_of(start: date, today: date) -> int | None:
    """The week that today lies in, counted from 1; None before the start."""
    if today < start:
        return None
    return (today - start).days // DAYS_A_WEEK + 1


def phase_of(week: int | None) -> Phase | None:
    """The phase of a week; None before the start."""
    if week is None:
        return None
    if week <= LAST_CONFIRM_WEEK:
        return Phase.CONFIRM
    return Phase.MOBILISE if week <= LAST_MOBILISE_WEEK else Phase.BUILD


def verdict_due(start: date, planned_weeks: int) -> date:
    """The last day of the last planned week; the verdict is read once it has ended."""
    return start + timedelta(days=DAYS_A_WEEK * planned_weeks - 1)


def first_and_last_promise(start: date, due: date) -> tuple[date, date]:
    """From when to when a milestone may lie: a year before the start, two years past the verdict.

    Work that is adopted has milestones from before; what comes after the verdict is promised too.
    """
    return start - timedelta(days=365), due + timedelta(days=2 * 365)


def start_needs_reason(start: date, default_start: date) -> bool:
    """Whether a start date lies so far from the default that it must be explained.

    The default is the day `selected` was entered. Fourteen days either way are free.
    """
    return abs((start - default_start).days) > START_NEEDS_NO_REASON_WITHIN_DAYS
