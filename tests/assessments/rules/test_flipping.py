"""What would swap the first two, against trying every step there is."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assessments.rules import scoring
from assessments.rules.criteria import Axis, Criterion
from assessments.rules.flipping import Said, nearest_rating, nearest_value, nearest_weight
from assessments.rules.simulation import Opinions, expected_values
from tests.assessments.rules.test_scoring import Candidate, make_sheet
from tests.bounds import examples

AXES = [Axis.IMPACT, Axis.IMPACT, Axis.FEASIBILITY, Axis.FEASIBILITY]


def criteria_of(weights) -> list[Criterion]:
    return [
        Criterion(f"c{row}", axis, Decimal(weight))
        for row, (axis, weight) in enumerate(zip(AXES, weights, strict=True))
    ]


def exact_scores(weights, values) -> tuple[Fraction, Fraction] | None:
    """Both scores in fractions, rounded as published."""
    found = []
    for column in (0, 1):
        axes = []
        for axis in (Axis.IMPACT, Axis.FEASIBILITY):
            rows = [row for row in range(4) if AXES[row] is axis]
            total = sum(weights[row] for row in rows)
            if not total:
                return None
            summed = sum(weights[row] * values[row][column] for row in rows)
            axes.append(2 * summed / total)
        found.append(round(axes[0] * axes[1], 4))
    return found[0], found[1]


def tried_weights(weights, values):
    """The smallest change of one weight up to 8, by trying all; its size in hundredths."""
    for size in range(1, 801):
        for row in range(4):
            for sign in (-1, 1):
                to = weights[row] + sign * Fraction(size, 100)
                if to < 0:
                    continue
                scores = exact_scores([*weights[:row], to, *weights[row + 1 :]], values)
                if scores is not None and scores[1] > scores[0]:
                    return size
    return None


def tried_values(weights, values, rated):
    """The smallest change of one value to one with one decimal, by trying all."""
    found = []
    for row in rated:
        for column in (0, 1):
            for tenths in range(51):
                changed = [list(pair) for pair in values]
                changed[row][column] = Fraction(tenths, 10)
                scores = exact_scores(weights, changed)
                if scores is not None and scores[1] > scores[0]:
                    found.append(abs(Fraction(tenths, 10) - values[row][column]))
    return min(found, default=None)


WEIGHT = st.integers(0, 40).map(lambda tenths: Fraction(tenths, 10))
VALUE = st.integers(0, 50).map(lambda tenths: Fraction(tenths, 10))
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=4, max_size=4)


def as_floats(values):
    return np.array([[float(value) for value in pair] for pair in values])


def as_decimals(weights):
    return [Decimal(weight.numerator) / Decimal(weight.denominator) for weight in weights]


@pytest.mark.long
@given(st.lists(WEIGHT, min_size=4, max_size=4), PAIRS)
@settings(max_examples=examples(20), deadline=None)
def test_no_smaller_change_of_a_weight_swaps_them(weights, values):
    scores = exact_scores(weights, values)
    assume(scores is not None and scores[0] > scores[1])
    found = nearest_weight(criteria_of(as_decimals(weights)), as_floats(values))
    tried = tried_weights(weights, values)
    if found is None or abs(found.to - found.now) > 8:
        assert tried is None
        return
    changed = list(weights)
    changed[found.row] = Fraction(str(found.to))
    swapped = exact_scores(changed, values)
    assert swapped is not None
    assert swapped[1] > swapped[0]
    # A step more than by trying, where the scores only differ beyond the fourth decimal.
    assert round(abs(found.to - found.now) * 100) == tried


@pytest.mark.long
@given(st.lists(WEIGHT, min_size=4, max_size=4), PAIRS, st.sets(st.integers(0, 3)))
@settings(max_examples=examples(60), deadline=None)
def test_no_smaller_change_of_a_value_swaps_them(weights, values, rated):
    scores = exact_scores(weights, values)
    assume(scores is not None and scores[0] > scores[1])
    found = nearest_value(criteria_of(as_decimals(weights)), as_floats(values), sorted(rated))
    tried = tried_values(weights, values, rated)
    if found is None:
        assert tried is None
        return
    assert found.row in rated
    assert abs(found.to - found.now) == pytest.approx(float(tried))


def test_values_are_the_means_of_assessors_and_the_middle_where_there_are_none():
    opinions = Opinions(
        criteria=tuple(criteria_of(["1"] * 4)),
        references=["ACME-1", "ACME-2"],
        row=np.array([0, 0, 2]),
        column=np.array([0, 0, 1]),
        low=np.array([1.0, 3.0, 0.0]),
        likely=np.array([2.0, 4.0, 0.0]),
        high=np.array([3.0, 5.0, 3.0]),
    )
    assert expected_values(opinions).tolist() == [[3, 2.5], [2.5, 2.5], [2.5, 0.5], [2.5, 2.5]]


RATING = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(lambda said: tuple(sorted(said)))
RATINGS = st.lists(
    st.lists(RATING, max_size=3).map(tuple), min_size=4, max_size=4
).map(tuple)  # fmt: skip


def expected(said) -> Fraction:
    low, likely, high = said
    return Fraction(low + 4 * likely + high, 60)


def scores_of(criteria, every) -> list[Decimal | None]:
    """The published score of each of these candidates, given by their ratings."""
    candidates = [
        Candidate(at, at, True, False, ratings, None, None) for at, ratings in enumerate(every)
    ]
    places = scoring.rank(make_sheet(criteria, candidates))
    found = {row.id: row.score for row in places.in_order()}
    return [found[at] for at in range(len(every))]


def every_change(ratings):
    """(row, which of it, by how much, the ratings then) with one rating anywhere from 0 to 5."""
    for row, given_ones in enumerate(ratings):
        for at, said in enumerate(given_ones or [None]):
            now = Fraction(5, 2) if said is None else expected(said)
            for tenths in range(51):
                moved = (*given_ones[:at], (tenths,) * 3, *given_ones[at + 1 :])
                then = (*ratings[:row], moved, *ratings[row + 1 :])
                yield row, at, abs(Fraction(tenths, 10) - now), then


def tried_ratings(criteria, two, scores):
    """The smallest change of one rating of either that swaps them, by the ranking's own rule."""
    changes = [(column, *change) for column in (0, 1) for change in every_change(two[column])]
    then = scores_of(criteria, [ratings for *_, ratings in changes])
    return min(
        (
            change[3]
            for change, score in zip(changes, then, strict=True)
            if (scores[1] > score if change[0] == 0 else score > scores[0])
        ),
        default=None,
    )


