"""What the ranking page shows: the answer, the picture, and the table's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from assessments import standing
from assessments.pages.testing import TEST_NAMES
from assessments.rules.criteria import Axis, told_weights, weightless_words
from assessments.rules.four_tests import Disqualification, Missing, Test, TestState
from assessments.rules.simulation import TOLD_APART
from portfolio.charts.ranges import Whisker, whisker
from portfolio.charts.scatter import Candidate, Scatter, scatter
from portfolio.models import Portfolio, Standing
from portfolio.pages import table
from portfolio.rules.table import TableView
from portfolio.rules.words import Answer, Place, lowered

MOST_BUBBLES = 2_000
# What is missing in as few words as a table has room for; the page of the tests says it in full.
BRIEFLY = {
    "statement": "no statement",
    "statement_number": "no number",
    "statement_sentence": "several sentences",
    "metric": "no metric",
    "unit": "no unit",
    "direction": "no direction",
    "baseline": "no baseline",
    "target": "no target",
    "target_direction": "target no better than baseline",
    "segment": "no segment",
    "sources": "no required source",
    "usable": "not usable yet",
    "access_cleared": "access not cleared",
    "reviewer": "no reviewer",
    "outputs": "which outputs?",
    "sampled_percent": "which share?",
    "decision": "no way to decide",
    "feedback": "no feedback",
    "unit_economics": "not worked out",
    "net_per_month": "nets nothing",
    "overruled": "a person said no",
}
MOST_BRIEF = 2
# The first thing that each test misses while nobody has answered anything.
UNTOUCHED = {
    Test.OUTCOME: "statement",
    Test.DATA: "sources",
    Test.REVIEW: "reviewer",
    Test.ECONOMICS: "unit_economics",
}


def place_of(row: Standing, shortlist: int) -> str:
    """pick, shortlist, ranked, not_ready or disqualified, as badges and bubbles say it."""
    if row.place == Place.RANKED and row.rank is not None:
        if row.rank == 1:
            return "pick"
        return "shortlist" if row.rank <= shortlist else "ranked"
    return "disqualified" if row.place == Place.DISQUALIFIED else "not_ready"


@dataclass(frozen=True)
class Why:
    """One reason for which a candidate is not ranked, and where to mend it."""

    name: str
    words: str
    url: str


@dataclass(frozen=True)
class Sure:
    """How sure a rank is: shares of the draws, and where it lies in 80 % of them."""

    p_first: Decimal
    p_top3: Decimal
    rank_low: int
    rank_high: int
    whisker: Whisker


@dataclass(frozen=True)
class Row:
    """One candidate in the table, in plain values: rows that say the same are rendered once."""

    reference: str
    title: str
    business_unit: str
    place: str
    rank: int | None
    url: str
    unrated: int
    stale_inputs: int
    sure: Sure | None
    cells: tuple[table.Cell, ...]
    why: tuple[Why, ...] = ()
    closes_shortlist: bool = False
    begins: str = ""  # the heading of the part of the order that begins here


def rows_of(
    page: Sequence[Standing], portfolio: Portfolio, view: TableView, weightless: Sequence[Axis] = ()
) -> list[Row]:
    """The table's rows as the view shows them; those that are not ranked say why.

    With `weightless` axes none is ranked, however ready it is.
    """
    in_order = view.is_in_order
    hindered, headings = None, PARTS
    if weightless:
        weights = reverse("assessments:criteria", args=[portfolio.key])
        hindered = Why("No score", told_weights(weightless), weights)
        headings = {**PARTS, "not_ready": "Not ranked"}
    unranked = [row.pk for row in page if row.place != Place.RANKED]
    answers = standing.gather(unranked)
    shown, before = [], None
    last = min(portfolio.shortlist_size, portfolio.ranking.ranked)
    lowest = max((row.rank_high or 0 for row in page if row.place == Place.RANKED), default=0)
    for row in page:
        place = place_of(row, portfolio.shortlist_size)
        part = "" if place in ("pick", "shortlist", "ranked") else place
        why: list[Why] = []
        if row.pk in answers:
            tests = reverse("assessments:tests", args=[row.use_case.reference])
            why = reasons(row, answers[row.pk].states(), tests, hindered)
        shown.append(
            Row(
                reference=row.use_case.reference,
                title=row.use_case.title,
                business_unit=row.use_case.business_unit,
                place=place,
                rank=row.rank,
                url=reverse("assessments:ratings", args=[row.use_case.reference]),
                unrated=row.unrated,
                stale_inputs=row.stale_inputs,
                sure=sure_of(row, lowest),
                cells=tuple(table.cells_of(row, view, portfolio)),
                why=tuple(why),
                closes_shortlist=in_order and row.place == Place.RANKED and row.rank == last,
                begins=headings.get(part, "") if in_order and part != before else "",
            )
        )
        before = part
    return shown


def sure_of(row: Standing, last: int) -> Sure | None:
    """How sure the rank of a ranked candidate is; none until it is simulated."""
    if row.place != Place.RANKED or not (row.rank and row.rank_low and row.rank_high):
        return None
    if row.p_first is None or row.p_top3 is None:
        return None
    drawn = whisker(row.rank, row.rank_low, row.rank_high, max(last, row.rank))
    return Sure(row.p_first, row.p_top3, row.rank_low, row.rank_high, drawn)


PARTS = {"not_ready": "Not ready", "disqualified": "Disqualified"}


def reasons(
    row: Standing, states: Mapping[Test, TestState], tests: str, hindered: Why | None = None
) -> list[Why]:
    """Why a candidate is not ranked, in the order in which it would be mended."""
    found = []
    if standing.is_too_wide(row.use_case):
        case = row.use_case
        width = max(len(case.jobs), len(case.segments), len(case.success_metrics))
        found.append(Why("Platform play", f"{width} candidates in one", f"{tests}#disqualifiers"))
    for kind in Disqualification:
        if row.disqualified & kind.bit:
            found.append(Why("Disqualified", lowered(kind.words), f"{tests}#disqualifiers"))
    open_tests = {test: state for test, state in states.items() if state.answer is not Answer.YES}
    if len(open_tests) == len(Test) and all(
        state.missing and state.missing[0].slug == UNTOUCHED[test]
        for test, state in open_tests.items()
    ):
        return [*found, Why("All four tests", "open", tests)]
    for test, state in open_tests.items():
        found.append(Why(TEST_NAMES[test], briefly(state.missing), f"{tests}#{test}"))
    if not found and row.score is None and hindered:
        found.append(hindered)
    elif not found and row.score is None:
        ratings = reverse("assessments:ratings", args=[row.use_case.reference])
        found.append(Why("No score", "one axis has nothing rated", ratings))
    return found


def briefly(missing: Sequence[Missing]) -> str:
    slugs = list(dict.fromkeys(one.slug for one in missing))
    if slugs[:1] == ["overruled"]:
        return BRIEFLY["overruled"]
    words = [BRIEFLY.get(slug, f"no {slug.replace('_', ' ')}") for slug in slugs]
    if len(words) > MOST_BRIEF:
        return f"{', '.join(words[:MOST_BRIEF])} and {len(words) - MOST_BRIEF} more"
    return ", ".join(words) or "open"


def picture(rows: Sequence[Standing], portfolio: Portfolio) -> Scatter | None:
    """The candidates that have a score, drawn; none without any."""
    if not rows:
        return None
    tests = reverse("assessments:ratings", args=["-"])
    drawn = []
    for row in rows:
        place = place_of(row, portfolio.shortlist_size)
        drawn.append(
            Candidate(
                reference=row.use_case.reference,
                title=row.use_case.title,
                url=tests.replace("/-/", f"/{row.use_case.reference}/"),
                impact=row.impact or 0,
                feasibility=row.feasibility or 0,
                place="shortlist" if place == "pick" else place,
                rank=row.rank if row.place == Place.RANKED else None,
                score=row.score,
                value=row.annual_net_value,
                impact_ends=ends(row, row.impact_low, row.impact_high),
                feasibility_ends=ends(row, row.feasibility_low, row.feasibility_high),
            )
        )
    return scatter(drawn)


def ends(
    row: Standing, low: Decimal | None, high: Decimal | None
) -> tuple[Decimal, Decimal] | None:
    """The interval of an axis, of a candidate that is ranked and simulated."""
    if row.place != Place.RANKED or low is None or high is None:
        return None
    return low, high


@dataclass(frozen=True)
class Flip:
    """What would swap the first two: a weight, what a criterion is worth in one of them, or one
    rating of it."""

    name: str
    now: Decimal
    to: Decimal
    url: str
    of: str = ""  # the candidate's title
    by: str = ""  # whose rating alone
    is_first: bool = False  # nobody rated it yet
    is_beyond_one: bool = False  # no single rating can


@dataclass(frozen=True)
class Challenge:
    """A candidate that would be on the shortlist if it were ready, and what it would have then."""

    row: Standing
    score: Decimal
    number: int

    @property
    def tests(self) -> list[str]:
        return open_tests(self.row)


@dataclass(frozen=True)
class Verdict:
    """The ranking's answer, as the parts of a sentence."""

    leader: Standing | None = None
    second: Standing | None = None
    gap: Decimal | None = None
    is_tie: bool = False
    sure: Decimal | None = None  # the chance that the leader is the best
    apart: tuple[Decimal, Decimal] | None = None  # both chances, where the first two are too close
    flips: Sequence[Flip] = ()  # what would swap the first two
    challenge: Challenge | None = None
    closest: Standing | None = None  # nothing is ranked: the one with the least to do
    closest_tests: Sequence[str] = ()
    hindrance: str = ""  # what keeps all of them from being ranked


