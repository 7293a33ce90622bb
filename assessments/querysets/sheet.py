"""Reads a whole portfolio's judgement as arrays: binary COPY out, no object a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection

from portfolio.rules.age import oldest_fresh_day
from portfolio.rules.clock import today_in
from portfolio.rules.words import Answer, Place

TESTS = ("outcome", "data", "review", "economics")
ABSENT = -(2**63)  # an amount that is not known
NOBODY = -1

_KINDS = {"int8": ">i8", "int4": ">i4", "int2": ">i2", "bool": "?"}
_LENGTH = slice(21, 25)  # after the header of COPY's binary format and the number of columns


def copy_out(statement: str, values: Sequence[object], columns: Sequence[tuple[str, str]]):
    """The rows of a statement as one array, in no order; its columns are never null.

    Postgres packs them into one value: row by row, a million of them took seven times as long.
    """
    names = ", ".join(f'"{name}"' for name, _ in columns)
    packed = " || ".join(f'{kind}send("{name}")' for name, kind in columns)
    with (
        connection.cursor() as cursor,
        # The cursor itself: the wrapper that counts queries in tests takes no values.
        cursor.cursor.copy(
            f"COPY (SELECT string_agg({packed}, ''::bytea) FROM ({statement}) AS rows({names}))"
            " TO STDOUT (FORMAT binary)",
            values,
        ) as copy,
    ):
        raw = b"".join(bytes(block) for block in copy)
    length = max(0, int.from_bytes(raw[_LENGTH], "big", signed=True))  # -1 where nothing is there
    shape = np.dtype([(name, _KINDS[kind]) for name, kind in columns])
    return np.frombuffer(raw, shape, count=length // shape.itemsize, offset=_LENGTH.stop)


@dataclass(frozen=True)
class Fresh:
    """From which day on what was said counts as it was said."""

    since: date
    time_zone: str

    @classmethod
    def of(cls, portfolio, now: datetime) -> Fresh:
        """The portfolio's own days, in its own time zone."""
        today = today_in(portfolio.time_zone, now)
        return cls(oldest_fresh_day(today, portfolio.fresh_days), portfolio.time_zone)

    @property
    def begins(self) -> datetime:
        """The first instant of that day."""
        return datetime.combine(self.since, time.min, ZoneInfo(self.time_zone))

    def days_before(self, *columns: str) -> tuple[str, list[object]]:
        """SQL that says how many days before it each of these instants lies, and its values.

        0 or less is fresh; so is what has no date.
        """
        days = "coalesce(%s::date - ({} AT TIME ZONE %s)::date, 0)"
        values: list[object] = [self.since, self.time_zone]
        return ", ".join(days.format(column) for column in columns), values * len(columns)


CANDIDATES = (
    ("id", "int8"), ("number", "int4"), ("is_candidate", "bool"), ("ready", "bool"),
    ("bits", "int2"), ("width", "int4"), ("annual_value", "int8"), ("readiness", "int8"),
    ("readiness_ends", "int8"), ("value_days", "int4"), ("data_days", "int4"),
    ("rank", "int4"), ("place", "int2"), ("score", "int4"), ("impact", "int4"),
    ("feasibility", "int4"), ("unrated", "int2"), ("stale_inputs", "int2"),
)  # fmt: skip


