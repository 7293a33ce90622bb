"""What the lighthouse page says first: where it stands, in one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portfolio.models import Forecast, Lighthouse, LighthouseStanding
from portfolio.rules import clock, verdicts
from portfolio.rules.findings import Objection
from portfolio.rules.gates import cannot_own
from portfolio.rules.words import Verdict, as_sentence
from portfolio.templatetags.words import day_year, listed, number

InForce = Mapping[int | None, verdicts.Reading]  # by guardrail id, none for the success metric


@dataclass(frozen=True)
class Answer:
    """The page's answer: what matters first, and the rest of it."""

    lead: str
    rest: str = ""


def answer(
    lighthouse: Lighthouse,
    standing: LighthouseStanding | None,
    *,
    is_stale: bool,
    today: date,
    missing: Sequence[Objection],
    forecasts: Sequence[Forecast],
    in_force: InForce,
    can_own: bool,
) -> Answer:
    """Where it stands, in one sentence: what ended it, what it waits for, or its week."""
    if lighthouse.abandoned_at is not None:
        on = day_year(lighthouse.abandoned_at)
        return Answer(f"Abandoned on {on}", "without a verdict.")
    if lighthouse.declared_at is not None:
        return _declared(lighthouse)
    if lighthouse.acceptance != "accepted":
        return _unowned(lighthouse)
    if not can_own:
        return Answer("Nobody owns it any more.", cannot_own(str(lighthouse.owner)))
    if standing is not None and standing.verdict != Verdict.PENDING and not is_stale:
        return Answer(
            f"{standing.verdict.capitalize()}, as the clock and the readings say.",
            " ".join([*standing.reason_words, "A sponsor has yet to declare it."]),
        )
    due = lighthouse.verdict_due
    if due is not None and today > due:
        return Answer("The last day has ended;", "the verdict is being computed.")
    if not lighthouse.is_sealed:
        return _unsealed(missing)
    week = clock.week_of(lighthouse.start_date, today)
    if week is None:
        return Answer(
            f"It starts on {day_year(lighthouse.start_date)}.",
            f"The verdict is read on {day_year(due)}.",
        )
    lead = f"Week {week} of {lighthouse.planned_weeks}."
    return Answer(lead, f"{_shipping(lighthouse, forecasts)} {_reaching(lighthouse, in_force)}")


def _declared(lighthouse: Lighthouse) -> Answer:
    declared, computed = lighthouse.declared_verdict, lighthouse.computed_at_declaration
    who = f"{lighthouse.declared_by} on {day_year(lighthouse.declared_at)}"
    if declared == computed:
        reasons = " ".join(lighthouse.reason_words)
        return Answer(f"{declared.capitalize()},", f"declared by {who}. {reasons}".strip())
    return Answer(
        f"{declared.capitalize()},",
        f"declared by {who} against the computed {computed}: “{lighthouse.declared_reason}”",
    )


def _unowned(lighthouse: Lighthouse) -> Answer:
    owner = str(lighthouse.owner)
    if lighthouse.acceptance == "declined":
        why = f": “{lighthouse.decline_reason}”" if lighthouse.decline_reason else "."
        return Answer("Nobody owns it.", f"{owner} declined{why} Name somebody else.")
    return Answer("Nobody owns it yet.", f"{owner} is asked, and has not answered.")


def _unsealed(missing: Sequence[Objection]) -> Answer:
    if not missing:
        return Answer(
            "The success contract is complete.",
            "It is sealed when the use case moves to mobilising.",
        )
    words = listed([found.words for found in missing])
    return Answer("The success contract is not sealed.", f"It still misses {words}.")


def _shipping(lighthouse: Lighthouse, forecasts: Sequence[Forecast]) -> str:
    if lighthouse.shipped_on is not None:
        return f"In production since {day_year(lighthouse.shipped_on)}."
    if not forecasts:
        return "Not in production, and nobody has said when it will be."
    promised = forecasts[0].ships_on
    late = promised > lighthouse.verdict_due
    return f"Not in production yet; the last forecast says {day_year(promised)}" + (
        ", after the verdict." if late else "."
    )


def _reaching(lighthouse: Lighthouse, in_force: InForce) -> str:
    contract = lighthouse.contract
    side = "at or above" if contract.direction == "higher" else "at or below"
    target = f"{side} {number(contract.target, contract.unit)}"
    due = day_year(lighthouse.verdict_due)
    reading = in_force.get(None)
    if reading is None:
        if lighthouse.shipped_on is None:
            return f"On {due} {contract.metric} must be {target}."
        return f"No reading counts yet; on {due} {contract.metric} must be {target}."
    stands = number(reading.value, contract.unit)
    if contract.as_agreed().meets(reading.value):
        return f"{as_sentence(contract.metric)} stands at {stands}, which meets the target."
    return f"{as_sentence(contract.metric)} stands at {stands}; by {due} it must be {target}."
