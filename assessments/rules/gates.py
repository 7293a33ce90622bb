"""Judges what the gates ask of people's judgement: tests, disqualifiers, scope, rank, data."""

from dataclasses import dataclass

from portfolio.rules.findings import Finding, Mend
from portfolio.rules.words import Answer, Place

TEST_NAMES = {
    "outcome": "Outcome",
    "data": "Data",
    "review": "Human in the loop",
    "economics": "Unit economics",
}


@dataclass(frozen=True)
class TestResult:
    """One of the four tests as derived: its answer and, where not yes, what is missing in words."""

    __test__ = False

    test: str  # outcome, data, review, economics
    answer: Answer
    why: str = ""


@dataclass(frozen=True)
class Scope:
    """How wide a use case is: the number of its jobs, segments and success metrics."""

    jobs: int
    segments: int
    success_metrics: int


@dataclass(frozen=True)
class QualifiedFacts:
    tests: tuple[TestResult, ...]
    open_disqualifiers: tuple[str, ...]  # words of each
    scope: Scope


@dataclass(frozen=True)
class SelectedFacts:
    place: Place | None  # None while the ranking has not seen it
    rank: int | None
    is_ready: bool = False


@dataclass(frozen=True)
class MobilisingFacts:
    data_confirmed_by: str


def too_wide(scope: Scope) -> tuple[str, ...]:
    """What makes the scope a platform play, in words; empty where it is narrow."""
    counted = (
        (scope.jobs, "jobs"),
        (scope.segments, "segments"),
        (scope.success_metrics, "success metrics"),
    )
    return tuple(f"{number} {name}" for number, name in counted if number > 1)


def judge_qualified(facts: QualifiedFacts) -> list[Finding]:
    """What is asked before a use case is qualified: four tests yes, no disqualifier, one scope."""
    findings = [
        Finding(
            f"{TEST_NAMES[result.test]} is answered yes",
            result.answer is Answer.YES,
            "Answered yes."
            if result.answer is Answer.YES
            else result.why or f"The answer is {result.answer.word}.",
            Mend.TESTS,
        )
        for result in facts.tests
    ]
    open_ones = facts.open_disqualifiers
    findings.append(
        Finding(
            "No disqualifier is open",
            not open_ones,
            f"It is disqualified: {'; '.join(open_ones)}."
            if open_ones
            else "Nothing is raised against it.",
            Mend.DISQUALIFIERS,
        )
    )
    wide = too_wide(facts.scope)
    findings.append(
        Finding(
            "The scope is narrow",
            not wide,
            f"It names {' and '.join(wide)}: a platform play. Split it into several candidates."
            if wide
            else "One job, one segment, one success metric at most.",
            Mend.SCOPE,
        )
    )
    return findings


def judge_selected(facts: SelectedFacts) -> list[Finding]:
    """What this room asks before a use case is selected: a rank."""
    ranked = facts.place == Place.RANKED
    mend = Mend.RANKING
    if ranked:
        why = f"It is number {facts.rank}." if facts.rank else "It is ranked."
    elif facts.place == Place.DISQUALIFIED:
        why = "An open disqualifier or a scope that is too wide keeps it out of the ranking."
        mend = Mend.DISQUALIFIERS
    elif facts.place == Place.NOT_READY and facts.is_ready:
        why = "It has no score yet: each axis needs at least one criterion rated."
        mend = Mend.RATINGS
    elif facts.place == Place.NOT_READY:
        why = "It is not ready: one of the four tests is not answered yes."
        mend = Mend.TESTS
    else:
        why = "The ranking has not been computed for it yet."
    return [Finding("It is ranked", ranked, why, mend)]


def judge_mobilising(facts: MobilisingFacts) -> list[Finding]:
    """What this room asks before mobilising: the data confirmed by a named person."""
    name = facts.data_confirmed_by.strip()
    return [
        Finding(
            "The data is confirmed by a named person",
            bool(name),
            f"{name} confirmed the data."
            if name
            else "Nobody has put their name to the data sources yet.",
            Mend.TESTS,
        )
    ]
