"""Criteria, tests, ratings and disqualifiers, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from assessments.actions import criteria, disqualifying, testing
from assessments.actions.rating import Judgement, mine_of, rate
from assessments.api.doors import PortfolioDoor, UseCaseDoor
from assessments.models import Criterion, Disqualifier, FourTests, Rating, Round, SealedRating
from assessments.pages.rating import Ages
from assessments.serializers.judging import (
    CriterionChangeSerializer,
    CriterionSerializer,
    DisqualifierEndSerializer,
    DisqualifierSerializer,
    JudgementSerializer,
    RatingSerializer,
    TestsChangeSerializer,
    TestsSerializer,
    tests_body,
)
from assessments.serializers.sealed import SealedSerializer
from portfolio import rights
from portfolio.doors.paging import KeyPagination
from portfolio.rules.rights import Right

# --- Criteria ---------------------------------------------------------------------------------


class Criteria(mixins.ListModelMixin, PortfolioDoor):
    """What candidates are rated on."""

    is_list = True
    order = ("position", "pk")
    serializer_class = CriterionSerializer
    queryset = Criterion.objects.none()

    def get_queryset(self):
        rows = Criterion.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        # A copy kept in step also learns which were retired.
        return rows if "updated_since" in self.request.query_params else rows.in_force()

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=CriterionSerializer, responses={201: CriterionSerializer})
    def post(self, request, key):
        """Add a criterion; every candidate stands at 2.5 on it until somebody rates it."""
        rights.require(request.actor, Right.MANAGE_CRITERIA, self.portfolio)
        asked = CriterionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = criteria.add_criterion(request.actor, self.portfolio.pk, **asked.validated_data)
        address = reverse("api:criterion", args=[self.portfolio.key, row.slug])
        return Response(
            CriterionSerializer(row).data, status.HTTP_201_CREATED, headers={"Location": address}
        )


class OneCriterion(PortfolioDoor):
    """One criterion."""

    serializer_class = CriterionSerializer
    queryset = Criterion.objects.none()

    @cached_property
    def row(self) -> Criterion:
        rows = Criterion.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_slug(self.kwargs["slug"]))

    def row_version(self):
        return self.row.revision

    def get(self, request, key, slug):
        return Response(self.present(self.row))

    @extend_schema(request=CriterionChangeSerializer, responses=CriterionSerializer)
    def patch(self, request, key, slug):
        """Edit it; exactly the fields named are written."""
        pk = self.row.pk
        rights.require(request.actor, Right.MANAGE_CRITERIA, self.portfolio)
        asked = CriterionChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        row = criteria.edit_criterion(
            request.actor, pk, asked.validated_data, seen_version=self.seen_version()
        )
        return Response(self.present(row))

    @extend_schema(responses={204: None})
    def delete(self, request, key, slug):
        """Retire it: it no longer counts, and its ratings stay."""
        criteria.retire_criterion(
            request.actor, self.row.pk, now=timezone.now(), seen_version=self.seen_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


# --- The four tests ---------------------------------------------------------------------------


class Tests(UseCaseDoor):
    """The four tests of one use case."""

    __test__ = False
    serializer_class = TestsSerializer
    queryset = FourTests.objects.none()

    def row_version(self):
        return FourTests.objects.revision_of(self.use_case.pk)

    def present(self, row) -> dict:
        return tests_body(self.use_case)

    def get(self, request, reference):
        return Response(tests_body(self.use_case))

    @extend_schema(request=TestsChangeSerializer, responses=TestsSerializer)
    def patch(self, request, reference):
        """Answer any subset; exactly the fields named are written."""
        rights.require(request.actor, Right.ANSWER_TESTS, self.use_case)
        asked = TestsChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        testing.answer_tests(
            request.actor,
            self.use_case.pk,
            asked.validated_data,
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response(tests_body(self.use_case))


# --- Ratings ----------------------------------------------------------------------------------


class RatingsPagination(KeyPagination):
    """A page of ratings, and beside it one's own that are sealed in open blind rounds."""

    def paginate_queryset(self, queryset, request, view=None):
        self.view = view
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        response.data["sealed"] = self.view.sealed()
        return response

    def get_paginated_response_schema(self, schema):
        page = super().get_paginated_response_schema(schema)
        one = {"$ref": "#/components/schemas/Sealed"}
        page["properties"]["sealed"] = {"type": "array", "items": one}
        page["required"] = [*page["required"], "sealed"]
        return page


