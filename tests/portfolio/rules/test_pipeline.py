"""Moves, as domain section 5 says."""

import pytest

from portfolio.rules import pipeline
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Verdict

MOVES = {
    "proposed": "qualified parked stopped",
    "qualified": "selected proposed parked stopped",
    "selected": "mobilising qualified proposed parked stopped",
    "mobilising": "building selected qualified proposed parked stopped",
    "building": "live mobilising selected qualified proposed parked stopped",
    "live": "decided building mobilising selected qualified proposed parked stopped",
    "decided": "proposed",
    "parked": "proposed",
    "stopped": "",
}


@pytest.mark.parametrize(("stage", "targets"), MOVES.items())
def test_a_move_goes_one_step_forward_any_number_back_or_out(stage, targets):
    assert " ".join(pipeline.what_moves(Stage(stage))) == targets


def test_a_failure_is_decided_from_building_and_never_from_earlier():
    opened = {
        stage: set(pipeline.what_moves(stage, verdict=Verdict.FAILURE))
        - set(pipeline.what_moves(stage))
        for stage in Stage
    }
    assert {stage for stage, more in opened.items() if more} == {Stage.BUILDING}
    assert opened[Stage.BUILDING] == {Stage.DECIDED}
    assert Stage.DECIDED not in pipeline.what_moves(Stage.BUILDING, verdict=Verdict.VICTORY)


@pytest.mark.parametrize(
    ("source", "target", "forward"),
    [
        ("proposed", "qualified", True),
        ("building", "decided", True),
        ("live", "building", False),
        ("parked", "proposed", False),
        ("decided", "proposed", False),
        ("building", "parked", False),
    ],
)
def test_only_moves_along_the_path_are_guarded(source, target, forward):
    assert pipeline.is_forward(Stage(source), Stage(target)) is forward


def test_leaving_the_path_abandons_and_moving_back_does_not():
    assert pipeline.closes_lighthouse(Stage.BUILDING, Stage.PARKED)
    assert pipeline.closes_lighthouse(Stage.LIVE, Stage.STOPPED)
    assert not pipeline.closes_lighthouse(Stage.LIVE, Stage.PROPOSED)
