"""What may be claimed of ranges, days and ratings, and what may not."""

import math
import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.rules import calibration
from assessments.rules.calibration import (
    LEAST,
    MOST_FACTOR,
    Day,
    Finding,
    Kind,
    Range,
    at_most,
    is_decided,
    is_held_by,
    judge,
    judge_ranges,
    met_on,
    statements,
    time_to_value,
    widening,
    wilson,
)
from portfolio.rules.contract import Contract
from portfolio.rules.verdicts import Reading
from portfolio.rules.words import Direction

START = date(2026, 1, 5)
SHIPPED = date(2026, 2, 2)


def held(likely: str = "5") -> Range:
    return Range(Decimal(3), Decimal(likely), Decimal(9), Decimal(6))


def missed(true: str = "13") -> Range:
    return Range(Decimal(3), Decimal(5), Decimal(9), Decimal(true))


@pytest.mark.parametrize(
    ("hits", "misses", "finding"),
    [
        (0, 4, Finding.TOO_FEW), (4, 0, Finding.TOO_FEW), (5, 0, Finding.FITS),
        (3, 2, Finding.FITS), (2, 3, Finding.OVERCONFIDENT), (0, 5, Finding.OVERCONFIDENT),
        (6, 3, Finding.FITS), (5, 4, Finding.OVERCONFIDENT), (90, 10, Finding.FITS),
        (84, 16, Finding.OVERCONFIDENT), (85, 15, Finding.FITS),
    ],
)  # fmt: skip
def test_ranges_are_overconfident_where_chance_does_not_explain_it(hits, misses, finding):
    assert judge_ranges([held()] * hits + [missed()] * misses).finding is finding


@pytest.mark.parametrize(
    ("kept", "late", "finding"),
    [
        (0, 4, Finding.TOO_FEW), (0, 5, Finding.TOO_EARLY), (1, 4, Finding.FITS),
        (1, 7, Finding.TOO_EARLY), (5, 0, Finding.TOO_LATE), (4, 1, Finding.FITS),
        (5, 5, Finding.FITS),
    ],
)  # fmt: skip
def test_half_of_the_days_are_kept_by_who_is_neither_hopeful_nor_cautious(kept, late, finding):
    days = [Day(SHIPPED, SHIPPED)] * kept + [Day(SHIPPED, SHIPPED + timedelta(days=20))] * late
    assert judge(Kind.FORECAST, days).finding is finding


def test_nothing_is_claimed_of_four():
    found = judge(Kind.ASSUMPTION, [missed()] * (LEAST - 1))
    assert (found.off, found.factor, found.is_claimed) == (None, None, False)
    assert (found.low, found.high) == (0, 1)
    assert calibration.words(found) == "too few yet: 4 of 5"
    assert calibration.error_words(found) == ""
    assert judge(Kind.FORECAST, []).share is None


def test_the_median_error_is_told_in_words():
    later = [Day(SHIPPED, SHIPPED + timedelta(days=days)) for days in (0, 10, 24, 30, 31)]
    assert calibration.error_words(judge(Kind.FORECAST, later)) == "ships 24 days later than said"
    sooner = [Day(SHIPPED, SHIPPED - timedelta(days=1))] * 5
    assert calibration.error_words(judge(Kind.FORECAST, sooner)) == "ships 1 day earlier than said"
    rated = [Range(Decimal(4), Decimal("4.5"), Decimal(5), Decimal(3))] * 5
    found = judge(Kind.TIME_TO_VALUE, rated)
    assert calibration.error_words(found) == "rates 1.5 points too high"
    assert calibration.words(found).startswith("overconfident: 0 of 5 ranges held")
    said = calibration.error_words(judge(Kind.ASSUMPTION, [missed("6")] * 5))
    assert said == "what is measured lies 20 % above what was likely"


def test_a_likely_zero_has_no_share_to_be_off_by():
    nothing = Range(Decimal(0), Decimal(0), Decimal(1), Decimal("0.5"))
    assert judge(Kind.ASSUMPTION, [nothing] * 5).off is None


def test_a_point_holds_exactly_what_it_says_and_nothing_stretches_it():
    point = Range(Decimal(4), Decimal(4), Decimal(4), Decimal(4))
    assert point.fits
    off = Range(Decimal(4), Decimal(4), Decimal(4), Decimal("4.1"))
    assert not off.fits
    assert off.stretch is None
    found = judge_ranges([off] * 5)
    assert (found.points, found.factor, found.held_then) == (5, MOST_FACTOR, 0)


@pytest.mark.parametrize(
    ("truths", "factor"),
    [
        (["6"] * 5, "1"),
        (["6", "6", "6", "10", "11"], "1.5"),
        (["6", "6", "6", "6", "1"], "2"),
        (["10.1", "6", "6", "6", "6"], "1.3"),  # 5.1 ÷ 4 = 1.275 is rounded up, not to the nearest
        (["99", "6", "6", "6", "6"], "3"),
        (["99"] + ["6"] * 9, "1"),  # nine in ten held
    ],
)
def test_the_factor_is_the_smallest_with_which_nine_in_ten_would_have_held(truths, factor):
    assert widening([missed(true) for true in truths]) == Decimal(factor)


POINT = st.decimals(min_value=0, max_value=20, places=1)
RANGES = st.builds(
    lambda points, true: Range(*sorted(points), true), st.tuples(POINT, POINT, POINT), POINT
)


