"""Where numbers come from, for machines."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from portfolio import origins
from portfolio.api.pipeline import UseCaseDoor
from portfolio.models import UseCase
from portfolio.origins import Asked
from portfolio.serializers.origins import NumbersSerializer, OriginSerializer


class NumberDoor(UseCaseDoor):
    serializer_class = OriginSerializer

    def row_version(self):
        return None  # a number follows from more than its use case

    def asked(self) -> Asked:
        rows = UseCase.objects.visible_to(self.request.actor)
        rows = rows.with_standing().with_metric().with_lighthouse()
        use_case = rows.with_reference(self.kwargs["reference"]).first()
        if use_case is None:
            raise Http404
        return Asked(self.request.actor, use_case, timezone.now())


class Numbers(NumberDoor):
    """Every number that is known of a use case."""

    @extend_schema(operation_id="use_cases_numbers_all", responses=NumbersSerializer)
    def get(self, request, reference):
        """All of them, each with its formula and from what it comes."""
        return Response(NumbersSerializer({"numbers": origins.all_origins(self.asked())}).data)


class OneNumber(NumberDoor):
    """One number of a use case."""

    @extend_schema(operation_id="use_cases_number_retrieve", responses=OriginSerializer)
    def get(self, request, reference, number):
        """From whom, when, from what, how old, by which formula."""
        found = origins.origin_of(self.asked(), number)
        if found is None:
            raise Http404
        return Response(OriginSerializer(found).data)
