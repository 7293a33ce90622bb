"""What a success contract must say before it is sealed, and what an amendment may change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portfolio.rules import clock, contract
from portfolio.rules.contract import Draft, Guardrail
from portfolio.rules.words import Direction, LimitKind

START = date(2026, 3, 2)
COMPLETE = Draft(
    metric="first response time",
    unit="h",
    direction=Direction.LOWER,
    baseline=Decimal(8),
    target=Decimal("0.5"),
    guardrails=(Guardrail(1, "CSAT", LimitKind.AT_LEAST, Decimal("4.2"), "points"),),
    how_measured="weekly, from the ticket system",
    smallest_sample=200,
    last_readings=1,
    start_date=START,
    planned_weeks=12,
)


def test_a_complete_draft_can_be_sealed():
    assert contract.what_is_missing(COMPLETE) == ()
    assert contract.seal(COMPLETE).verdict_due == date(2026, 5, 24)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"metric": " "}, ["metric"]),
        ({"unit": ""}, ["unit"]),
        ({"direction": None}, ["direction"]),
        ({"baseline": None}, ["baseline"]),
        ({"target": None}, ["target"]),
        ({"target": Decimal(8)}, ["target"]),
        ({"target": Decimal(9)}, ["target"]),
        ({"guardrails": ()}, ["guardrails"]),
        ({"guardrails": (), "no_guardrails": True}, []),
        ({"how_measured": ""}, ["how_measured"]),
        ({"smallest_sample": None}, ["smallest_sample"]),
        ({"smallest_sample": 0}, ["smallest_sample"]),
        ({"last_readings": 0}, ["last_readings"]),
        ({"start_date": None}, ["start_date"]),
        ({"planned_weeks": 7}, ["planned_weeks"]),
        ({"planned_weeks": 17}, ["planned_weeks"]),
        ({"planned_weeks": 16}, []),
    ],
)
def test_each_part_is_missed_by_its_field(changes, fields):
    draft = replace(COMPLETE, **changes)
    assert [missing.field for missing in contract.what_is_missing(draft)] == fields
    if fields:
        with pytest.raises(ValueError, match="not complete"):
            contract.seal(draft)


def test_an_empty_draft_misses_everything_in_the_order_of_the_form():
    assert [missing.field for missing in contract.what_is_missing(Draft())] == [
        "metric",
        "unit",
        "direction",
        "baseline",
        "target",
        "guardrails",
        "how_measured",
        "smallest_sample",
        "start_date",
        "planned_weeks",
    ]


@pytest.mark.parametrize(
    ("changes", "reason", "declared", "fields"),
    [
        ({"target": Decimal(1)}, "the queue was split", False, []),
        ({"planned_weeks": 16}, "a holiday", False, []),
        ({"planned_weeks": 17}, "a holiday", False, ["planned_weeks", "planned_weeks"]),
        ({"start_date": date(2026, 3, 30)}, "a holiday", False, []),  # 4 + 12 weeks
        ({"start_date": date(2026, 3, 31)}, "a holiday", False, ["start_date"]),
        ({"start_date": date(2026, 3, 9), "planned_weeks": 16}, "x", False, ["start_date"]),
        ({"target": Decimal(1)}, " ", False, ["reason"]),
        ({"target": Decimal(9)}, "because", False, ["target"]),
        ({"target": Decimal(1)}, "because", True, [""]),
    ],
)
def test_an_amendment_needs_a_reason_and_never_goes_past_sixteen_weeks(
    changes, reason, declared, fields
):
    found = contract.judge_amendment(
        replace(COMPLETE, **changes), sealed_start=START, reason=reason, is_declared=declared
    )
    assert [objection.field for objection in found] == fields


@pytest.mark.parametrize(
    ("kind", "value", "allowed"),
    [
        (LimitKind.AT_LEAST, "4.2", True),
        (LimitKind.AT_LEAST, "4.19", False),
        (LimitKind.AT_MOST, "4.2", True),
        (LimitKind.AT_MOST, "4.21", False),
    ],
)
def test_a_guardrail_allows_its_limit(kind, value, allowed):
    assert Guardrail(1, "CSAT", kind, Decimal("4.2")).allows(Decimal(value)) is allowed


@pytest.mark.parametrize(
    ("weeks", "today", "ends"),
    [
        (8, date(2026, 4, 26), False),  # the last day of eight weeks is not over
        (8, date(2026, 4, 27), True),
        (9, date(2026, 4, 27), False),
        (8, date(2026, 6, 22), False),  # the day as it stands is past too
    ],
)
def test_an_amendment_that_ends_it_at_once_says_so(weeks, today, ends):
    sealed = contract.seal(COMPLETE)
    due = clock.verdict_due(sealed.start_date, weeks)
    words = contract.ends_at_once(sealed, due, today)
    expected = "The verdict day would be 26 April 2026, already past: the verdict would be read"
    assert words == (f"{expected} at once." if ends else "")
