"""The ranking as it stands, and as it stood on an earlier day, for machines."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError

from assessments.api.ranking import RankingDoor, RankingPagination
from assessments.serializers.history import PastRankedSerializer
from assessments.serializers.ranking import RankedSerializer
from portfolio.models import PastPlace, Standing
from portfolio.rules import clock

AS_OF = OpenApiParameter(
    "as_of",
    OpenApiTypes.DATE,
    description="The ranking as it stood at the end of this day, counted in the portfolio's time "
    "zone; today's is the one that stands, told in full. Of an earlier day only the places are "
    "kept: `unknowns` is empty and `flips` has none. `computed_at` is null, since a day is kept "
    "with its last change, and not when it was looked at last.",
)
PAST = -1  # the ticket of no ranking: a cursor given for today is none of a day that is over


class DatedPagination(RankingPagination):
    """A page that says of which day it is, where one is asked for."""

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        if self.view.is_past:
            now = {"stale": False, "certainty_stale": False, "computed_at": None}
            nothing = {"unknowns": [], "flips": {"weight": None, "value": None}}
            response.data |= {**now, **nothing}
        if self.view.day is not None:
            response.data["as_of"] = self.view.day
        return response

    def get_paginated_response_schema(self, schema):
        page = super().get_paginated_response_schema(schema)
        words = "The day asked for; absent where none was."
        page["properties"]["as_of"] = {"type": "string", "format": "date", "description": words}
        return page


class Ranking(RankingDoor):
    """Every candidate in order: ranked, then not ready, then disqualified."""

    parameters = RankingDoor.parameters | {"as_of"}
    pagination_class = DatedPagination
    queryset = Standing.objects.none()

    @cached_property
    def today(self) -> date:
        return clock.today_in(self.portfolio.time_zone, timezone.now())

    @property
    def is_past(self) -> bool:
        return self.day is not None and self.day < self.today

    @cached_property
    def day(self) -> date | None:
        raw = self.request.query_params.get("as_of")
        if raw is None:
            return None
        try:
            day = date.fromisoformat(raw)
        except ValueError as fault:
            raise ValidationError({"as_of": ["Give a day such as 2026-10-31."]}) from fault
        other = set(self.request.query_params) - {"as_of", "cursor", "page_size"}
        if other:
            words = "A past day is told whole: leave this out, or `as_of`."
            raise ValidationError({name: [words] for name in sorted(other)})
        if day > self.today:
            raise ValidationError({"as_of": ["This day has not come yet."]})
        if day == self.today:
            return day
        first = PastPlace.objects.first_day(self.portfolio.pk)
        if first is None or day < first:
            words = f"The ranking's history begins on {first}." if first else "Nothing is ranked."
            raise ValidationError({"as_of": [words]})
        return day

    def get_serializer_class(self):
        is_asked = hasattr(self, "request") and self.request is not None
        return PastRankedSerializer if is_asked and self.is_past else RankedSerializer

    def get_queryset(self):
        if not self.is_past:
            return super().get_queryset()
        self.order = ("rank", "pk")
        rows = PastPlace.objects.visible_to(self.request.actor)
        ended = clock.midnight(self.portfolio.time_zone, self.day + timedelta(days=1))
        return rows.as_of(self.portfolio.pk, self.day).with_use_case().with_stage_then(ended)

    def ticket(self):
        return PAST if self.is_past else super().ticket()

    @extend_schema(parameters=[AS_OF], responses=RankedSerializer(many=True))
    def get(self, request, key):
        """The candidates in order; with `as_of`, as they stood on that day."""
        return self.list(request)
