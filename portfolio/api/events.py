"""What happened, for machines."""

from rest_framework import mixins

from portfolio.doors.api import Door
from portfolio.filters import EventFilter
from portfolio.models import Event
from portfolio.serializers.pipeline import EventSerializer


class Events(mixins.ListModelMixin, Door):
    """Everything that happened in one's portfolios, as it happened.

    `updated_since=` with the last id one has seen never misses an event.
    """

    is_list = True
    revision_column = "pk"
    serializer_class = EventSerializer
    filterset_class = EventFilter
    queryset = Event.objects.none()

    def get_queryset(self):
        return Event.objects.visible_to(self.request.actor).with_names()

    def get(self, request):
        return self.list(request)
