"""The table of addresses: pages for people, resources for machines."""

from django.urls import path

from economics import api as machines
from economics import views

app_name = "economics"
urlpatterns = [
    path("use-cases/<str:reference>/economics/", views.economics, name="economics"),
    path(
        "use-cases/<str:reference>/economics/confirmation/",
        views.confirmation,
        name="confirmation",
    ),
    path("models/", views.models, name="models"),
]
api = [
    path(
        "use-cases/<str:reference>/unit-economics/",
        machines.OneUseCaseEconomics.as_view(),
        name="unit_economics",
    ),
    path(
        "use-cases/<str:reference>/unit-economics/confirmation/",
        machines.Confirmation.as_view(),
        name="confirmation_of_economics",
    ),
]
