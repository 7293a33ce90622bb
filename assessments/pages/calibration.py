"""What the pages of calibration show: the answer in a sentence, each person, each case drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from assessments.calibrating import Person, Told
from assessments.rules import calibration
from assessments.rules.calibration import LEAST, Day, Finding, Judgement, Kind, Range
from portfolio.charts.scales import LinearScale

MOST_CASES = 200  # of each kind on a person's page
STATES = {
    Finding.TOO_FEW: "pending",
    Finding.FITS: "on_track",
    Finding.OVERCONFIDENT: "off_track",
    Finding.TOO_EARLY: "at_risk",
    Finding.TOO_LATE: "at_risk",
}
SHORT = {
    Finding.FITS: "fits",
    Finding.OVERCONFIDENT: "overconfident",
    Finding.TOO_EARLY: "too early",
    Finding.TOO_LATE: "on the safe side",
}


@dataclass(frozen=True)
class Cell:
    """What one kind says of one person, as the pages show it."""

    judged: Judgement
    state: str
    finding: str  # in one or two words
    counted: str  # "3 of 9 held"
    between: str  # the interval of the share
    error: str


@dataclass(frozen=True)
class Line:
    """One person in the table."""

    person: Person
    ranges: Cell
    kinds: Sequence[Cell]


@dataclass(frozen=True)
class Strip:
    """What was said and what came true, on one line."""

    start: float
    end: float
    at: float | None  # the likely value; a forecast has none
    true: float


@dataclass(frozen=True)
class Row:
    """One case in a person's list."""

    told: Told
    url: str
    outcome: str
    drawn: Strip


@dataclass(frozen=True)
class Section:
    """One kind on a person's page."""

    kind: Kind
    cell: Cell
    says: str
    rows: Sequence[Row]
    count: int


def lines(people: Sequence[Person]) -> list[Line]:
    return [
        Line(one, cell_of(one.ranges), [cell_of(found) for found in one.kinds]) for one in people
    ]


def cell_of(found: Judgement) -> Cell:
    if not found.is_claimed:
        return Cell(
            found, STATES[found.finding], "", f"too few yet: {found.n} of {LEAST}" if found.n
            else "none yet", "", "",
        )  # fmt: skip
    held = "in time" if found.kind is Kind.FORECAST else "held"
    return Cell(
        judged=found,
        state=STATES[found.finding],
        finding=SHORT[found.finding],
        counted=f"{found.held} of {found.n} {held}",
        between=f"{round(found.low * 100)} to {round(found.high * 100)} %",
        error=calibration.error_words(found),
    )


def answer(people: Sequence[Person]) -> str:
    """The page's answer: whose ranges are too narrow, whose dates too early, or why none is."""
    ranges = [(one.user, one.ranges) for one in people]
    said = [
        *_of_ranges([(str(user), found) for user, found in ranges if found.is_claimed]),
        *_of_forecasts(people),
    ]
    if said:
        return " ".join(said)
    most = max(ranges, key=lambda one: one[1].n, default=None)
    if most is None or not most[1].n:
        return f"Nobody’s ranges can be judged yet: {LEAST} outcomes are needed, and none is there."
    return (
        f"Nobody’s ranges can be judged yet: {LEAST} outcomes of one person are needed,"
        f" {most[0]} has {most[1].n}."
    )


def _of_ranges(judged: Sequence[tuple[str, Judgement]]) -> list[str]:
    narrow = [one for one in judged if one[1].finding is Finding.OVERCONFIDENT]
    if not narrow:
        if not judged:
            return []
        names = _listed([f"{name} ({found.held} of {found.n} held)" for name, found in judged[:5]])
        return [f"Nothing speaks against the ranges of {names}."]
    if len(narrow) == 1:
        name, found = narrow[0]
        return [
            f"{name} is overconfident: {found.held} of {found.n} ranges held what came true, where"
            " nine in ten should."
        ]
    names = _listed([f"{name} ({found.held} of {found.n})" for name, found in narrow[:5]])
    more = f" and {len(narrow) - 5} more" if len(narrow) > 5 else ""
    return [f"{names}{more} are overconfident: their ranges held too little of what came true."]


def _of_forecasts(people: Sequence[Person]) -> list[str]:
    early = [
        (str(one.user), found)
        for one in people
        for found in one.kinds
        if found.finding is Finding.TOO_EARLY
    ]
    if not early:
        return []
    names = _listed([f"{name} ({found.held} of {found.n} in time)" for name, found in early[:5]])
    return [f"Ship dates come later than {names} {'says' if len(early) == 1 else 'say'}."]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def answer_of(person: Person) -> str:
    """The same of one person."""
    found = person.ranges
    name = str(person.user)
    if found.finding is Finding.TOO_FEW:
        if not found.n:
            return f"None of the ranges that {name} gave can be held against a measurement yet."
        return (
            f"The ranges of {name} cannot be judged yet: {LEAST} outcomes are needed,"
            f" {found.n} {'is' if found.n == 1 else 'are'} there."
        )
    held = f"{found.held} of {found.n} ranges held what came true"
    if found.finding is Finding.OVERCONFIDENT:
        return f"{name} is overconfident: {held}, where nine in ten should."
    return f"Nothing speaks against the ranges of {name}: {held}."


def sections(person: Person) -> list[Section]:
    """Each kind with its cases, the latest truth first; at most MOST_CASES of each."""
    found = []
    for kind, judged in zip(Kind, person.kinds, strict=True):
        told = person.of(kind)
        found.append(
            Section(
                kind=kind,
                cell=cell_of(judged),
                says=calibration.words(judged) if judged.n else "none yet",
                rows=[row_of(one) for one in told[:MOST_CASES]],
                count=len(told),
            )
        )
    return found


def row_of(told: Told) -> Row:
    case, reference = told.case, told.use_case.reference
    addresses = {
        Kind.ASSUMPTION: "economics:economics",
        Kind.FORECAST: "portfolio:lighthouse",
        Kind.TIME_TO_VALUE: "assessments:ratings",
    }
    url = reverse(addresses[told.kind], args=[reference])
    if isinstance(case, Day):
        return Row(told, url, _lateness(case), strip_of_days(told, case))
    return Row(told, url, _side(case), strip_of(case))


def _lateness(day: Day) -> str:
    late = day.days_late
    if not late:
        return "on the day"
    days = f"{abs(late)} day{'' if abs(late) == 1 else 's'}"
    return f"{days} later" if late > 0 else f"{days} earlier"


def _side(case: Range) -> str:
    if case.fits:
        return "held"
    return "above" if case.true > case.high else "below"


STRIP = 96


def strip_of(case: Range) -> Strip:
    """The range and the truth on a line that just holds both."""
    scale = _line(min(case.low, case.true), max(case.high, case.true))
    start, end, at, true = (
        scale.at(float(value)) for value in (case.low, case.high, case.likely, case.true)
    )
    return Strip(start, end, at, true)


def strip_of_days(told: Told, case: Day) -> Strip:
    """From the day on which it was said to the day said, and where it shipped."""
    made = (told.said_on or case.said).toordinal()
    days = (made, case.said.toordinal(), case.true.toordinal())
    scale = _line(min(days), max(days))
    return Strip(*sorted((scale.at(days[0]), scale.at(days[1]))), None, scale.at(days[2]))


def _line(first: object, last: object) -> LinearScale:
    low, high = float(str(first)), float(str(last))
    return LinearScale(low, high if high > low else low + 1, 4, STRIP - 4)
