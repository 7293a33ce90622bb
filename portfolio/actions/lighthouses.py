"""What every action on a lighthouse begins with, and how it writes down a value.

Each locks the lighthouse first, then what hangs on it, then, in `events.record`, the portfolio.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError

from portfolio import rights
from portfolio.errors import RuleBroken
from portfolio.models import Lighthouse
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.rights import Right

FIRST_YEAR, LAST_YEAR = 1990, 2190


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


def shown(value: object) -> object:
    """A value as an event and an amendment keep it: plain words, exact numbers."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    return value
