"""The table of addresses: pages for people, resources for machines."""

app_name = "assessments"
urlpatterns = []
api = []
