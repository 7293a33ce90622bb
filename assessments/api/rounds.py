"""Blind rounds, for machines: open one, see how far it is, close it, read what was said."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from assessments.actions import rounds as actions
from assessments.api.doors import PortfolioDoor
from assessments.models import Round
from assessments.pages import rounds as pages
from assessments.serializers.rounds import NewRoundSerializer, RoundSerializer, WholeRoundSerializer
from portfolio import rights
from portfolio.rules.rights import Right


class RoundDoor(PortfolioDoor):
    """One round of the portfolio, or all."""

    serializer_class = RoundSerializer
    queryset = Round.objects.none()

    def get_queryset(self):
        rows = Round.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return rows.with_choices()

    def whole(self, row: Round) -> dict:
        """The round as the actor may see it: never a value while it is open."""
        people = pages.people_of(row)
        if row.is_open and Right.MANAGE_ROUNDS not in rights.held(
            self.request.actor, self.portfolio
        ):
            people = [one for one in people if one.assessor.pk == self.request.user.pk]
        cells = [] if row.is_open else pages.cells_of(row)
        return WholeRoundSerializer(row, context={"progress": people, "cells": cells}).data


class Rounds(mixins.ListModelMixin, RoundDoor):
    """Every blind round of a portfolio; what is said in an open one is not here."""

    is_list = True

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=NewRoundSerializer, responses={201: WholeRoundSerializer})
    def post(self, request, key):
        """Open one: what its assessors say from now on is sealed until it closes."""
        rights.require(request.actor, Right.MANAGE_ROUNDS, self.portfolio)
        asked = NewRoundSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = actions.open_round(
            request.actor,
            self.portfolio.pk,
            actions.Asked(**asked.validated_data),
            now=timezone.now(),
        )
        address = reverse("api:round", args=[self.portfolio.key, made.pk])
        return Response(
            self.whole(self.get_queryset().get(pk=made.pk)),
            status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class OneRound(RoundDoor):
    """One blind round."""

    serializer_class = WholeRoundSerializer

    @cached_property
    def row(self) -> Round:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def present(self, row) -> dict:
        return self.whole(self.get_queryset().get(pk=row.pk))

    def get(self, request, key, pk):
        return Response(self.whole(self.row))


class RoundClosing(OneRound):
    """The end of one blind round."""

    http_method_names = ["post"]

    @extend_schema(request=None, responses=WholeRoundSerializer)
    def post(self, request, key, pk):
        """Close it with what is there: its ratings count and are seen from now on."""
        row = self.row
        rights.require(request.actor, Right.MANAGE_ROUNDS, self.portfolio)
        actions.close_round(
            request.actor, row.pk, now=timezone.now(), seen_version=self.seen_version()
        )
        return Response(self.present(row))
