"""What the pages of other weights show: a sentence, rows with the place saved, and the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from assessments.rules.scoring import four_decimals
from assessments.rules.what_if import Difference, Order
from assessments.what_if import Supposed
from portfolio.charts import scatter
from portfolio.models import Standing
from portfolio.rules.words import Place

Named = Mapping[int, Standing]  # by use case


@dataclass(frozen=True)
class Candidate:
    """One candidate in an order, and its place in another."""

    column: int  # of the sheet
    reference: str
    title: str
    unit: str
    url: str
    place: str  # pick, shortlist, ranked, not_ready or disqualified
    rank: int
    before: int
    impact: Decimal | None
    feasibility: Decimal | None
    score: Decimal | None
    score_before: Decimal | None
    worth: Decimal | None

    @property
    def moved(self) -> str:
        """How far it moved, in words; empty where it stands as it did."""
        if self.rank == self.before:
            return ""
        way = "up" if self.rank < self.before else "down"
        return f"{way} {abs(self.before - self.rank)}"

    @property
    def is_below(self) -> bool:
        return self.place in ("not_ready", "disqualified")


def candidates(
    supposed: Supposed, columns: Sequence[int], named: Named, shortlist: int
) -> list[Candidate]:
    """These columns under the first order, each with its place in the second."""
    now, before = supposed.orders[0], supposed.orders[1]
    ratings = reverse("assessments:ratings", args=["-"])
    found = []
    for column in columns:
        key = int(supposed.read.sheet.ids[column])
        row = named.get(key)
        if row is None:
            continue  # it left the head of the pipeline between two looks
        case = row.use_case
        found.append(
            Candidate(
                column=column,
                reference=case.reference,
                title=case.title,
                unit=case.business_unit,
                url=ratings.replace("/-/", f"/{case.reference}/"),
                place=place_of(now, column, shortlist),
                rank=int(now.ranks[column]),
                before=int(before.ranks[column]),
                impact=four_decimals(int(now.places.impact[column])),
                feasibility=four_decimals(int(now.places.feasibility[column])),
                score=four_decimals(int(now.places.score[column])),
                score_before=four_decimals(int(before.places.score[column])),
                worth=row.annual_net_value,
            )
        )
    return found


def place_of(order: Order, column: int, shortlist: int) -> str:
    """pick, shortlist, ranked, not_ready or disqualified, as badges and bubbles say it."""
    place, rank = Place(int(order.places.place[column])), int(order.ranks[column])
    if place is not Place.RANKED:
        return "not_ready" if place is Place.NOT_READY else "disqualified"
    if rank == 1:
        return "pick"
    return "shortlist" if rank <= shortlist else "ranked"


@dataclass(frozen=True)
class Answer:
    """What the weights would change, as the parts of a sentence."""

    pick: Candidate | None
    pick_before: Candidate | None
    is_saved: bool
    moved: int
    ranked: int
    joins: Sequence[Candidate]
    leaves: Sequence[Candidate]


def answer(told: Difference, named: Sequence[Candidate], *, is_saved: bool) -> Answer:
    """The difference with names in it."""
    by_column = {one.column: one for one in named}

    def at(column: int | None) -> Candidate | None:
        return None if column is None else by_column.get(column)

    return Answer(
        pick=at(told.pick),
        pick_before=at(told.pick_before),
        is_saved=is_saved,
        moved=told.moved,
        ranked=told.ranked,
        joins=[by_column[column] for column in told.joins if column in by_column],
        leaves=[by_column[column] for column in told.leaves if column in by_column],
    )


def columns_of(told: Difference) -> list[int]:
    """Every column that a sentence about this difference may name."""
    picks = [column for column in (told.pick, told.pick_before) if column is not None]
    return [*picks, *told.joins, *told.leaves]


def picture(rows: Sequence[Candidate]) -> scatter.Scatter:
    """The rows that have a score, drawn on whole axes, so that a weight moves bubbles only."""
    return scatter.scatter(
        [
            scatter.Candidate(
                reference=row.reference,
                title=row.title,
                url=row.url,
                impact=row.impact,
                feasibility=row.feasibility,
                place="shortlist" if row.place == "pick" else row.place,
                rank=None if row.is_below else row.rank,
                score=row.score,
                value=row.worth,
            )
            for row in rows
            if row.impact is not None and row.feasibility is not None
        ],
        is_whole=True,
    )


def frame_of(chart: scatter.Scatter, rows: Sequence[Candidate]) -> str:
    """What a script needs to place bubbles in the picture: its edges, the radii, the most worth."""
    largest, smallest = scatter.radii(len(chart.bubbles))
    most = max((float(row.worth) for row in rows if row.worth and row.worth > 0), default=0.0)
    parts = (chart.left, chart.right, chart.top, chart.bottom, largest, smallest, most)
    return " ".join(f"{part:g}" for part in parts)
