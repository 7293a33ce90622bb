"""Addresses of this subject: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import intake as api_views
from portfolio.views import intake as views

IMPORTS = "portfolios/<str:key>/settings/imports/"
ONE = f"{IMPORTS}<int:import_id>/"

pages = [
    path(IMPORTS, views.imports, name="imports"),
    path(ONE, views.import_page, name="import_page"),
    path(f"{ONE}columns/", views.import_columns, name="import_columns"),
    path(f"{ONE}reading/", views.import_reading, name="import_reading"),
    path(f"{ONE}stages/", views.import_stages, name="import_stages"),
    path(f"{ONE}start/", views.import_start, name="import_start"),
    path(f"{ONE}stop/", views.import_stop, name="import_stop"),
    path(f"{ONE}problems/", views.import_problems, name="import_problems"),
]
api = [
    path("portfolios/<str:key>/imports/", api_views.Imports.as_view(), name="imports"),
    path(
        "portfolios/<str:key>/imports/<int:import_id>/",
        api_views.OneImport.as_view(),
        name="import",
    ),
]