def read_use_cases(portfolio_id: int, fresh: Fresh, use_case_id: int | None = None):
    """Every use case of the portfolio that is not stopped, or only one, in the order of ids.

    `annual_value` in millionths, ABSENT where unknown; `readiness` is low + 4 × likely + high and
    `readiness_ends` low + high in millionths, NOBODY where unknown; `value_days` and `data_days`
    say for how long each is past its days; the published columns in ten-thousandths, NOBODY for
    none.
    A stopped one that still holds a place is read too, so that it can be taken out.
    """
    only = "AND uc.id = %s" if use_case_id is not None else ""
    days, values = fresh.days_before("st.value_as_of", "st.data_as_of")
    rows = copy_out(
        f"""
        SELECT uc.id, uc.number::int4, uc.stage IN ('proposed', 'qualified'),
               least(st.outcome, st.data, st.review, st.economics) = 2,
               st.disqualified::int2,
               greatest(cardinality(uc.jobs), cardinality(uc.segments),
                        cardinality(uc.success_metrics)),
               coalesce((st.annual_net_value * 1000000)::int8, {ABSENT}),
               coalesce(((st.data_readiness_low + 4 * st.data_readiness_likely
                          + st.data_readiness_high) * 1000000)::int8, {NOBODY}),
               coalesce(((st.data_readiness_low + st.data_readiness_high) * 1000000)::int8,
                        {NOBODY}),
               {days},
               coalesce(st.rank, {NOBODY})::int4, coalesce(st.place, {NOBODY})::int2,
               coalesce((st.score * 10000)::int4, {NOBODY}),
               coalesce((st.impact * 10000)::int4, {NOBODY}),
               coalesce((st.feasibility * 10000)::int4, {NOBODY}), st.unrated::int2,
               st.stale_inputs::int2
        FROM portfolio_usecase uc JOIN portfolio_standing st ON st.use_case_id = uc.id
        WHERE uc.portfolio_id = %s {only} AND (uc.stage <> 'stopped' OR st.rank IS NOT NULL)
        """,
        [*values, portfolio_id] + ([] if use_case_id is None else [use_case_id]),
        CANDIDATES,
    )
    return rows[np.argsort(rows["id"])]


RATINGS = (("criterion", "int4"), ("use_case", "int8"), ("tenths", "int2"))


def read_ratings(criteria: Sequence[int], use_case_id: int | None = None):
    """Every rating of these criteria: what each adds to the sum, by criterion and use case."""
    only = "AND use_case_id = %s" if use_case_id is not None else ""
    return copy_out(
        f"""
        SELECT criterion_id::int4, use_case_id, tenths FROM assessments_rating
        WHERE criterion_id = ANY(%s) {only}
        """,
        [list(criteria)] if use_case_id is None else [list(criteria), use_case_id],
        RATINGS,
    )


# A rating as it counts: its ends in tenths, stretched around likely where its assessor's ranges are
# widened, and rounded outwards (`rules.calibration.widened_ends`).
LOW = (
    "(CASE WHEN w.factor IS NULL THEN r.low * 10"
    " ELSE greatest(0, floor((r.likely - w.factor * (r.likely - r.low)) * 10)) END)::int2"
)
HIGH = (
    "(CASE WHEN w.factor IS NULL THEN r.high * 10"
    " ELSE least(50, ceil((r.likely + w.factor * (r.high - r.likely)) * 10)) END)::int2"
)

WIDENED = (("criterion", "int4"), ("use_case", "int8"), ("tenths", "int2"))


def read_widened(portfolio_id: int, criteria: Sequence[int], use_case_id: int | None = None):
    """In the shape of `read_ratings`, what widening adds to each rating of who is widened here."""
    only = "AND r.use_case_id = %s" if use_case_id is not None else ""
    return copy_out(
        f"""
        SELECT r.criterion_id::int4, r.use_case_id,
               ({LOW} + {HIGH} - ((r.low + r.high) * 10)::int)::int2
        FROM assessments_widening w JOIN assessments_rating r ON r.assessor_id = w.person_id
        WHERE w.portfolio_id = %s AND r.criterion_id = ANY(%s) {only}
        """,
        [portfolio_id, list(criteria)] + ([] if use_case_id is None else [use_case_id]),
        WIDENED,
    )


AGED = (
    ("criterion", "int4"), ("use_case", "int8"), ("low", "int2"), ("high", "int2"),
    ("days", "int4"),
)  # fmt: skip


def read_aged(
    portfolio_id: int, criteria: Sequence[int], fresh: Fresh, use_case_id: int | None = None
):
    """The ratings that are past their days: ends in tenths as they count without their age, and
    for how many days."""
    only = "AND use_case_id = %s" if use_case_id is not None else ""
    days, values = fresh.days_before("rated_at")
    return copy_out(
        f"""
        SELECT criterion_id::int4, use_case_id, {LOW}, {HIGH}, {days}
        FROM assessments_rating r
        LEFT JOIN assessments_widening w ON w.person_id = r.assessor_id AND w.portfolio_id = %s
        WHERE criterion_id = ANY(%s) AND rated_at < %s {only}
        """,
        [*values, portfolio_id, list(criteria), fresh.begins]
        + ([] if use_case_id is None else [use_case_id]),
        AGED,
    )


