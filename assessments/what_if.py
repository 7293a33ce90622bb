"""Ranks a portfolio with other weights than the saved ones: reads only, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np

from assessments.models import Criterion
from assessments.ranking import Sheet
from assessments.rules import what_if
from assessments.rules.what_if import Order, Weights
from portfolio.models import Portfolio, Standing


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
