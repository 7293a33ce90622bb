"""Moves, rights and the gates of the portfolio's own facts, as domain sections 2 and 5 say."""

from datetime import date

import pytest

from portfolio.rules import pipeline
from portfolio.rules.pipeline import (
    BuildingFacts,
    DecidedFacts,
    LiveFacts,
    MobilisingFacts,
    Right,
    Role,
    SelectedFacts,
    Stage,
)
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


# viewer, contributor, owner (a contributor), sponsor; in `building`
TABLE = {
    "read": "yyyy",
    "comment": "yyyy",
    "manage_tokens": "yyyy",
    "save_view": "yyyy",
    "propose": "nyyy",
    "edit": "nnyy",
    "import": "nyyy",
    "change_many": "nyyy",
    "undo_for_others": "nnny",
    "answer_tests": "nyyy",
    "rate": "nyyy",
    "save_scenarios": "nyyy",
    "ask": "nyyy",
    "raise_disqualifier": "nyyy",
    "resolve_disqualifier": "nyyy",
    "move_early": "nyyy",
    "accept_ownership": "nnnn",
    "plan_lighthouse": "nnyy",
    "record": "nnyy",
    "move_delivery": "nnyy",
    "select": "nnny",
    "park": "nnny",
    "stop": "nnny",
    "move_back": "nnny",
    "name_owner": "nnny",
    "set_start": "nnny",
    "override": "nnny",
    "overrule_disqualifier": "nnny",
    "amend": "nnny",
    "declare": "nnny",
    "retire": "nnny",
    "merge": "nnny",
    "remove_shared_view": "nnny",
    "manage_members": "nnny",
    "manage_criteria": "nnny",
    "manage_weights": "nnny",
    "manage_rounds": "nnny",
    "widen_ranges": "nnny",
    "manage_settings": "nnny",
}
PEOPLE = [
    (Role.VIEWER, False),
    (Role.CONTRIBUTOR, False),
    (Role.CONTRIBUTOR, True),
    (Role.SPONSOR, False),
]


@pytest.mark.parametrize("right", Right)
def test_the_table_of_rights(right):
    found = "".join(
        "y" if pipeline.may(role, is_owner, right, stage=Stage.BUILDING) else "n"
        for role, is_owner in PEOPLE
    )
    assert found == TABLE[right]


@pytest.mark.parametrize("right", Right)
def test_a_stranger_may_nothing(right):
    assert not pipeline.may(None, True, right, is_named=True)


@pytest.mark.parametrize("stage", Stage)
def test_a_contributor_edits_only_candidates(stage):
    allowed = pipeline.may(Role.CONTRIBUTOR, False, Right.EDIT, stage=stage)
    assert allowed is (stage in (Stage.PROPOSED, Stage.QUALIFIED))
    assert pipeline.may(Role.SPONSOR, False, Right.EDIT, stage=stage)


def test_an_owner_whose_role_became_viewer_owns_nothing():
    assert pipeline.rights_of(Role.VIEWER, True, is_named=True) == pipeline.rights_of(Role.VIEWER)


@pytest.mark.parametrize(
    ("role", "is_named", "allowed"),
    [
        (Role.CONTRIBUTOR, True, True),
        (Role.SPONSOR, True, True),
        (Role.SPONSOR, False, False),
        (Role.VIEWER, True, False),
    ],
)
def test_only_the_person_named_accepts(role, is_named, allowed):
    assert pipeline.may(role, False, Right.ACCEPT_OWNERSHIP, is_named=is_named) is allowed


@pytest.mark.parametrize(
    ("source", "target", "right"),
    [
        ("proposed", "qualified", "move_early"),
        ("qualified", "proposed", "move_early"),
        ("qualified", "selected", "select"),
        ("selected", "mobilising", "move_delivery"),
        ("live", "decided", "move_delivery"),
        ("building", "decided", "move_delivery"),
        ("selected", "qualified", "move_back"),
        ("live", "building", "move_back"),
        ("decided", "proposed", "move_back"),
        ("qualified", "parked", "move_early"),
        ("selected", "parked", "park"),
        ("parked", "proposed", "park"),
        ("proposed", "stopped", "stop"),
    ],
)
def test_each_move_needs_its_right(source, target, right):
    assert pipeline.right_to_move(Stage(source), Stage(target)) == right


def test_what_was_parked_as_a_candidate_may_be_brought_back_by_a_contributor():
    back = pipeline.right_to_move(Stage.PARKED, Stage.PROPOSED, parked_from=Stage.QUALIFIED)
    assert back is Right.MOVE_EARLY
    back = pipeline.right_to_move(Stage.PARKED, Stage.PROPOSED, parked_from=Stage.LIVE)
    assert back is Right.PARK


def test_selected_asks_for_an_owner():
    assert pipeline.passes(pipeline.judge_selected(SelectedFacts("Olga")))
    (finding,) = pipeline.judge_selected(SelectedFacts(None))
    assert not finding.holds
    assert finding.mend == "lighthouse"


def holds(findings):
    return [finding.holds for finding in findings]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (MobilisingFacts("Olga", True, (), 16), [True, True, True]),
        (MobilisingFacts("Olga", True, (), 8), [True, True, True]),
        (MobilisingFacts("Olga", True, (), 7), [True, True, False]),
        (MobilisingFacts("Olga", True, (), 17), [True, True, False]),
        (MobilisingFacts("Olga", True, (), None), [True, True, False]),
        (MobilisingFacts("Olga", False, (), 12), [False, True, True]),
        (MobilisingFacts(None, True, (), 12), [False, True, True]),
        (MobilisingFacts("Olga", True, ("the baseline",), 12), [True, False, True]),
    ],
)
def test_mobilising_asks_for_acceptance_a_contract_and_the_weeks(facts, expected):
    assert holds(pipeline.judge_mobilising(facts)) == expected


def test_what_is_missing_in_the_contract_is_told():
    findings = pipeline.judge_mobilising(MobilisingFacts("Olga", True, ("the baseline",), 12))
    assert findings[1].why == "Missing: the baseline."


def test_building_asks_for_the_production_environment():
    assert holds(pipeline.judge_building(BuildingFacts("eu-west cluster"))) == [True]
    assert holds(pipeline.judge_building(BuildingFacts("  "))) == [False]


def test_live_asks_for_the_ship_date_a_working_review_and_a_reading_plan():
    facts = LiveFacts(date(2026, 3, 3), "weekly, from BI", date(2026, 2, 27))
    findings = pipeline.judge_live(facts)
    assert holds(findings) == [True, True, True]
    assert "3 March 2026" in findings[0].why
    assert "27 February 2026" in findings[1].why
    assert holds(pipeline.judge_live(LiveFacts(None, ""))) == [False, False, False]


@pytest.mark.parametrize(
    ("verdict", "declared", "text", "expected"),
    [
        (Verdict.VICTORY, True, "It paid.", [True, True, True]),
        (Verdict.FAILURE, False, "", [True, False, False]),
        (Verdict.PENDING, False, "", [False, False, False]),
    ],
)
def test_decided_asks_for_verdict_declaration_and_retrospective(verdict, declared, text, expected):
    assert holds(pipeline.judge_decided(DecidedFacts(verdict, declared, text))) == expected
