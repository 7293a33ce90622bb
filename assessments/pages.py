"""What the pages of this room show, shaped for templates: words, rows and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from assessments import standing
from assessments.models import Criterion, Rating, Round, SealedRating
from assessments.rules.ageing import Age, age_of
from assessments.rules.four_tests import Disqualification, Missing, Test, TestState
from assessments.rules.scoring import Axis, Contribution
from assessments.rules.simulation import TOLD_APART
from portfolio.charts.ranges import Whisker, whisker
from portfolio.charts.scatter import Candidate, Scatter, scatter
from portfolio.models import Portfolio, Standing
from portfolio.pages import table
from portfolio.rules import clock
from portfolio.rules.age import is_stale
from portfolio.rules.table import TableView
from portfolio.rules.words import Answer, Place, lowered

MOST_BUBBLES = 2_000

TEST_NAMES = {
    Test.OUTCOME: "Outcome",
    Test.DATA: "Data",
    Test.REVIEW: "Human in the loop",
    Test.ECONOMICS: "Unit economics",
}

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


def rows_of(page: Sequence[Standing], portfolio: Portfolio, view: TableView) -> list[Row]:
    """The table's rows as the view shows them; those that are not ranked say why."""
    in_order = view.is_in_order
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
            why = reasons(row, answers[row.pk].states(), tests)
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
                begins=PARTS.get(part, "") if in_order and part != before else "",
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


def reasons(row: Standing, states: Mapping[Test, TestState], tests: str) -> list[Why]:
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
    if not found and row.score is None:
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
class Verdict:
    """The ranking's answer, as the parts of a sentence."""

    leader: Standing | None = None
    second: Standing | None = None
    gap: Decimal | None = None
    is_tie: bool = False
    sure: Decimal | None = None  # the chance that the leader is the best
    apart: tuple[Decimal, Decimal] | None = None  # both chances, where the first two are too close
    flips: Sequence[Flip] = ()  # what would swap the first two
    challenger: Standing | None = None  # would be on the shortlist if it were ready
    challenger_rank: int = 0
    challenger_tests: Sequence[str] = ()
    closest: Standing | None = None  # nothing is ranked: the one with the least to do
    closest_tests: Sequence[str] = ()


def answer(
    portfolio: Portfolio,
    first_two: Sequence[Standing],
    challenger: Standing | None,
    challenger_rank: int,
    closest: Standing | None,
    flips: Sequence[Flip],
) -> Verdict:
    """Who leads, by how much, and what stands in the way of who would."""
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
        challenger=challenger,
        challenger_rank=challenger_rank,
        challenger_tests=open_tests(challenger),
    )


def open_tests(row: Standing | None) -> list[str]:
    return [TEST_NAMES[Test(name)].lower() for name in row.missing] if row else []


@dataclass(frozen=True)
class Question:
    """The next thing to answer: of which test, and in words."""

    test: str
    name: str
    words: str


def next_question(states: Mapping[Test, TestState]) -> Question | None:
    """What would bring a use case closest to ready; none where it is."""
    for test, state in states.items():
        if state.answer is not Answer.YES and state.missing:
            return Question(test.value, TEST_NAMES[test], state.missing[0].words)
    return None


def as_posted(kept: Mapping[str, list[str]]) -> QueryDict:
    """A draft as if it had been posted."""
    posted = QueryDict(mutable=True)
    for name, values in kept.items():
        posted.setlist(name, values)
    return posted


@dataclass(frozen=True)
class Ages:
    """Tells how old ratings are today, where their portfolio is."""

    today: date
    zone: ZoneInfo
    fresh_days: int

    @classmethod
    def here(cls, portfolio: Portfolio, now: datetime) -> Ages:
        zone = portfolio.time_zone
        return cls(clock.today_in(zone, now), ZoneInfo(zone), portfolio.fresh_days)

    def is_past(self, as_of: datetime | None) -> bool:
        """Whether what is as old as that instant is stale; nothing is where there is none."""
        if as_of is None:
            return False
        return is_stale(as_of.astimezone(self.zone).date(), self.today, self.fresh_days)

    def of(self, row: Rating | SealedRating) -> Age:
        """The age, with the ends between which it counts: first widened, then aged."""
        given_on = row.rated_at.astimezone(self.zone).date()
        low, high = row.low, row.high
        if isinstance(row, Rating):
            low, high = row.counts_low, row.counts_high
        return age_of(given_on, self.today, self.fresh_days, low, high)


@dataclass(frozen=True)
class Opinion:
    """One assessor's rating, and how old it is."""

    rating: Rating
    age: Age


@dataclass(frozen=True)
class CriterionRow:
    """One criterion of one candidate: what it brings, one's own rating, and the others'."""

    criterion: Criterion
    part: Contribution | None
    bar: int  # the expected value, 0 to 100
    fields: Mapping | None
    mine: Rating | SealedRating | None
    age: Age | None  # of one's own rating
    others: Sequence[Opinion]
    hidden: int  # others' ratings that are shown once one's own is saved
    round: Round | None = None  # the open blind round in which one rates it
    before: Rating | None = None  # one's own from before that round
    widened: Rating | None = None  # one's own, where a sponsor has one's ranges widened


@dataclass(frozen=True)
class AxisRows:
    name: str
    rows: Sequence[CriterionRow]
    total: Decimal | None


def axes(
    criteria, explained, everyone, mine, rounds, form, may_rate, user_id, ages
) -> list[AxisRows]:
    """Both axes with their criteria, in the order in which people read them."""
    shown = []
    for axis in Axis:
        rows = []
        for criterion in criteria:
            if criterion.axis != axis:
                continue
            fields = form.of(criterion.slug) if form and not criterion.is_derived else None
            part = explained.get(criterion.slug)
            rows.append(
                row_of(criterion, part, everyone, mine, rounds, fields, may_rate, user_id, ages)
            )
        parts = [row.part for row in rows]
        rated = any(part and part.is_rated and part.weight for part in parts)
        total = sum((part.points for part in parts if part), Decimal(0)) if rated else None
        shown.append(AxisRows(axis.value, rows, total))
    return shown


def row_of(
    criterion, part, everyone, mine, rounds, fields, may_rate, user_id, ages: Ages
) -> CriterionRow:
    """One row. `rounds` are the open blind rounds by criterion in which the reader rates: there
    others' earlier ratings are not shown, nor what follows from them."""
    own = mine.get(criterion.pk)
    ratings = everyone.get(criterion.pk, [])
    others = [row for row in ratings if row.assessor_id != user_id]
    blind = rounds.get(criterion.pk)
    may_see = blind is None and (own is not None or not may_rate)
    own_counted = next((row for row in ratings if row.assessor_id == user_id), None)
    return CriterionRow(
        criterion=criterion,
        part=part,
        bar=int(part.expected * 20) if part else 0,
        fields=fields,
        mine=own,
        age=ages.of(own) if isinstance(own, Rating) else None,
        others=[Opinion(row, ages.of(row)) for row in others] if may_see else [],
        hidden=0 if may_see else len(others),
        round=blind,
        before=own_counted if blind else None,
        widened=own_counted if own_counted and own_counted.widened_by and not blind else None,
    )


def address_of(name: str, reference: str) -> str:
    """The address of another room's page; empty while that room has none."""
    try:
        return reverse(name, args=[reference])
    except NoReverseMatch:
        return ""
