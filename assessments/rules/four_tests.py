"""Judges the four tests of readiness: what each answers, what is missing, and what would answer it.

Domain section 3. Where it is silent: a test with a part left blank is `unknown`; a test whose parts
are all given but do not hold is `no`. A person's `no` wins over whatever is derived; a person's
`yes` does not exist.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from portfolio.rules.words import Answer, Direction, Disqualifies, judge_net


class Test(StrEnum):
    """The four tests, in the order in which they are asked."""

    __test__ = False  # the name begins like a test class, and pytest would collect it

    OUTCOME = "outcome"
    DATA = "data"
    REVIEW = "review"
    ECONOMICS = "economics"


TESTS = tuple(Test)


class Disqualification(StrEnum):
    """Why AI should not be tried here; a platform play is read from the scope, never raised."""

    WRONG_TOOL = "wrong_tool"
    COMPLIANCE_BLOCKER = "compliance_blocker"
    LOW_HUMAN_ERROR = "low_human_error"
    ACCURACY_DEMANDED = "accuracy_demanded"

    @property
    def words(self) -> str:
        return _DISQUALIFIED_BECAUSE[self]

    @property
    def bit(self) -> int:
        """What it adds to the published number."""
        return Disqualifies[self.name].value


_DISQUALIFIED_BECAUSE = {
    Disqualification.WRONG_TOOL: "AI is not the right tool, though someone important wants it",
    Disqualification.COMPLIANCE_BLOCKER: "A compliance blocker is unresolved",
    Disqualification.LOW_HUMAN_ERROR: "Human error is already low",
    Disqualification.ACCURACY_DEMANDED: "Accuracy is demanded that a first version cannot meet",
}


@dataclass(frozen=True)
class Missing:
    """One thing between a test and its yes: a stable slug, and words that say what would do."""

    slug: str
    words: str


@dataclass(frozen=True)
class TestState:
    """What a test answers, what was derived before a person spoke, and what is missing."""

    __test__ = False  # the name begins like a test class, and pytest would collect it

    test: str
    answer: Answer
    derived: Answer
    missing: tuple[Missing, ...] = ()

    @property
    def is_overruled(self) -> bool:
        return self.answer is not self.derived

    @property
    def why(self) -> str:
        """Words for a page or a gate: what is missing, as sentences."""
        return " ".join(missing.words for missing in self.missing)


def _state(
    test: str, derived: Answer, missing: Sequence[Missing], persons_no: str | None
) -> TestState:
    if persons_no is None:
        return TestState(test, derived, derived, tuple(missing))
    reason = f": {persons_no.strip()}" if persons_no.strip() else "."
    overruled = Missing("overruled", f"A person answered no{reason}")
    return TestState(test, Answer.NO, derived, (overruled, *missing))


@dataclass(frozen=True)
class Outcome:
    statement: str = ""
    metric: str = ""
    unit: str = ""
    direction: Direction | None = None
    baseline: Decimal | None = None
    target: Decimal | None = None
    segment: str = ""


# A digit inside a name is no number: GPT-4, B2B, tier-1, Q3.
_NUMERAL = re.compile(r"(?<![\w.])(?<!\w[-–])\.?\d")
# "one" and "a" are left out: "no one waits" and "a better experience" promise nothing.
_NUMBER_WORDS = re.compile(
    r"\b(?:half|halves|halve|halved|halving|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|twice|thrice"
    r"|quarter|third|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty"
    r"|ninety|hundred|thousand|million|billion|dozen|zero)(?:s|-\w+)?\b",
    re.IGNORECASE,
)
_DIRECTION_WORDS = re.compile(
    r"\b(?:improve|enhance|better|increase|reduce|optimi[sz]e|boost|streamline|transform|delight"
    r"|elevate|accelerate)\w*\b",
    re.IGNORECASE,
)
# Short words before a full stop are mostly abbreviations: "e.g. Zendesk", "vs. Tier 2".
_SEVERAL_SENTENCES = re.compile(r"(?:(?!approx)\b\w{4,}|[\d%)])[.!?]\s+[A-Z]")


def has_number(statement: str) -> bool:
    """Whether a statement names a number, in digits or in words such as "half" or "two"."""
    return bool(_NUMERAL.search(statement) or _NUMBER_WORDS.search(statement))


def judge_outcome(outcome: Outcome, *, persons_no: str | None = None) -> TestState:
    """Whether one sentence with a number says what will be better, from where to where, for whom.

    `persons_no` is a person's reason for answering no; None while nobody did.
    """
    blank: list[Missing] = []
    wrong: list[Missing] = []
    statement = outcome.statement.strip()
    if not statement:
        blank.append(Missing("statement", "Say in one sentence, with a number, what changes."))
    elif not has_number(statement):
        wrong.append(Missing("statement_number", _no_number(statement)))
    if statement and _SEVERAL_SENTENCES.search(statement):
        wrong.append(Missing("statement_sentence", "Say it in one sentence: one outcome, no more."))
    if not outcome.metric.strip():
        blank.append(Missing("metric", "Name the metric that will be read."))
    if not outcome.unit.strip():
        blank.append(Missing("unit", "Give the metric's unit, such as h, % or tickets a week."))
    if outcome.direction is None:
        blank.append(Missing("direction", "Say whether higher or lower is better."))
    if outcome.baseline is None:
        blank.append(Missing("baseline", "Give the baseline: what the metric reads today."))
    if outcome.target is None:
        blank.append(Missing("target", "Give the target that would make this a victory."))
    if outcome.baseline is not None and outcome.target is not None:
        if outcome.target == outcome.baseline:
            wrong.append(
                Missing("target_direction", "The target equals the baseline: nothing would change.")
            )
        elif outcome.direction is not None and (
            (outcome.target > outcome.baseline) != (outcome.direction is Direction.HIGHER)
        ):
            wrong.append(
                Missing(
                    "target_direction",
                    f"{outcome.direction.capitalize()} is better, but the target "
                    f"{_number(outcome.target)} lies on the wrong side of the baseline "
                    f"{_number(outcome.baseline)}.",
                )
            )
    if not outcome.segment.strip():
        blank.append(Missing("segment", "Name the one user segment that it is for."))
    in_order = sorted([*blank, *wrong], key=lambda missing: _FORM_ORDER.index(missing.slug))
    return _state("outcome", _derive(blank, wrong), in_order, persons_no)


_FORM_ORDER = (
    "statement",
    "statement_number",
    "statement_sentence",
    "metric",
    "unit",
    "direction",
    "baseline",
    "target",
    "target_direction",
    "segment",
)


def _number(value: Decimal) -> str:
    """Without idle zeros."""
    return f"{value.normalize():f}"


def _no_number(statement: str) -> str:
    found = _DIRECTION_WORDS.search(statement)
    told = f"“{found.group(0)}” is a direction, not an outcome" if found else "There is no number"
    return (
        f"{told}: nobody could say in week 16 whether it was reached. Write how much, of what, "
        "from which value to which, such as “Cut first response from 8 h to 0.5 h”."
    )


def _derive(blank: Sequence[Missing], wrong: Sequence[Missing]) -> Answer:
    if blank:
        return Answer.UNKNOWN
    return Answer.NO if wrong else Answer.YES


class Use(StrEnum):
    """What a source is for."""

    LEARN = "learn"
    RETRIEVE = "retrieve"
    EVALUATE = "evaluate"


class Usable(StrEnum):
    """Whether an AI system could use a source as it stands."""

    YES = "yes"
    NOT_YET = "not_yet"
    NO = "no"


@dataclass(frozen=True)
class Source:
    """One data source; None is a question that nobody has answered yet."""

    name: str
    required: bool = True
    schema_consistent: bool | None = None
    clean: bool | None = None
    access_cleared: bool | None = None
    usable: Usable | None = None


def judge_data(sources: Sequence[Source], *, persons_no: str | None = None) -> TestState:
    """Whether every required source is usable as it stands and its access is cleared."""
    required = [source for source in sources if source.required]
    blank: list[Missing] = []
    wrong: list[Missing] = []
    if not required:
        words = (
            "Mark at least one source as required." if sources else "Name the data it stands on."
        )
        blank.append(Missing("sources", words))
    for source in required:
        if source.usable is None:
            blank.append(Missing("usable", f"Say whether {source.name} is usable as it stands."))
        elif source.usable is not Usable.YES:
            wrong.append(Missing("usable", _data_gap(source)))
        if source.access_cleared is None:
            blank.append(Missing("access_cleared", f"Ask whether {source.name} may be used."))
        elif not source.access_cleared:
            wrong.append(
                Missing(
                    "access_cleared", f"Access and compliance of {source.name} are not cleared."
                )
            )
    return _state("data", _derive(blank, wrong), [*blank, *wrong], persons_no)


def _data_gap(source: Source) -> str:
    if source.usable is Usable.NO:
        return f"{source.name} cannot be used by an AI system: find another source."
    work = []
    if source.schema_consistent is False:
        work.append("make its schema consistent")
    if source.clean is False:
        work.append("clean it")
    first = " and ".join(work) or "say which work makes it usable"
    return f"{source.name} is not usable yet: first {first}."


@dataclass(frozen=True)
class Readiness:
    """The derived criterion `data_readiness` on 0 to 5."""

    low: Decimal
    likely: Decimal
    high: Decimal


_USABLE_PARTS = {Usable.YES: Decimal(1), Usable.NOT_YET: Decimal("0.5"), Usable.NO: Decimal(0)}
_HALF = Decimal("0.5")
_QUARTER = Decimal("0.25")
_SIX_PLACES = Decimal("0.000001")


def data_readiness(sources: Sequence[Source]) -> Readiness | None:
    """How ready the required data is, by domain section 4; None where it cannot be said yet.

    A required source without an answer to `usable` leaves it unrated. A schema, cleanness or access
    that nobody has answered for counts as not there. Published to six places, half to even.
    """
    required = [source for source in sources if source.required]
    if not required or any(source.usable is None for source in required):
        return None
    total = Decimal(0)
    for source in required:
        assert source.usable is not None
        quality = _HALF
        quality += _QUARTER if source.schema_consistent else 0
        quality += _QUARTER if source.clean else 0
        cleared = Decimal(1) if source.access_cleared else _HALF
        total += _USABLE_PARTS[source.usable] * quality * cleared
    likely = 5 * total / len(required)
    return Readiness(
        low=max(Decimal(0), likely - 1).quantize(_SIX_PLACES, ROUND_HALF_EVEN),
        likely=likely.quantize(_SIX_PLACES, ROUND_HALF_EVEN),
        high=min(Decimal(5), likely + 1).quantize(_SIX_PLACES, ROUND_HALF_EVEN),
    )


def data_readiness_if_yes(sources: Sequence[Source]) -> Readiness | None:
    """How ready the required data would be if the data test came out yes.

    Then every required source is usable and cleared; how consistent and clean each is, stays as it
    is known. None where no source is required: then nothing is known of the data.
    """
    return data_readiness(
        [
            replace(source, usable=Usable.YES, access_cleared=True)
            for source in sources
            if source.required
        ]
    )


class Outputs(StrEnum):
    """Which outputs a person looks at."""

    ALL = "all"
    SAMPLED = "sampled"
    LOW_CONFIDENCE = "low_confidence"


@dataclass(frozen=True)
class Review:
    reviewer: str = ""
    outputs: str = ""  # all, a sampled share, only low confidence
    sampled_percent: int | None = None
    decision: str = ""
    feedback: str = ""


def judge_review(review: Review, *, persons_no: str | None = None) -> TestState:
    """Whether all four parts of the review path are answered."""
    asked = (
        ("reviewer", review.reviewer, "Say who reviews."),
        ("outputs", review.outputs, "Say which outputs: all, a sampled share, or low confidence."),
        ("decision", review.decision, "Say how they approve, reject or edit."),
        ("feedback", review.feedback, "Say how their decisions feed back."),
    )
    blank = [Missing(slug, words) for slug, part, words in asked if not part.strip()]
    if review.outputs == Outputs.SAMPLED and review.sampled_percent is None:
        blank.append(Missing("sampled_percent", "Say which share of the outputs is sampled."))
    return _state("review", _derive(blank, ()), blank, persons_no)


def judge_economics(
    net_per_month: Decimal | None,
    *,
    missing_inputs: Sequence[str] = (),
    persons_no: str | None = None,
) -> TestState:
    """Whether the net at target scale is above zero in the likely case.

    `missing_inputs` are the names that the economics give where the net is unknown.
    """
    if net_per_month is None:
        blank = [
            Missing(name, f"Fill in the {name.replace('_', ' ')}.") for name in missing_inputs
        ] or [Missing("unit_economics", "Fill in the unit economics.")]
        return _state("economics", Answer.UNKNOWN, blank, persons_no)
    if judge_net(net_per_month) is Answer.YES:
        return _state("economics", Answer.YES, (), persons_no)
    lost = f"The net at target scale is {net_per_month:,.0f} a month: it must be above zero."
    return _state("economics", Answer.NO, [Missing("net_per_month", lost)], persons_no)


def is_ready(states: Sequence[TestState]) -> bool:
    """Whether all four tests answer yes."""
    return {state.test for state in states} == set(TESTS) and all(
        state.answer is Answer.YES for state in states
    )


WIDEST = 1  # of each: jobs, segments, success metrics


def is_platform_play(jobs: int, segments: int, success_metrics: int) -> bool:
    """Whether the scope names more than one job, segment or success metric."""
    return max(jobs, segments, success_metrics) > WIDEST
