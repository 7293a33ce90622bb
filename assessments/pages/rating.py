"""What the page of the ratings shows: both axes, one's own rating and the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from assessments.models import Criterion, Rating, Round, SealedRating
from assessments.rules.ageing import Age, age_of
from assessments.rules.criteria import Axis
from assessments.rules.scoring import Contribution
from portfolio.models import Portfolio
from portfolio.rules import clock
from portfolio.rules.age import is_stale


@dataclass(frozen=True)
class Ages:
    """Tells how old ratings are today, where their portfolio is."""

    today: date
    zone: ZoneInfo
    fresh_days: int

    @classmethod
    def here(cls, portfolio: Portfolio, now: datetime) -> Ages:
        zone = portfolio.time_zone
        return cls(clock.today_in(zone, now), ZoneInfo(zone), portfolio.fresh_days)

    def is_past(self, as_of: datetime | None) -> bool:
        """Whether what is as old as that instant is stale; nothing is where there is none."""
        if as_of is None:
            return False
        return is_stale(as_of.astimezone(self.zone).date(), self.today, self.fresh_days)

    def of(self, row: Rating | SealedRating) -> Age:
        """The age, with the ends between which it counts: first widened, then aged."""
        given_on = row.rated_at.astimezone(self.zone).date()
        low, high = row.low, row.high
        if isinstance(row, Rating):
            low, high = row.counts_low, row.counts_high
        return age_of(given_on, self.today, self.fresh_days, low, high)


@dataclass(frozen=True)
class Opinion:
    """One assessor's rating, and how old it is."""

    rating: Rating
    age: Age


@dataclass(frozen=True)
class CriterionRow:
    """One criterion of one candidate: what it brings, one's own rating, and the others'."""

    criterion: Criterion
    part: Contribution | None
    bar: int  # the expected value, 0 to 100
    fields: Mapping | None
    mine: Rating | SealedRating | None
    age: Age | None  # of one's own rating
    others: Sequence[Opinion]
    hidden: int  # others' ratings that are shown once one's own is saved
    round: Round | None = None  # the open blind round in which one rates it
    before: Rating | None = None  # one's own from before that round
    widened: Rating | None = None  # one's own, where a sponsor has one's ranges widened


@dataclass(frozen=True)
class AxisRows:
    name: str
    rows: Sequence[CriterionRow]
    total: Decimal | None


def axes(
    criteria, explained, everyone, mine, rounds, form, may_rate, user_id, ages
) -> list[AxisRows]:
    """Both axes with their criteria, in the order in which people read them."""
    shown = []
    for axis in Axis:
        rows = []
        for criterion in criteria:
            if criterion.axis != axis:
                continue
            fields = form.of(criterion.slug) if form and not criterion.is_derived else None
            part = explained.get(criterion.slug)
            rows.append(
                row_of(criterion, part, everyone, mine, rounds, fields, may_rate, user_id, ages)
            )
        parts = [row.part for row in rows]
        rated = any(part and part.is_rated and part.weight for part in parts)
        total = sum((part.points for part in parts if part), Decimal(0)) if rated else None
        shown.append(AxisRows(axis.value, rows, total))
    return shown


def row_of(
    criterion, part, everyone, mine, rounds, fields, may_rate, user_id, ages: Ages
) -> CriterionRow:
    """One row. `rounds` are the open blind rounds by criterion in which the reader rates: there
    others' earlier ratings are not shown, nor what follows from them."""
    own = mine.get(criterion.pk)
    ratings = everyone.get(criterion.pk, [])
    others = [row for row in ratings if row.assessor_id != user_id]
    blind = rounds.get(criterion.pk)
    may_see = blind is None and (own is not None or not may_rate)
    own_counted = next((row for row in ratings if row.assessor_id == user_id), None)
    return CriterionRow(
        criterion=criterion,
        part=part,
        bar=int(part.expected * 20) if part else 0,
        fields=fields,
        mine=own,
        age=ages.of(own) if isinstance(own, Rating) else None,
        others=[Opinion(row, ages.of(row)) for row in others] if may_see else [],
        hidden=0 if may_see else len(others),
        round=blind,
        before=own_counted if blind else None,
        widened=own_counted if own_counted and own_counted.widened_by and not blind else None,
    )
