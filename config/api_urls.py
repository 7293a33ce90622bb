"""Every address of the API, gathered from the rooms."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

import assessments.urls
import economics.urls
import portfolio.urls
from portfolio.doors.asking import SignedInAndScoped

urlpatterns = [
    *portfolio.urls.api,
    *assessments.urls.api,
    *economics.urls.api,
    path("schema/", SpectacularJSONAPIView.as_view(permission_classes=[SignedInAndScoped]),
         name="schema"),
    # The page is a shell without anything of a portfolio; what it loads asks who one is.
    path("docs/", login_not_required(SpectacularSwaggerSplitView.as_view(url_name="api:schema")),
         name="docs"),
]  # fmt: skip
