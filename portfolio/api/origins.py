"""Where numbers come from, for machines."""

from datetime import date

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from portfolio import origins
from portfolio.api.pipeline import UseCaseDoor
from portfolio.models import UseCase
from portfolio.origins import Asked
from portfolio.rules import clock
from portfolio.serializers.origins import NumbersSerializer, OriginSerializer

AS_OF = OpenApiParameter(
    "as_of",
    OpenApiTypes.DATE,
    description="The numbers of the ranking as they were at the end of this day.",
)


class NumberDoor(UseCaseDoor):
    serializer_class = OriginSerializer
    parameters = frozenset({"as_of"})

    def row_version(self):
        return None  # a number follows from more than its use case

    def asked(self) -> Asked:
        rows = UseCase.objects.visible_to(self.request.actor)
        rows = rows.with_standing().with_metric().with_lighthouse()
        use_case = rows.with_reference(self.kwargs["reference"]).first()
        if use_case is None:
            raise Http404
        return Asked(self.request.actor, use_case, timezone.now(), as_of=self.day(use_case))

    def day(self, use_case: UseCase) -> date | None:
        """The earlier day that is asked for; none where it is now."""
        raw = self.request.query_params.get("as_of")
        if raw is None:
            return None
        try:
            day = date.fromisoformat(raw)
        except ValueError as fault:
            raise ValidationError({"as_of": ["Give a day such as 2026-10-31."]}) from fault
        if day > clock.today_in(use_case.portfolio.time_zone, timezone.now()):
            raise ValidationError({"as_of": ["This day has not come yet."]})
        return day


class Numbers(NumberDoor):
    """Every number that is known of a use case."""

    @extend_schema(
        operation_id="use_cases_numbers_all", parameters=[AS_OF], responses=NumbersSerializer
    )
    def get(self, request, reference):
        """All of them, each with its formula and from what it comes."""
        return Response(NumbersSerializer({"numbers": origins.all_origins(self.asked())}).data)


class OneNumber(NumberDoor):
    """One number of a use case."""

    @extend_schema(
        operation_id="use_cases_number_retrieve", parameters=[AS_OF], responses=OriginSerializer
    )
    def get(self, request, reference, number):
        """From whom, when, from what, how old, by which formula."""
        found = origins.origin_of(self.asked(), number)
        if found is None:
            raise Http404
        return Response(OriginSerializer(found).data)
