"""What the page of the ranking's history shows: the lines, the numbers behind them, the moves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from portfolio.charts.ranks import RankLines, Track, rank_lines
from portfolio.models import PastPlace, Portfolio, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor

MOST_LINES = 12
COLUMNS = 6  # days in the table of numbers
REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9]*-\d{1,9}")
# What changes an input of the ranking; the rest moves nobody.
INPUTS = (
    Kind.RATED.value, Kind.RATING_REVISED.value, Kind.TESTS_ANSWERED.value,
    Kind.ECONOMICS_CHANGED.value, Kind.DISQUALIFIER_RAISED.value,
    Kind.DISQUALIFIER_RESOLVED.value, Kind.DISQUALIFIER_OVERRULED.value,
    Kind.WEIGHTS_CHANGED.value, Kind.CRITERIA_CHANGED.value, Kind.MOVED.value,
    Kind.USE_CASE_PROPOSED.value, Kind.USE_CASE_SPLIT.value, Kind.USE_CASES_MERGED.value,
    Kind.IMPORT_FINISHED.value, Kind.RANGES_WIDENED.value, Kind.RANGES_AS_SAID.value,
    Kind.ROUND_CLOSED.value, Kind.PORTFOLIO_CHANGED.value,
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """One candidate's place at both ends of the days."""

    use_case: UseCase
    before: int | None
    after: int | None
    ranks: Sequence[tuple[date, int | None]]  # on each day of the table

    @property
    def words(self) -> str:
        if self.before is None and self.after is None:
            return "came in and moved on"
        if self.before is None:
            return f"came in at {self.after}"
        if self.after is None:
            return f"moved on from {self.before}"
        if self.before == self.after:
            return f"stayed at {self.after}"
        way = "rose" if self.after < self.before else "fell"
        return f"{way} from {self.before} to {self.after}"


@dataclass(frozen=True)
class Shown:
    """The lines, the days of the table, and a row for each candidate."""

    chart: RankLines | None
    columns: Sequence[date]
    rows: Sequence[Moved]
    led_then: UseCase | None
    leads: UseCase | None


def gather(actor: Actor, portfolio: Portfolio, first: date, last: date, asked: str) -> Shown:
    """Those asked for by reference; else those that were on the shortlist in these days."""
    places = PastPlace.objects.in_portfolio(portfolio.pk)
    size = portfolio.shortlist_size
    then = list(places.as_of(portfolio.pk, first).with_use_case().in_rank_order()[:size])
    ends = list(places.as_of(portfolio.pk, last).with_use_case().in_rank_order()[:size])
    wanted = {reference.upper() for reference in REFERENCE.findall(asked)}
    cases = UseCase.objects.visible_to(actor).in_portfolio(portfolio.pk)
    if wanted:
        found = {row.pk: row for row in cases.known_as(*wanted).by_number()[:MOST_LINES]}
    else:
        keys = places.shortlisted_between(portfolio.pk, first, last, size)
        keys |= {row.use_case_id for row in (*then, *ends) if row.place == 1}
        found = cases.in_bulk(list(keys))
    tracks: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    for place in places.of_use_cases(found).until(last):
        tracks[place.use_case_id].append((place.day, place.rank))
    order = sorted(found, key=lambda pk: (rank_on(tracks[pk], last) or 10**9, pk))[:MOST_LINES]
    columns = days_between(first, last)
    pick = next((row.use_case for row in ends if row.place == 1 and row.rank == 1), None)
    chart = rank_lines(
        [
            Track(
                found[pk].reference,
                found[pk].title,
                reverse("portfolio:history", args=[found[pk].reference]),
                tracks[pk],
                is_pick=pick is not None and pk == pick.pk,
            )
            for pk in order
        ],
        first,
        last,
    )
    rows = [
        Moved(
            found[pk],
            rank_on(tracks[pk], first),
            rank_on(tracks[pk], last),
            [(day, rank_on(tracks[pk], day)) for day in columns],
        )
        for pk in order
    ]
    led = next((row.use_case for row in then if row.place == 1 and row.rank == 1), None)
    return Shown(chart, columns, rows, led, pick)


def rank_on(track: Sequence[tuple[date, int | None]], day: date) -> int | None:
    """The rank as it last was on this day."""
    held = [rank for changed, rank in track if changed <= day]
    return held[-1] if held else None


def days_between(first: date, last: date) -> list[date]:
    """A few days from the first to the last, both in it."""
    span = (last - first).days
    steps = min(COLUMNS - 1, span)
    if not steps:
        return [last]
    return [first + timedelta(days=round(span * step / steps)) for step in range(steps + 1)]
