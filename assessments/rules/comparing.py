"""Says where two or three candidates differ, and how often each is the best of just these."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.rules.criteria import Axis
from assessments.rules.scoring import Contribution
from assessments.rules.simulation import Counts


@dataclass(frozen=True)
class Gap:
    """What one criterion brings the first of two candidates ahead of the other, in points of score.

    The gaps of all criteria sum to the difference of the two scores.
    """

    slug: str
    points: float
    mine: float  # what it is worth in each, 0 to 5
    theirs: float


def gaps(mine: Sequence[Contribution], theirs: Sequence[Contribution]) -> list[Gap]:
    """Where the score of one differs from that of another, the widest gap first.

    A score is a product, so what an axis brings is weighed by the mean of the other axis of both:
    a × b - c × d = (a - c) × (b + d) ÷ 2 + (b - d) × (a + c) ÷ 2.
    """
    means = {
        axis: sum(float(one.points) for side in (mine, theirs) for one in side if one.axis is axis)
        / 2
        for axis in Axis
    }
    found = []
    for one, other in zip(mine, theirs, strict=True):
        across = means[Axis.FEASIBILITY if one.axis is Axis.IMPACT else Axis.IMPACT]
        points = (float(one.points) - float(other.points)) * across
        found.append(Gap(one.slug, points, float(one.expected), float(other.expected)))
    return sorted(found, key=lambda gap: -abs(gap.points))


def split(scores: Counts) -> list[float]:
    """How often each row scores highest; a draw that ties is shared."""
    if not len(scores):
        return []
    is_best = scores == scores.max(axis=0)
    return (is_best / is_best.sum(axis=0)).mean(axis=1).tolist()
