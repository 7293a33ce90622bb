"""The table of addresses, by subject."""

from portfolio.urls import delivery, intake, people, pipeline, table

app_name = "portfolio"
urlpatterns = [*people.pages, *pipeline.pages, *delivery.pages, *intake.pages, *table.pages]
api = [*people.api, *pipeline.api, *delivery.api, *intake.api, *table.api]
