from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce, Greatest

from portfolio.querysets.people import VisibleQuerySet

ON_A_CARD = (
    "use_case", "portfolio_id", "owner__name", "owner__email", "acceptance", "start_date",
    "planned_weeks", "shipped_on", "declared_verdict", "declared_at", "abandoned_at",
    "standing__verdict",
)  # fmt: skip
ASKED_FOR_PRODUCTION = (
    "use_case", "production_environment", "shipped_on", "reading_plan", "review_working_on",
)  # fmt: skip


class LighthouseQuerySet(VisibleQuerySet):
    def active(self):
        """Neither declared nor abandoned."""
        return self.filter(declared_at=None, abandoned_at=None)

    def not_abandoned(self):
        return self.filter(abandoned_at=None)

    def of_this_attempt(self):
        """Neither abandoned nor left behind by a retry: what its use case stands on now."""
        return self.not_abandoned().filter(left_behind_at=None)

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def in_portfolios(self, ids: Iterable[int]):
        return self.filter(portfolio_id__in=list(ids))

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(use_case_id__in=list(ids))

    def with_ties(self):
        """Each with no more than who is to own it, and whether they accepted."""
        return self.only("owner_id", "acceptance")

    def newest_for_cards(self, use_case_ids: Iterable[int]):
        """The one that each use case stands on now, with what a card shows of it."""
        return self.newest_of(use_case_ids, "owner", "standing").only(*ON_A_CARD)

    def newest_for_production(self, use_case_ids: Iterable[int]):
        """The one that each use case stands on now, with what is asked on the way to production."""
        return self.newest_of(use_case_ids).only(*ASKED_FOR_PRODUCTION)

    def newest_of(self, use_case_ids: Iterable[int], *related: str):
        """The one that each use case stands on now, each with these `related` rows."""
        rows = self.of_this_attempt().for_use_cases(use_case_ids)
        if related:
            rows = rows.select_related(*related)
        return rows.order_by("use_case_id", "-pk").distinct("use_case_id")

    def with_everything(self):
        """Each with use case, portfolio, owner, contract and standing, in one query."""
        return self.select_related(
            "use_case__standing", "use_case__success_metric", "portfolio", "owner", "contract",
            "standing", "declared_by",
        )  # fmt: skip

    def with_guardrails(self):
        """Each with its use case's guardrails in force as `use_case.guardrails_in_force`."""
        in_force = apps.get_model("portfolio", "Guardrail").objects.in_force()
        return self.prefetch_related(
            Prefetch("use_case__guardrails", in_force, to_attr="guardrails_in_force")
        )

    def newest_first(self):
        return self.order_by("-pk")

    def of_use_case(self, use_case_id: int):
        return self.filter(use_case_id=use_case_id)

    def of_reference(self, reference: str):
        """Those of the use case of this reference, or of what it was merged into."""
        known = apps.get_model("portfolio", "UseCase").objects.keys_known_as(reference)
        return self.filter(use_case__in=known)

    def of_portfolio_key(self, key: str):
        return self.filter(portfolio__key=key.upper())

    def owned_by_address(self, email: str):
        return self.filter(owner__email=email.strip().lower())

    def closed(self):
        """Declared or abandoned."""
        return self.exclude(declared_at=None, abandoned_at=None)

    def with_verdict(self, verdict: str):
        return self.filter(standing__verdict=verdict)

    def changed_since(self, revision: int, horizon: int):
        """Rows of which anything changed after `revision`, as `changed_at`: their own part, the
        contract or what it would be, or the verdict."""
        guardrails = apps.get_model("portfolio", "Guardrail").objects.filter(
            use_case=OuterRef("use_case")
        )
        promised = Subquery(guardrails.order_by("-revision").values("revision")[:1])
        return (
            self.annotate(
                changed_at=Greatest(
                    "revision",
                    "contract__revision",
                    "standing__revision",
                    "use_case__success_metric__revision",
                    promised,
                )
            )
            .filter(changed_at__gt=revision, changed_at__lte=horizon)
            .order_by("changed_at", "pk")
        )

    def in_delivery(self):
        """Active, on a use case that was selected and has not left the pipeline."""
        return self.active().filter(
            use_case__stage__in=["selected", "mobilising", "building", "live"]
        )

    def in_the_open(self):
        """In delivery, or declared while the use case still stands there: nearest verdict first."""
        rows = self.of_this_attempt().filter(
            use_case__stage__in=["selected", "mobilising", "building", "live"]
        )
        undecided = Q(declared_at=None) | Q(use_case__stage__in=["building", "live"])
        return rows.filter(undecided).by_due()

    def count_by_end(self) -> dict[str, int]:
        """How many came to which end: declared, computed only, pending, abandoned."""
        end = models.Case(
            models.When(abandoned_at__isnull=False, then=models.Value("abandoned")),
            models.When(declared_at__isnull=False, then=F("declared_verdict")),
            models.When(
                standing__verdict__in=["victory", "failure"], then=models.Value("undeclared")
            ),
            default=models.Value("pending"),
        )
        counted = self.order_by().values(end=end).annotate(rows=models.Count("pk"))
        found = {row["end"]: row["rows"] for row in counted}
        ends = ("victory", "failure", "undeclared", "pending", "abandoned")
        return {name: found.get(name, 0) for name in ends}

    def by_due(self):
        return self.order_by(F("verdict_due").asc(nulls_last=True), "pk")

    def owned_by(self, user_id: int):
        return self.filter(owner_id=user_id)

    def awaiting_settlement(self):
        """Those with something changed since they were last judged."""
        return self.filter(settle_wanted__gt=Coalesce(F("standing__settle_done"), -1))

    def left_unsettled(self):
        """Awaiting settlement, and nobody is judging them now."""
        return self.awaiting_settlement().select_for_update(
            of=("self",), skip_locked=True, no_key=True
        )

    def lock_in_order(self):
        """These rows, locked in the order of their keys."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))

    def in_time_zone(self, time_zone: str):
        return self.filter(portfolio__time_zone=time_zone)

    def time_zones(self) -> list[str]:
        zones = self.order_by().values_list("portfolio__time_zone", flat=True)
        return sorted(set(zones))

    def due_by(self, today: date):
        """Active, and on `today` published otherwise than their last day says.

        Their last day is over and no verdict is out; or, after the portfolio moved to another time
        zone, one is out although the day goes on.
        """
        unjudged = Q(standing__verdict="pending") | Q(standing=None)
        return self.active().filter(
            Q(unjudged, verdict_due__lt=today) | Q(~unjudged, verdict_due__gte=today)
        )

    def started(self):
        """Those with a start date, with use case, contract and verdict."""
        rows = self.filter(start_date__isnull=False)
        return rows.select_related("use_case", "contract", "standing")

    def awaiting_declaration(self):
        """Judged, and no sponsor has declared it."""
        return self.active().filter(standing__verdict__in=["victory", "failure"])

    def declared(self):
        return self.filter(declared_at__isnull=False)

    def want_settlement(self, pk: int, ticket: int) -> None:
        self.filter(pk=pk).update(settle_wanted=ticket)

    def claim(self, pk: int):
        """The lighthouse alone, locked; waits for whoever holds it.

        Read what hangs on it afterwards: a row that was joined here would be as old as the wait.
        """
        return self.filter(pk=pk).select_for_update(no_key=True).first()


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


class AmendmentQuerySet(ChildQuerySet):
    def with_people(self):
        return self.select_related("by")

    def in_order(self):
        return self.select_related("by").order_by("pk")

    def of_start(self):
        """Those that moved the start date."""
        return self.filter(changes__has_key="start_date")


class MilestoneQuerySet(ChildQuerySet):
    def with_people(self):
        return self.select_related("done_by")

    def by_due(self):
        return self.order_by("due_on", "pk")

    def open(self):
        return self.filter(done_on=None)

    def late_by_lighthouse(self, ids: Iterable[int], before: date) -> dict[int, str]:
        """The title of the longest overdue milestone of each, due before this day."""
        rows = self.open().for_lighthouses(ids).filter(due_on__lt=before).order_by("-due_on", "-pk")
        return {row.lighthouse_id: row.title for row in rows}


class ForecastQuerySet(ChildQuerySet):
    def with_people(self):
        return self.select_related("made_by")

    def in_order(self):
        return self.order_by("made_on", "pk")

    def newest_first(self):
        return self.order_by("-made_on", "-pk")

    def come_true(self, portfolio_id: int):
        """Those made by a person before the day on which their lighthouse shipped, in order."""
        rows = self.filter(
            lighthouse__portfolio_id=portfolio_id,
            lighthouse__shipped_on__isnull=False,
            made_on__lt=F("lighthouse__shipped_on"),
            made_by__isnull=False,
        )
        return rows.select_related("lighthouse__use_case").in_order()

    def latest_of(self, ids: Iterable[int]) -> dict[int, date]:
        """What each lighthouse's last forecast promises."""
        rows = self.for_lighthouses(ids).in_order().values_list("lighthouse_id", "ships_on")
        return dict(rows)


class ReadingQuerySet(ChildQuerySet):
    def of_use_case(self, use_case_id: int):
        """Those of all its lighthouses."""
        return self.filter(lighthouse__use_case_id=use_case_id)

    def with_everything(self):
        """Each with who entered it, what it measures and what it corrects."""
        return self.select_related(
            "entered_by", "supersedes", "lighthouse__contract", "lighthouse__use_case"
        )

    def last_days(self, ids: Iterable[int]) -> dict[int, date]:
        """The day of the last reading of each lighthouse's success metric."""
        rows = self.for_lighthouses(ids).filter(guardrail=None)
        return dict(rows.values_list("lighthouse_id").annotate(models.Max("measured_on")))

    def in_order(self):
        return self.order_by("measured_on", "pk")

    def newest_first(self):
        return self.order_by("-measured_on", "-pk")

    def with_people(self):
        return self.select_related("entered_by", "supersedes")

    def with_history(self):
        """Each with whether a later one supersedes it, as `is_superseded`."""
        later = self.model.objects.filter(supersedes=models.OuterRef("pk"))
        return self.annotate(is_superseded=models.Exists(later))
