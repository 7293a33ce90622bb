"""How opinions age: the day, the periods, and what widening does to a score, exactly."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules.ageing import Aged, age_of, periods_since, widened
from assessments.rules.criteria import Axis, Criterion
from assessments.rules.scoring import Sheet, explain, rank
from portfolio.rules.age import is_stale
from tests.bounds import examples

GIVEN = date(2026, 1, 10)
TWO = (
    Criterion("pull", Axis.IMPACT, Decimal("1.5")),
    Criterion("reuse", Axis.IMPACT, Decimal(1)),
    Criterion("fit", Axis.FEASIBILITY, Decimal(2)),
)


@pytest.mark.parametrize(
    ("days", "stale", "periods"),
    [
        (0, False, 0), (89, False, 0), (90, False, 0), (91, True, 0), (119, True, 0),
        (120, True, 1), (121, True, 1), (149, True, 1), (150, True, 2), (455, True, 12),
    ],
)  # fmt: skip
def test_it_is_stale_past_ninety_days_and_widens_every_thirty(days, stale, periods):
    today = GIVEN + timedelta(days=days)
    assert is_stale(GIVEN, today, 90) is stale
    assert periods_since(GIVEN, today, 90) == periods


@pytest.mark.parametrize(
    ("days", "stale", "ends"),
    [(90, False, ("2", "4")), (91, True, ("2", "4")), (120, True, ("1.8", "4.1")),
     (150, True, ("1.62", "4.19"))],
)  # fmt: skip
def test_one_opinion_says_how_old_it_is(days, stale, ends):
    today = GIVEN + timedelta(days=days)
    age = age_of(GIVEN, today, 90, Decimal("2.0"), Decimal("4.0"))
    assert (age.is_stale, age.low, age.high) == (stale, *map(Decimal, ends))


@pytest.mark.parametrize(
    ("low", "high", "periods", "ends"),
    [
        (2.0, 4.0, 0, (2.0, 4.0)),
        (2.0, 4.0, 1, (1.8, 4.1)),
        (2.0, 4.0, 2, (1.62, 4.19)),
        (0.0, 5.0, 9, (0.0, 5.0)),
        (3.0, 3.0, 1, (2.7, 3.2)),
    ],
)
def test_the_ends_drift_to_those_of_the_scale(low, high, periods, ends):
    found = widened(np.array([low]), np.array([high]), np.array([periods]), 5.0)
    assert [float(end[0]) for end in found] == pytest.approx(list(ends))


@given(st.lists(st.floats(0, 5), min_size=1), st.integers(0, 40))
def test_a_point_stays_between_its_ends_however_it_is_rounded(points, periods):
    values = np.array(points)
    low, high = widened(values, values, np.full(len(points), periods), 5.0)
    assert np.all(low <= values)
    assert np.all(values <= high)
    assert np.all(high <= 5)
    if not periods:
        assert np.array_equal(low, high)


RATING = st.tuples(
    st.lists(st.integers(0, 50), min_size=3, max_size=3).map(sorted), st.integers(0, 15)
)
CELL = st.lists(RATING, min_size=0, max_size=3)
CANDIDATE = st.tuples(
    st.lists(RATING, min_size=1, max_size=3), CELL, st.lists(RATING, min_size=1, max_size=2)
)


def sheet_of(candidates) -> Sheet:
    """Ratings of ([low, likely, high] in tenths, periods): stale ones where periods are not 0."""
    size = len(candidates)
    tenths = np.zeros((3, size), dtype=np.int64)
    counts = np.zeros((3, size), dtype=np.int64)
    aged = []
    for column, candidate in enumerate(candidates):
        for row, ratings in enumerate(candidate):
            for (low, likely, high), periods in ratings:
                tenths[row, column] += low + 4 * likely + high
                counts[row, column] += 1
                if periods:
                    aged.append((row, column, low, high, periods))
    table = np.array(aged, dtype=np.int64).reshape(-1, 5)
    return Sheet(
        criteria=TWO,
        ids=np.arange(1, size + 1),
        numbers=np.arange(1, size + 1),
        ready=np.ones(size, dtype=np.bool_),
        disqualified=np.zeros(size, dtype=np.bool_),
        tenths=tenths,
        counts=counts,
        aged=Aged(*table.T) if aged else None,
    )


def score_by_hand(candidate) -> tuple[Fraction, Fraction]:
    """Impact and feasibility from the domain's words, rating by rating, in fractions."""
    values = []
    for ratings in candidate:
        each = []
        for (low, likely, high), periods in ratings:
            kept = Fraction(9, 10) ** periods
            wide_low = Fraction(low, 10) * kept
            wide_high = 5 - (5 - Fraction(high, 10)) * kept
            each.append((wide_low + 4 * Fraction(likely, 10) + wide_high) / 6)
        values.append(sum(each, Fraction(0)) / len(each) if each else Fraction(5, 2))
    pull, reuse, fit = values
    return 2 * (Fraction(3, 2) * pull + reuse) / Fraction(5, 2), 2 * fit


@pytest.mark.long
@settings(max_examples=examples(300), deadline=None)
@given(st.lists(CANDIDATE, min_size=1, max_size=5))
def test_stale_ratings_count_as_the_domain_says_to_the_last_decimal(candidates):
    sheet = sheet_of(candidates)
    places = rank(sheet)
    for column, candidate in enumerate(candidates):
        impact, feasibility = score_by_hand(candidate)
        placing = places.placing(column)
        assert placing.impact == Decimal(round(impact * 10_000)).scaleb(-4)
        assert placing.feasibility == Decimal(round(feasibility * 10_000)).scaleb(-4)
        assert placing.score == Decimal(round(impact * feasibility * 10_000)).scaleb(-4)
        points = sum(part.points for part in explain(sheet, column) if part.axis is Axis.IMPACT)
        assert abs(points - placing.impact) <= Decimal("0.0002")
        stale = sum(any(periods for _, periods in ratings) for ratings in candidate)
        assert placing.stale == stale


def test_a_stale_rating_that_has_not_widened_yet_is_marked_all_the_same():
    sheet = sheet_of([([([20, 30, 40], 0)], [], [([20, 30, 40], 0)])])
    marked = replace(sheet, aged=Aged(*np.array([[0], [0], [20], [40], [0]])))
    assert rank(marked).placing(0).stale == 1
    assert rank(marked).placing(0).score == rank(sheet).placing(0).score
