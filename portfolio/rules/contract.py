"""Judges whether a success contract is complete, and whether an amendment to it is allowed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portfolio.rules import clock
from portfolio.rules.clock import FEWEST_WEEKS, MOST_WEEKS
from portfolio.rules.findings import Objection
from portfolio.rules.words import Direction, LimitKind


@dataclass(frozen=True)
class Guardrail:
    """A metric that must stay at its limit or better; `id` is what its readings point at."""

    id: int
    metric: str
    kind: LimitKind
    limit: Decimal
    unit: str = ""

    def allows(self, value: Decimal) -> bool:
        if self.kind is LimitKind.AT_LEAST:
            return value >= self.limit
        return value <= self.limit


@dataclass(frozen=True)
class Contract:
    """What was agreed before the work began; the verdict is read against it."""

    metric: str
    unit: str
    direction: Direction
    baseline: Decimal
    target: Decimal
    guardrails: tuple[Guardrail, ...]
    how_measured: str
    smallest_sample: int
    last_readings: int
    start_date: date
    planned_weeks: int

    @property
    def verdict_due(self) -> date:
        return clock.verdict_due(self.start_date, self.planned_weeks)

    def meets(self, value: Decimal) -> bool:
        if self.direction is Direction.HIGHER:
            return value >= self.target
        return value <= self.target


@dataclass(frozen=True)
class Draft:
    """A contract on its way: None or blank is what nobody has said yet."""

    metric: str = ""
    unit: str = ""
    direction: Direction | None = None
    baseline: Decimal | None = None
    target: Decimal | None = None
    guardrails: tuple[Guardrail, ...] = ()
    no_guardrails: bool = False
    how_measured: str = ""
    smallest_sample: int | None = None
    last_readings: int | None = 1
    start_date: date | None = None
    planned_weeks: int | None = None


def is_better(direction: Direction, baseline: Decimal, target: Decimal) -> bool:
    """Whether the target lies beyond the baseline on the better side."""
    return target > baseline if direction is Direction.HIGHER else target < baseline


def what_is_missing(draft: Draft) -> tuple[Objection, ...]:
    """Every field that keeps the contract from being sealed, in the order of the form."""
    missing = []

    def ask(field: str, is_said: bool, words: str) -> None:
        if not is_said:
            missing.append(Objection(field, words))

    ask("metric", bool(draft.metric.strip()), "the metric")
    ask("unit", bool(draft.unit.strip()), "its unit")
    ask("direction", draft.direction is not None, "which direction is better")
    ask("baseline", draft.baseline is not None, "the baseline")
    ask("target", draft.target is not None, "the target")
    if draft.direction is not None and draft.baseline is not None and draft.target is not None:
        ask(
            "target",
            is_better(draft.direction, draft.baseline, draft.target),
            "a target that is better than the baseline",
        )
    ask(
        "guardrails",
        bool(draft.guardrails) or draft.no_guardrails,
        "guardrails, or the word that there are none",
    )
    ask("how_measured", bool(draft.how_measured.strip()), "how it is measured")
    ask("smallest_sample", (draft.smallest_sample or 0) >= 1, "the smallest sample that counts")
    ask(
        "last_readings",
        (draft.last_readings or 0) >= 1,
        "how many last readings must all meet the target",
    )
    ask("start_date", draft.start_date is not None, "the start date")
    ask(
        "planned_weeks",
        draft.planned_weeks is not None and FEWEST_WEEKS <= draft.planned_weeks <= MOST_WEEKS,
        f"a duration of {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
    )
    return tuple(missing)


def seal(draft: Draft) -> Contract:
    """The contract that a complete draft makes. A draft with something missing is a mistake."""
    missing = what_is_missing(draft)
    if (
        missing
        or draft.direction is None
        or draft.baseline is None
        or draft.target is None
        or draft.smallest_sample is None
        or draft.last_readings is None
        or draft.start_date is None
        or draft.planned_weeks is None
    ):
        raise ValueError(f"This contract is not complete: {missing}")
    return Contract(
        metric=draft.metric,
        unit=draft.unit,
        direction=draft.direction,
        baseline=draft.baseline,
        target=draft.target,
        guardrails=draft.guardrails,
        how_measured=draft.how_measured,
        smallest_sample=draft.smallest_sample,
        last_readings=draft.last_readings,
        start_date=draft.start_date,
        planned_weeks=draft.planned_weeks,
    )


def ends_at_once(contract: Contract, amended_due: date, today: date) -> str:
    """What an amendment would bring about on the spot, in words: its verdict day is past already.

    Empty where it is not, or where the verdict day as it stands is past as well.
    """
    if amended_due >= today or contract.verdict_due < today:
        return ""
    return (
        f"The verdict day would be {amended_due:%-d %B %Y}, already past: the verdict would be "
        "read at once."
    )


def judge_amendment(
    amended: Draft, *, sealed_start: date, reason: str, is_declared: bool
) -> tuple[Objection, ...]:
    """Everything that speaks against a sponsor's change of a sealed contract.

    `sealed_start` is the start date as it was first sealed: sixteen weeks are counted from there,
    so that moving the start, or amending twice, cannot stretch a lighthouse past them.
    """
    objections = [
        Objection(found.field, f"A sealed contract needs {found.words}.")
        for found in what_is_missing(amended)
    ]
    if is_declared:
        objections.append(Objection("", "The verdict is declared; the contract stays as it is."))
    if not reason.strip():
        objections.append(Objection("reason", "Write why: it stands beside the verdict for good."))
    if amended.start_date is not None and amended.planned_weeks is not None:
        latest = clock.verdict_due(sealed_start, MOST_WEEKS)
        if clock.verdict_due(amended.start_date, amended.planned_weeks) > latest:
            moved = amended.start_date > sealed_start
            objections.append(
                Objection(
                    "start_date" if moved else "planned_weeks",
                    f"The verdict is never due later than {MOST_WEEKS} weeks after the sealed "
                    f"start: {latest:%-d %B %Y}.",
                )
            )
    return tuple(objections)
