"""Tests, ratings, criteria, disqualifiers and the ranking, for machines."""

from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from assessments.actions import criteria, disqualifying, testing
from assessments.actions.rating import Judgement, mine_of, rate
from assessments.models import Criterion, Disqualifier, FourTests, Rating, Round, SealedRating
from assessments.origins.case import Case
from assessments.origins.flips import by_one_rating, is_beyond_one
from assessments.pages import Ages
from assessments.serializers.judging import (
    CriterionChangeSerializer,
    CriterionSerializer,
    DisqualifierEndSerializer,
    DisqualifierSerializer,
    JudgementSerializer,
    RankedSerializer,
    RatingSerializer,
    TestsChangeSerializer,
    TestsSerializer,
    tests_body,
)
from assessments.serializers.sealed import SealedSerializer
from portfolio import rights
from portfolio.doors.api import Door
from portfolio.doors.files import CONTENT_TYPES, ranking_file
from portfolio.doors.paging import KeyPagination
from portfolio.models import Portfolio, Standing, UseCase
from portfolio.origins import Asked
from portfolio.rights import Actor
from portfolio.rules.pipeline import Right
from portfolio.rules.table import COLUMNS, TableView, parameter_names, read_view


class PortfolioDoor(Door):
    """What lies under one portfolio."""

    @cached_property
    def portfolio(self) -> Portfolio:
        rows = Portfolio.objects.visible_to(self.request.actor).with_key(self.kwargs["key"].upper())
        return get_object_or_404(rows.with_ranking())


class UseCaseDoor(Door):
    """What lies under one use case, found by its reference."""

    @cached_property
    def use_case(self) -> UseCase:
        rows = UseCase.objects.visible_to(self.request.actor)
        return get_object_or_404(rows.with_reference(self.kwargs["reference"]))


# --- The ranking ------------------------------------------------------------------------------


UNKNOWN = {
    "type": "object",
    "description": "What could change the pick if it were known: a criterion, or the open tests.",
    "properties": {
        "use_case": {"type": "string"},
        "criterion": {"type": "string", "nullable": True},
        "chance": {"type": "string", "format": "decimal"},
        "gain": {"type": "string", "format": "decimal"},
    },
    "required": ["use_case", "criterion", "chance", "gain"],
}


# Which columns a page shows is nothing to a script: it gets all of them.
VIEW_PARAMETERS = parameter_names() - {"columns", "frozen"}


def asked_view(request) -> TableView:
    """The order and filters that the query asks for, or 400 in words."""
    pairs = [(name, value) for name, values in request.query_params.lists() for value in values]
    view = read_view(pairs)
    if view.objections:
        raise ValidationError({one.parameter: [one.words] for one in view.objections})
    return view


def view_parameters() -> list[dict]:
    """The parameters of a view, for the OpenAPI document."""
    told = {
        "q": "Words in title, reference or business unit.",
        "show": "One part of the order: ranked, not_ready or disqualified.",
        "sort": "Columns to sort by, `-` before a falling one: `-score,title`.",
        "empty": "Only rows that have nothing in this column.",
        "filled": "Only rows that have something in this column.",
    }
    for column in COLUMNS:
        if column.is_ranged:
            told[f"{column.name}_min"] = f"{column.heading}: from here on."
            told[f"{column.name}_max"] = f"{column.heading}: up to here."
        else:
            told[column.name] = f"{column.heading}; given several times: any of them."
    return [
        {"name": name, "in": "query", "required": False, "description": words,
         "schema": {"type": "string"}}
        for name, words in told.items()
    ]  # fmt: skip


class RankingPagination(KeyPagination):
    """A page of the ranking, which says how old it is and what could change the pick."""

    def paginate_queryset(self, queryset, request, view=None):
        self.portfolio, self.view = view.portfolio, view
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        response.data = {
            "stale": self.portfolio.is_ranking_stale,
            "certainty_stale": self.portfolio.is_certainty_stale,
            "computed_at": self.portfolio.ranking.computed_at,
            "unknowns": self.view.unknowns(),
            "flips": self.view.flips(),
            **response.data,
        }
        return response

    def get_paginated_response_schema(self, schema):
        page = super().get_paginated_response_schema(schema)
        page["properties"] = {
            "stale": {"type": "boolean"},
            "certainty_stale": {"type": "boolean"},
            "computed_at": {"type": "string", "format": "date-time", "nullable": True},
            "flips": FLIPS,
            "unknowns": {"type": "array", "items": UNKNOWN},
            **page["properties"],
        }
        page["required"] = [
            "stale", "certainty_stale", "computed_at", "flips", "unknowns", *page["required"],
        ]  # fmt: skip
        return page

    def get_schema_operation_parameters(self, view):
        return [*super().get_schema_operation_parameters(view), *view_parameters()]


