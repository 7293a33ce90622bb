"""Addresses of the table's views: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import table as machines
from portfolio.views import saved_views

PORTFOLIO = "portfolios/<str:key>/"
VIEWS = f"{PORTFOLIO}ranking/views/"

pages = [
    path(VIEWS, saved_views.saved_views, name="saved_views"),
    path(f"{VIEWS}<int:pk>/", saved_views.saved_view, name="saved_view"),
    path(f"{VIEWS}<int:pk>/deletion/", saved_views.view_deletion, name="view_deletion"),
]

api = [
    path(f"{PORTFOLIO}views/", machines.SavedViews.as_view(), name="saved_views"),
    path(f"{PORTFOLIO}views/<int:pk>/", machines.OneSavedView.as_view(), name="saved_view"),
]
