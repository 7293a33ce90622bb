from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Q

from assessments.rules.four_tests import Test
from portfolio.querysets.age import stale_by_candidate
from portfolio.querysets.people import VisibleQuerySet
from portfolio.rules.words import Answer


class CriterionQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def in_force(self):
        """Not retired, in the order in which people read them."""
        return self.filter(retired_at=None).in_order()

    def by_hand(self):
        """Those that people rate."""
        return self.filter(derived_from="")

    def retired(self):
        return self.filter(retired_at__isnull=False).in_order()

    def in_order(self):
        return self.order_by("-axis", "position", "pk")  # impact, then feasibility

    def with_slug(self, slug: str):
        return self.filter(slug=slug)

    def with_slugs(self, slugs: Iterable[str]):
        return self.filter(slug__in=list(slugs))

    def lock_all(self, portfolio_id: int):
        """Every criterion of a portfolio, locked in order: weights are changed together."""
        rows = self.in_portfolio(portfolio_id).order_by("pk")
        return list(rows.select_for_update(of=("self",), no_key=True))

    def last_position(self, portfolio_id: int) -> int:
        found = self.in_portfolio(portfolio_id).aggregate(last=models.Max("position"))
        return found["last"] or 0


class OfUseCaseQuerySet(VisibleQuerySet):
    """Rows that hang on a use case and are seen with it."""

    portfolio_field = "use_case__portfolio_id"

    def of(self, use_case_id: int):
        return self.filter(use_case_id=use_case_id)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(use_case_id__in=list(ids))


class FourTestsQuerySet(OfUseCaseQuerySet):
    def with_people(self):
        return self.select_related("data_confirmed_by")

    def revision_of(self, use_case_id: int) -> int:
        """The version of the answers; 0 while nobody has given any."""
        return self.of(use_case_id).values_list("revision", flat=True).first() or 0


class DataSourceQuerySet(OfUseCaseQuerySet):
    def with_people(self):
        return self.select_related("answered_by")

    def stale_of(self, user_id: int | None, begins: dict[int, datetime]):
        """How many required sources this person answered for too long ago, by candidate.

        What somebody confirmed since is fresh.
        """
        rows = self.filter(answered_by_id=user_id, required=True)
        return stale_by_candidate(rows, begins, "answered_at", "use_case__standing__data_as_of")

    def in_order(self):
        return self.order_by("position", "pk")


class PersonsNoQuerySet(OfUseCaseQuerySet):
    def standing(self):
        """Said and not withdrawn."""
        return self.filter(withdrawn_at=None)

    def with_people(self):
        return self.select_related("by")


class RatingQuerySet(OfUseCaseQuerySet):
    def on(self, criterion_id: int):
        return self.filter(criterion_id=criterion_id).order_by("pk")

    def by_person(self, user_id: int):
        return self.filter(assessor_id=user_id)

    def of_slug(self, slug: str):
        return self.filter(criterion__slug=slug).order_by("pk")

    def assessors(self) -> set[int]:
        """Who gave these."""
        return set(self.values_list("assessor_id", flat=True))

    def stale_of(self, user_id: int | None, begins: dict[int, datetime]):
        """How many of this person's ratings of candidates are stale, by candidate."""
        rows = self.filter(assessor_id=user_id, criterion__retired_at=None)
        return stale_by_candidate(rows, begins, "rated_at")

    def changed_after_seeing(self):
        """Those revised after a blind round had shown what all others said."""
        return self.filter(after_seeing=True)

    def newest_revision(self) -> int:
        return self.aggregate(newest=models.Max("revision"))["newest"] or 0

    def of_criteria_in_force(self):
        return self.filter(criterion__retired_at=None)

    def with_names(self):
        """With criterion and assessor, and by what factor the assessor's ranges are widened."""
        widenings = apps.get_model("assessments", "Widening").objects.filter(
            person=models.OuterRef("assessor"), portfolio=models.OuterRef("use_case__portfolio")
        )
        rows = self.select_related("criterion", "assessor")
        return rows.annotate(widened_by=models.Subquery(widenings.values("factor")[:1]))

    def in_order(self):
        return self.order_by("-criterion__axis", "criterion__position", "criterion_id", "pk")


class DisqualifierQuerySet(OfUseCaseQuerySet):
    def open(self):
        """Neither resolved nor overruled."""
        return self.filter(resolved_at=None, overruled_at=None)

    def of_kind(self, kind: str):
        return self.filter(kind=kind)

    def with_people(self):
        return self.select_related("raised_by", "resolved_by", "overruled_by")

    def oldest_first(self):
        return self.order_by("pk")


class RequestQuerySet(OfUseCaseQuerySet):
    def open(self):
        """Not at its end. The economics answer theirs from another room, so that is looked up."""
        answered = Q(test=Test.ECONOMICS) & ~Q(use_case__standing__economics=Answer.UNKNOWN)
        return self.not_ended().exclude(answered)

    def not_ended(self):
        return self.filter(ended_at=None)

    def ended(self):
        return self.exclude(pk__in=self.model._default_manager.open())

    def to_person(self, user_id: int | None):
        return self.filter(asked_id=user_id)

    def with_keys(self, keys: Iterable[int]):
        return self.filter(pk__in=list(keys))

    def about_tests(self, tests: Iterable[str]):
        return self.filter(test__in=list(tests))

    def about_criteria(self, criteria: Iterable[int]):
        return self.filter(criterion_id__in=list(criteria))

    def of_candidates_in_work(self):
        """Whose use case is still on its way."""
        return self.exclude(use_case__stage__in=["parked", "stopped", "decided"])

    def with_names(self):
        return self.select_related("use_case__portfolio", "criterion", "asked", "by")

    def most_urgent_first(self):
        return self.order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def newest_first(self):
        return self.order_by("-pk")

    def lock_in_order(self):
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def unreminded(self, latest):
        """Open, due up to that day, and who was asked is still a member and not reminded yet."""
        members = apps.get_model("portfolio", "Membership").objects.filter(
            portfolio=models.OuterRef("use_case__portfolio"), user=models.OuterRef("asked")
        )
        rows = self.open().of_candidates_in_work().filter(models.Exists(members))
        return rows.filter(reminded_at=None, due_on__lte=latest).with_names()

    def claim_unreminded(self, pk: int, latest):
        """One of these, locked; none where it has ended or somebody else holds it."""
        rows = self.unreminded(latest).filter(pk=pk)
        return rows.select_for_update(of=("self",), skip_locked=True, no_key=True).first()

    def claim_unreminded_of(self, user_id: int, latest):
        """All of these that are this person's and that nobody else holds, locked."""
        rows = self.unreminded(latest).filter(asked_id=user_id).most_urgent_first()
        return rows.select_for_update(of=("self",), skip_locked=True, no_key=True)


class AnswerDraftQuerySet(models.QuerySet):
    def mine(self, user_id: int, use_case_id: int):
        return self.filter(user_id=user_id, use_case_id=use_case_id)

    def of_parts(self, parts: Iterable[str]):
        return self.filter(part__in=list(parts))

    def keep(self, user_id: int, use_case_id: int, part: str, typed, now) -> None:
        self.update_or_create(
            user_id=user_id, use_case_id=use_case_id, part=part,
            defaults={"typed": typed, "at": now},
        )  # fmt: skip
