"""Says what finding something out is worth before the next lighthouse is picked (domain section 4).

Worth has two parts: the chance that knowing changes the pick, and the gain, by how many points of
the score the pick is then better on average. One thing is found out at a time: the value of one
criterion of one ranked candidate, or all open tests of one that is not ready. Both axes are means,
so that the score expected once a criterion is known is exact: that criterion's axis as it would be,
times what is expected of the other axis.

Source: H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory (1961), on the expected
value of perfect information. A reading of the domain: where scores are equal once it is known, the
pick stays as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assessments.rules.arrays import Floats
from assessments.rules.criteria import TOP, Axis
from assessments.rules.simulation import Opinions, expected_values, mixture, shares

_DECIMALS = 4  # as scores compare
_NEVER = -1.0  # behind every score


@dataclass(frozen=True)
class Worth:
    """What it is worth to know one criterion of a candidate or, where `row` is none, its tests."""

    column: int  # of the ranked candidates, or of those waiting where `row` is none
    row: int | None
    chance: float  # 0 to 1
    gain: float  # points of the score, 0 to 100


@dataclass(frozen=True)
class Waiting:
    """A candidate that is not ready: its score if its open tests come out yes, and how many."""

    score: float
    open_tests: int


def expected_axes(opinions: Opinions) -> dict[Axis, Floats]:
    """Impact and feasibility expected of each candidate, 0 to 10; NaN with nothing rated on it."""
    values = expected_values(opinions)
    points = np.array(shares(opinions.criteria))
    rated = np.zeros(values.shape, dtype=np.bool_)
    rated[opinions.row, opinions.column] = True
    axes = {}
    for axis in Axis:
        mine = [
            row
            for row, criterion in enumerate(opinions.criteria)
            if criterion.axis is axis and points[row]
        ]
        reached = points[mine] @ values[mine] if mine else np.zeros(values.shape[1])
        axes[axis] = np.where(rated[mine].any(axis=0), reached, np.nan)
    return axes


def expected_scores(opinions: Opinions) -> Floats:
    """The score expected of each candidate, to four decimals; NaN where an axis has none."""
    axes = expected_axes(opinions)
    return np.round(axes[Axis.IMPACT] * axes[Axis.FEASIBILITY], _DECIMALS)


def value_of_knowing(opinions: Opinions, waiting: Sequence[Waiting]) -> list[Worth]:
    """All that could change the pick, what gains most first.

    `opinions` are of the ranked candidates, first place first: without one there is no pick, and
    nothing to change it.
    """
    if not opinions.references:
        return []
    scores = np.nan_to_num(expected_scores(opinions), nan=_NEVER)
    pick = int(np.argmax(scores))  # the first of equals
    best = float(scores[pick])
    second = float(np.max(np.delete(scores, pick), initial=_NEVER))
    found = [
        *_criteria(opinions, pick, best, second),
        *(
            Worth(place, None, chance, chance * (one.score - best))
            for place, one in enumerate(waiting)
            if round(one.score, _DECIMALS) > best
            for chance in [0.5**one.open_tests]
        ),
    ]
    return sorted(found, key=lambda one: (-one.gain, -one.chance, one.column, one.row or 0))


def _criteria(opinions: Opinions, pick: int, best: float, second: float) -> Iterator[Worth]:
    """What each criterion of each ranked candidate is worth, where it can change the pick."""
    axes = expected_axes(opinions)
    values = expected_values(opinions)
    held = _held(opinions)
    ends = _ends(opinions)
    for row, points in enumerate(shares(opinions.criteria)):
        if not points:
            continue
        axis = opinions.criteria[row].axis
        other = axes[Axis.FEASIBILITY if axis is Axis.IMPACT else Axis.IMPACT]
        slope = points * other
        rest = axes[axis] * other - slope * values[row]
        lowest, highest = rest + slope * ends[0][row], rest + slope * ends[1][row]
        could = highest > best
        could[pick] = lowest[pick] < second
        for column in np.flatnonzero(could).tolist():
            known = rest[column] + slope[column] * _levels(held, row, column, values)
            # How far the other one is ahead then, in each of the levels.
            ahead = second - known if column == pick else known - best
            chance = float(np.mean(np.round(ahead, _DECIMALS) > 0))
            if chance:
                yield Worth(column, row, chance, float(np.mean(np.maximum(ahead, 0))))


def _held(opinions: Opinions) -> dict[tuple[int, int], list[tuple[float, float, float]]]:
    """The (low, likely, high) held of each criterion of each candidate."""
    held: dict[tuple[int, int], list[tuple[float, float, float]]] = {}
    for row, column, *three in zip(
        opinions.row.tolist(), opinions.column.tolist(), opinions.low.tolist(),
        opinions.likely.tolist(), opinions.high.tolist(), strict=True,
    ):  # fmt: skip
        held.setdefault((row, column), []).append((three[0], three[1], three[2]))
    return held


def _ends(opinions: Opinions) -> tuple[Floats, Floats]:
    """The least and the most that each criterion (row) may be worth in each candidate (column)."""
    shape = (len(opinions.criteria), len(opinions.references))
    least, most = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(least, (opinions.row, opinions.column), opinions.low)
    np.maximum.at(most, (opinions.row, opinions.column), opinions.high)
    unrated = np.isinf(least)
    return np.where(unrated, 0.0, least), np.where(unrated, float(TOP), most)


def _levels(held, row: int, column: int, values: Floats) -> Floats:
    """The values that the criterion may turn out to have, each as likely; their mean is exact."""
    levels = mixture(held.get((row, column), ()))
    return levels + (values[row, column] - levels.mean())
