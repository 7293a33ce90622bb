from datetime import date
from decimal import Decimal

import pytest

from portfolio.rules.doubts import Read, doubts_of_reading, is_far

DAY = date(2026, 11, 20)
AGREED = [Decimal(8), Decimal(1)]


def test_the_very_same_reading_is_doubtful():
    standing = [Read(Decimal("1.2"), DAY, 150)]
    said = doubts_of_reading(Read(Decimal("1.20"), DAY, 150), standing, AGREED)
    assert said == ["1.2 was read for 20 November 2026 with a sample of 150 already."]
    for other in (
        Read(Decimal("1.3"), DAY, 150),
        Read(Decimal("1.2"), date(2026, 11, 21), 150),
        Read(Decimal("1.2"), DAY, 151),
        Read(Decimal("1.2"), DAY),
    ):
        assert doubts_of_reading(other, standing, AGREED) == []


def test_a_value_of_another_order_is_doubtful():
    said = doubts_of_reading(Read(Decimal(900_000), DAY), [], AGREED)
    assert said == [
        "900,000 is more than 20 times away from what was agreed and what was read before."
    ]


@pytest.mark.parametrize(
    ("value", "beside", "far"),
    [
        ("20", ["1"], False),
        ("20.1", ["1"], True),
        ("0.049", ["1"], True),
        ("0.05", ["1"], False),
        ("-30", ["1"], True),
        ("30", ["1", "30"], False),
        ("0", ["1"], False),
        ("30", ["0", None], False),
        ("30", [], False),
    ],
)
def test_far_is_far_from_all_that_is_known(value, beside, far):
    known = [None if one is None else Decimal(one) for one in beside]
    assert is_far(Decimal(value), known) is far
