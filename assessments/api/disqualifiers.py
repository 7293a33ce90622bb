"""Disqualifiers, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from assessments.actions import disqualifying
from assessments.api.doors import UseCaseDoor
from assessments.models import Disqualifier
from assessments.serializers.disqualifiers import DisqualifierEndSerializer, DisqualifierSerializer
from portfolio import rights
from portfolio.rules.rights import Right


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
