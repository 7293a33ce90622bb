"""The unit economics of a use case for machines."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from economics.actions import confirm_economics, set_economics
from economics.models import UnitEconomics
from economics.serializers import EconomicsChangeSerializer, EconomicsSerializer
from portfolio import rights
from portfolio.doors.api import Door
from portfolio.models import UseCase
from portfolio.rules.rights import Right


class EconomicsDoor(Door):
    serializer_class = EconomicsSerializer
    queryset = UnitEconomics.objects.none()

    @cached_property
    def use_case(self) -> UseCase:
        rows = UseCase.objects.visible_to(self.request.actor).with_standing()
        return get_object_or_404(rows.with_reference(self.kwargs["reference"]))

    @cached_property
    def row(self) -> UnitEconomics:
        return UnitEconomics.objects.case_of(self.use_case)

    def row_version(self):
        return self.row.revision


class OneUseCaseEconomics(EconomicsDoor):
    """What an interaction costs and returns, in the likely case."""

    def get(self, request, reference):
        """The inputs and what follows from them; what nobody gave is null."""
        return Response(self.present(self.row))

    @extend_schema(request=EconomicsChangeSerializer, responses=EconomicsSerializer)
    def put(self, request, reference):
        """The whole of it: what is left out is taken away. Each input a number or a range."""
        rights.require(request.actor, Right.ANSWER_TESTS, self.use_case)
        asked = EconomicsChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        set_economics(
            request.actor,
            self.use_case.pk,
            asked.judgement(),
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response(self.present(UnitEconomics.objects.case_of(self.use_case)))


class Confirmation(EconomicsDoor):
    """Standing by the numbers as they are."""

    @extend_schema(request=None, responses=EconomicsSerializer)
    def post(self, request, reference):
        """They still hold: what follows from them is as old as this from now on."""
        rights.require(request.actor, Right.ANSWER_TESTS, self.use_case)
        confirm_economics(
            request.actor, self.use_case.pk, now=timezone.now(), seen_version=self.seen_version()
        )
        return Response(self.present(UnitEconomics.objects.case_of(self.use_case)))
