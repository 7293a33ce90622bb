"""What the pages of blind rounds show: how far they have come, and the spread after the close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from assessments.closing import Progress, asked_of, progress_of
from assessments.models import Criterion, Rating, Round, SealedRating
from assessments.rules.rounds import Disagreement, Opinion, disagreement
from portfolio.charts.ranges import Whisker, opinion
from portfolio.duties import Duty, Group
from portfolio.models import UseCase
from portfolio.rights import Actor
from portfolio.rules import clock, rights
from portfolio.rules.rights import Right, Role


@dataclass(frozen=True)
class Line:
    """One round in the list."""

    round: Round
    given: int
    asked: int
    mine: Progress | None  # where it asks the reader to rate


def lines_of(rounds: Sequence[Round], user_id: int | None) -> list[Line]:
    """The list's rows; the number of queries does not grow with them."""
    progress = progress_of(rounds)
    return [
        Line(
            round=row,
            given=sum(one.given for one in progress[row.pk]),
            asked=sum(one.asked for one in progress[row.pk]),
            mine=next((one for one in progress[row.pk] if one.assessor.pk == user_id), None),
        )
        for row in rounds
    ]


@dataclass(frozen=True)
class Waiting:
    """One candidate that the reader rates in a round, and how far they have come with it."""

    use_case: UseCase
    given: int
    asked: int
    url: str


def waiting_of(row: Round, user_id: int) -> list[Waiting]:
    """What the reader was asked for in an open round, candidate by candidate."""
    criteria = {one.pk for one in asked_of(row)}
    given: dict[int, int] = defaultdict(int)
    said = SealedRating.objects.in_round(row.pk).by_person(user_id).counted()
    for _, use_case, criterion, _ in said:
        given[use_case] += criterion in criteria
    return [
        Waiting(
            use_case=case,
            given=given[case.pk],
            asked=len(criteria),
            url=reverse("assessments:ratings", args=[case.reference]),
        )
        for case in row.candidates.all()
    ]


@dataclass(frozen=True)
class Said:
    """One assessor's sealed rating drawn, and what became of it after the close."""

    rating: SealedRating
    drawn: Whisker
    revised: Rating | None = None


@dataclass(frozen=True)
class Cell:
    """Everything that was said of one criterion of one candidate in a closed round."""

    use_case: UseCase
    criterion: Criterion
    said: Sequence[Said]
    wide: Disagreement | None
    revise_url: str
    discuss_url: str


@dataclass(frozen=True)
class Spread:
    """What a closed round showed: the cells that need a talk, and all by candidate."""

    wide: Sequence[Cell]
    by_candidate: Sequence[tuple[UseCase, Sequence[Cell]]]
    cells: int
    shared: int  # rated by more than one person


MOST_WIDE = 30


def spread_of(row: Round, use_cases: Iterable[UseCase]) -> Spread:
    """The spread of a closed round; everything of these candidates, elsewhere what is wide."""
    shown = list(use_cases)
    cells = cells_of(row)
    wide = [cell for cell in cells if cell.wide is not None]
    wide.sort(key=lambda cell: (-cell.wide.gap if cell.wide else 0, cell.use_case.number))
    by_case: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_case[cell.use_case.pk].append(cell)
    return Spread(
        wide=wide[:MOST_WIDE],
        by_candidate=[(case, by_case[case.pk]) for case in shown],
        cells=len(cells),
        shared=sum(len(cell.said) > 1 for cell in cells),
    )


def cells_of(row: Round) -> list[Cell]:
    """Every candidate and criterion of a closed round that somebody rated, in reading order."""
    cases = {case.pk: case for case in row.candidates.all()}
    said: dict[tuple[int, int], list[SealedRating]] = defaultdict(list)
    rows = SealedRating.objects.in_round(row.pk).with_names().in_order()
    for one in rows:
        said[one.use_case_id, one.criterion_id].append(one)
    later = {
        (one.use_case_id, one.criterion_id, one.assessor_id): one
        for one in Rating.objects.for_use_cases(cases).changed_after_seeing()
    }
    cells = []
    for (use_case, criterion), ratings in said.items():
        place = f"#{ratings[0].criterion.slug}"
        about = urlencode({"about": ratings[0].criterion.name})
        case = cases[use_case]
        cells.append(
            Cell(
                use_case=cases[use_case],
                criterion=ratings[0].criterion,
                said=[
                    Said(
                        rating=one,
                        drawn=opinion(one.low, one.likely, one.high),
                        revised=later.get((use_case, criterion, one.assessor_id)),
                    )
                    for one in ratings
                ],
                wide=disagreement([opinion_of(one) for one in ratings]),
                revise_url=reverse("assessments:ratings", args=[case.reference]) + place,
                discuss_url=f"{reverse('portfolio:discussion', args=[case.reference])}?{about}",
            )
        )
    cells.sort(key=lambda cell: cell.use_case.number)
    return cells


def opinion_of(row: SealedRating) -> Opinion:
    return Opinion(str(row.assessor), row.low, row.likely, row.high)


def duties(actor: Actor, today: Mapping[int, date]) -> Group:
    """What open rounds ask of the actor, for their list of work; five queries at most."""
    open_ones = Round.objects.visible_to(actor).open().asking(actor.user_id)
    rounds = [
        row
        for row in open_ones.with_choices().by_due()
        if rights.may(Role(actor.roles[row.portfolio_id]), False, Right.RATE)
    ]
    if not rounds:
        return Group("Blind rounds")
    counted: dict[tuple[int, int], set[int]] = defaultdict(set)
    said = SealedRating.objects.in_rounds([row.pk for row in rounds]).by_person(actor.user_id)
    for round_id, use_case, criterion, _ in said.counted():
        counted[round_id, use_case].add(criterion)
    found = []
    for row in rounds:
        criteria = {one.pk for one in asked_of(row)}
        left = sum(not criteria <= counted[row.pk, case.pk] for case in row.candidates.all())
        if left:
            found.append(
                Duty(
                    words=f"Rate {left} candidate{'' if left == 1 else 's'} without seeing what "
                    "others say.",
                    url=reverse("assessments:round", args=[row.portfolio.key, row.pk]),
                    act="Rate",
                    reference=row.portfolio.key,
                    title=row.name,
                    due=row.due_on,
                )
            )
    return Group("Blind rounds", found)


def people_of(row: Round) -> list[Progress]:
    """How far each assessor has come, for who may know that."""
    return progress_of([row])[row.pk]


def until_words(row: Round, now: datetime) -> str:
    """When the round ends, as the pages say it."""
    left = (row.due_on - clock.today_in(row.portfolio.time_zone, now)).days
    if left < 0:
        return "its day is over, it is being closed"
    return {0: "until the end of today", 1: "until the end of tomorrow"}.get(
        left, f"until the end of {row.due_on:%A, %-d %B}"
    )
