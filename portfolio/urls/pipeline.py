"""Addresses of the pipeline: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import discussion as said
from portfolio.api import events as happened
from portfolio.api import origins as born
from portfolio.api import pipeline as machines
from portfolio.api import searching
from portfolio.api import status as standing
from portfolio.views import discussion, origins, overview, pipeline
from portfolio.views import searching as search_pages

USE_CASE = "use-cases/<str:reference>/"

PORTFOLIO = "portfolios/<str:key>/"

pages = [
    path("", overview.work, name="work"),
    path("search/", search_pages.search, name="search"),
    path(PORTFOLIO, overview.overview, name="overview"),
    path(f"{PORTFOLIO}board/", overview.board, name="board"),
    path(f"{PORTFOLIO}activity/", overview.activity, name="activity"),
    path(f"{PORTFOLIO}use-cases/new/", pipeline.new_use_case, name="new_use_case"),
    path(USE_CASE, pipeline.use_case, name="use_case"),
    path(f"{USE_CASE}edit/", pipeline.edit_use_case, name="edit_use_case"),
    path(f"{USE_CASE}split/", pipeline.split_use_case, name="split_use_case"),
    path(f"{USE_CASE}move/", pipeline.move, name="move"),
    path(f"{USE_CASE}retirement/", pipeline.retire_use_case, name="retire_use_case"),
    path(f"{USE_CASE}numbers/", origins.numbers, name="numbers"),
    path(f"{USE_CASE}numbers/<str:number>/", origins.number, name="number"),
    path(f"{USE_CASE}history/", pipeline.history, name="history"),
    path(f"{USE_CASE}discussion/", discussion.discussion, name="discussion"),
    path(f"{USE_CASE}discussion/<int:pk>/", discussion.one_comment, name="comment"),
]

api = [
    path("use-cases/", machines.UseCases.as_view(), name="use_cases"),
    path(USE_CASE, machines.OneUseCase.as_view(), name="use_case"),
    path(f"{USE_CASE}move/", machines.Move.as_view(), name="move"),
    path(f"{USE_CASE}split/", machines.Split.as_view(), name="split"),
    path(f"{USE_CASE}retirement/", machines.Retirement.as_view(), name="retirement"),
    path(f"{USE_CASE}numbers/", born.Numbers.as_view(), name="numbers"),
    path(f"{USE_CASE}numbers/<str:number>/", born.OneNumber.as_view(), name="number"),
    path(f"{USE_CASE}comments/", said.Comments.as_view(), name="comments"),
    path(f"{USE_CASE}comments/<int:pk>/", said.OneComment.as_view(), name="comment"),
    path(f"{PORTFOLIO}status/", standing.StatusDoor.as_view(), name="status"),
    path("search/", searching.Search.as_view(), name="search"),
    path("events/", happened.Events.as_view(), name="events"),
]
