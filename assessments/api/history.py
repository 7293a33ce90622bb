"""The ranking as it stands, and as it stood on an earlier day, for machines."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError

from assessments.api.judging import RankingDoor, RankingPagination
from assessments.serializers.history import PastRankedSerializer
from assessments.serializers.judging import RankedSerializer
from portfolio.models import PastPlace, Standing
from portfolio.rules import clock

AS_OF = OpenApiParameter(
    "as_of", OpenApiTypes.DATE, description="The ranking as it stood at the end of this day."
)


class DatedPagination(RankingPagination):
    """A page that says of which day it is, where it is not of now."""

    def paginate_queryset(self, queryset, request, view=None):
        self.day = view.day
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        if self.day is not None:
            now = {"stale": False, "certainty_stale": False, "computed_at": None}
            nothing = {"unknowns": [], "flips": {"weight": None, "value": None}}
            response.data |= {**now, **nothing, "as_of": self.day}
        return response


class Ranking(RankingDoor):
    """Every candidate in order: ranked, then not ready, then disqualified."""

    parameters = RankingDoor.parameters | {"as_of"}
    pagination_class = DatedPagination
    queryset = Standing.objects.none()

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
        if day > clock.today_in(self.portfolio.time_zone, timezone.now()):
            raise ValidationError({"as_of": ["This day has not come yet."]})
        first = PastPlace.objects.first_day(self.portfolio.pk)
        if first is None or day < first:
            words = f"The ranking's history begins on {first}." if first else "Nothing is ranked."
            raise ValidationError({"as_of": [words]})
        return day

    def get_serializer_class(self):
        is_past = hasattr(self, "request") and self.request is not None and self.day is not None
        return PastRankedSerializer if is_past else RankedSerializer

    def get_queryset(self):
        if self.day is None:
            return super().get_queryset()
        self.order = ("rank", "pk")
        rows = PastPlace.objects.seen_by(self.request.actor)
        ended = clock.midnight(self.portfolio.time_zone, self.day + timedelta(days=1))
        return rows.as_of(self.portfolio.pk, self.day).with_use_case().with_stage_then(ended)

    def ticket(self):
        return super().ticket() if self.day is None else None

    @extend_schema(parameters=[AS_OF], responses=RankedSerializer(many=True))
    def get(self, request, key):
        """The candidates in order; with `as_of`, as they stood on that day."""
        return self.list(request)
