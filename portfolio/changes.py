"""What of many candidates the other rooms let people change at once, each in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portfolio.errors import RuleBroken
from portfolio.models import Portfolio
from portfolio.rights import Actor
from portfolio.rules.words import Changing

UNDONE = "Undone with the change of many."


@dataclass(frozen=True)
class Wanted:
    """What is to change, into what, and why where that is asked; a test also: of whom, by when."""

    change: Changing
    value: str = ""
    reason: str = ""
    asked: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Step:
    """What one candidate had before it was changed, and what it has since."""

    before: dict[str, Any]
    after: dict[str, Any]


class NotAsItWas(RuleBroken):
    """What the bulk change set was changed again since."""


@dataclass(frozen=True)
class Way:
    """How one thing is changed in many candidates.

    `check` refuses what no candidate takes. `change` answers none where the candidate has it
    already. `restore` refuses with NotAsItWas where somebody changed it since.
    """

    check: Callable[[Portfolio, Wanted, datetime], None]
    change: Callable[[Actor, int, Wanted, datetime], Step | None]
    restore: Callable[[Actor, int, Step, datetime], None]


_ways: dict[Changing, Way] = {}


def changed_by(change: Changing, way: Way) -> Way:
    """Called by a room once, in `AppConfig.ready()`: this is changed in its way."""
    _ways[change] = way
    return way


def way_of(change: Changing) -> Way | None:
    """The way that another room gave; none where this room changes it itself."""
    return _ways.get(change)