PLACED = (
    ("id", "int8"), ("number", "int4"), ("place_in_order", "int4"), ("data", "int2"),
    ("open_tests", "int2"), ("annual_value", "int8"), ("low", "int8"), ("likely", "int8"),
    ("high", "int8"), ("value_days", "int4"), ("data_days", "int4"),
)  # fmt: skip


def read_ranked(portfolio_id: int, fresh: Fresh, most: int):
    """The first ranked candidates in their order, with what their derived criteria come from.

    `annual_value` and the data readiness as low, likely and high, in millionths, ABSENT where
    unknown; `value_days` and `data_days` say for how long each is past its days; `data` is the
    published answer, `open_tests` how many are unknown.
    """
    return _read_placed(f"place = {Place.RANKED.value}", portfolio_id, fresh, most)


def read_waiting(portfolio_id: int, fresh: Fresh, most: int):
    """In the same shape, those that are not ready only because tests are open, best score first."""
    no_test_says_no = " AND ".join(f"{test} <> {Answer.NO.value}" for test in TESTS)
    some_are_open = f"least({', '.join(TESTS)}) = {Answer.UNKNOWN.value}"
    waits = f"place = {Place.NOT_READY.value} AND impact IS NOT NULL"
    return _read_placed(
        f"{waits} AND {no_test_says_no} AND {some_are_open}", portfolio_id, fresh, most
    )


def read_some(portfolio_id: int, fresh: Fresh, use_case_ids: Sequence[int]):
    """In the same shape, those of these use cases that have a place."""
    keys = ", ".join(str(int(key)) for key in use_case_ids)
    return _read_placed(f"use_case_id IN ({keys})", portfolio_id, fresh, len(use_case_ids))


def _read_placed(which: str, portfolio_id: int, fresh: Fresh, most: int):
    amounts = (
        "annual_net_value",
        *(f"data_readiness_{part}" for part in ("low", "likely", "high")),
    )
    columns = ", ".join(f"coalesce(({name} * 1000000)::int8, {ABSENT})" for name in amounts)
    unknown = " + ".join(f"({test} = {Answer.UNKNOWN.value})::int" for test in TESTS)
    days, values = fresh.days_before("value_as_of", "data_as_of")
    rows = copy_out(
        f"""
        SELECT use_case_id, number::int4, rank::int4, data::int2, ({unknown})::int2, {columns},
               {days}
        FROM portfolio_standing WHERE portfolio_id = %s AND rank IS NOT NULL AND {which}
        ORDER BY rank LIMIT %s
        """,
        [*values, portfolio_id, most],
        PLACED,
    )
    return rows[np.argsort(rows["place_in_order"])]


OPINIONS = (
    ("criterion", "int4"), ("use_case", "int8"), ("low", "int2"), ("likely", "int2"),
    ("high", "int2"), ("days", "int4"), ("by", "int8"),
)  # fmt: skip


def read_opinions(
    portfolio_id: int, criteria: Sequence[int], use_cases: Sequence[int], fresh: Fresh
):
    """Every rating of these criteria and use cases, in tenths as they count without their age, in
    no order.

    `days` is for how many it is past its days; 0 or less while it is fresh.
    """
    days, values = fresh.days_before("rated_at")
    return copy_out(
        f"""
        SELECT criterion_id::int4, use_case_id, {LOW}, (likely * 10)::int2, {HIGH}, {days},
               assessor_id
        FROM assessments_rating r
        LEFT JOIN assessments_widening w ON w.person_id = r.assessor_id AND w.portfolio_id = %s
        WHERE criterion_id = ANY(%s) AND use_case_id = ANY(%s)
        """,
        [*values, portfolio_id, list(criteria), list(use_cases)],
        OPINIONS,
    )
