from decimal import Decimal

import numpy as np
import pytest

from assessments.rules.comparing import gaps, split
from assessments.rules.criteria import Axis
from assessments.rules.scoring import Contribution


def side(**points: tuple[str, str]) -> list[Contribution]:
    """Contributions by slug: the axis, and the points of it."""
    return [
        Contribution(
            slug, Axis(axis), Decimal(1), Decimal(given) / 2, Decimal(given), True, False, 1
        )
        for slug, (axis, given) in points.items()
    ]


def test_the_gaps_of_all_criteria_sum_to_the_difference_of_the_scores():
    mine = side(pull=("impact", "4"), value=("impact", "3.5"), fit=("feasibility", "6"))
    theirs = side(pull=("impact", "1"), value=("impact", "4.25"), fit=("feasibility", "8"))
    found = gaps(mine, theirs)
    assert [gap.slug for gap in found] == ["pull", "fit", "value"]
    assert sum(gap.points for gap in found) == pytest.approx(7.5 * 6 - 5.25 * 8)
    assert (found[0].mine, found[0].theirs) == (2, 0.5)
    assert found[0].points == pytest.approx(3 * 7)


def test_the_other_way_round_is_the_same_with_another_sign():
    one = side(pull=("impact", "4"), fit=("feasibility", "6"))
    other = side(pull=("impact", "3"), fit=("feasibility", "9"))
    there, back = gaps(one, other), gaps(other, one)
    assert [(gap.slug, gap.points) for gap in there] == [(gap.slug, -gap.points) for gap in back]


def test_draws_that_tie_are_shared():
    scores = np.array([[3, 2, 5, 1], [3, 2, 1, 9], [1, 2, 0, 0]], dtype=np.int32)
    assert split(scores) == pytest.approx(
        [(1 / 2 + 1 / 3 + 1) / 4, (1 / 2 + 1 / 3 + 1) / 4, 1 / 12]
    )
    assert split(scores[:0]) == []
