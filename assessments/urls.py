"""The table of addresses: pages for people, resources for machines."""

from django.urls import path

from assessments.api import asking, calibration, judging, rounds, supposing
from assessments.api import comparing as comparing_api
from assessments.api import history as dated
from assessments.api import ranking as ranking_api
from assessments.views import asking as asking_pages
from assessments.views import calibration as calibration_views
from assessments.views import (
    comparing,
    criteria,
    history,
    ranking,
    rating,
    scenarios,
    testing,
    what_if,
)
from assessments.views import rounds as round_views

app_name = "assessments"

PORTFOLIO = "portfolios/<str:key>/"
SETTINGS = f"{PORTFOLIO}settings/criteria/"
WHAT_IF = f"{PORTFOLIO}ranking/what-if/"
ROUNDS = f"{PORTFOLIO}rounds/"
CALIBRATION = f"{PORTFOLIO}calibration/"
SCENARIOS = f"{PORTFOLIO}ranking/scenarios/"
USE_CASE = "use-cases/<str:reference>/"
TESTS = f"{USE_CASE}tests/"

urlpatterns = [
    path(f"{PORTFOLIO}ranking/", ranking.ranking, name="ranking"),
    path(f"{PORTFOLIO}ranking/export/<str:kind>/", ranking.export, name="export"),
    path(f"{PORTFOLIO}ranking/history/", history.ranking_history, name="ranking_history"),
    path(CALIBRATION, calibration_views.calibration, name="calibration"),
    path(f"{CALIBRATION}<int:person>/", calibration_views.calibration_of, name="calibration_of"),
    path(f"{CALIBRATION}<int:person>/widening/", calibration_views.widening, name="widening"),
    path(WHAT_IF, what_if.what_if, name="what_if"),
    path(f"{WHAT_IF}sheet/", what_if.what_if_sheet, name="what_if_sheet"),
    path(f"{WHAT_IF}weights/", what_if.save_weights, name="save_weights"),
    path(f"{PORTFOLIO}rating/<str:slug>/", rating.rating_of, name="rating_of"),
    path(ROUNDS, round_views.rounds, name="rounds"),
    path(f"{ROUNDS}new/", round_views.new_round, name="new_round"),
    path(f"{ROUNDS}<int:pk>/", round_views.one_round, name="round"),
    path(f"{ROUNDS}<int:pk>/closing/", round_views.closing, name="round_closing"),
    path(f"{PORTFOLIO}ranking/compare/", comparing.compare_candidates, name="compare_candidates"),
    path(SCENARIOS, scenarios.scenarios, name="scenarios"),
    path(f"{SCENARIOS}new/", scenarios.new_scenario, name="new_scenario"),
    path(f"{SCENARIOS}compare/", scenarios.compare_scenarios, name="compare_scenarios"),
    path(f"{SCENARIOS}<int:pk>/", scenarios.scenario, name="scenario"),
    path(f"{SCENARIOS}<int:pk>/edit/", scenarios.edit_scenario, name="edit_scenario"),
    path(f"{SCENARIOS}<int:pk>/removal/", scenarios.remove_scenario, name="remove_scenario"),
    path(SETTINGS, criteria.criteria, name="criteria"),
    path(f"{SETTINGS}weights/", criteria.weights, name="weights"),
    path(f"{SETTINGS}scale/", criteria.scale, name="scale"),
    path(f"{SETTINGS}new/", criteria.new_criterion, name="new_criterion"),
    path(f"{SETTINGS}of/<str:slug>/", criteria.criterion, name="criterion"),
    path(f"{SETTINGS}of/<str:slug>/retirement/", criteria.retirement, name="retirement"),
    path(TESTS, testing.tests, name="tests"),
    path(f"{TESTS}confirmation/", testing.confirmation, name="confirmation"),
    path(f"{TESTS}<str:part>/", testing.test, name="test"),
    path(f"{TESTS}<str:part>/draft/", testing.draft, name="draft"),
    path(f"{TESTS}<str:part>/no/", testing.no, name="no"),
    path(f"{USE_CASE}ratings/", rating.ratings, name="ratings"),
    path(f"{USE_CASE}requests/", asking_pages.requests, name="requests"),
    path(
        f"{USE_CASE}requests/<int:pk>/ending/", asking_pages.request_ending, name="request_ending"
    ),
    path(f"{USE_CASE}disqualifiers/", testing.disqualifiers, name="disqualifiers"),
    path(f"{USE_CASE}disqualifiers/<int:pk>/", testing.disqualifier, name="disqualifier"),
]

api = [
    path(f"{PORTFOLIO}ranking/", dated.Ranking.as_view(), name="ranking"),
    path(CALIBRATION, calibration.Calibration.as_view(), name="calibration"),
    path(
        f"{CALIBRATION}<int:person>/",
        calibration.CalibrationOf.as_view(),
        name="calibration_of",
    ),
    path(
        f"{CALIBRATION}<int:person>/widening/",
        calibration.PersonWidening.as_view(),
        name="widening",
    ),
    path(ROUNDS, rounds.Rounds.as_view(), name="rounds"),
    path(f"{ROUNDS}<int:pk>/", rounds.OneRound.as_view(), name="round"),
    path(f"{ROUNDS}<int:pk>/close/", rounds.RoundClosing.as_view(), name="round_closing"),
    path(
        f"{PORTFOLIO}ranking/export/<str:kind>/", ranking_api.RankingFile.as_view(), name="export"
    ),
    path(f"{PORTFOLIO}compare/", comparing_api.Compare.as_view(), name="compare"),
    path(f"{PORTFOLIO}what-if/", supposing.WhatIf.as_view(), name="what_if"),
    path(f"{PORTFOLIO}scenarios/", supposing.Scenarios.as_view(), name="scenarios"),
    path(f"{PORTFOLIO}scenarios/<int:pk>/", supposing.OneScenario.as_view(), name="scenario"),
    path(
        f"{PORTFOLIO}scenarios/<int:scenario>/ranking/",
        supposing.ScenarioRanking.as_view(),
        name="scenario_ranking",
    ),
    path(f"{PORTFOLIO}criteria/", judging.Criteria.as_view(), name="criteria"),
    path(f"{PORTFOLIO}criteria/<str:slug>/", judging.OneCriterion.as_view(), name="criterion"),
    path(f"{USE_CASE}tests/", judging.Tests.as_view(), name="tests"),
    path(f"{USE_CASE}ratings/", judging.Ratings.as_view(), name="ratings"),
    path(f"{USE_CASE}requests/", asking.Requests.as_view(), name="requests"),
    path(f"{USE_CASE}requests/<int:pk>/", asking.OneRequest.as_view(), name="request"),
    path(f"{USE_CASE}disqualifiers/", judging.Disqualifiers.as_view(), name="disqualifiers"),
    path(
        f"{USE_CASE}disqualifiers/<int:pk>/", judging.OneDisqualifier.as_view(), name="disqualifier"
    ),
]
