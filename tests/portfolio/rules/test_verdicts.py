"""Victory or failure, day by day, and against an oracle written from domain section 6 alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.rules import clock, verdicts
from portfolio.rules.contract import Contract, Guardrail
from portfolio.rules.verdicts import FailureReason, Reading
from portfolio.rules.words import Direction, LimitKind, Verdict
from tests.bounds import examples

START = date(2026, 3, 2)
CONTRACT = Contract(
    metric="first response time",
    unit="h",
    direction=Direction.LOWER,
    baseline=Decimal(8),
    target=Decimal("0.5"),
    guardrails=(),
    how_measured="weekly",
    smallest_sample=1,
    last_readings=1,
    start_date=START,
    planned_weeks=16,
)
CSAT = Guardrail(7, "CSAT", LimitKind.AT_LEAST, Decimal("4.2"), "points")
DUE = CONTRACT.verdict_due
AFTER = DUE + timedelta(days=1)
SHIPPED = START + timedelta(days=60)


def day(offset):
    """A day, counted from the verdict day."""
    return DUE + timedelta(days=offset)


def reading(id, value, measured_on=DUE, **changes):
    return Reading(id, None, Decimal(value), measured_on, **changes)


def judged(*readings, contract=CONTRACT, shipped_on=SHIPPED, today=AFTER):
    found = verdicts.judge(contract, readings, shipped_on, today)
    return " ".join([found.verdict, *found.reasons])


@pytest.mark.parametrize(
    ("offset", "expected"), [(-1, "pending"), (0, "pending"), (1, "victory"), (400, "victory")]
)
def test_the_verdict_is_pending_until_the_verdict_day_has_ended(offset, expected):
    assert judged(reading(1, "0.5", SHIPPED), today=day(offset)) == expected


@pytest.mark.parametrize(
    ("zone", "last_pending", "first_judged"),
    [  # the verdict day is Sunday 21 June 2026
        ("Pacific/Auckland", "2026-06-21T11:59:59+00:00", "2026-06-21T12:00:00+00:00"),
        ("UTC", "2026-06-21T23:59:59+00:00", "2026-06-22T00:00:00+00:00"),
        ("America/New_York", "2026-06-22T03:59:59+00:00", "2026-06-22T04:00:00+00:00"),
    ],
)
def test_the_day_ends_in_the_portfolios_time_zone(zone, last_pending, first_judged):
    assert date(2026, 6, 21) == DUE
    for instant, expected in ((last_pending, "pending"), (first_judged, "failure not_shipped")):
        today = clock.today_in(zone, datetime.fromisoformat(instant))
        assert judged(shipped_on=None, today=today) == expected


@pytest.mark.parametrize(
    ("shipped_on", "expected"),
    [
        (day(-1), "victory"),
        (day(0), "victory"),
        (day(1), "failure not_shipped"),
        (None, "failure not_shipped"),
    ],
)
def test_shipping_counts_up_to_the_verdict_day(shipped_on, expected):
    assert judged(reading(1, "0.4"), shipped_on=shipped_on) == expected


def test_not_shipped_stands_alone():
    contract = replace(CONTRACT, guardrails=(CSAT,))
    assert judged(reading(1, "9"), contract=contract, shipped_on=None) == "failure not_shipped"


@pytest.mark.parametrize(
    ("measured_on", "expected"),
    [
        (SHIPPED - timedelta(days=1), "failure not_measured"),
        (SHIPPED, "victory"),
        (DUE, "victory"),
        (AFTER, "failure not_measured"),
    ],
)
def test_a_reading_counts_from_the_ship_date_to_the_verdict_day(measured_on, expected):
    assert judged(reading(1, "0.5", measured_on)) == expected


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        (Direction.LOWER, "0.5", "victory"),
        (Direction.LOWER, "0.500001", "failure target_missed"),
        (Direction.HIGHER, "0.5", "victory"),
        (Direction.HIGHER, "0.499999", "failure target_missed"),
    ],
)
def test_reaching_the_target_exactly_is_meeting_it(direction, value, expected):
    assert judged(reading(1, value), contract=replace(CONTRACT, direction=direction)) == expected


def test_the_latest_reading_is_in_force_whenever_it_was_entered():
    assert judged(reading(2, "9", day(-9)), reading(1, "0.4", day(-8))) == "victory"


def test_of_one_day_the_last_entered_is_in_force():
    assert judged(reading(2, "9"), reading(1, "0.4")) == "failure target_missed"
    assert judged(reading(1, "9"), reading(2, "0.4")) == "victory"


def test_a_superseded_reading_is_not_in_force_even_where_its_correction_does_not_count():
    wrong = reading(1, "0.4")
    assert judged(wrong, reading(2, "0.9", supersedes=1)) == "failure target_missed"
    assert judged(wrong, reading(2, "0.4", AFTER, supersedes=1)) == "failure not_measured"


def test_a_correction_may_be_corrected():
    chain = (reading(1, "9"), reading(2, "8", supersedes=1), reading(3, "0.1", supersedes=2))
    assert judged(*chain) == "victory"


@pytest.mark.parametrize(
    ("asked", "sample", "expected"),
    [
        (200, 200, "victory"),
        (200, 199, "failure not_measured"),
        (200, None, "failure not_measured"),
        (1, None, "victory"),
        (1, 0, "failure not_measured"),
    ],
)
def test_a_small_sample_does_not_count(asked, sample, expected):
    contract = replace(CONTRACT, smallest_sample=asked)
    assert judged(reading(1, "0.4", sample_size=sample), contract=contract) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0.9", "0.5", "0.4", "0.3"], "victory"),
        (["0.5", "0.9", "0.4", "0.3"], "failure target_missed"),
        (["0.4", "0.3"], "failure target_missed"),
        ([], "failure not_measured"),
    ],
)
def test_several_last_readings_must_all_meet_the_target(values, expected):
    readings = [reading(n, value, day(n - 9)) for n, value in enumerate(values)]
    assert judged(*readings, contract=replace(CONTRACT, last_readings=3)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4.2", "victory"),
        ("4.19", "failure guardrail_broken"),
        (None, "failure not_measured"),
    ],
)
def test_a_guardrail_is_judged_beside_the_metric(value, expected):
    guarded = [] if value is None else [Reading(2, CSAT.id, Decimal(value), DUE)]
    contract = replace(CONTRACT, guardrails=(CSAT,), last_readings=1)
    assert judged(reading(1, "0.4"), *guarded, contract=contract) == expected


def test_every_reason_that_holds_is_told_in_order_and_in_words():
    errors = Guardrail(8, "errors", LimitKind.AT_MOST, Decimal("2"), "%")
    contract = replace(CONTRACT, guardrails=(CSAT, errors), smallest_sample=10)
    found = verdicts.judge(
        contract,
        [reading(1, "0.75", sample_size=10), Reading(2, 8, Decimal("2.5"), DUE, 10)],
        SHIPPED,
        AFTER,
    )
    assert found.reasons == (
        FailureReason.NOT_MEASURED,
        FailureReason.TARGET_MISSED,
        FailureReason.GUARDRAIL_BROKEN,
    )
    assert [because.words for because in found.because] == [
        "No reading with a sample of at least 10 from the ship date to 21 June 2026 of CSAT.",
        "First response time stood at 0.75 h; at or below 0.5 h was promised.",
        "Errors stood at 2.5 %, at most 2 % was promised.",
    ]


def test_while_pending_the_reading_in_force_is_the_latest_up_to_today():
    readings = [reading(1, "3", day(-20)), reading(2, "2", day(-10))]
    found = verdicts.judge(CONTRACT, readings, SHIPPED, day(-15))
    assert (found.verdict, found.in_force) == (Verdict.PENDING, readings[0])
    assert verdicts.judge(CONTRACT, readings, None, day(-15)).in_force is None


@pytest.mark.parametrize(
    ("entered", "of", "late"),
    [(0, -1, False), (1, -1, True), (1, 0, True), (1, 1, False), (0, 0, False)],
)
def test_what_is_entered_after_the_verdict_day_for_a_day_up_to_it_is_late(entered, of, late):
    assert verdicts.is_late(day(entered), day(of), DUE) is late


@pytest.mark.parametrize(
    ("shipped_on", "offset", "expected"),
    [
        (None, 0, "pending"),
        (None, 1, "failure not_shipped"),
        (day(1), 1, "failure not_shipped"),
        (day(0), 1, "failure not_measured"),
    ],
)
def test_without_a_sealed_contract_there_is_no_victory(shipped_on, offset, expected):
    found = verdicts.judge_unsealed(DUE, shipped_on, day(offset))
    assert " ".join([found.verdict, *found.reasons]) == expected
    assert verdicts.judge_unsealed(None, shipped_on, day(offset)).verdict is Verdict.PENDING


def oracle(contract, readings, shipped_on, today):
    """Section 6 sentence by sentence, by search instead of by sorting."""
    due = contract.start_date + timedelta(days=7 * contract.planned_weeks - 1)
    if not today > due:
        return ["pending"]
    if shipped_on is None or not shipped_on <= due:
        return ["failure", "not_shipped"]

    def beats(one, other):
        return (one.measured_on, one.id) > (other.measured_on, other.id)

    def counting(guardrail):
        return [
            one
            for one in readings
            if one.guardrail == guardrail
            and not any(other.supersedes == one.id for other in readings)
            and (one.sample_size if one.sample_size is not None else 1) >= contract.smallest_sample
            and not one.measured_on < shipped_on
            and not one.measured_on > due
        ]

    def last(guardrail, number):
        pool = counting(guardrail)
        return [one for one in pool if sum(beats(other, one) for other in pool) < number]

    reasons = []
    of_metric = last(None, contract.last_readings)
    if not of_metric or any(not last(g.id, 1) for g in contract.guardrails):
        reasons.append("not_measured")
    better = (
        (lambda value: value >= contract.target)
        if contract.direction == "higher"
        else (lambda value: value <= contract.target)
    )
    meeting = sum(better(one.value) for one in of_metric)
    if of_metric and meeting < contract.last_readings:
        reasons.append("target_missed")
    if any(
        one.value < g.limit if g.kind == "at_least" else one.value > g.limit
        for g in contract.guardrails
        for one in last(g.id, 1)
    ):
        reasons.append("guardrail_broken")
    return ["failure", *reasons] if reasons else ["victory"]


near_due = st.integers(-6, 3).map(day)
values = st.sampled_from([Decimal(v) for v in ("0.4", "0.5", "0.6", "4.1", "4.2", "4.3")])


@st.composite
def histories(draw):
    guardrails = draw(
        st.sampled_from(
            [(), (CSAT,), (CSAT, Guardrail(8, "errors", LimitKind.AT_MOST, Decimal("0.5")))]
        )
    )
    contract = replace(
        CONTRACT,
        guardrails=guardrails,
        direction=draw(st.sampled_from(Direction)),
        smallest_sample=draw(st.sampled_from([1, 10])),
        last_readings=draw(st.integers(1, 3)),
    )
    readings = []
    for id in range(draw(st.integers(0, 8))):
        corrected = {one.supersedes for one in readings}
        open_ones = [one for one in readings if one.id not in corrected]
        supersedes = draw(st.sampled_from([None, None, *open_ones]))
        guardrail = (
            draw(st.sampled_from([None, None, *(g.id for g in guardrails)]))
            if supersedes is None
            else supersedes.guardrail
        )
        readings.append(
            Reading(
                id,
                guardrail,
                draw(values),
                draw(near_due),
                draw(st.sampled_from([None, 9, 10, 10])),
                None if supersedes is None else supersedes.id,
            )
        )
    shipped_on = draw(st.one_of(st.none(), near_due, st.just(SHIPPED), st.just(SHIPPED)))
    return contract, readings, shipped_on, draw(st.sampled_from([day(0), AFTER, AFTER, day(9)]))


@settings(max_examples=examples(300), deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_history_is_judged_as_the_oracle_does_in_any_order(history, random):
    contract, readings, shipped_on, today = history
    shuffled = random.sample(readings, len(readings))
    found = verdicts.judge(contract, shuffled, shipped_on, today)
    assert [found.verdict, *found.reasons] == oracle(contract, readings, shipped_on, today)
    assert found == verdicts.judge(contract, readings, shipped_on, today)


@pytest.mark.parametrize(
    ("offset", "sample", "shipped_on", "words"),
    [
        (0, 150, SHIPPED, ""),
        (0, None, SHIPPED, "no sample, 150 needed"),
        (0, 90, SHIPPED, "a sample of 90, 150 needed"),
        (-60, 150, SHIPPED, "before the ship date, 1 May 2026"),
        (1, 150, SHIPPED, "after the verdict day, 21 June 2026"),
        (0, 150, None, "not shipped yet"),
    ],
)
def test_a_reading_that_does_not_count_says_why(offset, sample, shipped_on, words):
    contract = replace(CONTRACT, smallest_sample=150)
    read = [reading(1, "0.5", day(offset), sample_size=sample)]
    why = verdicts.why_not_counted(contract, day(offset), sample, shipped_on, AFTER)
    assert why == words
    assert bool(verdicts.what_counts(contract, read, shipped_on, AFTER)) == (not words)
