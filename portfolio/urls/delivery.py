"""Addresses of this subject: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import delivery as resources
from portfolio.views import delivery as views

tab = "use-cases/<str:reference>/lighthouse/"
own = f"{tab}<int:pk>/"
pages = [
    path(tab, views.lighthouse, name="lighthouse"),
    path(own, views.lighthouse, name="lighthouse"),
    path(f"{tab}draw-up/", views.draw_up, name="draw_up"),
    path(f"{own}owner/", views.name_owner, name="name_owner"),
    path(f"{own}acceptance/", views.answer_ownership, name="answer_ownership"),
    path(f"{own}plan/", views.plan, name="plan"),
    path(f"{own}facts/", views.facts, name="facts"),
    path(f"{own}seal/", views.seal, name="seal"),
    path(f"{own}update/", views.week_update, name="week_update"),
    path(f"{own}ship-date/", views.ship_date, name="ship_date"),
    path(f"{own}milestones/", views.milestones, name="milestones"),
    path(f"{own}milestones/<int:milestone_pk>/", views.milestone, name="milestone"),
    path(f"{own}readings/<int:reading_pk>/correction/", views.correction, name="correction"),
    path(f"{own}retrospective/", views.retrospective, name="retrospective"),
    path(f"{own}amendments/", views.amendments, name="amendments"),
    path(f"{own}declaration/", views.declaration, name="declaration"),
]

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
