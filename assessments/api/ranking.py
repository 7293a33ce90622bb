"""The ranking, in order or as a file, for machines."""

from datetime import datetime

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.exceptions import ValidationError

from assessments.api.doors import PortfolioDoor
from assessments.origins.case import Case
from assessments.origins.flips import by_one_rating, is_beyond_one
from assessments.serializers.ranking import RankedSerializer
from portfolio.doors.files import CONTENT_TYPES, ranking_file
from portfolio.doors.paging import KeyPagination
from portfolio.models import Portfolio, Standing, UseCase
from portfolio.origins import Asked
from portfolio.rights import Actor
from portfolio.rules.table import COLUMNS, TableView, parameter_names, read_view

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
