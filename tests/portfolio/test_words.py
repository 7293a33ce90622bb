from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio.templatetags import words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (146_230, "USD", "$146k"),
        (Decimal("0.0584"), "USD", "$0.0584"),
        (Decimal("0.05841"), "EUR", "€0.0584"),
        (1_240_000, "EUR", "€1.24M"),
        (999_600, "USD", "$1M"),
        (999_400, "USD", "$999k"),
        (1_000, "GBP", "£1k"),
        (0, "USD", "$0"),
        (-52_300, "USD", "−$52.3k"),
        (12.5, "CHF", "CHF\u00a012.5"),
        (2_500_000_000, "USD", "$2.5B"),
        (None, "USD", "–"),
        ("", "USD", "–"),
        ("much", "USD", "–"),
    ],
)
def test_money_at_a_glance(amount, currency, said):
    assert words.money(amount, currency) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Decimal("146230.5"), "$146,230.50"),
        (Decimal("0.0584"), "$0.0584"),
        (Decimal("1200.00"), "$1,200"),
        (Decimal("-3"), "−$3"),
    ],
)
def test_money_in_full_changes_nothing(amount, said):
    assert words.money_plain(amount, "USD") == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (Decimal("0.50"), "h", "0.5\u00a0h"),
        (1204, "", "1,204"),
        (Decimal("4.2000"), "points", "4.2\u00a0points"),
        (Decimal("85"), "%", "85\u00a0%"),
        (Decimal("-1"), "", "−1"),
        (Decimal("1E+3"), "", "1,000"),
        (None, "h", "–"),
    ],
)
def test_a_number_is_shown_as_it_was_given(value, unit, said):
    assert words.number(value, unit) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("60.0600"), "60.1"),
        (Decimal("52"), "52.0"),
        (Decimal("42.25"), "42.2"),
        (None, "–"),
    ],
)
def test_a_score_has_one_decimal(value, said):
    assert words.score(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("0.41"), "41\u00a0%"),
        (Decimal("0.055"), "5.5\u00a0%"),
        (0, "0\u00a0%"),
        (1, "100\u00a0%"),
        (Decimal("-0.2"), "−20\u00a0%"),
        (None, "–"),
    ],
)
def test_a_share_is_a_percentage(value, said):
    assert words.share(value) == said


def test_a_range_of_shares_has_the_form_of_a_share():
    assert words.shares(Decimal("0.3"), Decimal("0.5")) == "30\u00a0% to 50\u00a0%"
    assert words.shares(Decimal("0.02"), Decimal("0.02")) == "2\u00a0%"


def test_three_points_say_low_to_high():
    assert words.three_points(2, Decimal("4.0")) == "2 to 4"
    assert words.three_points(3, 3) == "3"
    assert words.three_points(None, 3) == "–"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"),
        (4, "just now"),
        (5, "5\u00a0s ago"),
        (59, "59\u00a0s ago"),
        (60, "1\u00a0min ago"),
        (3_599, "59\u00a0min ago"),
        (3_600, "1\u00a0h ago"),
        (86_399, "23\u00a0h ago"),
        (86_400, "yesterday"),
        (13 * 86_400, "13 days ago"),
        (14 * 86_400, "on 8 November"),
        (365 * 86_400, "on 22 November 2025"),
        (-30, "in a moment"),
    ],
)
def test_how_long_ago(seconds, said):
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("days", "said", "state"),
    [
        (-2, "2 days late", "late"),
        (-1, "1 day late", "late"),
        (0, "today", "today"),
        (1, "tomorrow", "ahead"),
        (3, "in 3 days", "ahead"),
        (14, "in 14 days", "ahead"),
        (15, "7 December", "ahead"),
        (60, "21 January 2027", "ahead"),
    ],
)
def test_how_far_away_a_day_is(days, said, state):
    day = TODAY + timedelta(days=days)
    assert words.days_away(day, TODAY) == said
    assert words.due_state(day, TODAY) == state


def test_a_day_has_its_year_only_where_it_is_needed():
    assert words.day(date(2026, 3, 3), TODAY) == "3 March"
    assert words.day(date(2025, 3, 3), TODAY) == "3 March 2025"
    assert words.day(None) == "–"


@pytest.mark.parametrize(
    ("slug", "said"), [("on_track", "on track"), ("ai_fit", "AI fit"), (None, ""), ("live", "live")]
)
def test_a_slug_in_words(slug, said):
    assert words.spelled(slug) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_as_a_sentence_has_them(parts, said):
    assert words.listed(parts) == said


def test_a_time_zone_is_read_without_its_underscores():
    assert words.zone("America/New_York") == "America/New York"


def test_a_moment_keeps_the_exact_instant():
    told = words.moment(NOW - timedelta(seconds=40), NOW)
    assert 'datetime="2026-11-22T11:59:20+00:00"' in told
    assert "40\u00a0s ago" in told


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"), ("0", "0\u00a0%"), ("0.0001", "<\u00a01\u00a0%"), ("0.004", "<\u00a01\u00a0%"),
        ("0.006", "1\u00a0%"), ("0.7149", "71\u00a0%"), ("0.994", "99\u00a0%"),
        ("0.9999", ">\u00a099\u00a0%"), ("1", "100\u00a0%"),
    ],
)  # fmt: skip
def test_a_chance_is_certain_only_where_it_is(value, said):
    assert words.chance(value) == said


def test_two_chances_are_told_without_their_sign():
    assert (words.percent("0.5204"), words.percent("0.4796")) == ("52", "48")
