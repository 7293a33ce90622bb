"""Saved views of the table, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions import saving_views
from portfolio.api.people import PortfolioDoor
from portfolio.models import SavedView
from portfolio.rules.pipeline import Right
from portfolio.serializers.table import (
    NewViewSerializer,
    SavedViewSerializer,
    ViewChangeSerializer,
)


class SavedViews(mixins.ListModelMixin, PortfolioDoor):
    """One's own views of the ranking, and those that others share."""

    is_list = True
    buried = saving_views.BURIED
    serializer_class = SavedViewSerializer
    queryset = SavedView.objects.none()

    def get_queryset(self):
        rows = SavedView.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_people()

    def tombstones(self):
        return super().tombstones().in_portfolio(self.portfolio.pk)

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=NewViewSerializer, responses={201: SavedViewSerializer})
    def post(self, request, key):
        """Keep a view under a name: for oneself, or shared with members."""
        rights.require(request.actor, Right.SAVE_VIEW, self.portfolio)
        asked = NewViewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = saving_views.save_view(
            request.actor, self.portfolio.pk, **asked.validated_data, now=timezone.now()
        )
        address = reverse("api:saved_view", args=[self.portfolio.key, row.pk])
        return Response(self.present(row), status.HTTP_201_CREATED, headers={"Location": address})


class OneSavedView(PortfolioDoor):
    """One view of the ranking."""

    serializer_class = SavedViewSerializer
    queryset = SavedView.objects.none()

    @cached_property
    def row(self) -> SavedView:
        rows = SavedView.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_people(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, key, pk):
        return Response(self.present(self.row))

    @extend_schema(request=ViewChangeSerializer, responses=SavedViewSerializer)
    def patch(self, request, key, pk):
        """Rename it, share it, or have it say something else; its owner's alone."""
        view_id = self.row.pk
        rights.require(request.actor, Right.SAVE_VIEW, self.portfolio)
        asked = ViewChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = saving_views.change_view(
            request.actor, view_id, asked.validated_data, seen_version=self.seen_version()
        )
        return Response(self.present(row))

    @extend_schema(responses={204: None})
    def delete(self, request, key, pk):
        """Delete it: one's own, or as a sponsor a shared one."""
        saving_views.delete_view(request.actor, self.row.pk, seen_version=self.seen_version())
        return Response(status=status.HTTP_204_NO_CONTENT)
