"""What the gates ask of people's judgement."""

import pytest

from assessments.rules import gates
from assessments.rules.gates import (
    MobilisingFacts,
    QualifiedFacts,
    Scope,
    SelectedFacts,
    TestResult,
)
from portfolio.rules.words import Answer, Place

NARROW = Scope(1, 1, 1)
ALL_YES = tuple(TestResult(test, Answer.YES) for test in gates.TEST_NAMES)


def failing(findings):
    return [(finding.condition, finding.mend) for finding in findings if not finding.holds]


def test_a_ready_narrow_undisputed_use_case_qualifies():
    findings = gates.judge_qualified(QualifiedFacts(ALL_YES, (), NARROW))
    assert failing(findings) == []
    assert len(findings) == 6


@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNKNOWN])
def test_each_test_that_is_not_yes_is_told_with_its_reason(answer):
    tests = (*ALL_YES[:3], TestResult("economics", answer, "Fill in the route."))
    findings = gates.judge_qualified(QualifiedFacts(tests, (), NARROW))
    assert failing(findings) == [("Unit economics is answered yes", "tests")]
    assert findings[3].why == "Fill in the route."


def test_an_open_disqualifier_and_a_wide_scope_keep_it_out():
    facts = QualifiedFacts(ALL_YES, ("an unresolved compliance blocker",), Scope(2, 1, 3))
    findings = gates.judge_qualified(facts)
    assert failing(findings) == [
        ("No disqualifier is open", "disqualifiers"),
        ("The scope is narrow", "scope"),
    ]
    assert "2 jobs and 3 success metrics" in findings[-1].why


@pytest.mark.parametrize(
    ("facts", "holds", "mend"),
    [
        (SelectedFacts(Place.RANKED, 2, True), True, "ranking"),
        (SelectedFacts(Place.NOT_READY, 9), False, "tests"),
        (SelectedFacts(Place.NOT_READY, 9, True), False, "ratings"),
        (SelectedFacts(Place.DISQUALIFIED, 9, True), False, "disqualifiers"),
        (SelectedFacts(None, None), False, "ranking"),
    ],
)
def test_selected_asks_for_a_rank(facts, holds, mend):
    (finding,) = gates.judge_selected(facts)
    assert (finding.holds, finding.mend) == (holds, mend)


def test_mobilising_asks_who_confirmed_the_data():
    assert failing(gates.judge_mobilising(MobilisingFacts("Dana"))) == []
    assert len(failing(gates.judge_mobilising(MobilisingFacts(" ")))) == 1
