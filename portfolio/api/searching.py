"""Search from anywhere, for machines."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.response import Response

from portfolio.doors.api import Door
from portfolio.doors.paging import whole_parameter
from portfolio.models import UseCase
from portfolio.pages import searching as pages
from portfolio.serializers.searching import FoundSerializer, HitSerializer

MOST, USUAL = 50, 10


class Search(Door):
    """What the token's person sees that fits these words."""

    parameters = frozenset({"q", "most"})
    serializer_class = FoundSerializer
    queryset = UseCase.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words, or a reference."),
            OpenApiParameter(
                "most", {"type": "integer", "minimum": 1, "maximum": MOST},
                description=f"Results of each kind, {USUAL} unless told.",
            ),
        ],
        responses=FoundSerializer,
    )  # fmt: skip
    def get(self, request):
        """Use cases, actions, pages and people, over all portfolios that one sees."""
        words = request.query_params.get("q", "").strip()
        if not words:
            raise exceptions.ValidationError({"q": ["Say what to look for."]})
        most = whole_parameter(request, "most", USUAL, least=1, most=MOST)
        groups = pages.search(request.actor, words, most, may_open=request.user.may_open_portfolios)
        hits = [hit for group in groups for hit in group.hits]
        return Response({"results": HitSerializer(hits, many=True).data})
