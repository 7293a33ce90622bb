"""Judges victory or failure, read off the sealed contract's metrics once the verdict day has ended.

Domain section 6. Three readings of it:

- Where the contract asks for several last readings and there are fewer that count, the target
  is missed, not unmeasured: there is a reading in force, but not all that were asked for.
- A reading is of a metric by its name and unit. One of what was agreed before an amendment says
  nothing of what is agreed since.
- A late mark is given for any day up to and including `verdict_due`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portfolio.rules.contract import Contract
from portfolio.rules.words import Direction, LimitKind, Verdict, as_sentence

__all__ = [
    "NOT_AGREED",
    "Because",
    "FailureReason",
    "Judgement",
    "Reading",
    "Verdict",
    "is_late",
    "judge",
    "judge_unsealed",
]


NOT_AGREED = 0  # what a reading is of that the contract does not name, or no longer


class FailureReason(StrEnum):
    """Why a lighthouse failed, in the order in which it is told."""

    NOT_SHIPPED = "not_shipped"
    NOT_MEASURED = "not_measured"
    TARGET_MISSED = "target_missed"
    GUARDRAIL_BROKEN = "guardrail_broken"


@dataclass(frozen=True)
class Reading:
    """A measured value. Ids rise with the order of entry; `supersedes` is the id it corrects."""

    id: int
    guardrail: int | None  # None: the success metric; or NOT_AGREED
    value: Decimal
    measured_on: date
    sample_size: int | None = None
    supersedes: int | None = None


@dataclass(frozen=True)
class Because:
    """One reason for a failure, with words for the page."""

    reason: FailureReason
    words: str


@dataclass(frozen=True)
class Judgement:
    """The verdict, why, and the readings that it stands on."""

    verdict: Verdict
    because: tuple[Because, ...] = ()
    in_force: Reading | None = None  # of the success metric
    guardrails_in_force: tuple[tuple[int, Reading], ...] = ()

    @property
    def reasons(self) -> tuple[FailureReason, ...]:
        return tuple(because.reason for because in self.because)


def what_counts(
    contract: Contract, readings: Iterable[Reading], shipped_on: date | None, today: date
) -> list[Reading]:
    """The readings that may be in force, the latest last; of one day, the last entered last."""
    known = list(readings)
    superseded = {reading.supersedes for reading in known}
    counting = [
        reading
        for reading in known
        if reading.id not in superseded
        and not why_not_counted(
            contract, reading.measured_on, reading.sample_size, shipped_on, today
        )
    ]
    return sorted(counting, key=lambda reading: (reading.measured_on, reading.id))


def why_not_counted(
    contract: Contract,
    measured_on: date,
    sample_size: int | None,
    shipped_on: date | None,
    today: date,
) -> str:
    """Why a reading, itself not superseded, does not count; empty where it does."""
    if shipped_on is None:
        return "not shipped yet"
    if measured_on < shipped_on:
        return f"before the ship date, {shipped_on:%-d %B %Y}"
    if measured_on > contract.verdict_due:
        return f"after the verdict day, {contract.verdict_due:%-d %B %Y}"
    if measured_on > today:
        return "its day has not come"
    smallest = contract.smallest_sample
    # A reading that does not tell its sample was at least measured once.
    if (1 if sample_size is None else sample_size) < smallest:
        given = "no sample" if sample_size is None else f"a sample of {sample_size:,}"
        return f"{given}, {smallest:,} needed"
    return ""


def judge(
    contract: Contract, readings: Iterable[Reading], shipped_on: date | None, today: date
) -> Judgement:
    """The verdict as of today, which is the day in the portfolio's time zone.

    Pending until `verdict_due` has ended; until then it still tells which readings are in force.
    """
    counting = what_counts(contract, readings, shipped_on, today)
    of_metric = [reading for reading in counting if reading.guardrail is None]
    in_force = of_metric[-1] if of_metric else None
    latest = {reading.guardrail: reading for reading in counting}
    guarded = tuple(
        (guardrail.id, latest[guardrail.id])
        for guardrail in contract.guardrails
        if guardrail.id in latest
    )

    def judged(verdict: Verdict, because: Iterable[Because] = ()) -> Judgement:
        return Judgement(verdict, tuple(because), in_force, guarded)

    if today <= contract.verdict_due:
        return judged(Verdict.PENDING)
    if shipped_on is None or shipped_on > contract.verdict_due:
        return judged(
            Verdict.FAILURE,
            [Because(FailureReason.NOT_SHIPPED, _not_shipped_by(contract.verdict_due, shipped_on))],
        )

    because = []
    unmeasured = [] if of_metric else [contract.metric]
    unmeasured += [g.metric for g in contract.guardrails if g.id not in latest]
    if unmeasured:
        because.append(Because(FailureReason.NOT_MEASURED, _not_measured(contract, unmeasured)))
    asked = of_metric[-contract.last_readings :]
    if of_metric and not (
        len(asked) == contract.last_readings
        and all(contract.meets(reading.value) for reading in asked)
    ):
        because.append(Because(FailureReason.TARGET_MISSED, _target_missed(contract, asked)))
    broken = [
        f"{as_sentence(guardrail.metric)} stood at "
        f"{_amount(latest[guardrail.id].value, guardrail.unit)}, "
        f"{'at least' if guardrail.kind is LimitKind.AT_LEAST else 'at most'} "
        f"{_amount(guardrail.limit, guardrail.unit)} was promised."
        for guardrail in contract.guardrails
        if guardrail.id in latest and not guardrail.allows(latest[guardrail.id].value)
    ]
    if broken:
        because.append(Because(FailureReason.GUARDRAIL_BROKEN, " ".join(broken)))
    return judged(Verdict.FAILURE if because else Verdict.VICTORY, because)


def judge_unsealed(verdict_due: date | None, shipped_on: date | None, today: date) -> Judgement:
    """The verdict of a lighthouse whose success contract was never sealed.

    The clock runs all the same. What shipped in time cannot be read off a metric that nobody
    agreed on, so it is not measured.
    """
    if verdict_due is None or today <= verdict_due:
        return Judgement(Verdict.PENDING)
    if shipped_on is None or shipped_on > verdict_due:
        because = Because(FailureReason.NOT_SHIPPED, _not_shipped_by(verdict_due, shipped_on))
    else:
        because = Because(
            FailureReason.NOT_MEASURED,
            "No success contract was sealed, so there is no metric to read it off.",
        )
    return Judgement(Verdict.FAILURE, (because,))


def is_late(entered_on: date, for_day: date, verdict_due: date) -> bool:
    """Whether something entered after the verdict day speaks of a day up to it."""
    return for_day <= verdict_due < entered_on


def _amount(value: Decimal, unit: str) -> str:
    number = f"{value:f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number} {unit}".strip() if unit != "%" else f"{number} %"


def _not_shipped_by(verdict_due: date, shipped_on: date | None) -> str:
    due = f"{verdict_due:%-d %B %Y}"
    if shipped_on is None:
        return f"It had not reached production by {due}."
    return f"It reached production on {shipped_on:%-d %B %Y}, after {due}."


def _not_measured(contract: Contract, metrics: list[str]) -> str:
    sample = contract.smallest_sample
    enough = f" with a sample of at least {sample}" if sample > 1 else ""
    return (
        f"No reading{enough} from the ship date to {contract.verdict_due:%-d %B %Y} "
        f"of {' and '.join(metrics)}."
    )


def _target_missed(contract: Contract, asked: list[Reading]) -> str:
    side = "at or above" if contract.direction is Direction.HIGHER else "at or below"
    target = _amount(contract.target, contract.unit)
    if contract.last_readings == 1:
        return (
            f"{as_sentence(contract.metric)} stood at {_amount(asked[-1].value, contract.unit)}; "
            f"{side} {target} was promised."
        )
    meeting = sum(contract.meets(reading.value) for reading in asked)
    return (
        f"{meeting} of the last {contract.last_readings} readings of {contract.metric} "
        f"{'is' if meeting == 1 else 'are'} {side} {target}; all of them were to be."
    )
