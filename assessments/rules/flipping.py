"""What would swap the first two of a ranking: one weight, or what one criterion is worth in one.

Both axes are weighted means, so that a single weight or value enters a score in a straight line,
and the point where two scores meet is the solution of one equation. What is told lies beyond that
point, on the step on which weights (0.01) and values (0.1) are written.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assessments.rules.scoring import TOP, Axis, Criterion, Floats

WEIGHT_STEP, VALUE_STEP = 100, 10  # steps in one
HEAVIEST = 9_999.99  # what a weight may be at most


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
    scores = _scores(criteria, weights, values)
    if scores is None:
        return None
    found = []
    for row in rated:
        if not weights[row]:
            continue
        mine = np.array([one.axis is criteria[row].axis for one in criteria])
        others = _means(weights, ~mine, values)
        for column, sign in ((0, -1), (1, 1)):
            if others is None or not others[column]:
                continue
            slope = 2 * weights[row] / weights[mine].sum() * 2 * others[column]
            now = float(values[row, column])
            to = _beyond(now + sign * (scores[0] - scores[1]) / slope, now, VALUE_STEP)
            changed = values.copy()
            changed[row, column] = to
            if 0 <= to <= TOP and _is_swapped(criteria, weights, changed):
                found.append(ValueFlip(row, column, now, to))
    return min(found, key=lambda one: (abs(one.to - one.now), one.row, one.column), default=None)


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
