from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, models
from django.db.models import Count

from assessments.querysets.rows import OfUseCaseQuerySet
from portfolio.querysets.people import VisibleQuerySet
from portfolio.rules.clock import today_in

MAY_RATE = "member.role IN ('contributor', 'sponsor')"


class RoundQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def open(self):
        return self.filter(closed_at=None)

    def asking(self, user_id: int | None):
        """Those that ask this person to rate."""
        return self.filter(assessors=user_id)

    def newest_first(self):
        return self.order_by("-pk")

    def by_due(self):
        return self.order_by("due_on", "pk")

    def with_choices(self):
        """Each with its people, candidates, criteria and assessors, in three more queries."""
        user = self.model._meta.get_field("assessors").related_model
        case = self.model._meta.get_field("candidates").related_model
        criterion = self.model._meta.get_field("criteria").related_model
        return self.select_related("opened_by", "closed_by", "portfolio").prefetch_related(
            models.Prefetch("candidates", case.objects.order_by("number")),
            models.Prefetch("criteria", criterion.objects.in_order()),
            models.Prefetch("assessors", user.objects.order_by("name", "email")),
        )

    def overlapping(
        self, use_cases: Iterable[int], criteria: Iterable[int], assessors: Iterable[int]
    ):
        """Those in which one of these assessors rates one of these candidates on one of these."""
        return self.filter(
            candidates__in=list(use_cases), criteria__in=list(criteria),
            assessors__in=list(assessors),
        )  # fmt: skip

    def holding(self, use_cases: Iterable[int]):
        """Those that ask about one of these candidates."""
        return self.filter(candidates__in=list(use_cases)).distinct()

    def get_for_closing(self, pk: int):
        """The round, locked against every rating under way: these are in it, or come after it."""
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def claim(self, pk: int):
        """The open round, locked as for closing; none where it is closed or held by others."""
        rows = self.filter(pk=pk, closed_at=None).select_related("portfolio")
        return rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()

    def hold_cells(self, use_case_id: int, user_id: int) -> dict[int, int]:
        """What this person rates of this candidate in open rounds: {criterion: round}.

        The rounds cannot close until the transaction ends. One that is closing is waited for, and
        then it is open no more.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT chosen.criterion_id, round.id FROM assessments_round AS round"
                " JOIN assessments_round_candidates AS candidate ON candidate.round_id = round.id"
                " JOIN assessments_round_assessors AS assessor ON assessor.round_id = round.id"
                " JOIN assessments_round_criteria AS chosen ON chosen.round_id = round.id"
                " WHERE round.closed_at IS NULL"
                " AND candidate.usecase_id = %s AND assessor.user_id = %s"
                " ORDER BY round.id FOR SHARE OF round",
                [use_case_id, user_id],
            )
            return dict(cursor.fetchall())

    def rated_blind(self, use_case_id: int, user_id: int) -> set[int]:
        """The criteria that this person was asked to rate of it in rounds that have closed."""
        rows = self.filter(closed_at__isnull=False, candidates=use_case_id, assessors=user_id)
        return set(rows.values_list("criteria", flat=True))

    def open_to(self, use_case_id: int, user_id: int):
        """The open rounds in which this person rates this candidate, with their criteria."""
        rows = self.open().filter(candidates=use_case_id, assessors=user_id)
        return rows.select_related("portfolio").prefetch_related("criteria").order_by("pk")

    def cells_of(self, use_case_id: int, user_id: int) -> dict[int, int]:
        """The same as {criterion: round}."""
        rows = self.open().filter(candidates=use_case_id, assessors=user_id)
        return dict(rows.values_list("criteria", "pk"))

    def over_candidates(self, criterion_id: int, user_id: int) -> dict[int, int]:
        """What this person rates on one criterion in open rounds: {candidate: round}."""
        rows = self.open().filter(criteria=criterion_id, assessors=user_id)
        return dict(rows.values_list("candidates", "pk"))

    def about(self, criterion_id: int):
        return self.filter(criteria=criterion_id)

    def keyed(self, pk: int):
        return self.filter(pk=pk)

    def over(self, now: datetime) -> list[int]:
        """Open rounds whose day has ended where they are, or in which nothing is owed any more.

        Owed is what assessors who are still members and may rate have not said of criteria in
        force. One that somebody is working on now is left out.
        """
        able = (
            " JOIN portfolio_membership AS member ON member.user_id = {row}.{column}"
            f" AND member.portfolio_id = round.portfolio_id AND {MAY_RATE}"
        )
        in_force = (
            " JOIN assessments_criterion AS criterion ON criterion.id = {row}.criterion_id"
            " AND criterion.retired_at IS NULL"
        )
        zones = [*self.open().order_by().values_list("portfolio__time_zone", flat=True).distinct()]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT round.id FROM assessments_round AS round"
                " JOIN portfolio_portfolio AS portfolio ON portfolio.id = round.portfolio_id"
                " JOIN unnest(%s::text[], %s::date[]) AS day (zone, today)"
                "   ON day.zone = portfolio.time_zone"
                " WHERE round.closed_at IS NULL AND ("
                "  round.due_on < day.today OR"
                "  (SELECT count(*) FROM assessments_sealedrating AS said"
                + able.format(row="said", column="assessor_id")
                + in_force.format(row="said")
                + "  WHERE said.round_id = round.id) >="
                "  (SELECT count(*) FROM assessments_round_candidates AS candidate"
                "   WHERE candidate.round_id = round.id) *"
                "  (SELECT count(*) FROM assessments_round_criteria AS chosen"
                + in_force.format(row="chosen")
                + "  WHERE chosen.round_id = round.id) *"
                "  (SELECT count(*) FROM assessments_round_assessors AS assessor"
                + able.format(row="assessor", column="user_id")
                + "  WHERE assessor.round_id = round.id))"
                " ORDER BY round.id FOR NO KEY UPDATE OF round SKIP LOCKED",
                [zones, [today_in(zone, now) for zone in zones]],
            )
            return [key for (key,) in cursor.fetchall()]


class SealedRatingQuerySet(OfUseCaseQuerySet):
    def on(self, criterion_id: int):
        return self.filter(criterion_id=criterion_id).order_by("pk")

    def in_round(self, round_id: int):
        return self.filter(round_id=round_id)

    def in_rounds(self, ids: Iterable[int]):
        return self.filter(round_id__in=list(ids))

    def by_person(self, user_id: int):
        return self.filter(assessor_id=user_id)

    def still_sealed(self):
        """Those of rounds that are open."""
        return self.filter(round__closed_at=None)

    def newest_revision(self) -> int:
        return self.aggregate(newest=models.Max("revision"))["newest"] or 0

    def said_at(self, use_case_ids: Iterable[int]) -> dict[tuple[int, int, str, int], datetime]:
        """When each was said that a close has told of: by round, use case, criterion, assessor."""
        rows = self.for_use_cases(use_case_ids).filter(round__closed_at__isnull=False)
        names = ("round_id", "use_case_id", "criterion__slug", "assessor_id", "rated_at")
        return {tuple(key): at for *key, at in rows.values_list(*names)}

    def with_names(self):
        return self.select_related("criterion", "assessor", "round")

    def of_criteria_in_force(self):
        return self.filter(criterion__retired_at=None)

    def in_order(self):
        return self.order_by("use_case_id", "-criterion__axis", "criterion__position", "pk")

    def counted(self):
        """(round, use case, criterion, assessor) of each: who has said something of what."""
        return self.values_list("round_id", "use_case_id", "criterion_id", "assessor_id")

    def count_by_criterion(self):
        """(round, assessor, criterion, how many) of what was said."""
        rows = self.order_by().values_list("round_id", "assessor_id", "criterion_id")
        return rows.annotate(Count("pk"))
