"""The table of addresses: pages for people, resources for machines."""

from django.urls import path

from assessments.api import judging

app_name = "assessments"
urlpatterns = []

PORTFOLIO = "portfolios/<str:key>/"
USE_CASE = "use-cases/<str:reference>/"

api = [
    path(f"{PORTFOLIO}ranking/", judging.RankingDoor.as_view(), name="ranking"),
    path(f"{PORTFOLIO}criteria/", judging.Criteria.as_view(), name="criteria"),
    path(f"{PORTFOLIO}criteria/<str:slug>/", judging.OneCriterion.as_view(), name="criterion"),
    path(f"{USE_CASE}tests/", judging.Tests.as_view(), name="tests"),
    path(f"{USE_CASE}ratings/", judging.Ratings.as_view(), name="ratings"),
    path(f"{USE_CASE}disqualifiers/", judging.Disqualifiers.as_view(), name="disqualifiers"),
    path(
        f"{USE_CASE}disqualifiers/<int:pk>/", judging.OneDisqualifier.as_view(), name="disqualifier"
    ),
]
