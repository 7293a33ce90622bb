"""Says how sure a ranking is, by drawing what its assessors hold possible (domain section 4).

A rating is a PERT distribution, several assessors are an equal mixture, an unrated criterion is
anything from 0 to 5. Every pair of candidate and criterion has a random stream of its own, seeded
from their names alone: the same ratings give the same answer, and an edit to one rating leaves
every other draw as it was. Two readings of the domain:

- A draw takes one of 1,024 equally likely values of a distribution, not one of all.
- Scores of one draw compare rounded to four decimals, as those of the ranking do.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from assessments.rules.arrays import Floats, Integers
from assessments.rules.criteria import TOP, UNRATED, Axis, Criterion
from assessments.rules.scoring import UNIT

Counts = NDArray[np.int32]  # a row a candidate, a column a draw: by far the largest, so narrow

DRAWS = 10_000
LEVELS = 1_024  # values of a distribution, each as likely
FEW = 3  # "near the top" is the first three
SURE = (0.10, 0.90)  # between these lies an 80 % interval
TOLD_APART = 0.6  # with less than 60 to 40 nobody should say that one leads
MOST = 5_000  # candidates simulated, in the order of their ranks
_SEED = "pharos/ranking/1"
_BITS = 16 - LEVELS.bit_length() + 1  # of the 16 drawn, those that a level does not need
_BLOCK = 1_000_000  # scores ordered at once
_GRID = 4_096


@dataclass(frozen=True, eq=False)
class Opinions:
    """What is held possible of each candidate: one entry an opinion, in any order.

    `row` is the criterion's, `column` the candidate's; a derived value is an opinion like others.
    """

    criteria: tuple[Criterion, ...]
    references: Sequence[str]
    row: Integers
    column: Integers
    low: Floats
    likely: Floats
    high: Floats

    def __post_init__(self) -> None:
        parts = (self.column, self.low, self.likely, self.high)
        if any(len(part) != len(self.row) for part in parts):
            raise ValueError("An opinion has a criterion, a candidate and three values.")
        if not (np.all(self.low <= self.likely) and np.all(self.likely <= self.high)):
            raise ValueError("Low, likely and high rise.")

    def of(self, columns: Sequence[int]) -> "Opinions":
        """Of these candidates alone, in this order: what they draw stays the same."""
        place = np.full(len(self.references), -1, dtype=np.int64)
        place[list(columns)] = np.arange(len(columns))
        kept = place[self.column] >= 0
        return Opinions(
            criteria=self.criteria,
            references=[self.references[column] for column in columns],
            row=self.row[kept],
            column=place[self.column[kept]],
            low=self.low[kept],
            likely=self.likely[kept],
            high=self.high[kept],
        )


@dataclass(frozen=True, eq=False)
class Certainty:
    """Of each candidate: chances from 0 to 1, and between which ends it lies in 80 % of the draws.

    `impact` and `feasibility` are pairs of ends, 0 to 10; the draws of a rank that ties are shared.
    """

    first: Floats
    top: Floats
    rank_low: Integers
    rank_high: Integers
    impact: Floats
    feasibility: Floats


def expected_values(opinions: Opinions) -> Floats:
    """What each criterion (row) is worth on average in each candidate (column), 2.5 unrated."""
    shape = (len(opinions.criteria), len(opinions.references))
    summed, count = np.zeros(shape), np.zeros(shape)
    each = (opinions.low + 4 * opinions.likely + opinions.high) / 6
    np.add.at(summed, (opinions.row, opinions.column), each)
    np.add.at(count, (opinions.row, opinions.column), 1)
    return np.where(count > 0, summed / np.maximum(count, 1), float(UNRATED))


def simulate(opinions: Opinions, draws: int = DRAWS) -> Certainty:
    """How sure each place is. Any order of the candidates gives each the same answer."""
    size = len(opinions.references)
    scores = np.empty((size, draws), dtype=np.int32)
    ends = np.empty((size, 2, 2))
    tails = [int(share * (draws - 1)) for share in SURE]
    for column, axes in enumerate(_axes(opinions, draws)):
        scores[column] = _score(*axes)
        for axis, drawn in enumerate(axes):
            ends[column, axis] = np.sort(drawn)[tails]  # quicker than to partition
    first, top, rank_low, rank_high = _count(scores)
    return Certainty(first, top, rank_low, rank_high, impact=ends[:, 0], feasibility=ends[:, 1])


def chance_ahead(opinions: Opinions, draws: int = DRAWS) -> float:
    """The chance that the first of two candidates scores higher; a draw that ties counts half."""
    one, other = draw_scores(opinions, draws)
    return float(np.mean(one > other) + np.mean(one == other) / 2)


def draw_scores(opinions: Opinions, draws: int = DRAWS) -> Counts:
    """Scores in ten-thousandths: a row a candidate, a column a draw."""
    scores = np.empty((len(opinions.references), draws), dtype=np.int32)
    for column, axes in enumerate(_axes(opinions, draws)):
        scores[column] = _score(*axes)
    return scores


def _score(impact: Floats, feasibility: Floats) -> Counts:
    return np.rint(UNIT * impact * feasibility).astype(np.int32)


def _axes(opinions: Opinions, draws: int) -> Iterator[tuple[Floats, Floats]]:
    """Of one candidate after another, impact and feasibility in every draw."""
    width = len(opinions.criteria)
    order = np.lexsort((opinions.row, opinions.column))
    cells = opinions.column[order] * width + opinions.row[order]
    bounds = np.searchsorted(cells, np.arange(len(opinions.references) * width + 1)).tolist()
    triples = np.stack([opinions.low, opinions.likely, opinions.high], axis=1)[order].tolist()
    points = shares(opinions.criteria)
    for column, reference in enumerate(opinions.references):
        axes = {axis: np.zeros(draws) for axis in Axis}
        for row, criterion in enumerate(opinions.criteria):
            if not points[row]:
                continue
            cell = column * width + row
            values = mixture(triples[bounds[cell] : bounds[cell + 1]]) * points[row]
            axes[criterion.axis] += values.take(_levels(reference, criterion.slug, draws))
        yield axes[Axis.IMPACT], axes[Axis.FEASIBILITY]


def shares(criteria: Sequence[Criterion]) -> list[float]:
    """What one point of a criterion adds to its axis, which reaches 10."""
    totals = {axis: sum(one.weight for one in criteria if one.axis is axis) for axis in Axis}
    return [float(2 * one.weight / totals[one.axis]) if one.weight else 0.0 for one in criteria]


def _levels(reference: str, slug: str, draws: int) -> Integers:
    """Which level of its distribution each draw takes: the stream of this pair."""
    digest = hashlib.blake2b(f"{_SEED}/{reference}/{slug}".encode(), digest_size=16).digest()
    stream = np.random.SFC64(int.from_bytes(digest, "little"))
    raw = stream.random_raw(-(-draws // 4)).astype("<u8", copy=False)
    return raw.view("<u2")[:draws] >> _BITS


def mixture(opinions: Sequence[Sequence[float]]) -> Floats:
    """The values, each as likely, of an equal mixture of (low, likely, high); of none, 0 to 5."""
    if not opinions:
        return TOP * (np.arange(LEVELS) + 0.5) / LEVELS
    parts = [
        low + (high - low) * _pert(round((likely - low) / (high - low), 3))
        if high > low
        else np.full(LEVELS, low, dtype=np.float64)
        for low, likely, high in opinions
    ]
    if len(parts) == 1:
        return parts[0]
    return np.sort(np.concatenate(parts))[len(parts) // 2 :: len(parts)]


@cache  # a thousand shapes at most, 8 KB each
def _pert(peak: float) -> Floats:
    """Quantiles of Beta(1 + 4 peak, 5 - 4 peak) at the middle of each level; it is on 0 to 1.

    Source: D. Vose, Risk Analysis: A Quantitative Guide, the modified PERT with its weight of 4.
    """
    # The grid is dense at both ends, where such a density may rise without bound on its slope.
    grid = (1 - np.cos(np.linspace(0, math.pi, _GRID + 1))) / 2
    density = grid ** (4 * peak) * (1 - grid) ** (4 - 4 * peak)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) * np.diff(grid))])
    return np.interp((np.arange(LEVELS) + 0.5) / LEVELS, below / below[-1], grid)


def _count(scores: Counts) -> tuple[Floats, Floats, Integers, Integers]:
    """P(first), P(top 3) and both ends of the ranks from the scores of all draws, used up here."""
    size, draws = scores.shape
    ahead, sharing = _places(scores)
    first, top = np.zeros(size), np.zeros(size)
    rank_low, rank_high = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for column in range(size):
        # Who shares places s+1 .. s+g holds each of them with 1/g.
        weight = None if sharing is None else 1 / sharing[column]
        held = np.bincount(ahead[column], weight, minlength=size + 1).astype(np.float64)
        if sharing is not None:
            held -= np.bincount(ahead[column] + sharing[column], weight, minlength=size + 1)
            held = np.cumsum(held)
        chance = np.cumsum(held[:size]) / draws
        first[column] = chance[0]
        top[column] = chance[min(FEW, size) - 1]
        low, high = np.searchsorted(chance, np.array(SURE) - 1e-9)
        rank_low[column], rank_high[column] = low + 1, high + 1
    return first.clip(0, 1), top.clip(0, 1), rank_low, rank_high


def _places(scores: Counts) -> tuple[Counts, Counts | None]:
    """How many are ahead of each in each draw, and with how many it shares; none where none do."""
    size, draws = scores.shape
    sharing = None
    step = max(1, _BLOCK // max(1, size))
    for begin in range(0, draws, step):
        block = np.ascontiguousarray(-scores[:, begin : begin + step].T)
        order = np.argsort(block, axis=1)
        block = np.take_along_axis(block, order, axis=1)
        position = np.broadcast_to(np.arange(size, dtype=np.int32), block.shape)
        starts = np.empty(block.shape, dtype=np.bool_)
        starts[:, :1] = True
        np.not_equal(block[:, 1:], block[:, :-1], out=starts[:, 1:])
        ahead = position
        if not starts.all():
            if sharing is None:
                sharing = np.ones((size, draws), dtype=np.int32)
            ahead = np.maximum.accumulate(np.where(starts, position, 0), axis=1)
            ends = np.ones(block.shape, dtype=np.bool_)
            ends[:, :-1] = starts[:, 1:]
            last = np.minimum.accumulate(np.where(ends, position, size)[:, ::-1], axis=1)[:, ::-1]
            _put(sharing, begin, order, last - ahead + 1)
        _put(scores, begin, order, ahead)
    return scores, sharing


def _put(table: Counts, begin: int, order: Integers, values: Counts) -> None:
    """Write the values of a block of draws back to the candidates that they belong to."""
    block = np.empty(order.shape, dtype=table.dtype)
    np.put_along_axis(block, order, values.astype(table.dtype, copy=False), axis=1)
    table[:, begin : begin + len(block)] = block.T