POINT = {"type": "string"}
CHANGED = {"criterion": POINT, "now": POINT, "to": POINT}
OF_USE_CASE = {**CHANGED, "use_case": POINT}
WEIGHT_FLIP = {
    "type": "object",
    "nullable": True,
    "required": list(CHANGED),
    "properties": CHANGED,
}
RATING_FLIP = {
    "type": "object",
    "nullable": True,
    "description": "The smallest change of one rating of either of the two that does it alone, in"
    " any criterion: whose (null: the first one, of what nobody has rated), from what expected"
    " value to what. Null where there is none, and where what others said is not yours to see.",
    "required": [*OF_USE_CASE, "assessor"],
    "properties": {
        **OF_USE_CASE,
        "assessor": {"type": "string", "format": "email", "nullable": True},
    },
}
ALONE = {
    "type": "boolean",
    "nullable": True,
    "description": "Whether one rating alone can do it, 0 and 5 included; null where that is not"
    " yours to see.",
}
VALUE_FLIP = {
    "type": "object",
    "nullable": True,
    "description": "The change of the mean of a criterion's ratings.",
    "required": [*OF_USE_CASE, "alone", "rating"],
    "properties": {**OF_USE_CASE, "alone": ALONE, "rating": RATING_FLIP},
}
FLIPS = {
    "type": "object",
    "description": "The smallest change of one weight, and of what one criterion is worth in one"
    " of the first two, with which the second would lead; null where there is none, or while"
    " it is being computed.",
    "required": ["weight", "value"],
    "properties": {"weight": WEIGHT_FLIP, "value": VALUE_FLIP},
}


def told_flips(portfolio: Portfolio, actor: Actor, now: datetime) -> dict:
    """What would swap the first two, with a reference in the place of a key."""
    told = {} if portfolio.is_certainty_stale else portfolio.simulation.flips
    weight, value = told.get("weight"), told.get("value")
    found = {"weight": weight and _changed(weight), "value": None}
    if value is None:
        return found
    keys = {value["use_case"], (told.get("rating") or value)["use_case"]}
    cases = UseCase.objects.in_bulk(keys)
    case = Case(Asked(actor, cases[value["use_case"]], now))
    single = by_one_rating(case, told)
    alone = True if single else (False if is_beyond_one(case, told) else None)
    rating = single and {
        "criterion": single.slug,
        "use_case": cases[single.use_case_id].reference,
        "assessor": single.assessor.email if single.assessor else None,
        "now": str(single.now),
        "to": str(single.to),
    }
    found["value"] = {
        **_changed(value),
        "use_case": cases[value["use_case"]].reference,
        "alone": alone,
        "rating": rating,
    }
    return found


def _changed(flip: dict) -> dict:
    return {"criterion": flip["slug"], "now": flip["now"], "to": flip["to"]}


class RankingDoor(mixins.ListModelMixin, PortfolioDoor):
    """Every candidate in order: ranked, then not ready, then disqualified."""

    is_list = True
    order = ("order", "pk")
    parameters = VIEW_PARAMETERS
    pagination_class = RankingPagination
    serializer_class = RankedSerializer
    queryset = Standing.objects.none()
    buried = "use_case"

    def tombstones(self):
        return super().tombstones().in_portfolio(self.portfolio.pk)

    def get_queryset(self):
        rows = Standing.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        # A copy kept in step also learns which candidates went on or out.
        if "updated_since" in self.request.query_params:
            return rows.with_use_case()
        view = asked_view(self.request)
        rows = rows.of_candidates().seen_through(view, self.portfolio.time_zone)
        rows, self.order = rows.sorted_through(view)
        return rows

    def ticket(self):
        if "updated_since" in self.request.query_params:
            return None
        return self.portfolio.ranking.done

    def flips(self) -> dict:
        """What would swap the first two, as the actor may see it."""
        return told_flips(self.portfolio, self.request.actor, timezone.now())

    def unknowns(self) -> list[dict]:
        """What could change the pick if it were known, what gains most first."""
        told = self.portfolio.simulation.unknowns
        named = UseCase.objects.in_portfolio(self.portfolio.pk)
        references = named.references_of(one["use_case"] for one in told)
        return [{**one, "use_case": references[one["use_case"]]} for one in told]

    def get(self, request, key):
        return self.list(request)


class RankingFile(PortfolioDoor):
    """The ranking as a file: exactly the rows, columns and order of a view."""

    parameters = parameter_names()
    queryset = Standing.objects.none()

    @extend_schema(
        parameters=[
            *(
                OpenApiParameter(one["name"], str, description=one["description"])
                for one in view_parameters()
            ),
            OpenApiParameter("columns", str, description="Columns in order: `rank,title,score`."),
            OpenApiParameter("frozen", str, description="Nothing to a file; part of a view."),
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(CONTENT_TYPES)),
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, CONTENT_TYPES["xlsx"]): OpenApiTypes.BINARY,
            (200, "application/json"): {"type": "array", "items": {"type": "object"}},
        },
    )
    def get(self, request, key, kind):
        portfolio = self.portfolio
        if kind not in CONTENT_TYPES:
            raise Http404
        return ranking_file(request.actor, portfolio, kind, asked_view(request))


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
