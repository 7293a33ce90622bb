from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from portfolio.querysets.people import VisibleQuerySet


class UnitEconomicsQuerySet(VisibleQuerySet):
    portfolio_field = "use_case__portfolio_id"

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(pk__in=list(ids))

    def in_portfolio(self, portfolio_id: int):
        return self.filter(use_case__portfolio_id=portfolio_id)

    def with_portfolio(self):
        return self.select_related("use_case__portfolio", "usd_rate_by")

    def with_standing(self):
        return self.select_related("use_case__portfolio", "use_case__standing")

    def ids(self) -> list[int]:
        return list(self.order_by("pk").values_list("pk", flat=True))


class OfEconomicsQuerySet(models.QuerySet):
    def of(self, economics_id: int):
        return self.filter(economics_id=economics_id)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(economics_id__in=list(ids))

    def with_people(self):
        return self.select_related("by")


class AssumptionQuerySet(OfEconomicsQuerySet):
    def named(self, names: Iterable[str]):
        return self.filter(name__in=list(names))


class RouteStepQuerySet(OfEconomicsQuerySet):
    def in_order(self):
        return self.order_by("economics_id", "position")
