from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from portfolio.querysets.people import VisibleQuerySet

if TYPE_CHECKING:
    from portfolio.rights import Actor


class LighthouseQuerySet(VisibleQuerySet):
    def visible_to(self, actor: Actor):
        """What the actor may see, with `actor_role` and whether they own it as `actor_owns`."""
        rows = super().visible_to(actor)
        if actor.is_system:
            return rows
        return rows.annotate(
            actor_owns=models.Case(
                models.When(owner_id=actor.user_id, acceptance="accepted", then=True),
                default=False,
                output_field=models.BooleanField(),
            )
        )

    def active(self):
        """Neither declared nor abandoned."""
        return self.filter(declared_at=None, abandoned_at=None)

    def not_abandoned(self):
        return self.filter(abandoned_at=None)

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(use_case_id__in=list(ids))

    def with_everything(self):
        """Each with use case, portfolio, owner, contract and standing, in one query."""
        return self.select_related(
            "use_case__standing", "use_case__success_metric", "portfolio", "owner", "contract",
            "standing", "declared_by",
        )  # fmt: skip

    def newest_first(self):
        return self.order_by("-pk")

    def in_delivery(self):
        """Active, on a use case that was selected and has not left the pipeline."""
        return self.active().filter(
            use_case__stage__in=["selected", "mobilising", "building", "live"]
        )

    def by_due(self):
        return self.order_by(F("verdict_due").asc(nulls_last=True), "pk")

    def owned_by(self, user_id: int):
        return self.filter(owner_id=user_id)

    def awaiting_answer(self):
        """Those whose named owner has not said yes or no."""
        return self.active().filter(acceptance="asked")

    def awaiting_settlement(self):
        """Those with something changed since they were last judged."""
        return self.filter(settle_wanted__gt=Coalesce(F("standing__settle_done"), -1))

    def due_by(self, today: date):
        """Active, and their last day is over on `today`; still without a published verdict."""
        return self.active().filter(
            Q(standing__verdict="pending") | Q(standing=None), verdict_due__lt=today
        )

    def awaiting_declaration(self):
        """Judged, and no sponsor has declared it."""
        return self.active().filter(standing__verdict__in=["victory", "failure"])

    def declared(self):
        return self.filter(declared_at__isnull=False)

    def want_settlement(self, pk: int, ticket: int) -> None:
        self.filter(pk=pk).update(settle_wanted=ticket)

    def claim(self, pk: int):
        """The lighthouse with what a verdict reads, locked; none while somebody else holds it."""
        return (
            self.filter(pk=pk)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("portfolio", "contract")
            .first()
        )


class LighthouseStandingQuerySet(models.QuerySet):
    def of(self, lighthouse_id: int):
        return self.filter(pk=lighthouse_id).first()


class ChildQuerySet(VisibleQuerySet):
    """Rows that hang on a lighthouse and are seen with it."""

    portfolio_field = "lighthouse__portfolio_id"

    def of(self, lighthouse_id: int):
        return self.filter(lighthouse_id=lighthouse_id)

    def for_lighthouses(self, ids: Iterable[int]):
        return self.filter(lighthouse_id__in=list(ids))


class MilestoneQuerySet(ChildQuerySet):
    def by_due(self):
        return self.order_by("due_on", "pk")

    def open(self):
        return self.filter(done_on=None)


class ForecastQuerySet(ChildQuerySet):
    def in_order(self):
        return self.order_by("made_on", "pk")

    def newest_first(self):
        return self.order_by("-made_on", "-pk")


class ReadingQuerySet(ChildQuerySet):
    def in_order(self):
        return self.select_related("guardrail").order_by("measured_on", "pk")

    def newest_first(self):
        return self.select_related("guardrail").order_by("-measured_on", "-pk")

    def with_history(self):
        """Each with whether a later one supersedes it, as `is_superseded`."""
        later = self.model.objects.filter(supersedes=models.OuterRef("pk"))
        return self.annotate(is_superseded=models.Exists(later))
