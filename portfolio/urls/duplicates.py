"""Addresses of candidates that look the same: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import duplicates as machines
from portfolio.api import merging as making_one
from portfolio.views import duplicates as views
from portfolio.views import merging

PAIRS = "portfolios/<str:key>/duplicates/"
MERGE = "use-cases/<str:reference>/merge/"

pages = [
    path(PAIRS, views.duplicates, name="duplicates"),
    path(f"{PAIRS}<int:pk>/", views.duplicate, name="duplicate"),
    path(MERGE, merging.merge_use_case, name="merge_use_case"),
]
api = [
    path(PAIRS, machines.Duplicates.as_view(), name="duplicates"),
    path(f"{PAIRS}<int:pk>/", machines.OneDuplicate.as_view(), name="duplicate"),
    path(MERGE, making_one.Merge.as_view(), name="merge"),
]
