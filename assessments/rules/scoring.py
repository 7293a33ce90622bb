"""Judges which candidate comes first: impact × feasibility, by domain section 4.

Numbers are computed in floats and rounded half to even to four decimals; what lies so near to a
rounding boundary that a float could fall on the wrong side is computed again in whole numbers, so
that every published number is the exact one. Three readings of the domain:

- Impact and feasibility are rounded like the score, and ties compare the rounded feasibility: an
  order can be checked from the published numbers alone.
- An axis has something rated if a criterion with a weight above zero is rated.
- A ready candidate without a score stands among the not ready, where those without one come last.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from assessments.rules.ageing import Aged
from assessments.rules.arrays import Exacts, Flags, Floats, Integers
from assessments.rules.criteria import UNRATED, Axis, Criterion, Derived
from portfolio.rules.words import Place

UNIT = 10_000  # four decimals
NONE = -1  # where an axis has no value or a candidate no score
_DOUBT = 1e-9


@dataclass(frozen=True, eq=False)
class Sheet:
    """All that a ranking is computed from: a column for each candidate, a row for each criterion.

    `tenths` holds the sum over assessors of low + 4 × likely + high in tenths, `counts` how many
    assessors there are; `aged` names the stale ratings among them, which widen. Rows named in
    `derived` are taken from there instead.
    """

    criteria: tuple[Criterion, ...]
    ids: Integers
    numbers: Integers
    ready: Flags
    disqualified: Flags
    tenths: Integers
    counts: Integers
    derived: Mapping[str, Derived] = field(default_factory=dict)
    aged: Aged | None = None

    def __post_init__(self) -> None:
        size = len(self.ids)
        shape = (len(self.criteria), size)
        if self.tenths.shape != shape or self.counts.shape != shape:
            raise ValueError(
                f"Ratings are a {shape} table: a row a criterion, a column a candidate."
            )
        if any(len(column) != size for column in (self.numbers, self.ready, self.disqualified)):
            raise ValueError("Every candidate has a number and two flags.")
        if any(len(column.expected) != size for column in self.derived.values()):
            raise ValueError("A derived criterion has a value, or NaN, for every candidate.")
        if any(criterion.weight < 0 for criterion in self.criteria):
            raise ValueError("A weight is never below zero.")

    @cached_property
    def rated(self) -> Flags:
        """Which criterion of which candidate is rated or derived."""
        rated = self.counts > 0
        for row, criterion in enumerate(self.criteria):
            if criterion.slug in self.derived:
                rated[row] = ~np.isnan(self.derived[criterion.slug].expected)
        return rated

    @cached_property
    def widening(self) -> Floats:
        """What stale ratings add to `tenths` by now."""
        if self.aged is None:
            return np.zeros(self.tenths.shape)
        return self.aged.added(self.tenths.shape)

    def exact_value(self, row: int, column: int) -> Fraction:
        """What one criterion is worth in one candidate, 0 to 5: 2.5 where nothing is rated."""
        slug = self.criteria[row].slug
        if not self.rated[row][column]:
            return UNRATED
        if slug in self.derived:
            return self.derived[slug].exact(column)
        tenths = Fraction(int(self.tenths[row][column]))
        if self.aged is not None:
            tenths += self.aged.exact(row, column)
        return tenths / (60 * int(self.counts[row][column]))

    @cached_property
    def stale(self) -> Integers:
        """Of each candidate, how many criteria with a weight hold a value that is stale."""
        stale = np.zeros(len(self.ids), dtype=np.int64)
        for criterion in self.criteria:
            derived = self.derived.get(criterion.slug)
            if criterion.weight > 0 and derived is not None and derived.stale is not None:
                stale += derived.stale
        if self.aged is not None:
            cells = np.unique(np.stack([self.aged.row, self.aged.column]), axis=1)
            weighs = np.array([criterion.weight > 0 for criterion in self.criteria])
            np.add.at(stale, cells[1][weighs[cells[0]]], 1)
        return stale

    def rows(self, axis: Axis) -> list[int]:
        """The criteria that bear on an axis: those with a weight above zero."""
        return [
            row
            for row, criterion in enumerate(self.criteria)
            if criterion.axis is axis and criterion.weight > 0
        ]

    @cached_property
    def whole_weights(self) -> list[int]:
        """The weights, all multiplied by the same power of ten: whole, and in proportion."""
        exact = [Fraction(criterion.weight) for criterion in self.criteria]
        factor = math.lcm(*(weight.denominator for weight in exact)) if exact else 1
        return [int(weight * factor) for weight in exact]


@dataclass(frozen=True)
class Placing:
    """One candidate's place in the order, as it is published."""

    id: int
    number: int
    rank: int
    place: Place
    impact: Decimal | None
    feasibility: Decimal | None
    score: Decimal | None
    unrated: int
    stale: int