def answer(
    portfolio: Portfolio,
    first_two: Sequence[Standing],
    challenge: Challenge | None,
    closest: Standing | None,
    flips: Sequence[Flip],
    weightless: Sequence[Axis] = (),
) -> Verdict:
    """Who leads, by how much, and what stands in the way of who would."""
    if not first_two and weightless:
        return Verdict(hindrance=weightless_words(weightless))
    if not first_two:
        return Verdict(closest=closest, closest_tests=open_tests(closest))
    leader = first_two[0]
    second = first_two[1] if len(first_two) > 1 else None
    gap = None
    if second is not None and leader.score is not None and second.score is not None:
        gap = leader.score - second.score
    is_simulated = portfolio.simulation.done == portfolio.ranking.done
    lead = portfolio.simulation.p_lead
    apart = None
    if is_simulated and lead is not None and lead < TOLD_APART:
        apart = lead, 1 - lead
    return Verdict(
        leader=leader,
        second=second,
        gap=gap,
        is_tie=gap == 0,
        sure=leader.p_first if is_simulated and second is not None else None,
        apart=apart,
        flips=flips if is_simulated and second is not None else (),
        challenge=challenge,
    )


def open_tests(row: Standing | None) -> list[str]:
    return [TEST_NAMES[Test(name)].lower() for name in row.missing] if row else []
