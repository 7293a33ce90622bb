"""Judges how old a judgement is, and when a fresh look is due.

Domain section 4: what is derived is as old as its oldest input. A day is the portfolio's own.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from portfolio.rules.clock import today_in

USUAL_DAYS = 90  # a judgement is fresh for so long


def is_stale(given_on: date, today: date, fresh_days: int) -> bool:
    """Whether a fresh look is due."""
    return today > last_fresh_day(given_on, fresh_days)


def last_fresh_day(given_on: date, fresh_days: int) -> date:
    """The last day on which it still counts as it was given."""
    return given_on + timedelta(days=fresh_days)


def oldest_fresh_day(today: date, fresh_days: int) -> date:
    """What was given on this day is fresh today, and what was given before it is not."""
    return today - timedelta(days=fresh_days)


def is_out_of_date(as_of: datetime | None, zone: str, now: datetime, fresh_days: int) -> bool:
    """Whether a value as old as that instant is stale; one of no age is not."""
    if as_of is None:
        return False
    return is_stale(today_in(zone, as_of), today_in(zone, now), fresh_days)


def as_old_as(given: Iterable[datetime], confirmed_at: datetime | None) -> datetime | None:
    """How old what follows from these is: as the oldest, or as when all were last confirmed.

    None where nothing was given.
    """
    oldest = min(given, default=None)
    if oldest is None or confirmed_at is None:
        return oldest
    return max(oldest, confirmed_at)
