from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection, models
from django.db.models import OuterRef, Subquery

from portfolio.querysets.people import VisibleQuerySet

if TYPE_CHECKING:
    from portfolio.models import MeasuredAssumption

KEPT = (
    "rank", "place", "score", "impact", "feasibility", "unrated", "stale_inputs",
    "p_first", "p_top3", "rank_low", "rank_high", "annual_net_value",
    "outcome", "data", "review", "economics", "disqualified",
)  # fmt: skip


class PastPlaceQuerySet(VisibleQuerySet):
    def keep_staged(self, day: date) -> None:
        """What is published now of the rows staged in `news`, as the last word of that day."""
        columns = ", ".join(KEPT)
        published = ", ".join(f"old.{name}" for name in KEPT)
        sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in KEPT)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.model._meta.db_table} (use_case_id, portfolio_id, day,"
                f" {columns}) SELECT old.use_case_id, old.portfolio_id, %s, {published}"
                " FROM portfolio_standing AS old JOIN news USING (use_case_id)"
                f" ON CONFLICT (use_case_id, day) DO UPDATE SET {sets}",
                [day],
            )

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def as_of(self, portfolio_id: int, day: date):
        """The candidates of that day as the ranking last put them: one look for each use case."""
        last = self.model.objects.filter(use_case=OuterRef("pk"), day__lte=day).order_by("-day")
        cases = apps.get_model("portfolio", "UseCase").objects.filter(portfolio_id=portfolio_id)
        keys = cases.annotate(last=Subquery(last.values("pk")[:1])).values("last")
        return self.filter(pk__in=keys, rank__isnull=False)

    def with_stage_then(self, ended: datetime):
        """Each with `stage_then`: where the first move after that moment came from; none where it
        was not moved since."""
        moves = apps.get_model("portfolio", "Event").objects.moves_after(ended)
        first = moves.filter(use_case=OuterRef("use_case")).values("what__from")[:1]
        return self.annotate(stage_then=Subquery(first))

    def last_of(self, use_case_id: int, day: date):
        """What the ranking last said of this use case up to that day; None before its first."""
        return self.filter(use_case_id=use_case_id, day__lte=day).order_by("-day").first()

    def with_use_case(self):
        return self.select_related("use_case")

    def in_rank_order(self):
        return self.order_by("rank", "pk")

    def first_day(self, portfolio_id: int) -> date | None:
        found = self.in_portfolio(portfolio_id).aggregate(first=models.Min("day"))
        return found["first"]

    def of_use_cases(self, ids: Iterable[int]):
        return self.filter(use_case_id__in=list(ids))

    def until(self, day: date):
        """Up to this day, in the order of days."""
        return self.filter(day__lte=day).order_by("use_case_id", "day")

    def shortlisted_between(self, portfolio_id: int, first: date, last: date, size: int):
        """The keys of those that came onto the shortlist in these days."""
        rows = self.in_portfolio(portfolio_id).filter(day__range=(first, last))
        rows = rows.filter(place=1, rank__lte=size)
        return set(rows.values_list("use_case_id", flat=True))


class MeasuredAssumptionQuerySet(VisibleQuerySet):
    portfolio_field = "use_case__portfolio_id"

    def in_portfolio(self, portfolio_id: int):
        return self.filter(use_case__portfolio_id=portfolio_id)

    def newest(self):
        """What holds now of each input: its last measurement."""
        return self.order_by("use_case_id", "name", "-pk").distinct("use_case_id", "name")

    def newest_of(self, use_case_id: int) -> dict[str, MeasuredAssumption]:
        """The same for one use case, by the name of the input."""
        return {row.name: row for row in self.filter(use_case_id=use_case_id).newest()}

    def with_use_case(self):
        return self.select_related("use_case")
