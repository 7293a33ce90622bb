"""Addresses of rounds and of how well people rate: pages for people, resources for machines."""

from django.urls import path

from assessments.api.calibration import Calibration, CalibrationOf, PersonWidening
from assessments.api.rounds import OneRound, RoundClosing, Rounds
from assessments.views import calibration, rounds

ROUNDS = "portfolios/<str:key>/rounds/"
CALIBRATION = "portfolios/<str:key>/calibration/"
OF_A_PERSON = f"{CALIBRATION}<int:person>/"

pages = [
    path(ROUNDS, rounds.rounds, name="rounds"),
    path(f"{ROUNDS}new/", rounds.new_round, name="new_round"),
    path(f"{ROUNDS}<int:pk>/", rounds.one_round, name="round"),
    path(f"{ROUNDS}<int:pk>/closing/", rounds.closing, name="round_closing"),
    path(CALIBRATION, calibration.calibration, name="calibration"),
    path(OF_A_PERSON, calibration.calibration_of, name="calibration_of"),
    path(f"{OF_A_PERSON}widening/", calibration.widening, name="widening"),
]

api = [
    path(ROUNDS, Rounds.as_view(), name="rounds"),
    path(f"{ROUNDS}<int:pk>/", OneRound.as_view(), name="round"),
    path(f"{ROUNDS}<int:pk>/close/", RoundClosing.as_view(), name="round_closing"),
    path(CALIBRATION, Calibration.as_view(), name="calibration"),
    path(OF_A_PERSON, CalibrationOf.as_view(), name="calibration_of"),
    path(f"{OF_A_PERSON}widening/", PersonWidening.as_view(), name="widening"),
]
