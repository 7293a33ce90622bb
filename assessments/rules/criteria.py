"""What is rated, and what nobody rates by hand but is derived: domain section 4."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

import numpy as np

from assessments.rules import ageing
from assessments.rules.arrays import Flags, Floats, Integers

UNRATED = Fraction(5, 2)
TOP = 5
SCALE_AMOUNTS = 6
MILLION = 1_000_000


class Axis(StrEnum):
    IMPACT = "impact"
    FEASIBILITY = "feasibility"


class Derivation(StrEnum):
    """The criteria that nobody rates by hand."""

    ANNUAL_VALUE = "annual_value"
    DATA_READINESS = "data_readiness"


@dataclass(frozen=True)
class Criterion:
    slug: str
    axis: Axis
    weight: Decimal


WEIGHTLESS = "an axis whose weights sum to 0 has no score"


def weightless(weights: Iterable[tuple[str, Decimal]]) -> list[Axis]:
    """The axes that have no score whatever is rated, from (axis, weight) of each criterion."""
    weighing = {axis for axis, weight in weights if weight > 0}
    return [axis for axis in Axis if axis not in weighing]


def told_weights(axes: Sequence[Axis]) -> str:
    """Which weights sum to 0, in words: "the weights of impact sum to 0"."""
    return f"the weights of {' and '.join(axes)} sum to 0" if axes else ""


def weightless_words(axes: Sequence[Axis]) -> str:
    """Why nothing can be ranked with these axes; empty where every axis weighs something."""
    return f"{told_weights(axes)}, and {WEIGHTLESS}" if axes else ""


@dataclass(frozen=True, eq=False)
class Derived:
    """Values of one derived criterion for all candidates; NaN where its input is missing."""

    expected: Floats
    exact: Callable[[int], Fraction]
    doubt: float  # how far a float of `expected` may be off
    stale: Flags | None = None  # which come from an input that is past its days


def value_on_scale(amount: Decimal | Fraction, scale: Sequence[Decimal]) -> Fraction:
    """0 to 5 for an amount: straight lines between the scale's six rising amounts, ends held."""
    _expect_rising(scale)
    exact = Fraction(amount)
    steps = [Fraction(step) for step in scale]
    if exact <= steps[0]:
        return Fraction(0)
    for rank, (below, above) in enumerate(pairwise(steps)):
        if exact <= above:
            return rank + (exact - below) / (above - below)
    return Fraction(TOP)


def millionths(values: Sequence[Decimal | None]) -> tuple[Integers, Flags]:
    """Published values as whole millionths, and which of them are known.

    For callers that hold decimals; a query that answers in millionths is several times faster.
    """
    known = np.array([value is not None for value in values], dtype=np.bool_)
    whole = [0 if value is None else int(value.scaleb(6)) for value in values]
    return np.array(whole, dtype=np.int64), known


@dataclass(frozen=True, eq=False)
class InputAge:
    """How old what a criterion is derived from is, one entry a candidate."""

    stale: Flags
    periods: Integers  # whole 30-day periods since


def derive_annual_value(
    amounts: Integers, known: Flags, scale: Sequence[Decimal], age: InputAge | None = None
) -> Derived:
    """The criterion `annual_value`, a point at the likely case, from millionths of the currency."""
    _expect_rising(scale)
    steps = np.array(scale, dtype=np.float64)
    expected = np.interp(amounts / MILLION, steps, np.arange(SCALE_AMOUNTS, dtype=np.float64))
    if age is not None:
        expected += ageing.added_to_means(2 * expected, age.periods)
    expected[~known] = math.nan
    steepest = float(np.max(np.abs(steps)) / np.min(np.diff(steps)))

    def exact(column: int) -> Fraction:
        point = value_on_scale(Fraction(int(amounts[column]), MILLION), scale)
        if age is None:
            return point
        return point + ageing.added_to_mean(2 * point, int(age.periods[column]))

    doubt = 8 * float(np.finfo(np.float64).eps) * steepest
    return Derived(expected, exact, doubt, _stale(age, known))


def derive_range(
    summed: Integers, ends: Integers, known: Flags, age: InputAge | None = None
) -> Derived:
    """A criterion such as `data_readiness`, in millionths.

    `summed` is low + 4 × likely + high, `ends` is low + high.
    """
    expected = summed / (6.0 * MILLION)
    if age is not None:
        expected += ageing.added_to_means(ends / MILLION, age.periods)
    expected[~known] = math.nan

    def exact(column: int) -> Fraction:
        mean = Fraction(int(summed[column]), 6 * MILLION)
        if age is None:
            return mean
        widest = Fraction(int(ends[column]), MILLION)
        return mean + ageing.added_to_mean(widest, int(age.periods[column]))

    return Derived(expected, exact, doubt=1e-14, stale=_stale(age, known))


def _stale(age: InputAge | None, known: Flags) -> Flags | None:
    return None if age is None else age.stale & known


def _expect_rising(scale: Sequence[Decimal]) -> None:
    if len(scale) != SCALE_AMOUNTS or any(below >= above for below, above in pairwise(scale)):
        raise ValueError("A value scale is six rising amounts.")
