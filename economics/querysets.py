from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Prefetch

from economics.rules.inputs import NET_INPUTS
from portfolio.querysets.age import stale_by_candidate
from portfolio.querysets.people import VisibleQuerySet


class UnitEconomicsQuerySet(VisibleQuerySet):
    portfolio_field = "use_case__portfolio_id"

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(pk__in=list(ids))

    def in_portfolio(self, portfolio_id: int):
        return self.filter(use_case__portfolio_id=portfolio_id)

    def with_everything(self):
        """Each with its inputs and its route, and who gave them."""
        people = apps.get_model("portfolio", "User").objects.all()
        return self.select_related(
            "use_case__portfolio", "use_case__standing", "usd_rate_by", "confirmed_by"
        ).prefetch_related(Prefetch("assumptions__by", people), Prefetch("steps__by", people))

    def case_of(self, use_case):
        """The case of this use case with everything; an empty one where nobody said anything."""
        found = self.for_use_cases([use_case.pk]).with_everything().first()
        return found or self.model(use_case=use_case, currency=use_case.portfolio.currency)

    def with_standing(self):
        return self.select_related("use_case__portfolio", "use_case__standing")

    def ids(self) -> list[int]:
        return list(self.order_by("pk").values_list("pk", flat=True))


class AssumptionQuerySet(models.QuerySet):
    def of(self, economics_id: int):
        return self.filter(economics_id=economics_id)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(economics_id__in=list(ids))

    def stale_of(self, user_id: int | None, begins: dict[int, datetime]):
        """How many inputs of the net this person gave too long ago, by candidate.

        What somebody stood by since is fresh.
        """
        rows = self.filter(by_id=user_id, name__in=NET_INPUTS)
        ages = ("at", "economics__use_case__standing__value_as_of")
        return stale_by_candidate(rows, begins, *ages, use_case="economics__use_case")


class RouteStepQuerySet(AssumptionQuerySet):
    def in_order(self):
        return self.order_by("economics_id", "position")
