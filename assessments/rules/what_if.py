"""Says how a ranking would stand with other weights, and what differs between two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from assessments.rules import scoring
from assessments.rules.arrays import Flags, Integers
from assessments.rules.scoring import NONE, Places, Sheet
from portfolio.rules.words import Place

Weights = Mapping[str, Decimal]


@dataclass(frozen=True, eq=False)
class Order:
    """The candidates of a sheet in order under one set of weights.

    `columns` are the sheet's, first place first; `ranks` are aligned with the sheet and 0 where a
    column is no candidate.
    """

    places: Places
    columns: Integers
    ranks: Integers

    @property
    def ranked(self) -> int:
        """How many of them are ranked: these come first."""
        return int((self.places.place[self.columns] == Place.RANKED).sum())

    @property
    def pick(self) -> int | None:
        """The column that leads; none where nothing is ranked."""
        return int(self.columns[0]) if self.ranked else None


def reweighed(sheet: Sheet, weights: Weights) -> Sheet:
    """The same sheet with these weights; a criterion that is not named keeps its own."""
    criteria = (replace(one, weight=weights.get(one.slug, one.weight)) for one in sheet.criteria)
    return replace(sheet, criteria=tuple(criteria))


def order_of(sheet: Sheet, is_candidate: Flags, weights: Weights) -> Order:
    """The order of the candidates with these weights."""
    places = scoring.rank(reweighed(sheet, weights))
    columns = places.order[is_candidate[places.order]]
    ranks = np.zeros(len(places.ids), dtype=np.int64)
    ranks[columns] = np.arange(1, len(columns) + 1)
    return Order(places, columns, ranks)


@dataclass(frozen=True)
class Difference:
    """What one order has that another has not; candidates are columns of their sheet."""

    pick: int | None
    pick_before: int | None
    moved: int  # of the candidates ranked in either, how many stand at another place
    ranked: int
    joins: Sequence[int]  # onto the shortlist
    leaves: Sequence[int]


def difference(now: Order, before: Order, shortlist: int) -> Difference:
    """What changes where `now` takes the place of `before`."""
    short, short_before = _shortlist(now, shortlist), _shortlist(before, shortlist)
    ranked = (now.places.place == Place.RANKED) | (before.places.place == Place.RANKED)
    ranked &= now.ranks > 0
    return Difference(
        pick=now.pick,
        pick_before=before.pick,
        moved=int((now.ranks != before.ranks)[ranked].sum()),
        ranked=int(ranked.sum()),
        joins=[column for column in short if column not in short_before],
        leaves=[column for column in short_before if column not in short],
    )


def _shortlist(order: Order, size: int) -> list[int]:
    return order.columns[: min(size, order.ranked)].tolist()


@dataclass(frozen=True, eq=False)
class Exact:
    """What each criterion is worth in each candidate, exactly.

    `values` holds every value once; `at` says for each criterion (row) and column which it is,
    NONE where nothing is rated.
    """

    values: Sequence[Fraction]
    at: Integers


def exact_values(sheet: Sheet, columns: Integers) -> Exact:
    """The expected values behind a ranking of these columns, in fractions."""
    values: dict[Fraction, int] = {}
    at = np.full((len(sheet.criteria), len(columns)), NONE, dtype=np.int64)
    for row, criterion in enumerate(sheet.criteria):
        some = np.flatnonzero(sheet.rated[row][columns])
        if criterion.slug in sheet.derived or np.any(sheet.widening[row]):
            found = [sheet.exact_value(row, column) for column in columns[some].tolist()]
        else:
            sums, counts = sheet.tenths[row][columns[some]], sheet.counts[row][columns[some]]
            found = _means(sums.tolist(), counts.tolist())
        at[row, some] = [values.setdefault(value, len(values)) for value in found]
    return Exact(list(values), at)


def as_sent(sheet: Sheet, columns: Integers) -> dict[str, Any]:
    """What `static/js/what-if.js` ranks these columns from, in the order of their numbers.

    Every value is a fraction as text, once: a script that adds floats asks it where they are
    too close to a half.
    """
    exact = exact_values(sheet, columns)
    return {
        "values": [str(value) for value in exact.values],
        "criteria": [
            {"slug": one.slug, "axis": one.axis.value, "weight": str(one.weight), "at": at}
            for one, at in zip(sheet.criteria, exact.at.tolist(), strict=True)
        ],
        "ready": sheet.ready[columns].astype(int).tolist(),
        "disqualified": sheet.disqualified[columns].astype(int).tolist(),
    }


def _means(sums: Sequence[int], counts: Sequence[int]) -> list[Fraction]:
    """Each mean of the assessors as a fraction; a pair that comes again is not reduced again."""
    known: dict[tuple[int, int], Fraction] = {}
    pairs = list(zip(sums, counts, strict=True))
    for pair in pairs:
        if pair not in known:
            known[pair] = Fraction(pair[0], 60 * pair[1])
    return [known[pair] for pair in pairs]