@dataclass(frozen=True, eq=False)
class Places:
    """The ranking, aligned with the sheet's columns; numbers in ten-thousandths, NONE for none."""

    ids: Integers
    numbers: Integers
    order: Integers  # columns of the sheet, first place first
    rank: Integers
    place: Integers  # values of `Place`
    impact: Integers
    feasibility: Integers
    score: Integers
    unrated: Integers  # how many criteria with a weight stand at 2.5
    stale: Integers  # and how many hold a stale value

    def placing(self, column: int) -> Placing:
        """The place of one column of the sheet."""
        return Placing(
            id=int(self.ids[column]),
            number=int(self.numbers[column]),
            rank=int(self.rank[column]),
            place=Place(int(self.place[column])),
            impact=four_decimals(int(self.impact[column])),
            feasibility=four_decimals(int(self.feasibility[column])),
            score=four_decimals(int(self.score[column])),
            unrated=int(self.unrated[column]),
            stale=int(self.stale[column]),
        )

    def in_order(self) -> list[Placing]:
        """Every candidate, first place first."""
        return [self.placing(int(column)) for column in self.order]


def four_decimals(units: int) -> Decimal | None:
    """A published number from its ten-thousandths."""
    return None if units == NONE else Decimal(units).scaleb(-4)


def rank(sheet: Sheet) -> Places:
    """The place of every candidate. Any order of the sheet's columns gives the same one."""
    impact, impact_doubt = _axis(sheet, Axis.IMPACT)
    feasibility, feasibility_doubt = _axis(sheet, Axis.FEASIBILITY)
    scores = impact * feasibility
    doubt = max(_DOUBT, 10 * (impact_doubt + feasibility_doubt))

    impact_units = _rounded(impact, doubt, lambda some: _exact_axis(sheet, Axis.IMPACT, some))
    feasibility_units = _rounded(
        feasibility, doubt, lambda some: _exact_axis(sheet, Axis.FEASIBILITY, some)
    )
    score_units = _rounded(scores, doubt, lambda some: _exact_score(sheet, some))

    has_score = score_units != NONE
    place = np.full(len(sheet.ids), Place.NOT_READY, dtype=np.int64)
    place[sheet.ready & has_score] = Place.RANKED
    place[sheet.disqualified] = Place.DISQUALIFIED

    # One number holds place, score and feasibility; a stable sort of what is in the order of its
    # numbers leaves the lower number first among equals.
    if np.all(sheet.numbers[1:] > sheet.numbers[:-1]):  # as queries give them
        by_number = np.arange(len(sheet.numbers))
    else:
        by_number = np.argsort(sheet.numbers, kind="stable")
    most = 100 * UNIT
    tie = np.where(has_score, 10 * UNIT - feasibility_units, 0)
    behind = np.where(has_score, most - score_units, most + 1)
    key = (place * (most + 2) + behind) * (10 * UNIT + 2) + tie
    order = by_number[np.argsort(key[by_number], kind="stable")]
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)

    weighted = [row for axis in Axis for row in sheet.rows(axis)]
    unrated = (~sheet.rated[weighted]).sum(axis=0, dtype=np.int64)
    return Places(
        ids=sheet.ids,
        numbers=sheet.numbers,
        order=order,
        rank=ranks,
        place=place,
        impact=impact_units,
        feasibility=feasibility_units,
        score=score_units,
        unrated=unrated,
        stale=sheet.stale,
    )


def _axis(sheet: Sheet, axis: Axis) -> tuple[Floats, float]:
    """An axis as floats, NaN where it has no value, and how far they may be off."""
    size = len(sheet.ids)
    rows = sheet.rows(axis)
    if not rows:
        return np.full(size, math.nan), 0.0
    weights = [sheet.whole_weights[row] for row in rows]
    total = sum(weights)
    summed = np.zeros(size)
    anything = np.zeros(size, dtype=np.bool_)
    doubt = 0.0
    for row, weight in zip(rows, weights, strict=True):
        criterion = sheet.criteria[row]
        rated = sheet.rated[row]
        share = weight / total
        if criterion.slug in sheet.derived:
            expected = np.where(rated, sheet.derived[criterion.slug].expected, float(UNRATED))
            doubt += 2 * share * sheet.derived[criterion.slug].doubt
        else:
            counts = np.maximum(sheet.counts[row], 1)
            tenths = sheet.tenths[row] + sheet.widening[row]
            expected = np.where(rated, tenths / (60.0 * counts), float(UNRATED))
        summed += share * expected
        anything |= rated
    summed *= 2
    summed[~anything] = math.nan
    return summed, doubt


