from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from assessments.rules.rounds import Ending, Opinion, disagreement, why_over

DUE = date(2026, 3, 3)


def said(who: str, low, likely, high) -> Opinion:
    return Opinion(who, Decimal(low), Decimal(likely), Decimal(high))


@pytest.mark.parametrize(
    ("opinions", "words"),
    [
        ([], None),
        ([said("Ann", 0, 1, 5)], None),
        ([said("Ann", 2, 3, 4), said("Bob", 2, 3, 4)], None),
        ([said("Ann", 0, 1, 5), said("Bob", 0, "2.9", 5)], None),
        ([said("Ann", 0, 1, 5), said("Bob", 0, 3, 5)], "Ann expects 1, Bob 3."),
        ([said("Ann", 0, 1, "1.5"), said("Bob", "1.5", 2, 5)], None),
        (
            [said("Ann", 0, 1, "1.4"), said("Bob", "1.5", 2, 5)],
            "Ann holds at most 1.4 possible, Bob at least 1.5.",
        ),
        ([said("Ann", 3, 3, 3), said("Bob", "3.9", "3.9", "3.9")], None),
        (
            [said("Ann", 0, 1, 1), said("Cid", 1, 2, 3), said("Bob", "1.5", "2.5", 5)],
            "Ann holds at most 1 possible, Bob at least 1.5.",
        ),
    ],
)
def test_wide_disagreement_is_named_whoever_comes_first(opinions, words):
    for order in permutations(opinions):
        found = disagreement(order)
        assert (found.words if found else None) == words


@pytest.mark.parametrize(
    ("owed", "zone", "now", "why"),
    [
        ([1, 0], "UTC", datetime(2026, 3, 3, 23, 59, tzinfo=UTC), None),
        ([1, 0], "UTC", datetime(2026, 3, 4, 0, 0, tzinfo=UTC), Ending.DUE),
        ([0, 0], "UTC", datetime(2026, 3, 1, tzinfo=UTC), Ending.ALL_GIVEN),
        ([], "UTC", datetime(2026, 3, 1, tzinfo=UTC), Ending.ALL_GIVEN),
        ([1], "Pacific/Auckland", datetime(2026, 3, 3, 10, 59, tzinfo=UTC), None),
        ([1], "Pacific/Auckland", datetime(2026, 3, 3, 11, 0, tzinfo=UTC), Ending.DUE),
        ([1], "America/Los_Angeles", datetime(2026, 3, 4, 7, 59, tzinfo=UTC), None),
    ],
)
def test_a_round_is_over_when_nothing_is_owed_or_its_day_has_ended(owed, zone, now, why):
    assert why_over(owed, DUE, zone, now) == why