def said_of(two) -> tuple[np.ndarray, list[Said]]:
    """The means, and each rating by itself; what nobody rated stands at the middle."""
    values, ratings = np.full((4, 2), 2.5), []
    for column, candidate in enumerate(two):
        for row, given_ones in enumerate(candidate):
            worth = [float(expected(said)) for said in given_ones]
            if worth:
                values[row, column] = sum(worth) / len(worth)
            ratings += [Said(row, column, one, by) for by, one in enumerate(worth, 1)]
            if not worth:
                ratings.append(Said(row, column, 2.5, None))
    return values, ratings


@given(st.lists(WEIGHT, min_size=4, max_size=4), st.tuples(RATINGS, RATINGS))
@settings(max_examples=examples(40), deadline=None)
def test_no_smaller_change_of_one_rating_swaps_them(weights, two):
    criteria = criteria_of(as_decimals(weights))
    scores = scores_of(criteria, two)
    assume(None not in scores)
    if scores[0] < scores[1]:
        two, scores = two[::-1], scores[::-1]
    values, ratings = said_of(two)
    found = nearest_rating(criteria, values, ratings)
    tried = tried_ratings(criteria, two, scores)
    if found is None:
        assert tried is None
        return
    assert found.said in ratings
    assert abs(found.to - found.said.now) == pytest.approx(float(tried))


def test_one_rating_of_few_does_what_one_of_many_cannot():
    """The mean that is nearest is rated by three, of whom nobody alone can move it so far."""
    criteria = criteria_of(["2", "1", "1", "3"])
    values = np.array([[4.0, 3.0], [3.0, 3.0], [3.0, 3.0], [3.0, 3.0]])
    mean = nearest_value(criteria, values, range(3))
    assert (mean.row, mean.column, mean.to) == (0, 0, 2.9)
    three = [Said(0, column, values[0, column], by) for column in (0, 1) for by in (1, 2, 3)]
    assert nearest_rating(criteria, values, three).to == 0.9
    alone = nearest_rating(criteria, values, [*three, Said(2, 0, 3.0, 1), Said(2, 1, 3.0, 1)])
    assert (alone.said.row, alone.to) == (2, 0.8)
    assert nearest_rating(criteria, values, [Said(0, 1, 3.0, by) for by in range(1, 9)]) is None


def test_a_draw_is_broken_by_one_step_either_way():
    criteria, values = criteria_of(["1"] * 4), np.full((4, 2), 3.0)
    assert nearest_value(criteria, values, [1]).to == 2.9
    assert nearest_rating(criteria, values, [Said(1, 1, 3.0, 7)]).to == 3.1


def test_who_comes_first_does_not_hang_on_the_order_they_are_read_in():
    criteria, values = criteria_of(["1"] * 4), np.array([[4.0, 3]] + [[3, 3]] * 3)
    said = [Said(0, 0, 4.0, by) for by in (5, 2, 9)]
    assert nearest_rating(criteria, values, said) == nearest_rating(criteria, values, said[::-1])
    assert nearest_rating(criteria, values, said).said.by == 2


def test_who_is_better_in_everything_is_swapped_by_no_weight():
    criteria = criteria_of(["1", "2", "3", "1"])
    values = np.array([[5.0, 1], [4, 1], [5, 1], [4, 2]])
    assert nearest_weight(criteria, values) is None
    assert nearest_value(criteria, values, range(4)) is None
