"""Judges how an opinion ages: when a fresh look is due, and how far doubt has grown by then.

Domain section 4. A day is the portfolio's own. An opinion is stale once it is older than the days
that a portfolio allows; it widens with every whole 30 days after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

USUAL_DAYS = 90  # an opinion is fresh for so long
PERIOD_DAYS = 30
KEPT = Fraction(9, 10)  # of how far an end lies from the scale's own, for each period
_TOP_TENTHS = 50

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def is_stale(given_on: date, today: date, fresh_days: int) -> bool:
    """Whether a fresh look is due."""
    return today > last_fresh_day(given_on, fresh_days)


def last_fresh_day(given_on: date, fresh_days: int) -> date:
    """The last day on which it still counts as it was given."""
    return given_on + timedelta(days=fresh_days)


def oldest_fresh_day(today: date, fresh_days: int) -> date:
    """What was given on this day is fresh today, and what was given before it is not."""
    return today - timedelta(days=fresh_days)


def periods_since(given_on: date, today: date, fresh_days: int) -> int:
    """Whole periods since it became stale; 0 while it is fresh."""
    return max(0, (today - last_fresh_day(given_on, fresh_days)).days // PERIOD_DAYS)


def widened(low: Floats, high: Floats, periods: Integers, top: float) -> tuple[Floats, Floats]:
    """Both ends after so many periods; `top` is where the scale ends."""
    kept = float(KEPT) ** periods
    return low * kept, top - (top - high) * kept


@dataclass(frozen=True, eq=False)
class Aged:
    """The stale ratings of a sheet, one entry each: ends in tenths, and periods since."""

    row: Integers  # the criterion's
    column: Integers  # the candidate's
    low: Integers
    high: Integers
    periods: Integers

    def __post_init__(self) -> None:
        parts = (self.column, self.low, self.high, self.periods)
        if any(len(part) != len(self.row) for part in parts):
            raise ValueError("A stale rating has a criterion, a candidate, two ends and periods.")

    def added(self, shape: tuple[int, int]) -> Floats:
        """What widening adds to low + 4 × likely + high, in tenths: a row a criterion."""
        added = np.zeros(shape)
        fresh = 1 - float(KEPT) ** self.periods
        np.add.at(added, (self.row, self.column), fresh * (_TOP_TENTHS - self.high - self.low))
        return added

    def cells(self) -> set[tuple[int, int]]:
        """Where there is at least one."""
        return set(self._entries)

    def exact(self, row: int, column: int) -> Fraction:
        """The same for one criterion of one candidate, exactly."""
        return sum(
            (
                (1 - KEPT**periods) * (_TOP_TENTHS - high - low)
                for low, high, periods in self._entries.get((row, column), ())
            ),
            Fraction(0),
        )

    @cached_property
    def _entries(self) -> dict[tuple[int, int], Sequence[tuple[int, int, int]]]:
        entries: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        for row, column, low, high, periods in zip(
            self.row.tolist(), self.column.tolist(), self.low.tolist(), self.high.tolist(),
            self.periods.tolist(), strict=True,
        ):  # fmt: skip
            entries.setdefault((row, column), []).append((low, high, periods))
        return dict(entries)
