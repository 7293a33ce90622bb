"""What waits for a person: the one shape of it, and what the other rooms have to add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from portfolio.models import Portfolio
from portfolio.rights import Actor
from portfolio.rules.age import oldest_fresh_day

TEST_WORDS = {
    "outcome": "the outcome",
    "data": "the data",
    "review": "the human in the loop",
    "economics": "the unit economics",
}


@dataclass(frozen=True)
class Duty:
    """One thing that waits: what, of which use case, where to do it, and by when."""

    words: str
    url: str
    act: str
    reference: str
    title: str
    due: date | None = None


@dataclass(frozen=True)
class Group:
    """Duties of one kind, under a heading."""

    heading: str
    duties: list[Duty] = field(default_factory=list)
    more: int = 0  # that are not listed


def fresh_since(actor: Actor, today: Mapping[int, date]) -> dict[int, datetime]:
    """From which instant on a value is fresh, in each portfolio of the actor; one query."""
    begins = {}
    for row in Portfolio.objects.visible_to(actor).by_name():
        since = oldest_fresh_day(today[row.pk], row.fresh_days)
        begins[row.pk] = datetime.combine(since, time.min, ZoneInfo(row.time_zone))
    return begins


def look_again(what: str, rows: Iterable[Mapping[str, Any]], page: str) -> list[Duty]:
    """A duty for each candidate of which some of these are stale: "rating", "data source"."""
    return [
        Duty(
            words=f"{row['count']} of your {what}s {'are' if row['count'] > 1 else 'is'} stale: "
            "do they still hold?",
            url=reverse(page, args=[row["reference"]]),
            act="Look again",
            reference=row["reference"],
            title=row["title"],
        )
        for row in rows
    ]


MOST_STALE = 20  # candidates of a kind in one work list

Gathering = Callable[[Actor, Mapping[int, date]], Group]
_gatherings: list[Gathering] = []


def gathered_by(gathering: Gathering) -> Gathering:
    """Called by a room once, in `AppConfig.ready()`: its duties stand in everybody's work list.

    A gathering takes the actor and today's date in each of their portfolios, by id; the number of
    its queries does not grow with what waits.
    """
    if gathering not in _gatherings:
        _gatherings.append(gathering)
    return gathering


def of_other_rooms(actor: Actor, today: Mapping[int, date]) -> list[Group]:
    """What the other rooms know to wait for the actor."""
    return [gathering(actor, today) for gathering in _gatherings]
