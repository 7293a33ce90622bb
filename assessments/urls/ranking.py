"""Addresses of the ranking and of what it might be: pages for people, resources for machines."""

from django.urls import path

from assessments.api.comparing import Compare
from assessments.api.history import Ranking
from assessments.api.ranking import RankingFile
from assessments.api.supposing import OneScenario, ScenarioRanking, Scenarios, WhatIf
from assessments.views import comparing, history, ranking, scenarios, what_if

PORTFOLIO = "portfolios/<str:key>/"
RANKING = f"{PORTFOLIO}ranking/"
EXPORT = f"{RANKING}export/<str:kind>/"
SUPPOSED = f"{RANKING}what-if/"
KEPT = f"{RANKING}scenarios/"

pages = [
    path(RANKING, ranking.ranking, name="ranking"),
    path(EXPORT, ranking.export, name="export"),
    path(f"{RANKING}history/", history.ranking_history, name="ranking_history"),
    path(f"{RANKING}compare/", comparing.compare_candidates, name="compare_candidates"),
    path(SUPPOSED, what_if.what_if, name="what_if"),
    path(f"{SUPPOSED}sheet/", what_if.what_if_sheet, name="what_if_sheet"),
    path(f"{SUPPOSED}weights/", what_if.save_weights, name="save_weights"),
    path(KEPT, scenarios.scenarios, name="scenarios"),
    path(f"{KEPT}new/", scenarios.new_scenario, name="new_scenario"),
    path(f"{KEPT}compare/", scenarios.compare_scenarios, name="compare_scenarios"),
    path(f"{KEPT}<int:pk>/", scenarios.scenario, name="scenario"),
    path(f"{KEPT}<int:pk>/edit/", scenarios.edit_scenario, name="edit_scenario"),
    path(f"{KEPT}<int:pk>/removal/", scenarios.remove_scenario, name="remove_scenario"),
]

api = [
    path(RANKING, Ranking.as_view(), name="ranking"),
    path(EXPORT, RankingFile.as_view(), name="export"),
    path(f"{PORTFOLIO}compare/", Compare.as_view(), name="compare"),
    path(f"{PORTFOLIO}what-if/", WhatIf.as_view(), name="what_if"),
    path(f"{PORTFOLIO}scenarios/", Scenarios.as_view(), name="scenarios"),
    path(f"{PORTFOLIO}scenarios/<int:pk>/", OneScenario.as_view(), name="scenario"),
    path(
        f"{PORTFOLIO}scenarios/<int:scenario>/ranking/",
        ScenarioRanking.as_view(),
        name="scenario_ranking",
    ),
]
