"""Candidates that look the same, for machines."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions.duplicates import tell_apart
from portfolio.doors.api import Door
from portfolio.models import Lookalike, Portfolio
from portfolio.rules.rights import Right
from portfolio.serializers.duplicates import LookalikeSerializer, ToldApartSerializer


class Duplicates(mixins.ListModelMixin, Door):
    """Pairs of use cases that look the same, the most alike first."""

    is_list = True
    order = ("-alike", "pk")
    serializer_class = LookalikeSerializer
    queryset = Lookalike.objects.none()

    def get_queryset(self):
        portfolios = Portfolio.objects.visible_to(self.request.actor)
        portfolio = get_object_or_404(portfolios.with_key(self.kwargs["key"].upper()))
        rows = Lookalike.objects.visible_to(self.request.actor).in_portfolio(portfolio.pk)
        # A copy kept in step also learns which are none any more.
        return (rows if "updated_since" in self.request.query_params else rows.open()).with_both()

    def get(self, request, key):
        return self.list(request)


class OneDuplicate(Door):
    """One pair that looks the same."""

    serializer_class = LookalikeSerializer
    queryset = Lookalike.objects.none()

    @cached_property
    def row(self) -> Lookalike:
        rows = Lookalike.objects.visible_to(self.request.actor).with_both()
        portfolios = Portfolio.objects.visible_to(self.request.actor)
        portfolio = get_object_or_404(portfolios.with_key(self.kwargs["key"].upper()))
        return get_object_or_404(rows.in_portfolio(portfolio.pk), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, key, pk):
        return Response(self.present(self.row))

    @extend_schema(request=ToldApartSerializer, responses=LookalikeSerializer)
    def patch(self, request, key, pk):
        """Say that the two are different; the pair is not listed again."""
        rights.require(request.actor, Right.PROPOSE, self.row.portfolio)
        ToldApartSerializer(data=request.data).is_valid(raise_exception=True)
        told = tell_apart(
            request.actor, self.row.pk, now=timezone.now(), seen_version=self.seen_version()
        )
        return Response(self.present(told))
