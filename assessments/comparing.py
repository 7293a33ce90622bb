"""Reads two or three candidates side by side: what each criterion is worth in them, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from assessments.held import Held
from assessments.models import Criterion, Rating
from assessments.ranking import Sheet
from assessments.rules import comparing, scoring, simulation
from assessments.rules.comparing import Gap
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.scoring import Contribution
from portfolio.models import Portfolio, Standing
from portfolio.rights import Actor

FEWEST, MOST = 2, 3


@dataclass(frozen=True)
class Worth:
    """What one criterion is worth in one candidate, and from whom."""

    part: Contribution
    low: Decimal | None
    high: Decimal | None
    ratings: Sequence[Rating]

    @property
    def names(self) -> list[str]:
        return [
            f"{row.assessor} (widened ×{row.widened_by})" if row.widened_by else str(row.assessor)
            for row in self.ratings
        ]


@dataclass(frozen=True)
class Across:
    """One criterion across the candidates."""

    criterion: Criterion
    worths: Sequence[Worth]

    @property
    def spread(self) -> Decimal:
        values = [one.part.expected for one in self.worths]
        return max(values) - min(values)


@dataclass(frozen=True)
class Against:
    """Where the first of the candidates and another differ, the widest gap first."""

    one: Standing
    other: Standing
    gaps: Sequence[tuple[Criterion, Gap]]


@dataclass(frozen=True)
class Compared:
    """Two or three candidates, the one with the highest score first among the differences."""

    rows: Sequence[Standing]
    axes: Sequence[tuple[str, Sequence[Across]]]
    differences: Sequence[Against]
    shares: dict[int, float]  # by use case: how often it is the best of those with a score


def compare(
    actor: Actor, portfolio: Portfolio, rows: Sequence[Standing], now: datetime
) -> Compared:
    """Everything that is known of these candidates, in queries that only their number adds to."""
    criteria = list(Criterion.objects.in_portfolio(portfolio.pk).in_force())
    explained = {row.pk: _explained(portfolio.pk, row.pk, now) for row in rows}
    ratings = _ratings(actor, [row.pk for row in rows])
    axes = []
    for axis in Axis:
        of_axis = [
            Across(one, [_worth(one, row, explained[row.pk], ratings) for row in rows])
            for one in criteria
            if one.axis == axis and all(one.slug in explained[row.pk] for row in rows)
        ]
        axes.append((axis.value, of_axis))
    scored = sorted(
        (row for row in rows if row.score is not None), key=lambda row: -(row.score or 0)
    )
    by_slug = {one.slug: one for one in criteria}
    return Compared(
        rows=rows,
        axes=axes,
        differences=[
            Against(scored[0], other, _gaps(explained[scored[0].pk], explained[other.pk], by_slug))
            for other in scored[1:]
        ],
        shares=shares_of(portfolio.pk, [row.pk for row in scored], now),
    )


def _explained(portfolio_id: int, use_case_id: int, now: datetime) -> dict[str, Contribution]:
    read = Sheet.read(portfolio_id, now, use_case_id)
    if not len(read.sheet.ids):
        return {}
    return {part.slug: part for part in scoring.explain(read.sheet, 0)}


def _ratings(actor: Actor, ids: Iterable[int]) -> dict[tuple[int, int], list[Rating]]:
    found: dict[tuple[int, int], list[Rating]] = defaultdict(list)
    rows = Rating.objects.visible_to(actor).for_use_cases(ids).of_criteria_in_force()
    for row in rows.with_names().in_order():
        found[row.use_case_id, row.criterion_id].append(row)
    return found


def _worth(criterion: Criterion, row: Standing, explained, ratings) -> Worth:
    part = explained[criterion.slug]
    if criterion.is_derived:
        low = high = part.expected if part.is_rated else None
        if criterion.derived_from == Derivation.DATA_READINESS:
            low, high = row.data_readiness_low, row.data_readiness_high
        return Worth(part, low, high, [])
    given = ratings.get((row.pk, criterion.pk), [])
    if not given:
        return Worth(part, None, None, [])
    return Worth(part, min(one.low for one in given), max(one.high for one in given), given)


def _gaps(mine, theirs, by_slug) -> list[tuple[Criterion, Gap]]:
    shared = [slug for slug in mine if slug in theirs and slug in by_slug]
    found = comparing.gaps([mine[slug] for slug in shared], [theirs[slug] for slug in shared])
    return [(by_slug[gap.slug], gap) for gap in found]


def shares_of(portfolio_id: int, ids: list[int], now: datetime) -> dict[int, float]:
    """How often each of these scored candidates is the best of them; none for fewer than two."""
    if len(ids) < FEWEST:
        return {}
    held = Held.of(portfolio_id, ids, now)
    scores = simulation.draw_scores(held.opinions)
    return dict(zip(held.use_case_ids, comparing.split(scores), strict=True))
