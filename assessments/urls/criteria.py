"""Addresses of what candidates are rated on: pages for people, resources for machines."""

from django.urls import path

from assessments.api import criteria as machines
from assessments.views import criteria as views

SETTINGS = "portfolios/<str:key>/settings/criteria/"
CRITERIA = "portfolios/<str:key>/criteria/"

pages = [
    path(SETTINGS, views.criteria, name="criteria"),
    path(f"{SETTINGS}weights/", views.weights, name="weights"),
    path(f"{SETTINGS}scale/", views.scale, name="scale"),
    path(f"{SETTINGS}new/", views.new_criterion, name="new_criterion"),
    path(f"{SETTINGS}of/<str:slug>/", views.criterion, name="criterion"),
    path(f"{SETTINGS}of/<str:slug>/retirement/", views.retirement, name="retirement"),
]

api = [
    path(CRITERIA, machines.Criteria.as_view(), name="criteria"),
    path(f"{CRITERIA}<str:slug>/", machines.OneCriterion.as_view(), name="criterion"),
]
