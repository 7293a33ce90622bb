"""Addresses of the pipeline: pages for people, resources for machines."""

from django.urls import path

from portfolio.api import events as happened
from portfolio.api import pipeline as machines

USE_CASE = "use-cases/<str:reference>/"

pages = []

api = [
    path("use-cases/", machines.UseCases.as_view(), name="use_cases"),
    path(USE_CASE, machines.OneUseCase.as_view(), name="use_case"),
    path(f"{USE_CASE}move/", machines.Move.as_view(), name="move"),
    path(f"{USE_CASE}split/", machines.Split.as_view(), name="split"),
    path(f"{USE_CASE}retirement/", machines.Retirement.as_view(), name="retirement"),
    path("events/", happened.Events.as_view(), name="events"),
]
