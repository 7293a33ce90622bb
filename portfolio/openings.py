"""What the other rooms lay down in the transaction that opens a portfolio."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from portfolio.models import Portfolio
from portfolio.models.base import Versioned

Laying = Callable[[Portfolio], Iterable[Versioned]]
_layings: list[Laying] = []


def at_opening(laying: Laying) -> Laying:
    """Called by a room once, in `AppConfig.ready()`: its defaults come with every portfolio."""
    if laying not in _layings:
        _layings.append(laying)
    return laying


def lay_down(portfolio: Portfolio) -> list[Versioned]:
    """The rows that rooms give to a new portfolio; they carry the event of its opening."""
    return [row for laying in _layings for row in laying(portfolio)]
