"""The table of addresses, by subject."""

from portfolio.urls import delivery, duplicates, intake, people, pipeline

app_name = "portfolio"
urlpatterns = [*people.pages, *pipeline.pages, *delivery.pages, *intake.pages, *duplicates.pages]
api = [*people.api, *pipeline.api, *delivery.api, *intake.api, *duplicates.api]
