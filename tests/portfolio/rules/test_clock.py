"""Weeks, phases and the end of a day, wherever a portfolio is run."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.rules import clock
from portfolio.rules.clock import Phase

START = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "week", "phase"),
    [
        (-1, None, None),
        (0, 1, Phase.CONFIRM),
        (6, 1, Phase.CONFIRM),
        (7, 2, Phase.CONFIRM),
        (13, 2, Phase.CONFIRM),
        (14, 3, Phase.MOBILISE),
        (27, 4, Phase.MOBILISE),
        (28, 5, Phase.BUILD),
        (111, 16, Phase.BUILD),
        (112, 17, Phase.BUILD),
    ],
)
def test_weeks_are_counted_from_the_start(days, week, phase):
    assert clock.week_of(START, START + timedelta(days=days)) == week
    assert clock.phase_of(week) is phase


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(8, 16))
def test_the_verdict_is_due_on_the_last_day_of_the_last_planned_week(start, weeks):
    due = clock.verdict_due(start, weeks)
    assert clock.week_of(start, due) == weeks
    assert clock.week_of(start, due + timedelta(days=1)) == weeks + 1


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("UTC", "2026-06-21T23:59:59+00:00", "2026-06-21"),
        ("UTC", "2026-06-22T00:00:00+00:00", "2026-06-22"),
        ("Pacific/Auckland", "2026-06-21T11:59:59+00:00", "2026-06-21"),  # +12 in June
        ("Pacific/Auckland", "2026-06-21T12:00:00+00:00", "2026-06-22"),
        ("Pacific/Auckland", "2026-01-21T10:59:59+00:00", "2026-01-21"),  # +13 in January
        ("Pacific/Auckland", "2026-01-21T11:00:00+00:00", "2026-01-22"),
        ("America/New_York", "2026-06-22T03:59:59+00:00", "2026-06-21"),  # -4 in June
        ("America/New_York", "2026-06-22T04:00:00+00:00", "2026-06-22"),
        ("America/New_York", "2026-01-22T04:59:59+00:00", "2026-01-21"),  # -5 in January
        ("Asia/Kolkata", "2026-06-21T18:30:00+00:00", "2026-06-22"),
        ("America/New_York", "2026-06-22T09:00:00+12:00", "2026-06-21"),  # the instant's own zone
    ],
)
def test_a_day_begins_and_ends_where_the_portfolio_is(zone, instant, day):
    assert clock.today_in(zone, datetime.fromisoformat(instant)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("zone", "changing"),
    [
        ("America/New_York", date(2026, 3, 8)),  # 23 hours long
        ("America/New_York", date(2026, 11, 1)),  # 25 hours long
        ("Pacific/Auckland", date(2026, 4, 5)),  # 25
        ("Pacific/Auckland", date(2026, 9, 27)),  # 23
        ("America/Santiago", date(2026, 9, 6)),  # has no midnight
    ],
)
def test_a_day_on_which_the_clocks_change_ends_with_its_last_second(zone, changing):
    next_day = datetime.combine(
        changing + timedelta(days=1), datetime.min.time(), ZoneInfo(zone)
    ).astimezone(UTC)
    assert not clock.has_ended(changing, zone, next_day - timedelta(seconds=1))
    assert clock.has_ended(changing, zone, next_day)


def test_an_instant_needs_a_zone():
    with pytest.raises(ValueError, match="no instant"):
        clock.today_in("UTC", datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("days", "needs"), [(0, False), (14, False), (-14, False), (15, True), (-15, True)]
)
def test_a_start_more_than_two_weeks_away_needs_a_reason(days, needs):
    assert clock.start_needs_reason(START + timedelta(days=days), START) is needs


def test_a_promise_lies_from_a_year_before_the_start_to_two_years_past_the_verdict():
    found = clock.first_and_last_promise(date(2026, 3, 2), date(2026, 6, 21))
    assert found == (date(2025, 3, 2), date(2028, 6, 20))
