"""Addresses of this subject: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import delivery as resources

pages = []

one = "lighthouses/<int:pk>/"
api = [
    path("lighthouses/", resources.Lighthouses.as_view(), name="lighthouses"),
    path(one, resources.OneLighthouse.as_view(), name="lighthouse"),
    path(f"{one}contract/", resources.LighthouseContract.as_view(), name="contract"),
    path(f"{one}acceptance/", resources.LighthouseAcceptance.as_view(), name="acceptance"),
    path(f"{one}declare/", resources.LighthouseDeclaration.as_view(), name="declare"),
    path(f"{one}milestones/", resources.Milestones.as_view(), name="milestones"),
    path(
        f"{one}milestones/<int:milestone_pk>/",
        resources.OneMilestone.as_view(),
        name="milestone",
    ),
    path(f"{one}forecasts/", resources.Forecasts.as_view(), name="forecasts"),
    path(f"{one}readings/", resources.Readings.as_view(), name="readings"),
    path(f"{one}amendments/", resources.Amendments.as_view(), name="amendments"),
]
