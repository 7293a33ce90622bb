"""The table of addresses, by subject."""

from assessments.urls import criteria, judging, ranking, rounds

app_name = "assessments"
ROOMS = (ranking, rounds, criteria, judging)
urlpatterns = [page for room in ROOMS for page in room.pages]
api = [address for room in ROOMS for address in room.api]
