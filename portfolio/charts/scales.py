"""Scales, ticks and paths: what every picture is measured with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

Number = int | float | Decimal
LETTER, LINE = 7.0, 14.0  # how wide a letter of a chart is at most, and how high a line of words


def rounded(value: float) -> float:
    """A coordinate to a tenth of a pixel, which no eye can tell and every page weighs less for."""
    near = round(value, 1)
    return int(near) if near == int(near) else near


@dataclass(frozen=True)
class LinearScale:
    """Maps low to start and high to end, in a straight line."""

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        if self.low == self.high:
            raise ValueError("A scale needs two different ends.")

    def at(self, value: Number) -> float:
        part = (float(value) - self.low) / (self.high - self.low)
        return rounded(self.start + part * (self.end - self.start))


@dataclass(frozen=True)
class LogScale:
    """Maps low to start and high to end by their logarithms; both are above zero."""

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        if self.low == self.high or min(self.low, self.high) <= 0:
            raise ValueError("A scale needs two different ends.")

    def at(self, value: Number) -> float:
        part = math.log(float(value) / self.low) / math.log(self.high / self.low)
        return rounded(self.start + part * (self.end - self.start))


@dataclass(frozen=True)
class DateScale:
    """Maps the first day to start and the last day to end."""

    first: date
    last: date
    start: float
    end: float

    def __post_init__(self) -> None:
        if self.first == self.last:
            raise ValueError("A scale needs two different ends.")

    def at(self, day: date) -> float:
        part = (day - self.first).days / (self.last - self.first).days
        return rounded(self.start + part * (self.end - self.start))


def nice_step(span: float, most: int) -> float:
    """The smallest 1, 2 or 5 times a power of ten that cuts the span into `most` parts or fewer."""
    if span <= 0 or most < 1:
        raise ValueError("A scale needs two different ends.")
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 5, 10):
        if factor * power >= raw * (1 - 1e-9):
            return factor * power
    return 10 * power


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers inside low to high, at most `most` + 1 of them."""
    step = nice_step(high - low, most)
    digits = max(0, -math.floor(math.log10(step)))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(place * step, digits) + 0.0 for place in range(first, last + 1)]


def month_starts(first: date, last: date) -> list[date]:
    """The first day of each month inside first to last."""
    day = first.replace(day=1)
    found = []
    while day <= last:
        if day >= first:
            found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def path(points: Sequence[tuple[float, float]]) -> str:
    """The points as one open SVG line."""
    return "M" + "L".join(f"{rounded(x)} {rounded(y)}" for x, y in points) if points else ""


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places moved apart to at least `gap`, in their order, and kept within low to high."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = dict.fromkeys(order, 0.0)
    below = -math.inf
    for at in order:
        moved[at] = below = max(places[at], below + gap, low)
    above = math.inf
    for at in reversed(order):
        moved[at] = above = min(moved[at], above - gap, high)
    return [rounded(moved[at]) for at in range(len(places))]


def tick_words(value: float) -> str:
    """A tick as short as it can be: 0.5, 20, 1.5k, 3M."""
    for step, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= step:
            return f"{value / (1e3 if letter == 'k' else step):g}{letter}".replace("-", "−")
    return f"{value:g}".replace("-", "−")


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    words: str


def day_words(day: date) -> str:
    """A day as short as an axis wants it: 3 Mar."""
    return f"{day.day} {day:%b}"
