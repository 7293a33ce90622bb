"""The table of addresses, by subject."""

from portfolio.urls import delivery, duplicates, intake, people, pipeline, table

app_name = "portfolio"
ROOMS = (people, pipeline, delivery, intake, table, duplicates)
urlpatterns = [page for room in ROOMS for page in room.pages]
api = [address for room in ROOMS for address in room.api]
