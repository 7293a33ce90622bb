"""Use cases and their way through the pipeline, for machines."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from portfolio import likening, rights
from portfolio.actions import candidates, pipeline
from portfolio.doors.api import Door
from portfolio.filters import ORDERINGS, UseCaseFilter
from portfolio.models import Portfolio, UseCase
from portfolio.rules.rights import Right
from portfolio.serializers.pipeline import (
    AlikeSerializer,
    MoveSerializer,
    ProposedSerializer,
    RetirementSerializer,
    SplitSerializer,
    UseCaseChangeSerializer,
    UseCaseDetailSerializer,
    UseCaseSerializer,
)


class UseCases(mixins.ListModelMixin, Door):
    """The use cases of one's portfolios."""

    is_list = True
    serializer_class = UseCaseSerializer
    filterset_class = UseCaseFilter
    queryset = UseCase.objects.none()
    buried = "use_case"
    revision_column = "changed_at"  # the newest of the row, its standing and its lighthouses

    @property
    def order(self):
        asked = self.request.query_params
        order = ORDERINGS.get(asked.get("ordering"), ORDERINGS["number"])
        # In one portfolio the number is unique by itself, and its index leads to any page.
        is_led = order[0].endswith("portfolio_id") and asked.get("portfolio")
        return order[1:] if is_led else order

    def get_queryset(self):
        return UseCase.objects.visible_to(self.request.actor).listed()

    def tombstones(self):
        key = self.request.query_params.get("portfolio")
        return super().tombstones().in_portfolio_keyed(key) if key else super().tombstones()

    def ticket(self):
        """Ranks belong to one portfolio, and to one ranking of it."""
        if self.request.query_params.get("ordering") != "rank":
            return None
        key = self.request.query_params.get("portfolio", "")
        rows = Portfolio.objects.visible_to(self.request.actor).with_key(key.upper())
        portfolio = rows.with_ranking().first()
        if portfolio is None:
            raise ValidationError({"portfolio": ["Ordering by rank needs one portfolio's key."]})
        return portfolio.ranking.done

    def get(self, request):
        return self.list(request)

    @extend_schema(request=UseCaseSerializer, responses={201: ProposedSerializer})
    def post(self, request):
        """Propose a use case; `possible_duplicates` are there already and look like it."""
        asked = UseCaseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        key = fields.pop("portfolio").upper()
        portfolio = Portfolio.objects.visible_to(request.actor).with_key(key).first()
        if portfolio is None:
            raise ValidationError({"portfolio": ["You are in no portfolio with this key."]})
        alike = likening.like(
            request.actor, portfolio.pk, fields["title"], fields.get("problem", "")
        )
        made = candidates.propose_use_case(request.actor, portfolio.pk, fields, now=timezone.now())
        address = reverse("api:use_case", args=[made.reference])
        return Response(
            {
                **in_full(UseCase.objects.visible_to(request.actor).filter(pk=made.pk)),
                "possible_duplicates": AlikeSerializer(alike, many=True).data,
            },
            status.HTTP_201_CREATED,
            headers={"Location": address},
        )


def in_full(rows) -> dict:
    """The one use case of these rows with everything that its own address shows."""
    return UseCaseDetailSerializer(get_object_or_404(rows.listed("extra"))).data


class UseCaseDoor(Door):
    """What lies under one use case, found by its reference."""

    serializer_class = UseCaseDetailSerializer
    queryset = UseCase.objects.none()

    def rows(self):
        return UseCase.objects.visible_to(self.request.actor)

    @cached_property
    def row(self) -> UseCase:
        return get_object_or_404(self.rows().with_reference(self.kwargs["reference"]))

    @cached_property
    def row_key(self) -> int:
        """The key of the row, for an action that reads the rest under its lock."""
        found = self.rows().key_of(self.kwargs["reference"])
        if found is None:
            raise Http404
        return found

    def row_version(self):
        return self.rows().revision_of(self.kwargs["reference"])

    def present(self, row) -> dict:
        return in_full(self.rows().filter(pk=row.pk))


class OneUseCase(UseCaseDoor):
    """One use case."""

    def get(self, request, reference):
        return Response(in_full(self.rows().with_reference(reference)))

    @extend_schema(request=UseCaseChangeSerializer, responses=UseCaseDetailSerializer)
    def patch(self, request, reference):
        """Edit it; exactly the fields named are written."""
        rights.require(request.actor, Right.EDIT, self.row)
        asked = UseCaseChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        edited = candidates.edit_use_case(
            request.actor, self.row.pk, asked.validated_data, seen_version=self.seen_version()
        )
        return Response(self.present(edited))


class Move(UseCaseDoor):
    """The move of a use case to another stage."""

    @extend_schema(request=MoveSerializer, responses=UseCaseDetailSerializer)
    def post(self, request, reference):
        """Move it; a gate that does not open refuses with 409 and its conditions."""
        pk = self.row_key
        asked = MoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        moved = pipeline.move(
            request.actor,
            pk,
            **asked.validated_data,
            seen_version=self.seen_version(),
            now=timezone.now(),
        )
        return Response(self.present(moved))


class Split(UseCaseDoor):
    """The split of a platform play."""

    @extend_schema(request=SplitSerializer, responses={201: UseCaseSerializer(many=True)})
    def post(self, request, reference):
        """Split it into several candidates; the first part is the original, narrowed."""
        rights.require(request.actor, Right.EDIT, self.row)
        asked = SplitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = candidates.split_use_case(
            request.actor,
            self.row.pk,
            [candidates.Part(**part) for part in asked.validated_data["parts"]],
            seen_version=self.seen_version(),
            now=timezone.now(),
        )
        rows = self.rows().keyed(row.pk for row in made).by_number().listed()
        return Response(UseCaseSerializer(rows, many=True).data, status.HTTP_201_CREATED)


class Retirement(UseCaseDoor):
    """The retirement of a decided use case."""

    @extend_schema(request=RetirementSerializer, responses=UseCaseDetailSerializer)
    def post(self, request, reference):
        """Record since when nobody uses it."""
        rights.require(request.actor, Right.RETIRE, self.row)
        asked = RetirementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        retired = pipeline.retire_use_case(
            request.actor,
            self.row.pk,
            **asked.validated_data,
            seen_version=self.seen_version(),
            now=timezone.now(),
        )
        return Response(self.present(retired))
