"""Addresses of the table's views: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import table as machines
from portfolio.views import bulk_changes, cells, saved_views

PORTFOLIO = "portfolios/<str:key>/"
VIEWS = f"{PORTFOLIO}ranking/views/"
BULK = f"{PORTFOLIO}bulk-changes/"

pages = [
    path(VIEWS, saved_views.saved_views, name="saved_views"),
    path(f"{VIEWS}<int:pk>/", saved_views.saved_view, name="saved_view"),
    path(f"{VIEWS}<int:pk>/deletion/", saved_views.view_deletion, name="view_deletion"),
    path("use-cases/<str:reference>/cells/<str:name>/", cells.cell, name="cell"),
    path(BULK, bulk_changes.bulk_changes, name="bulk_changes"),
    path(f"{BULK}new/", bulk_changes.new_bulk_change, name="new_bulk_change"),
    path(f"{BULK}<int:pk>/", bulk_changes.bulk_change, name="bulk_change"),
    path(f"{BULK}<int:pk>/stop/", bulk_changes.bulk_change_stop, name="bulk_change_stop"),
    path(f"{BULK}<int:pk>/undo/", bulk_changes.bulk_change_undo, name="bulk_change_undo"),
]

api = [
    path(f"{PORTFOLIO}views/", machines.SavedViews.as_view(), name="saved_views"),
    path(f"{PORTFOLIO}views/<int:pk>/", machines.OneSavedView.as_view(), name="saved_view"),
    path(BULK, machines.BulkChanges.as_view(), name="bulk_changes"),
    path(f"{BULK}<int:pk>/", machines.OneBulkChange.as_view(), name="bulk_change"),
    path(f"{BULK}<int:pk>/stop/", machines.BulkChangeStop.as_view(), name="bulk_change_stop"),
    path(f"{BULK}<int:pk>/undo/", machines.BulkChangeUndo.as_view(), name="bulk_change_undo"),
]
