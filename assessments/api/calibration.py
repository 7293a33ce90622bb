"""How far what people said held, for machines; and whose ratings are widened for it."""

from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from assessments import calibrating
from assessments.actions import calibrating as actions
from assessments.api.doors import PortfolioDoor
from assessments.models import Widening
from assessments.rules.calibration import LEAST
from assessments.serializers.calibration import (
    CalibrationSerializer,
    FactorSerializer,
    WholeCalibratedSerializer,
    WideningSerializer,
)
from portfolio import rights
from portfolio.rules.rights import Right


class Calibration(PortfolioDoor):
    """By person and kind: how much of what was said came true."""

    serializer_class = CalibrationSerializer
    queryset = Widening.objects.none()

    def get(self, request, key):
        people = calibrating.people(self.portfolio, timezone.now())
        return Response(CalibrationSerializer({"least": LEAST, "people": people}).data)


class PersonDoor(PortfolioDoor):
    """One person of whom something came true, or whose ratings are widened."""

    queryset = Widening.objects.none()

    @cached_property
    def person(self) -> calibrating.Person:
        found = calibrating.person(self.portfolio, self.kwargs["person"], timezone.now())
        if found is None:
            raise Http404
        return found


class CalibrationOf(PersonDoor):
    """One person with every case."""

    serializer_class = WholeCalibratedSerializer

    @extend_schema(operation_id="portfolios_calibration_of_retrieve")
    def get(self, request, key, person):
        return Response(self.present(self.person))


class PersonWidening(PersonDoor):
    """By what factor the ratings of one person are widened."""

    serializer_class = WideningSerializer

    def row_version(self):
        return self.person.widening.revision if self.person.widening else 0

    def present(self, row) -> dict:
        return WideningSerializer().to_representation(row)

    def get(self, request, key, person):
        return Response(self.present(self.person.widening))

    @extend_schema(request=FactorSerializer, responses=WideningSerializer)
    def put(self, request, key, person):
        """Widen them; refused unless what came true says that the ranges are too narrow."""
        pk = self.person.user.pk
        rights.require(request.actor, Right.WIDEN_RANGES, self.portfolio)
        asked = FactorSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = actions.widen(
            request.actor, self.portfolio.pk, pk, asked.validated_data.get("factor"),
            now=timezone.now(), seen_version=self.seen_version(),
        )  # fmt: skip
        return Response(self.present(row))

    @extend_schema(responses={204: None})
    def delete(self, request, key, person):
        """Take them as they are said again."""
        actions.take_as_said(
            request.actor, self.portfolio.pk, self.person.user.pk, seen_version=self.seen_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
