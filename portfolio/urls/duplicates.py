"""Addresses of candidates that look the same: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import duplicates as machines
from portfolio.views import duplicates as views

PAIRS = "portfolios/<str:key>/duplicates/"

pages = [
    path(PAIRS, views.duplicates, name="duplicates"),
    path(f"{PAIRS}<int:pk>/", views.duplicate, name="duplicate"),
]
api = [
    path(PAIRS, machines.Duplicates.as_view(), name="duplicates"),
    path(f"{PAIRS}<int:pk>/", machines.OneDuplicate.as_view(), name="duplicate"),
]
