"""Judges what a gate still misses, by the facts of a lighthouse. Other rooms judge theirs."""

from dataclasses import dataclass
from datetime import date

from portfolio.rules.clock import FEWEST_WEEKS, MOST_WEEKS
from portfolio.rules.findings import Finding, Mend
from portfolio.rules.words import Verdict


@dataclass(frozen=True)
class SelectedFacts:
    owner_name: str | None
    can_own: bool = True  # is a member whose role lets them


@dataclass(frozen=True)
class MobilisingFacts:
    owner_name: str | None
    has_accepted: bool
    contract_missing: tuple[str, ...]  # the words of `contract.what_is_missing`
    planned_weeks: int | None
    can_own: bool = True


@dataclass(frozen=True)
class BuildingFacts:
    production_environment: str


@dataclass(frozen=True)
class LiveFacts:
    shipped_on: date | None
    reading_plan: str
    review_working_on: date | None = None


@dataclass(frozen=True)
class DecidedFacts:
    verdict: Verdict
    is_declared: bool
    retrospective: str


def judge_selected(facts: SelectedFacts) -> list[Finding]:
    """What this room asks before a use case is selected: an owner named."""
    if not facts.owner_name:
        why = "Nobody is named yet. A lighthouse has one accountable person, not a list."
    elif facts.can_own:
        why = f"{facts.owner_name} is named as owner."
    else:
        why = cannot_own(facts.owner_name)
    named = bool(facts.owner_name) and facts.can_own
    return [Finding("An owner is named", named, why, Mend.LIGHTHOUSE)]


def cannot_own(name: str) -> str:
    """Of an owner, or one named, who is no member any more or only views."""
    return f"{name} cannot own it any more: no longer a contributor here. Name somebody else."


def judge_mobilising(facts: MobilisingFacts) -> list[Finding]:
    """What this room asks before mobilising: acceptance, a complete contract, 8 to 16 weeks."""
    if not facts.owner_name:
        acceptance = "Nobody is named yet, so nobody could accept."
    elif not facts.can_own:
        acceptance = cannot_own(facts.owner_name)
    elif facts.has_accepted:
        acceptance = f"{facts.owner_name} accepted."
    else:
        acceptance = f"{facts.owner_name} has not accepted yet."
    complete = not facts.contract_missing
    weeks = facts.planned_weeks
    weeks_hold = weeks is not None and FEWEST_WEEKS <= weeks <= MOST_WEEKS
    if weeks is None:
        duration = f"No duration is planned yet. Choose {FEWEST_WEEKS} to {MOST_WEEKS} weeks."
    elif weeks_hold:
        duration = f"{weeks} weeks are planned."
    else:
        duration = f"{weeks} weeks are planned; a lighthouse runs {FEWEST_WEEKS} to {MOST_WEEKS}."
    return [
        Finding(
            "The owner accepted",
            bool(facts.owner_name) and facts.can_own and facts.has_accepted,
            acceptance,
            Mend.LIGHTHOUSE,
        ),
        Finding(
            "The success contract is complete",
            complete,
            "Nothing is missing." if complete else f"Missing: {', '.join(facts.contract_missing)}.",
            Mend.CONTRACT,
        ),
        Finding(
            f"The plan is {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
            weeks_hold,
            duration,
            Mend.CONTRACT,
        ),
    ]


def judge_building(facts: BuildingFacts) -> list[Finding]:
    """What this room asks before building: the production environment named."""
    environment = facts.production_environment.strip()
    return [
        Finding(
            "The production environment is named",
            bool(environment),
            f"It will run on {environment}."
            if environment
            else "Say where it will run in production: a pilot environment would have to be "
            "re-platformed later.",
            Mend.FACTS,
        )
    ]


def judge_live(facts: LiveFacts) -> list[Finding]:
    """What this room asks before going live: shipped, the review path works, a reading plan."""
    shipped = facts.shipped_on is not None
    reviewed = facts.review_working_on is not None
    planned = bool(facts.reading_plan.strip())
    return [
        Finding(
            "The ship date is recorded",
            shipped,
            f"In production since {facts.shipped_on:%-d %B %Y}."
            if facts.shipped_on is not None
            else "No day is recorded on which it reached production.",
            Mend.FACTS,
        ),
        Finding(
            "The review path works",
            reviewed,
            f"People review, correct and feed back since {facts.review_working_on:%-d %B %Y}."
            if facts.review_working_on is not None
            else "Nobody has said yet that reviewers can approve, reject or edit in production.",
            Mend.FACTS,
        ),
        Finding(
            "A reading plan is in place",
            planned,
            "It is written down who reads the metric and how often."
            if planned
            else "Write down who reads the metric, from where and how often; "
            "without readings the verdict is failure.",
            Mend.FACTS,
        ),
    ]


def judge_decided(facts: DecidedFacts) -> list[Finding]:
    """What this room asks before a use case is decided: verdict, declaration, retrospective."""
    computed = facts.verdict is not Verdict.PENDING
    written = bool(facts.retrospective.strip())
    return [
        Finding(
            "The verdict is computed",
            computed,
            f"The verdict is {facts.verdict}."
            if computed
            else "The verdict is pending until the verdict day has ended.",
            Mend.VERDICT,
        ),
        Finding(
            "The verdict is declared",
            facts.is_declared,
            "A sponsor declared it."
            if facts.is_declared
            else "A sponsor has yet to confirm it, or to overrule it in writing.",
            Mend.VERDICT,
        ),
        Finding(
            "The retrospective is written",
            written,
            "It is written."
            if written
            else "Write down what was learnt while it is fresh, so that the next one is cheaper.",
            Mend.RETROSPECTIVE,
        ),
    ]
