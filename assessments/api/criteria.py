"""Criteria, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from assessments.actions import criteria
from assessments.api.doors import PortfolioDoor
from assessments.models import Criterion
from assessments.serializers.criteria import CriterionChangeSerializer, CriterionSerializer
from portfolio import rights
from portfolio.rules.rights import Right


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
