"""Other weights, for machines: a ranking that is not saved, and scenarios to keep."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, mixins, permissions, status
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from assessments import supposing
from assessments.actions import scenarios as actions
from assessments.api.doors import PortfolioDoor
from assessments.models import Criterion, Scenario
from assessments.serializers.supposing import (
    ScenarioSerializer,
    SupposedPageSerializer,
    SupposedSerializer,
    WhatIfSerializer,
)
from assessments.what_if import Supposed
from portfolio import rights
from portfolio.doors.paging import MOST_ROWS, USUAL_SIZE, Cursor, RankingChanged, whole_parameter
from portfolio.models import Standing
from portfolio.rules.rights import Right

PAGED = [
    OpenApiParameter("cursor", str, description="From `next` or `previous` of a page."),
    OpenApiParameter(
        "page_size", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        description=f"Rows a page, {USUAL_SIZE} unless told.",
    ),
]  # fmt: skip


class SupposedDoor(PortfolioDoor):
    """An order that is worked out in the request, in pages by place."""

    parameters = frozenset({"cursor", "page_size"})
    queryset = Standing.objects.none()

    def ranking_with(self, weights, ticket: int) -> Response:
        """The page that the cursor names of the ranking with these weights."""
        size = whole_parameter(self.request, "page_size", USUAL_SIZE, least=1, most=MOST_ROWS)
        after = self._after(ticket)
        supposed = Supposed.of(self.portfolio.pk, timezone.now(), weights, {})
        columns = supposed.orders[0].columns
        shown = columns[after : after + size].tolist()
        rows = Standing.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        named = {row.pk: row for row in rows.for_use_cases(supposed.ids(shown)).with_use_case()}
        found = supposing.candidates(supposed, shown, named, self.portfolio.shortlist_size)

        def address(place: int) -> str:
            cursor = Cursor([place], ticket=ticket).written()
            return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

        return Response(
            {
                "next": address(after + size) if after + size < len(columns) else None,
                "previous": address(max(0, after - size)) if after else None,
                "results": SupposedSerializer(found, many=True).data,
            }
        )

    def _after(self, ticket: int) -> int:
        raw = self.request.query_params.get("cursor")
        if raw is None:
            return 0
        words = {"cursor": ["This cursor was not given by this list."]}
        try:
            cursor = Cursor.read(raw, 1)
        except ValueError as fault:
            raise exceptions.ValidationError(words) from fault
        (place,) = cursor.values
        if not isinstance(place, int) or not 0 <= place < 2**31:
            raise exceptions.ValidationError(words)
        if cursor.ticket != ticket:
            raise RankingChanged("The ranking was replaced meanwhile. Begin again at its top.")
        return place


class WhatIf(SupposedDoor):
    """The ranking with other weights."""

    permission_classes = [permissions.IsAuthenticated]  # it writes nothing, so a reader may ask
    serializer_class = WhatIfSerializer

    @extend_schema(request=WhatIfSerializer, responses=SupposedPageSerializer, parameters=PAGED)
    def post(self, request, key):
        """Rank every candidate with these weights; nothing is saved.

        A further page is asked for with the same body.
        """
        _ = self.portfolio
        asked = WhatIfSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        weights = asked.validated_data["weights"]
        in_force = Criterion.objects.in_portfolio(self.portfolio.pk).in_force()
        known = {row.slug for row in in_force}
        unknown = {f"weights.{slug}": ["There is no such criterion."] for slug in weights
                   if slug not in known}  # fmt: skip
        if unknown:
            raise exceptions.ValidationError(unknown)
        return self.ranking_with(weights, self.portfolio.ranking_wanted)


class Scenarios(mixins.ListModelMixin, PortfolioDoor):
    """Named sets of weights: one's own, and those that are shared."""

    is_list = True
    order = ("pk",)
    buried = "scenario"
    serializer_class = ScenarioSerializer
    queryset = Scenario.objects.none()

    def get_queryset(self):
        rows = Scenario.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_author()

    def tombstones(self):
        rows = super().tombstones().in_portfolio(self.portfolio.pk)
        return rows.told_to(self.request.user.pk).besides(self.get_queryset())

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=ScenarioSerializer, responses={201: ScenarioSerializer})
    def post(self, request, key):
        """Keep a set of weights under a name; nobody's ranking moves."""
        rights.require(request.actor, Right.SAVE_SCENARIOS, self.portfolio)
        asked = ScenarioSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = actions.save_scenario(
            request.actor, self.portfolio.pk, **asked.validated_data, now=timezone.now()
        )
        address = reverse("api:scenario", args=[self.portfolio.key, row.pk])
        return Response(
            ScenarioSerializer(row).data, status.HTTP_201_CREATED, headers={"Location": address}
        )


class OneScenario(PortfolioDoor):
    """One scenario."""

    serializer_class = ScenarioSerializer
    queryset = Scenario.objects.none()

    @cached_property
    def row(self) -> Scenario:
        rows = Scenario.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_author(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, key, pk):
        return Response(self.present(self.row))

    def patch(self, request, key, pk):
        """Rename it, share it or not, set its weights; exactly the fields named are written."""
        row = self.row
        rights.require(request.actor, Right.SAVE_SCENARIOS, self.portfolio)
        asked = ScenarioSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = actions.change_scenario(
            request.actor, row.pk, asked.validated_data, now=timezone.now(),
            seen_version=self.seen_version(),
        )  # fmt: skip
        return Response(self.present(changed))

    @extend_schema(responses={204: None})
    def delete(self, request, key, pk):
        """Take it away."""
        actions.remove_scenario(request.actor, self.row.pk, seen_version=self.seen_version())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ScenarioRanking(SupposedDoor):
    """The ranking with the weights of a scenario."""

    serializer_class = SupposedPageSerializer

    @extend_schema(responses=SupposedPageSerializer, parameters=PAGED)
    def get(self, request, key, scenario):
        rows = Scenario.objects.visible_to(request.actor).in_portfolio(self.portfolio.pk)
        row = get_object_or_404(rows, pk=scenario)
        criteria = Criterion.objects.in_portfolio(self.portfolio.pk).in_force()
        weights = row.over({one.slug: one.weight for one in criteria})
        return self.ranking_with(weights, max(self.portfolio.ranking_wanted, row.revision))