def _rounded(
    values: Floats, doubt: float, exact: Callable[[Integers], tuple[Exacts, Exacts]]
) -> Integers:
    """Ten-thousandths, half to even, as exact arithmetic gives them; NONE for NaN."""
    scaled = np.nan_to_num(values, nan=0.0) * UNIT
    units = np.rint(scaled).astype(np.int64)
    near = np.abs(scaled - np.floor(scaled) - 0.5) < doubt * UNIT
    has_value = ~np.isnan(values)
    some = np.flatnonzero(near & has_value)
    if some.size:
        over, under = exact(some)
        units[some] = _half_even(over * UNIT, under)
    units[~has_value] = NONE
    return units


def _half_even(over: Exacts, under: Exacts) -> Integers:
    whole = over // under
    twice = 2 * (over - whole * under)
    up = (twice > under) | ((twice == under) & (whole % 2 == 1))
    return (whole + up.astype(np.int64)).astype(np.int64)


def _exact_axis(sheet: Sheet, axis: Axis, some: Integers) -> tuple[Exacts, Exacts]:
    """An axis of some candidates as numerators and denominators in whole numbers."""
    rows = sheet.rows(axis)
    counts = np.maximum(sheet.counts[rows][:, some], 1)
    common = math.lcm(*(int(count) for count in np.unique(counts)))
    over = np.zeros(len(some), dtype=object)
    under = np.full(len(some), 60 * common, dtype=object)
    for position, row in enumerate(rows):
        slug = sheet.criteria[row].slug
        weight = sheet.whole_weights[row]
        rated = sheet.rated[row][some]
        if slug in sheet.derived or np.any(sheet.widening[row][some]):
            exacts = [sheet.exact_value(row, int(column)) for column in some]
            part = np.array([exact.numerator for exact in exacts], dtype=object)
            parts = np.array([exact.denominator for exact in exacts], dtype=object)
            over = over * parts + weight * part * under
            under = under * parts
        else:
            shares = common // counts[position].astype(object)
            sums = sheet.tenths[row][some].astype(object) * shares
            unrated = int(60 * UNRATED) * common
            # Rows before this one may have widened the denominator.
            over = over + weight * np.where(rated, sums, unrated) * (under // (60 * common))
    total = sum(sheet.whole_weights[row] for row in rows)
    return 2 * over, under * total


def _exact_score(sheet: Sheet, some: Integers) -> tuple[Exacts, Exacts]:
    over, under = _exact_axis(sheet, Axis.IMPACT, some)
    over_too, under_too = _exact_axis(sheet, Axis.FEASIBILITY, some)
    return over * over_too, under * under_too


@dataclass(frozen=True)
class Contribution:
    """What one criterion brings to its axis, to four decimals."""

    slug: str
    axis: Axis
    weight: Decimal
    expected: Decimal  # 0 to 5
    points: Decimal  # of the axis's 0 to 10
    is_rated: bool
    is_derived: bool
    assessors: int


def explain(sheet: Sheet, column: int) -> list[Contribution]:
    """Where one candidate's score comes from, criterion by criterion, in the sheet's order.

    A criterion without a weight, or on an axis without one, contributes no points.
    """
    totals = {axis: sum(sheet.whole_weights[row] for row in sheet.rows(axis)) for axis in Axis}
    contributions = []
    for row, criterion in enumerate(sheet.criteria):
        is_derived = criterion.slug in sheet.derived
        is_rated = bool(sheet.rated[row][column])
        count = int(sheet.counts[row][column])
        expected = sheet.exact_value(row, column)
        total = totals[criterion.axis]
        points = 2 * sheet.whole_weights[row] * expected / total if total else Fraction(0)
        contributions.append(
            Contribution(
                slug=criterion.slug,
                axis=criterion.axis,
                weight=criterion.weight,
                expected=_to_decimal(expected),
                points=_to_decimal(points),
                is_rated=is_rated,
                is_derived=is_derived,
                assessors=0 if is_derived else count,
            )
        )
    return contributions


def _to_decimal(exact: Fraction) -> Decimal:
    return Decimal(round(exact * UNIT)).scaleb(-4)  # a Fraction rounds half to even


def expected_value(
    low: Decimal, likely: Decimal, high: Decimal, added: Fraction = Fraction(0)
) -> Decimal:
    """The expected value of one rating, to four decimals; `added` is what its age adds to it."""
    exact = (Fraction(low) + 4 * Fraction(likely) + Fraction(high)) / 6
    return _to_decimal(exact + added)


def rating_tenths(low: Decimal, likely: Decimal, high: Decimal) -> int:
    """What one rating adds to a sheet's `tenths`; ratings have one decimal."""
    tenths = (low + 4 * likely + high) * 10
    if tenths != int(tenths):
        raise ValueError("A rating has one decimal.")
    return int(tenths)
