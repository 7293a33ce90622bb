"""Addresses of what is said of one candidate: pages for people, resources for machines."""

from django.urls import path

from assessments.api.asking import OneRequest, Requests
from assessments.api.disqualifiers import Disqualifiers, OneDisqualifier
from assessments.api.four_tests import Tests
from assessments.api.rating import Ratings
from assessments.views import asking, rating, testing

USE_CASE = "use-cases/<str:reference>/"
TESTS = f"{USE_CASE}tests/"
RATINGS = f"{USE_CASE}ratings/"
REQUESTS = f"{USE_CASE}requests/"
DISQUALIFIERS = f"{USE_CASE}disqualifiers/"

pages = [
    path(TESTS, testing.tests, name="tests"),
    path(f"{TESTS}confirmation/", testing.confirmation, name="confirmation"),
    path(f"{TESTS}<str:part>/", testing.test, name="test"),
    path(f"{TESTS}<str:part>/draft/", testing.draft, name="draft"),
    path(f"{TESTS}<str:part>/no/", testing.no, name="no"),
    path(RATINGS, rating.ratings, name="ratings"),
    path("portfolios/<str:key>/rating/<str:slug>/", rating.rating_of, name="rating_of"),
    path(REQUESTS, asking.requests, name="requests"),
    path(f"{REQUESTS}<int:pk>/ending/", asking.request_ending, name="request_ending"),
    path(DISQUALIFIERS, testing.disqualifiers, name="disqualifiers"),
    path(f"{DISQUALIFIERS}<int:pk>/", testing.disqualifier, name="disqualifier"),
]

api = [
    path(TESTS, Tests.as_view(), name="tests"),
    path(RATINGS, Ratings.as_view(), name="ratings"),
    path(REQUESTS, Requests.as_view(), name="requests"),
    path(f"{REQUESTS}<int:pk>/", OneRequest.as_view(), name="request"),
    path(DISQUALIFIERS, Disqualifiers.as_view(), name="disqualifiers"),
    path(f"{DISQUALIFIERS}<int:pk>/", OneDisqualifier.as_view(), name="disqualifier"),
]
