"""The ranking against a second computation, in exact fractions, written from domain section 4."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules import scoring
from assessments.rules.criteria import (
    Axis,
    Criterion,
    derive_annual_value,
    derive_range,
    millionths,
    value_on_scale,
)
from assessments.rules.scoring import Sheet
from portfolio.rules.words import Place
from tests.bounds import examples

SCALE = tuple(Decimal(n) for n in (0, 50_000, 150_000, 500_000, 1_500_000, 5_000_000))


@dataclass(frozen=True)
class Candidate:
    id: int
    number: int
    ready: bool
    disqualified: bool
    ratings: tuple[tuple[tuple[int, int, int], ...], ...]  # by criterion, by assessor, in tenths
    value: Decimal | None
    data: tuple[Decimal, Decimal, Decimal] | None


def make_sheet(criteria, candidates, scale=SCALE):
    tenths = np.zeros((len(criteria), len(candidates)), dtype=np.int64)
    counts = np.zeros_like(tenths)
    for column, candidate in enumerate(candidates):
        for row, given_ones in enumerate(candidate.ratings):
            tenths[row, column] = sum(low + 4 * likely + high for low, likely, high in given_ones)
            counts[row, column] = len(given_ones)
    amounts, has_amount = millionths([c.value for c in candidates])
    summed, has_data = millionths(
        [None if c.data is None else c.data[0] + 4 * c.data[1] + c.data[2] for c in candidates]
    )
    slugs = {criterion.slug for criterion in criteria}
    derived = {
        "annual_value": derive_annual_value(amounts, has_amount, scale),
        "data_readiness": derive_range(summed, summed // 3, has_data),
    }
    return Sheet(
        criteria=tuple(criteria),
        ids=np.array([c.id for c in candidates], dtype=np.int64),
        numbers=np.array([c.number for c in candidates], dtype=np.int64),
        ready=np.array([c.ready for c in candidates], dtype=np.bool_),
        disqualified=np.array([c.disqualified for c in candidates], dtype=np.bool_),
        tenths=tenths,
        counts=counts,
        derived={slug: column for slug, column in derived.items() if slug in slugs},
    )


def on_scale(amount, scale):
    amount = Fraction(amount)
    points = list(enumerate(map(Fraction, scale)))
    if amount <= points[0][1]:
        return Fraction(0)
    for (y, x), (y_next, x_next) in pairwise(points):
        if x <= amount <= x_next:
            return y + (y_next - y) * (amount - x) / (x_next - x)
    return Fraction(5)


def by_hand(criteria, candidates, scale=SCALE):
    """(id, place, impact, feasibility, score) in order, in fractions rounded half to even."""
    rows = []
    for candidate in candidates:
        axes = {}
        for axis in Axis:
            total, weights, anything = Fraction(0), Fraction(0), False
            for row, criterion in enumerate(criteria):
                if criterion.axis is not axis or not criterion.weight:
                    continue
                given_ones = candidate.ratings[row]
                expected = None
                if criterion.slug == "annual_value":
                    if candidate.value is not None:
                        expected = on_scale(candidate.value, scale)
                elif criterion.slug == "data_readiness":
                    if candidate.data is not None:
                        low, likely, high = map(Fraction, candidate.data)
                        expected = (low + 4 * likely + high) / 6
                elif given_ones:
                    means = [
                        (Fraction(low, 10) + 4 * Fraction(likely, 10) + Fraction(high, 10)) / 6
                        for low, likely, high in given_ones
                    ]
                    expected = sum(means, Fraction(0)) / len(means)
                anything |= expected is not None
                total += Fraction(criterion.weight) * (
                    Fraction(5, 2) if expected is None else expected
                )
                weights += Fraction(criterion.weight)
            axes[axis] = 2 * total / weights if weights and anything else None
        impact, feasibility = axes[Axis.IMPACT], axes[Axis.FEASIBILITY]
        score = None if impact is None or feasibility is None else impact * feasibility
        if candidate.disqualified:
            place = Place.DISQUALIFIED
        elif candidate.ready and score is not None:
            place = Place.RANKED
        else:
            place = Place.NOT_READY
        rows.append((candidate, place, *(rounded(v) for v in (impact, feasibility, score))))

    def order(row):
        candidate, place, _, feasibility, score = row
        if score is None:
            return (place, 1, 0, 0, candidate.number)
        return (place, 0, -score, -feasibility, candidate.number)

    return [(row[0].id, *row[1:]) for row in sorted(rows, key=order)]


def rounded(exact):
    return None if exact is None else round(exact, 4)


def as_rows(places):
    return [
        (
            row.id,
            row.place,
            *(None if v is None else Fraction(v) for v in (row.impact, row.feasibility, row.score)),
        )
        for row in places.in_order()
    ]


tenths_of_rating = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(
    lambda values: tuple(sorted(values))
)
coarse_rating = st.sampled_from([(10, 20, 30), (20, 30, 40), (0, 25, 50), (30, 30, 30)])
weights = st.sampled_from([Decimal(w) for w in ("0", "0.5", "1", "1.25", "2", "3", "16", "0.1")])
readiness = st.lists(st.decimals(0, 5, places=6, allow_nan=False), min_size=3, max_size=3).map(
    lambda values: tuple(sorted(values))
)
amounts = st.one_of(
    st.none(),
    st.sampled_from([*SCALE, Decimal(-1), Decimal("49999.999999"), Decimal(10_000_000)]),
    st.decimals(-10_000, 6_000_000, places=6, allow_nan=False),
)


@st.composite
def sheets(draw):
    slugs = draw(st.permutations(["annual_value", "a", "b"]))
    other = draw(st.permutations(["data_readiness", "c", "d"]))
    criteria = [Criterion(slug, Axis.IMPACT, draw(weights)) for slug in slugs]
    criteria += [Criterion(slug, Axis.FEASIBILITY, draw(weights)) for slug in other]
    size = draw(st.integers(0, 8))
    numbers = draw(st.lists(st.integers(1, 2**31 - 1), min_size=size, max_size=size, unique=True))
    rating = st.lists(st.one_of(coarse_rating, tenths_of_rating), max_size=3).map(tuple)
    candidates = [
        Candidate(
            id=number + 7,
            number=number,
            ready=draw(st.booleans()),
            disqualified=draw(st.integers(0, 3)) == 0,
            ratings=tuple(
                () if c.slug in ("annual_value", "data_readiness") else draw(rating)
                for c in criteria
            ),
            value=draw(amounts),
            data=draw(st.one_of(st.none(), readiness)),
        )
        for number in numbers
    ]
    return criteria, candidates


@pytest.mark.long
@settings(max_examples=examples(150), deadline=None)
@given(sheets())
def test_the_ranking_is_that_of_exact_fractions(sheet):
    criteria, candidates = sheet
    assert as_rows(scoring.rank(make_sheet(criteria, candidates))) == by_hand(criteria, candidates)


@pytest.mark.long
@settings(max_examples=examples(100), deadline=None)
@given(sheets())
def test_doubting_every_float_gives_the_same_ranking(sheet):
    criteria, candidates = sheet
    made = make_sheet(criteria, candidates)
    doubting = replace(
        made,
        derived={slug: replace(column, doubt=1.0) for slug, column in made.derived.items()},
    )
    assert as_rows(scoring.rank(doubting)) == by_hand(criteria, candidates)


@settings(max_examples=examples(60), deadline=None)
@given(sheets(), st.randoms(use_true_random=False))
def test_any_order_of_the_input_gives_the_same_ranking(sheet, random):
    criteria, candidates = sheet
    shuffled = random.sample(candidates, len(candidates))
    assert as_rows(scoring.rank(make_sheet(criteria, shuffled))) == as_rows(
        scoring.rank(make_sheet(criteria, candidates))
    )


@settings(max_examples=examples(60), deadline=None)
@given(sheets())
def test_contributions_add_up_to_the_axis(sheet):
    criteria, candidates = sheet
    made = make_sheet(criteria, candidates)
    places = scoring.rank(made)
    for column in range(len(candidates)):
        told = scoring.explain(made, column)
        for axis, published in (
            (Axis.IMPACT, places.placing(column).impact),
            (Axis.FEASIBILITY, places.placing(column).feasibility),
        ):
            points = sum(c.points for c in told if c.axis is axis)
            if published is not None:
                assert abs(points - published) <= Decimal("0.0004")


def one(number, impact, feasibility, *, ready=True, disqualified=False):
    """A candidate with one criterion on each axis, rated by one person as a point, in tenths."""
    ratings = tuple(() if v is None else ((v, v, v),) for v in (impact, feasibility))
    return Candidate(number, number, ready, disqualified, ratings, None, None)


PAIR = (Criterion("a", Axis.IMPACT, Decimal(1)), Criterion("b", Axis.FEASIBILITY, Decimal(1)))


def ranked(*candidates, criteria=PAIR):
    return scoring.rank(make_sheet(criteria, candidates)).in_order()


def test_the_score_is_impact_times_feasibility():
    (row,) = ranked(one(1, 40, 30))
    assert (row.impact, row.feasibility, row.score) == (Decimal(8), Decimal(6), Decimal(48))
    assert (row.rank, row.place, row.unrated) == (1, Place.RANKED, 0)


def test_ranked_come_before_not_ready_and_these_before_disqualified():
    rows = ranked(
        one(1, 50, 50, disqualified=True),
        one(2, 50, 50, ready=False),
        one(3, 10, 10),
        one(4, None, 50),
        one(5, 50, 50, ready=False, disqualified=True),
        one(6, 20, 10),
    )
    assert [(row.number, row.rank, row.place.name) for row in rows] == [
        (6, 1, "RANKED"),
        (3, 2, "RANKED"),
        (2, 3, "NOT_READY"),
        (4, 4, "NOT_READY"),
        (1, 5, "DISQUALIFIED"),
        (5, 6, "DISQUALIFIED"),
    ]


def test_equal_scores_go_by_feasibility_then_by_the_lower_number():
    rows = ranked(one(9, 20, 40), one(4, 40, 20), one(2, 40, 20), one(3, 20, 40))
    assert [row.number for row in rows] == [3, 9, 2, 4]


def test_without_a_score_the_lower_number_comes_first_whatever_the_feasibility():
    rows = ranked(one(3, None, 50), one(2, None, 10), one(4, 1, 1, ready=False))
    assert [row.number for row in rows] == [4, 2, 3]


def test_unrated_counts_as_two_and_a_half_and_is_marked():
    criteria = (*PAIR, Criterion("c", Axis.IMPACT, Decimal(1)))
    candidate = Candidate(1, 1, True, False, (((50, 50, 50),), ((50, 50, 50),), ()), None, None)
    (row,) = ranked(candidate, criteria=criteria)
    assert row.impact == Decimal("7.5")
    assert row.unrated == 1


@pytest.mark.parametrize("axis", Axis)
def test_an_axis_whose_weights_sum_to_zero_has_no_score(axis):
    criteria = tuple(
        Criterion(c.slug, c.axis, Decimal(0) if c.axis is axis else c.weight) for c in PAIR
    )
    (row,) = ranked(one(1, 40, 30), criteria=criteria)
    assert row.score is None
    assert row.place is Place.NOT_READY
    assert (row.impact is None) == (axis is Axis.IMPACT)


def test_a_rating_without_weight_does_not_make_a_score():
    criteria = (*PAIR, Criterion("c", Axis.IMPACT, Decimal(0)))
    ratings = ((), ((30, 30, 30),), ((30, 30, 30),))
    (row,) = ranked(Candidate(1, 1, True, False, ratings, None, None), criteria=criteria)
    assert row.score is None


@pytest.mark.parametrize(
    ("tenths", "expected"),
    # weights 31 and 1 of 32: impact = (31 × 2.5 + rating) ÷ 16, whose fifth decimal can be a 5
    [(2, "4.8562"), (4, "4.8688"), (6, "4.8812"), (8, "4.8938")],
)
def test_halves_are_rounded_to_even(tenths, expected):
    criteria = (
        Criterion("a", Axis.IMPACT, Decimal(31)),
        Criterion("b", Axis.FEASIBILITY, Decimal(1)),
        Criterion("c", Axis.IMPACT, Decimal(1)),
    )
    ratings = ((), ((30, 30, 30),), ((tenths, tenths, tenths),))
    (row,) = ranked(Candidate(1, 1, True, False, ratings, None, None), criteria=criteria)
    assert row.impact == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("-1", "0"),
        ("0", "0"),
        ("25000", "0.5"),
        ("50000", "1"),
        ("100000", "1.5"),
        ("1500000", "4"),
        ("3250000", "4.5"),
        ("5000000", "5"),
        ("5000000.01", "5"),
    ],
)
def test_a_value_lies_on_straight_lines_between_the_amounts_and_the_ends_hold(amount, expected):
    assert value_on_scale(Decimal(amount), SCALE) == Fraction(expected)


def test_a_scale_must_rise():
    with pytest.raises(ValueError, match="rising"):
        value_on_scale(Decimal(1), (*SCALE[:5], SCALE[4]))


def test_a_steep_scale_is_still_exact():
    scale = tuple(Decimal(10) ** 11 + n for n in (0, 1, 2, 3, 4, 7))
    criteria = (
        Criterion("annual_value", Axis.IMPACT, Decimal(1)),
        Criterion("b", Axis.FEASIBILITY, Decimal(1)),
    )
    candidates = [
        Candidate(n, n, True, False, ((), ((30, 30, 30),)), scale[0] + Decimal(n) / 1000, None)
        for n in range(1, 60)
    ]
    places = scoring.rank(make_sheet(criteria, candidates, scale))
    assert as_rows(places) == by_hand(criteria, candidates, scale)


def test_nobody_to_rank_is_no_trouble():
    assert ranked() == []


def test_a_rating_adds_its_tenths():
    assert scoring.rating_tenths(Decimal("2"), Decimal("3.5"), Decimal("4")) == 200
    assert scoring.expected_value(Decimal(2), Decimal(3), Decimal(5)) == Decimal("3.1667")
    with pytest.raises(ValueError, match="one decimal"):
        scoring.rating_tenths(Decimal("2.05"), Decimal(3), Decimal(4))
