"""Candidates side by side, for machines."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.response import Response

from assessments.api.doors import PortfolioDoor
from assessments.comparing import FEWEST, MOST, compare
from assessments.serializers.comparing import ComparedSerializer
from portfolio.models import Standing

OF = OpenApiParameter(
    "of", str, many=True, description="A candidate's reference; give it two or three times."
)


class Compare(PortfolioDoor):
    """Two or three candidates, criterion by criterion."""

    parameters = frozenset({"of"})
    serializer_class = ComparedSerializer
    queryset = Standing.objects.none()

    @extend_schema(parameters=[OF], responses=ComparedSerializer)
    def get(self, request, key):
        """Lay them side by side."""
        rows = Standing.objects.visible_to(request.actor).in_portfolio(self.portfolio.pk)
        rows = rows.of_candidates().with_use_case()
        asked = list(dict.fromkeys(request.query_params.getlist("of")))
        if not FEWEST <= len(asked) <= MOST:
            words = f"Give {FEWEST} or {MOST} different references, each as of=."
            raise exceptions.ValidationError({"of": [words]})
        found = []
        for reference in asked:
            row = rows.with_reference(reference[:50]).first()
            if row is None:
                words = f"There is no candidate “{reference[:50]}” here."
                raise exceptions.ValidationError({"of": [words]})
            found.append(row)
        compared = compare(request.actor, self.portfolio, found, timezone.now())
        return Response(ComparedSerializer(compared).data)
