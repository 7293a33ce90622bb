"""Judges how doubt grows with age.

Domain section 4. A day is the portfolio's own. A value is stale once it is older than the days that
a portfolio allows; it widens with every whole 30 days after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from assessments.rules.arrays import Floats, Integers
from portfolio.rules.age import is_stale, last_fresh_day

PERIOD_DAYS = 30
KEPT = Fraction(9, 10)  # of how far an end lies from the scale's own, for each period
_TOP_TENTHS = 50
_TOP = 5


def periods_since(given_on: date, today: date, fresh_days: int) -> int:
    """Whole periods since it became stale; 0 while it is fresh."""
    return max(0, (today - last_fresh_day(given_on, fresh_days)).days // PERIOD_DAYS)


def widened(low: Floats, high: Floats, periods: Integers, top: float) -> tuple[Floats, Floats]:
    """Both ends after so many periods; `top` is where the scale ends.

    No rounding moves an end inwards: a point stays a point while it is fresh.
    """
    kept = float(KEPT) ** periods
    return low * kept, np.minimum(high + (top - high) * (1 - kept), top)


def added_to_mean(ends: Fraction, periods: int) -> Fraction:
    """What widening adds to (low + 4 × likely + high) ÷ 6; `ends` is low + high, from 0 to 10."""
    return (1 - KEPT**periods) * (_TOP - ends) / 6


def added_to_means(ends: Floats, periods: Integers) -> Floats:
    """The same for many."""
    return (1 - float(KEPT) ** periods) * (_TOP - ends) / 6


@dataclass(frozen=True)
class Age:
    """How old one opinion is, and between which ends it counts by now."""

    is_stale: bool
    periods: int
    low: Decimal
    high: Decimal

    @property
    def is_wider(self) -> bool:
        return self.periods > 0


def age_of(given_on: date, today: date, fresh_days: int, low: Decimal, high: Decimal) -> Age:
    """The age of one opinion on the scale from 0 to 5; its ends have two decimals once wider."""
    periods = periods_since(given_on, today, fresh_days)
    if periods:
        kept = KEPT**periods
        low = _hundredths(Fraction(low) * kept)
        high = _hundredths(5 - (5 - Fraction(high)) * kept)
    return Age(is_stale(given_on, today, fresh_days), periods, low, high)


def _hundredths(exact: Fraction) -> Decimal:
    return Decimal(round(exact * 100)).scaleb(-2)


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
