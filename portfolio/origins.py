"""Where a number comes from: the one shape of it, and which room tells of which number.

Domain section 4: every rating and derived value carries who, when and from what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.urls import reverse

from portfolio.models import UseCase
from portfolio.rights import Actor
from portfolio.rules.age import is_out_of_date

T = TypeVar("T")
PHAROS = "Pharos"  # who works out what nobody says


@dataclass(frozen=True)
class Asked:
    """Who asks of which use case, when, under which weights if not the saved ones, of which day."""

    actor: Actor
    use_case: UseCase  # with standing, metric, lighthouse and portfolio
    now: datetime
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    as_of: date | None = None  # what the ranking said of it on that day, not what it says now
    read: dict[str, Any] = field(default_factory=dict, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What a room reads for all the numbers of one use case, read once."""
        if name not in self.read:
            self.read[name] = make()
        return self.read[name]

    def is_stale(self, at: datetime | None) -> bool:
        """Whether what is as old as that is past the portfolio's days."""
        portfolio = self.use_case.portfolio
        return is_out_of_date(at, portfolio.time_zone, self.now, portfolio.fresh_days)


@dataclass(frozen=True)
class Part:
    """One thing that a number comes from; with `number` it opens to where that comes from."""

    name: str
    words: str
    by: str = ""
    at: datetime | None = None
    note: str = ""
    number: str = ""
    url: str = ""
    is_stale: bool = False


@dataclass(frozen=True)
class Origin:
    """The birth certificate of a number: what it says, by which formula, from what, how old."""

    number: str  # its name in addresses
    title: str
    words: str  # as people read it
    formula: str
    value: Decimal | int | None = None  # in full, for machines
    by: str = PHAROS
    at: datetime | None = None  # when it was said, or worked out
    as_of: datetime | None = None  # as old as its oldest input
    is_stale: bool = False
    parts: Sequence[Part] = ()
    notes: Sequence[str] = ()
    url: str = ""  # where it is changed
    url_words: str = ""


Names = Callable[[Asked], Sequence[str]]
Tell = Callable[[Asked, str], Origin | None]
_tellers: list[tuple[Names, Tell]] = []


def told_by(names: Names, tell: Tell) -> None:
    """Called by a room once, in `AppConfig.ready()`, with the numbers that it knows.

    `tell` answers None for a name that is not its own, or of which nothing is known.
    """
    if (names, tell) not in _tellers:
        _tellers.append((names, tell))


def origin_of(asked: Asked, number: str) -> Origin | None:
    """Where this number of the use case comes from; None where there is no such number."""
    for _, tell in _tellers:
        found = tell(asked, number)
        if found is not None:
            return found
    return None


def all_origins(asked: Asked) -> list[Origin]:
    """Every number that is known of the use case, room by room."""
    found = [tell(asked, name) for names, tell in _tellers for name in names(asked)]
    return [one for one in found if one is not None]


def named(person: object) -> str:
    """A person in words; nothing for nobody."""
    return str(person) if person else ""


def page(name: str, reference: str, anchor: str = "") -> str:
    """The address of a page of the use case."""
    return reverse(name, args=[reference]) + (f"#{anchor}" if anchor else "")
