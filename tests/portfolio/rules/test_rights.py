"""Who may do what, as domain section 2 says."""

import pytest

from portfolio.rules import rights
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right, Role

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
        "y" if rights.may(role, is_owner, right, stage=Stage.BUILDING) else "n"
        for role, is_owner in PEOPLE
    )
    assert found == TABLE[right]


@pytest.mark.parametrize("right", Right)
def test_a_stranger_may_nothing(right):
    assert not rights.may(None, True, right, is_named=True)


@pytest.mark.parametrize("stage", Stage)
def test_a_contributor_edits_only_candidates(stage):
    allowed = rights.may(Role.CONTRIBUTOR, False, Right.EDIT, stage=stage)
    assert allowed is (stage in (Stage.PROPOSED, Stage.QUALIFIED))
    assert rights.may(Role.SPONSOR, False, Right.EDIT, stage=stage)


def test_an_owner_whose_role_became_viewer_owns_nothing():
    assert rights.rights_of(Role.VIEWER, True, is_named=True) == rights.rights_of(Role.VIEWER)


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
    assert rights.may(role, False, Right.ACCEPT_OWNERSHIP, is_named=is_named) is allowed


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
    assert rights.right_to_move(Stage(source), Stage(target)) == right


def test_what_was_parked_as_a_candidate_may_be_brought_back_by_a_contributor():
    back = rights.right_to_move(Stage.PARKED, Stage.PROPOSED, parked_from=Stage.QUALIFIED)
    assert back is Right.MOVE_EARLY
    back = rights.right_to_move(Stage.PARKED, Stage.PROPOSED, parked_from=Stage.LIVE)
    assert back is Right.PARK