class Ratings(mixins.ListModelMixin, UseCaseDoor):
    """Everybody's ratings of one use case; a PUT writes one's own.

    What one rates in an open blind round is sealed: it is listed under `sealed`, for its author
    alone, and becomes a rating when the round closes.
    """

    is_list = True
    pagination_class = RatingsPagination
    serializer_class = RatingSerializer
    queryset = Rating.objects.none()

    def get_queryset(self):
        rows = Rating.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return rows.of_criteria_in_force().with_names()

    def row_version(self):
        """The version of one's own ratings: others' never stand in the way of an edit."""
        rounds = Round.objects.cells_of(self.use_case.pk, self.request.user.pk)
        mine = mine_of(self.use_case.pk, self.request.user.pk, rounds)
        return max((row.revision for row in mine.values()), default=0)

    def mine(self):
        return Rating.objects.of(self.use_case.pk).by_person(self.request.user.pk)

    def sealed(self) -> list:
        """One's own ratings in open rounds."""
        rows = SealedRating.objects.of(self.use_case.pk).by_person(self.request.user.pk)
        return SealedSerializer(rows.still_sealed().with_names().in_order(), many=True).data

    def get_serializer_context(self):
        ages = Ages.here(self.use_case.portfolio, timezone.now())
        return {**super().get_serializer_context(), "ages": ages}

    def present(self, row) -> dict:
        rows = self.mine().with_names().in_order()
        return {"results": self.get_serializer(rows, many=True).data, "sealed": self.sealed()}

    def get(self, request, reference):
        return self.list(request)

    @extend_schema(request=JudgementSerializer(many=True), responses=RatingSerializer(many=True))
    def put(self, request, reference):
        """Rate the criteria named; one's other ratings stay as they are."""
        rights.require(request.actor, Right.RATE, self.use_case)
        asked = JudgementSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        rate(
            request.actor,
            self.use_case.pk,
            [Judgement(**given) for given in asked.validated_data],
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response({"next": None, "previous": None, **self.present(None)})


# --- Disqualifiers ----------------------------------------------------------------------------


class Disqualifiers(mixins.ListModelMixin, UseCaseDoor):
    """What speaks against a use case, open or not."""

    is_list = True
    serializer_class = DisqualifierSerializer
    queryset = Disqualifier.objects.none()

    def get_queryset(self):
        rows = Disqualifier.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return rows.with_people()

    def get(self, request, reference):
        return self.list(request)

    @extend_schema(request=DisqualifierSerializer, responses={201: DisqualifierSerializer})
    def post(self, request, reference):
        """Raise one; the use case is out of the ranking until it is resolved or overruled."""
        rights.require(request.actor, Right.RAISE_DISQUALIFIER, self.use_case)
        asked = DisqualifierSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = disqualifying.raise_disqualifier(
            request.actor, self.use_case.pk, **asked.validated_data, now=timezone.now()
        )
        address = reverse("api:disqualifier", args=[self.use_case.reference, row.pk])
        return Response(
            DisqualifierSerializer(row).data,
            status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class OneDisqualifier(UseCaseDoor):
    """One disqualifier."""

    serializer_class = DisqualifierSerializer
    queryset = Disqualifier.objects.none()

    @cached_property
    def row(self) -> Disqualifier:
        rows = Disqualifier.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return get_object_or_404(rows.with_people(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, reference, pk):
        return Response(self.present(self.row))

    @extend_schema(request=DisqualifierEndSerializer, responses=DisqualifierSerializer)
    def patch(self, request, reference, pk):
        """Resolve it, or overrule it as a sponsor, in writing."""
        key = self.row.pk
        rights.require(request.actor, Right.RESOLVE_DISQUALIFIER, self.use_case)
        asked = DisqualifierEndSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        ends = {"now": timezone.now(), "seen_version": self.seen_version()}
        if "resolution" in given:
            row = disqualifying.resolve_disqualifier(
                request.actor, key, given["resolution"], **ends
            )
        else:
            row = disqualifying.overrule_disqualifier(
                request.actor, key, given["overruled_reason"], **ends
            )
        return Response(self.present(row))
