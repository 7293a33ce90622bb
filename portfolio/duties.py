"""What waits for a person: the one shape of it, and what the other rooms have to add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from portfolio.rights import Actor

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
