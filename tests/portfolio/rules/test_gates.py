"""The gates of the portfolio's own facts, as domain section 5 says."""

from datetime import date

import pytest

from portfolio.rules import gates
from portfolio.rules.findings import passes
from portfolio.rules.gates import (
    BuildingFacts,
    DecidedFacts,
    LiveFacts,
    MobilisingFacts,
    SelectedFacts,
)
from portfolio.rules.words import Verdict


def test_selected_asks_for_an_owner():
    assert passes(gates.judge_selected(SelectedFacts("Olga")))
    (finding,) = gates.judge_selected(SelectedFacts(None))
    assert not finding.holds
    assert finding.mend == "lighthouse"
    (finding,) = gates.judge_selected(SelectedFacts("Olga", can_own=False))
    assert not finding.holds
    assert finding.why.startswith("Olga cannot own it any more")


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
    assert holds(gates.judge_mobilising(facts)) == expected


def test_what_is_missing_in_the_contract_is_told():
    findings = gates.judge_mobilising(MobilisingFacts("Olga", True, ("the baseline",), 12))
    assert findings[1].why == "Missing: the baseline."


def test_building_asks_for_the_production_environment():
    assert holds(gates.judge_building(BuildingFacts("eu-west cluster"))) == [True]
    assert holds(gates.judge_building(BuildingFacts("  "))) == [False]


def test_live_asks_for_the_ship_date_a_working_review_and_a_reading_plan():
    facts = LiveFacts(date(2026, 3, 3), "weekly, from BI", date(2026, 2, 27))
    findings = gates.judge_live(facts)
    assert holds(findings) == [True, True, True]
    assert "3 March 2026" in findings[0].why
    assert "27 February 2026" in findings[1].why
    assert holds(gates.judge_live(LiveFacts(None, ""))) == [False, False, False]


@pytest.mark.parametrize(
    ("verdict", "declared", "text", "expected"),
    [
        (Verdict.VICTORY, True, "It paid.", [True, True, True]),
        (Verdict.FAILURE, False, "", [True, False, False]),
        (Verdict.PENDING, False, "", [False, False, False]),
    ],
)
def test_decided_asks_for_verdict_declaration_and_retrospective(verdict, declared, text, expected):
    assert holds(gates.judge_decided(DecidedFacts(verdict, declared, text))) == expected
