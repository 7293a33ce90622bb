"""What would swap the first two of a ranking: one weight, what one criterion is worth in one, or
one person's rating.

Both axes are weighted means, so that a single weight or value enters a score in a straight line,
and the point where two scores meet is the solution of one equation. What is told lies beyond that
point, on the step on which weights (0.01) and values (0.1) are written. A rating counts as its
expected value, and that is what is moved: whoever said low, likely and high would have to say what
is worth so much, a point at it for one.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assessments.rules.arrays import Floats
from assessments.rules.criteria import TOP, Axis, Criterion

WEIGHT_STEP, VALUE_STEP = 100, 10  # steps in one
HEAVIEST = 9_999.99  # what a weight may be at most
_HALF = 0.00005  # of the last decimal of a score


@dataclass(frozen=True)
class WeightFlip:
    """The second leads once the criterion of this row weighs `to` and no longer `now`."""

    row: int
    now: float
    to: float


@dataclass(frozen=True)
class ValueFlip:
    """The second leads once this criterion is worth `to`, not `now`, in one of the two (0 or 1)."""

    row: int
    column: int
    now: float
    to: float


@dataclass(frozen=True)
class Said:
    """What one rating is worth, of the criterion of this row in one of the two, and by whom."""

    row: int
    column: int
    now: float
    by: int | None  # none: nobody has rated it yet


@dataclass(frozen=True)
class RatingFlip:
    """The second leads once this rating alone is worth `to`."""

    said: Said
    to: float


def nearest_weight(criteria: Sequence[Criterion], values: Floats) -> WeightFlip | None:
    """The smallest change of one weight that swaps them; none where no weight can.

    `values` holds a row a criterion and two columns, of which the first leads.
    """
    weights = np.array([float(one.weight) for one in criteria])
    found = []
    for row, meets in _meeting_weights(criteria, weights, values):
        now = weights[row]
        to = _beyond(meets, now, WEIGHT_STEP)
        if 0 <= to <= HEAVIEST and _is_swapped(criteria, _with(weights, row, to), values):
            found.append(WeightFlip(row, float(now), to))
    return min(found, key=lambda one: (abs(one.to - one.now), one.row), default=None)


def _meeting_weights(
    criteria: Sequence[Criterion], weights: Floats, values: Floats
) -> Iterator[tuple[int, float]]:
    """At which weight of each criterion, the others as they are, both would score the same."""
    for row, criterion in enumerate(criteria):
        # One axis is a sum over the same total for both, so that the total cancels.
        rest = _with(weights, row, 0.0)
        mine = np.array([one.axis is criterion.axis for one in criteria])
        others = _means(weights, ~mine, values)
        if others is None:
            continue
        base = (rest[mine] @ values[mine]) * others
        slope = values[row] * others
        if slope[0] != slope[1]:
            yield row, float((base[1] - base[0]) / (slope[0] - slope[1]))


def nearest_value(
    criteria: Sequence[Criterion], values: Floats, rated: Sequence[int]
) -> ValueFlip | None:
    """The smallest change of one criterion of one of the two that swaps them; none where none can.

    Only the rows in `rated` are people's to change.
    """
    weights = np.array([float(one.weight) for one in criteria])
    found = []
    for row in rated:
        for column in (0, 1):
            now = float(values[row, column])
            to = _swapping(criteria, weights, values, Said(row, column, now, None), 1)
            if to is not None:
                found.append(ValueFlip(row, column, now, to))
    return min(found, key=lambda one: (_far(one.to, one.now), one.row, one.column), default=None)


def nearest_rating(
    criteria: Sequence[Criterion], values: Floats, ratings: Sequence[Said]
) -> RatingFlip | None:
    """The smallest change of one rating alone that swaps them; none where none can, 0 or 5 even.

    `values` are the means of the ratings. What nobody has rated yet is among `ratings` as what it
    stands at: the first rating of it is one, too.
    """
    weights = np.array([float(one.weight) for one in criteria])
    beside = Counter((one.row, one.column) for one in ratings)
    found = []
    for said in ratings:
        to = _swapping(criteria, weights, values, said, beside[said.row, said.column])
        if to is not None:
            found.append(RatingFlip(said, to))
    return min(found, key=_nearest_first, default=None)


def _nearest_first(one: RatingFlip) -> tuple[float, int, int, int]:
    said = one.said
    return _far(one.to, said.now), said.row, said.column, said.by or 0


def _far(to: float, now: float) -> float:
    # A billionth keeps equal changes equal, whatever they start from.
    return round(abs(to - now), 9)


def _swapping(
    criteria: Sequence[Criterion], weights: Floats, values: Floats, said: Said, among: int
) -> float | None:
    """What this rating, one of so many of its criterion, would have to be worth; none if too much.

    The leader's falls and the other's rises, until the scores differ as they are published.
    """
    row, column = said.row, said.column
    scores = _scores(criteria, weights, values)
    mine = np.array([one.axis is criteria[row].axis for one in criteria])
    others = _means(weights, ~mine, values)
    if scores is None or others is None or not weights[row] or not others[column]:
        return None
    sign = (-1, 1)[column]
    slope = 2 * weights[row] / weights[mine].sum() * 2 * others[column] / among
    needed = round(float(scores[1 - column]), 4) + sign * _HALF
    meets = said.now + (needed - float(scores[column])) / slope
    for to in _steps_past(meets, sign):
        changed = values.copy()
        changed[row, column] += (to - said.now) / among
        if 0 <= to <= TOP and _is_swapped(criteria, weights, changed):
            return to
    return None


def _steps_past(meets: float, sign: int) -> tuple[float, float]:
    """The first written values at that point or past it, going up or down."""
    # A billionth keeps a point that lies on a step, but for its last digit, on that step.
    first = sign * math.ceil(sign * meets * VALUE_STEP - 1e-9)
    return first / VALUE_STEP, (first + sign) / VALUE_STEP


def _with(weights: Floats, row: int, to: float) -> Floats:
    changed = weights.copy()
    changed[row] = to
    return changed


def _beyond(meets: float, now: float, steps: int) -> float:
    """The first written number past the point, seen from where things stand now."""
    # A billionth keeps a point that lies on a step, but for its last digit, on that step.
    if meets > now:
        return (math.floor(meets * steps + 1e-9) + 1) / steps
    return (math.ceil(meets * steps - 1e-9) - 1) / steps


def _means(weights: Floats, mine: np.ndarray, values: Floats) -> Floats | None:
    total = weights[mine].sum()
    return weights[mine] @ values[mine] / total if total else None


def _scores(criteria: Sequence[Criterion], weights: Floats, values: Floats) -> Floats | None:
    """The two scores, 0 to 100; none where an axis weighs nothing."""
    means = [
        _means(weights, np.array([one.axis is axis for one in criteria]), values) for axis in Axis
    ]
    return None if means[0] is None or means[1] is None else 4 * means[0] * means[1]


def _is_swapped(criteria: Sequence[Criterion], weights: Floats, values: Floats) -> bool:
    scores = _scores(criteria, weights, values)
    return scores is not None and round(float(scores[1]), 4) > round(float(scores[0]), 4)