@given(st.lists(RANGES, min_size=1, max_size=12))
def test_the_factor_is_found_by_trying_every_tenth(ranges):
    def holds(factor: Fraction) -> int:
        count = 0
        for one in ranges:
            low, likely, high, true = (
                Fraction(point) for point in (one.low, one.likely, one.high, one.true)
            )
            low, high = likely - factor * (likely - low), likely + factor * (high - likely)
            count += low <= true <= high
        return count

    tries = [Fraction(tenths, 10) for tenths in range(10, 31)]
    enough = [factor for factor in tries if 10 * holds(factor) >= 9 * len(ranges)]
    found = widening(ranges)
    assert Fraction(found) == (enough[0] if enough else 3)
    assert sum(is_held_by(one, found) for one in ranges) == holds(Fraction(found))


@given(st.lists(RANGES, max_size=12), st.randoms())
def test_the_order_of_cases_is_nothing(ranges, chance):
    shuffled = list(ranges)
    chance.shuffle(shuffled)
    assert judge(Kind.ASSUMPTION, ranges) == judge(Kind.ASSUMPTION, shuffled)


@given(st.lists(RANGES, min_size=5, max_size=12))
def test_one_more_that_held_never_makes_anybody_overconfident(ranges):
    before, after = judge_ranges(ranges), judge_ranges([*ranges, held()])
    if before.finding is not Finding.OVERCONFIDENT:
        assert after.finding is not Finding.OVERCONFIDENT
    assert after.held == before.held + 1


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_the_interval_holds_the_share_and_mirrors_itself(counted):
    n, hits = counted
    low, high = wilson(n, hits)
    assert 0 <= low <= Fraction(hits, n) <= high <= 1
    mirrored = wilson(n, n - hits)
    assert float(low) == pytest.approx(1 - float(mirrored[1]), abs=1e-5)


def test_the_interval_is_wilsons():
    # The worked example of most textbooks: 8 of 10 is 49 to 94 %.
    assert [round(float(end), 3) for end in wilson(10, 8)] == [0.490, 0.943]
    assert wilson(5, 0)[0] == 0
    assert wilson(5, 5)[1] == 1


def test_the_chance_is_that_of_throwing_it():
    dice = random.Random(5)
    tries = 20_000
    few = sum(sum(dice.random() < 0.9 for _ in range(9)) <= 6 for _ in range(tries))
    exact = float(at_most(6, 9, Fraction(9, 10)))
    assert few / tries == pytest.approx(exact, abs=4.5 * math.sqrt(exact * (1 - exact) / tries))
    assert at_most(9, 9, Fraction(9, 10)) == 1


# --- Which forecasts count ------------------------------------------------------------------------


def test_the_last_of_a_day_counts_and_the_same_day_said_again_does_not():
    one, two, three = (START + timedelta(days=days) for days in (0, 7, 14))
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    assert statements([]) == []
    assert statements([(one, june), (one, july)]) == [(one, july)]
    assert statements([(one, june), (two, june), (three, july)]) == [(one, june), (three, july)]
    assert statements([(one, june), (two, july), (three, june)]) == [
        (one, june), (two, july), (three, june),
    ]  # fmt: skip


# --- What time to value came to -------------------------------------------------------------------


def contract(**changes) -> Contract:
    return Contract(
        **{
            "metric": "first response time", "unit": "h", "direction": Direction.LOWER,
            "baseline": Decimal(8), "target": Decimal(1), "guardrails": (), "how_measured": "BI",
            "smallest_sample": 100, "last_readings": 1, "start_date": START, "planned_weeks": 12,
            **changes,
        }
    )  # fmt: skip


def reading(week: int, value: str, pk: int = 0, **changes) -> Reading:
    day = START + timedelta(days=7 * week - 1)  # the last day of that week
    return Reading(
        **{"id": pk or week, "guardrail": None, "value": Decimal(value), "measured_on": day,
           "sample_size": 500, **changes}
    )  # fmt: skip


FAR = START + timedelta(days=400)


@pytest.mark.parametrize(
    ("days", "points"),
    [(0, 5), (90, 5), (91, 3), (111, 3), (112, 1), (None, 1)],
)
def test_thirteen_weeks_are_worth_five_and_sixteen_three(days, points):
    met = None if days is None else START + timedelta(days=days)
    assert time_to_value(START, met) == points


def test_the_target_is_met_on_the_first_day_that_counts():
    told = [reading(6, "2"), reading(8, "0.9"), reading(9, "1.5"), reading(10, "1")]
    assert met_on(contract(), told, SHIPPED, FAR) == told[1].measured_on
    assert met_on(contract(), told, None, FAR) is None
    assert met_on(contract(), [reading(8, "0.9", sample_size=99)], SHIPPED, FAR) is None
    assert met_on(contract(), [reading(8, "0.9", guardrail=1)], SHIPPED, FAR) is None


def test_where_several_readings_are_asked_for_the_last_of_them_is_the_day():
    told = [reading(6, "0.9"), reading(7, "2"), reading(8, "0.9"), reading(9, "0.8")]
    asked = contract(last_readings=2)
    assert met_on(asked, told, SHIPPED, FAR) == told[3].measured_on
    assert met_on(asked, told[:3], SHIPPED, FAR) is None


def test_a_corrected_reading_does_not_count():
    wrong, right = reading(8, "0.9"), reading(8, "3", pk=20, supersedes=8)
    assert met_on(contract(), [wrong, right], SHIPPED, FAR) is None


def test_a_plan_of_twelve_weeks_still_has_sixteen_to_be_worth_three():
    assert met_on(contract(), [reading(15, "0.9")], SHIPPED, FAR) == reading(15, "0.9").measured_on
    assert met_on(contract(), [reading(17, "0.9")], SHIPPED, FAR) is None


def test_it_waits_for_a_verdict_or_the_end_of_week_sixteen():
    last = START + timedelta(days=111)
    assert not is_decided(START, False, last)
    assert is_decided(START, False, last + timedelta(days=1))
    assert is_decided(START, True, START)
