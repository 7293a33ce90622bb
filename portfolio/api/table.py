"""Saved views of the table and changes of many candidates, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions import changing_many, saving_views
from portfolio.actions.changing_many import Chosen
from portfolio.api.people import PortfolioDoor
from portfolio.changes import Wanted
from portfolio.models import BulkChange, SavedView
from portfolio.rules.rights import Right
from portfolio.rules.words import Changing
from portfolio.serializers.table import (
    BulkChangeSerializer,
    NewBulkChangeSerializer,
    NewViewSerializer,
    OneBulkChangeSerializer,
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


# --- Bulk changes -----------------------------------------------------------------------------

STATES = list(BulkChange.State)


class BulkChanges(mixins.ListModelMixin, PortfolioDoor):
    """The changes of many candidates, and a new one."""

    is_list = True
    serializer_class = BulkChangeSerializer
    queryset = BulkChange.objects.none()

    def get_queryset(self):
        rows = BulkChange.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_people()

    def under_way(self) -> list:
        return BulkChange.objects.in_portfolio(self.portfolio.pk).progress()

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=NewBulkChangeSerializer, responses={202: OneBulkChangeSerializer})
    def post(self, request, key):
        """Change many: 202 at once, then ask the address in `Location` how far it is."""
        portfolio = self.portfolio
        rights.require(request.actor, Right.CHANGE_MANY, portfolio)
        asked = NewBulkChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        chosen = Chosen(given.get("references", ()))
        if "query" in given:
            chosen = Chosen(view=saving_views.checked_view(given["query"]))
        said = (given[name] for name in ("value", "reason", "asked", "due_on"))
        wanted = Wanted(Changing(given["change"]), *said)
        bulk = changing_many.change_many(
            request.actor, portfolio.pk, chosen, wanted, now=timezone.now()
        )
        return accepted(portfolio, bulk)


class OneBulkChange(PortfolioDoor):
    """How far one is, and what was refused."""

    serializer_class = OneBulkChangeSerializer
    queryset = BulkChange.objects.none()

    @cached_property
    def row(self) -> BulkChange:
        rows = BulkChange.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_people(), pk=self.kwargs["pk"])

    def row_version(self):
        # Progress is no event; every step of it is another version all the same.
        steps = self.row.done + self.row.undone + self.row.kept
        return steps * len(STATES) + STATES.index(self.row.state)

    def get(self, request, key, pk):
        return Response(self.present(self.row))


class BulkChangeStop(OneBulkChange):
    """Stop one that is under way."""

    http_method_names = ["post"]

    @extend_schema(request=None, responses={202: OneBulkChangeSerializer})
    def post(self, request, key, pk):
        """Stop after the row under way; what was left stays as it was."""
        bulk = changing_many.stop_change(request.actor, self.row.pk, now=timezone.now())
        return accepted(self.portfolio, bulk)


class BulkChangeUndo(OneBulkChange):
    """Take one back."""

    http_method_names = ["post"]

    @extend_schema(request=None, responses={202: OneBulkChangeSerializer})
    def post(self, request, key, pk):
        """Restore what each row had, where nobody changed it since; once only."""
        bulk = changing_many.undo_change(request.actor, self.row.pk, now=timezone.now())
        return accepted(self.portfolio, bulk)


def accepted(portfolio, bulk: BulkChange) -> Response:
    """202 with the state as it is, and where to ask for the next."""
    address = reverse("api:bulk_change", args=[portfolio.key, bulk.pk])
    body = OneBulkChangeSerializer(bulk).data
    return Response(body, status.HTTP_202_ACCEPTED, headers={"Location": address})
