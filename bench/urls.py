"""Every address of Pharos, and one that does nothing: what asking costs before any work."""

from django.http import HttpResponse
from django.urls import path
from rest_framework.response import Response

from config import urls
from config.urls import handler400, handler404, handler500
from portfolio.doors.api import Door

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]


class Nothing(Door):
    """Knows who asks, reads what they send, and does nothing."""

    def post(self, request):
        return Response({"nothing": len(request.data)})


def nothing(request):
    """The same for a browser's form."""
    return HttpResponse(str(len(request.POST)))


urlpatterns = [
    path("api/v1/nothing/", Nothing.as_view()),
    path("nothing/", nothing),
    *urls.urlpatterns,
]
