"""Ranks a portfolio with other weights than the saved ones: reads only, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from assessments import standing
from assessments.models import Criterion, DataSource
from assessments.ranking import Sheet
from assessments.rules import four_tests, scoring, what_if
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.what_if import Order, Weights
from portfolio.models import Portfolio, Standing
from portfolio.rules.words import Answer


@dataclass(frozen=True, eq=False)
class Supposed:
    """One sheet, and the order that each of several sets of weights gives it."""

    read: Sheet
    orders: Sequence[Order]

    @classmethod
    def of(cls, portfolio_id: int, now: datetime, *several: Weights) -> Supposed:
        """The orders with these weights; an empty set stands for the saved ones."""
        read = Sheet.read(portfolio_id, now)
        return cls(
            read, [what_if.order_of(read.sheet, read.is_candidate, given) for given in several]
        )

    def ids(self, columns: Iterable[int]) -> list[int]:
        """The use cases of these columns."""
        return self.read.sheet.ids[list(columns)].tolist()


def score_if_yes(row: Standing, now: datetime) -> Decimal | None:
    """The candidate's score if its open tests came out yes: its data as ready as that would make
    them (domain section 4). What rests on no open test stays as it is held now.
    """
    if row.score is None or row.data != Answer.UNKNOWN:
        return row.score
    sources = DataSource.objects.of(row.pk).in_order()
    ready = four_tests.data_readiness_if_yes([standing.source_of(one) for one in sources])
    if ready is None:
        return row.score
    told = scoring.expected_value(ready.low, ready.likely, ready.high)
    rows = Criterion.objects.in_portfolio(row.portfolio_id).in_force()
    derived = {one.slug for one in rows if one.derived_from == Derivation.DATA_READINESS}
    parts = scoring.explain(Sheet.read(row.portfolio_id, now, row.pk).sheet, 0)
    score = Decimal(1)
    for axis in Axis:
        mine = [part for part in parts if part.axis is axis]
        total = sum(part.weight for part in mine)
        if not total:
            return row.score
        worth = sum(
            (told if part.slug in derived else part.expected) * part.weight for part in mine
        )
        score *= 2 * worth / total
    return round(score, 4)


def state_of(portfolio: Portfolio) -> str:
    """What the sheet depends on: it is the same as long as this is."""
    return f"{portfolio.revision}.{portfolio.ranking_wanted}"


def saved_weights(criteria: Iterable[Criterion]) -> dict[str, Decimal]:
    return {row.slug: row.weight for row in criteria}


def sheet_of(portfolio: Portfolio, now: datetime) -> dict[str, Any]:
    """All that a page needs to rank every candidate itself, exactly as the rule does.

    Seven queries, however many candidates there are. Values are fractions as text, each once.
    """
    read = Sheet.read(portfolio.pk, now)
    told = {row[0]: row for row in Standing.objects.in_portfolio(portfolio.pk).named()}
    ids = read.sheet.ids
    columns = np.array(
        [
            column
            for column in np.flatnonzero(read.is_candidate).tolist()
            if int(ids[column]) in told
        ],
        dtype=np.int64,
    )
    columns = columns[np.argsort(read.sheet.numbers[columns], kind="stable")]
    named = [told[key] for key in ids[columns].tolist()]
    return {
        "shortlist": portfolio.shortlist_size,
        **what_if.as_sent(read.sheet, columns),
        "reference": [row[1] for row in named],
        "title": [row[2] for row in named],
        "unit": [row[3] for row in named],
        "worth": [None if row[4] is None else float(row[4]) for row in named],
    }
