"""A metric over time, beside what it was, what it must reach and what guards it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portfolio.charts.scales import (
    DateScale,
    LinearScale,
    Number,
    Tick,
    day_words,
    month_starts,
    nice_ticks,
    path,
    spread,
    tick_words,
)

ASIDE = ("superseded", "aside", "other")  # what does not count
LEVEL_LINE = 19.0  # how high a level's words are at most, on the narrowest picture


@dataclass(frozen=True)
class Measured:
    """One reading: state is in_force, counted, late, or superseded or aside: it does not count."""

    day: date
    value: Number
    words: str
    state: str = "counted"


@dataclass(frozen=True)
class Level:
    """A value that is held against the readings: kind is baseline, target or guardrail."""

    kind: str
    value: Number
    words: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    words: str
    state: str


@dataclass(frozen=True)
class LevelLine:
    """A level drawn, with its words moved apart from its neighbours'."""

    kind: str
    y: float
    words: str
    words_y: float


@dataclass(frozen=True)
class MetricChart:
    """Readings over time against their levels, ready to print."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    line: str
    dots: list[Dot]
    levels: list[LevelLine]
    across: list[Tick]
    up: list[Tick]
    verdict_x: float | None
    today_x: float | None
    last: Dot | None


def _date_ticks(scale: DateScale, most: int = 6) -> list[Tick]:
    """Month starts where there are enough of them, else every so many weeks.

    Where they span more than one year, the first of each year names it.
    """
    days = month_starts(scale.first, scale.last)
    if not 3 <= len(days) <= most:
        span = (scale.last - scale.first).days
        step = max(7, 7 * math.ceil(span / 7 / most))
        days = [scale.first + timedelta(days=place) for place in range(0, span + 1, step)]
    if len({day.year for day in days}) == 1:
        return [Tick(scale.at(day), day_words(day)) for day in days]
    years = [None, *(day.year for day in days)]
    return [
        Tick(scale.at(day), day_words(day) + ("" if day.year == year else f" {day.year}"))
        for day, year in zip(days, years, strict=False)
    ]


def _within_reach(readings: Sequence[Measured], levels: Sequence[Level]) -> list[Measured]:
    """Those that a picture can show: what does not count must not squeeze what does."""
    counted = [float(one.value) for one in readings if one.state not in ASIDE]
    held = [*counted, *(float(one.value) for one in levels)]
    if not held:
        return list(readings)
    low, high = min(held), max(held)
    span = high - low or abs(high) or 1.0
    return [
        one
        for one in readings
        if one.state not in ASIDE or low - span <= float(one.value) <= high + span
    ]


def metric_chart(
    readings: Sequence[Measured], levels: Sequence[Level], *, first: date, last: date,
    verdict_due: date | None = None, today: date | None = None, width: int = 560, height: int = 220,
) -> MetricChart:  # fmt: skip
    """The readings from first to last day, with every level in view.

    What does not count is drawn where there is room for it; the line goes through what counts.
    """
    readings = _within_reach(readings, levels)
    first = min([first, *(one.day for one in readings)])
    last = max([last, *(one.day for one in readings), first + timedelta(days=7)])
    values = [float(one.value) for one in readings] + [float(one.value) for one in levels]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    pad = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    floor = 0.0 if low >= 0 and low - pad < 0 else low - pad
    up_ticks = nice_ticks(floor, high + pad, 4)
    widest = max((len(tick_words(tick)) for tick in up_ticks), default=1)
    left, right, top, bottom = 12.0 + 6.6 * widest, width - 12.0, 20.0, height - 28.0
    across = DateScale(first, last, left, right)
    up = LinearScale(floor, high + pad, bottom, top)

    dots = [Dot(across.at(one.day), up.at(one.value), one.words, one.state) for one in readings]
    drawn = sorted((one for one in readings if one.state not in ASIDE), key=lambda one: one.day)
    places = [up.at(one.value) for one in levels]
    words = spread([place - 5 for place in places], LEVEL_LINE, top - 6, bottom - 4)
    counted = [dot for dot in dots if dot.state not in ASIDE]

    def inside(day: date | None) -> float | None:
        return across.at(day) if day and first <= day <= last else None

    return MetricChart(
        width=width, height=height, left=left, right=right, top=top, bottom=bottom,
        line=path([(across.at(one.day), up.at(one.value)) for one in drawn]),
        dots=dots,
        levels=[
            LevelLine(one.kind, place, one.words, at)
            for one, place, at in zip(levels, places, words, strict=True)
        ],
        across=_date_ticks(across),
        up=[Tick(up.at(tick), tick_words(tick)) for tick in up_ticks],
        verdict_x=inside(verdict_due), today_x=inside(today),
        last=max(counted, key=lambda dot: dot.x, default=None),
    )  # fmt: skip
