"""How a portfolio is doing, for machines: the same answer as the overview page."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.response import Response

from portfolio.doors.api import Door
from portfolio.models import Portfolio
from portfolio.pages.status import status_of
from portfolio.serializers.status import StatusSerializer


class StatusDoor(Door):
    """All that a status page needs, in one call."""

    serializer_class = StatusSerializer
    queryset = Portfolio.objects.none()

    def get(self, request, key):
        rows = Portfolio.objects.visible_to(request.actor).with_key(key.upper())
        portfolio = get_object_or_404(rows.with_ranking())
        return Response(StatusSerializer(status_of(portfolio, timezone.now())).data)
