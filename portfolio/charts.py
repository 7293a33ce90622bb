"""Where things stand in a picture: scales, ticks and shapes, from values to coordinates.

The SVG components print what these functions return; nothing here knows of HTML or a clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

Number = int | float | Decimal

AXIS_TOP = 10  # impact and feasibility run from 0 to 10 (domain section 4)
CURVE_SCORES = (20, 40, 60, 80)
# Up to so many bubbles: the largest radius and the smallest.
SIZES = ((30, 20.0, 4.5), (60, 16.0, 4.5), (150, 12.0, 4.0), (400, 9.0, 3.0), (math.inf, 6.0, 2.0))
LABELLED_FROM = 7
LETTER, LINE = 7.0, 14.0  # how wide a letter of a chart is at most, and how high a line of words
PHASES = (("confirm", 1, 2), ("mobilise", 3, 4), ("build, evaluate, iterate, ship", 5, None))


def rounded(value: float) -> float:
    """A coordinate to a tenth of a pixel, which no eye can tell and every page weighs less for."""
    near = round(value, 1)
    return int(near) if near == int(near) else near


# --- Scales and ticks -------------------------------------------------------------------------


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


def log_ticks(low: float, high: float) -> list[float]:
    """The powers of ten inside low to high; with 2 and 5 times them where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside = [10.0**power for power in powers if low <= 10.0**power <= high]
    if len(inside) >= 3:
        return inside
    fine = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return [tick for tick in fine if low <= tick <= high]


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


# --- Impact × feasibility ---------------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """What the picture needs of one: place is shortlist, ranked, not_ready or disqualified."""

    reference: str
    title: str
    url: str
    impact: Number
    feasibility: Number
    place: str
    rank: int | None = None
    score: Number | None = None
    value: Number | None = None
    impact_ends: tuple[Number, Number] | None = None
    feasibility_ends: tuple[Number, Number] | None = None


@dataclass(frozen=True)
class Bubble:
    """One candidate drawn: `order` is its turn for arrow keys; no `label` where it has no room.

    `whiskers` is a path over both 80 % intervals, where these are known.
    """

    reference: str
    words: str
    url: str
    place: str
    x: float
    y: float
    radius: float
    label: str
    order: int
    whiskers: str = ""


@dataclass(frozen=True)
class Curve:
    """All places of one score, and where its number is written."""

    score: int
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Scatter:
    """Impact × feasibility, ready to print: larger bubbles before smaller, the shortlist on top."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    bubbles: list[Bubble]
    curves: list[Curve]
    across: list[Tick]
    up: list[Tick]


def iso_score(
    score: float, across: LinearScale, up: LinearScale, steps: int = 24
) -> list[tuple[float, float]]:
    """The line on which impact × feasibility is the score, inside the axes."""
    low_x, high_x = max(across.low, score / up.high), across.high
    if low_x >= high_x:
        return []
    ratio = high_x / low_x
    places = [low_x * ratio ** (step / steps) for step in range(steps + 1)]
    return [
        (across.at(x), up.at(score / x)) for x in places if up.low <= score / x <= up.high + 1e-9
    ]


def _extent(values: Sequence[float]) -> tuple[float, float]:
    """Whole units around the values, at least 4 wide, within 0 to 10."""
    if not values:
        return 0, AXIS_TOP
    low = max(0, math.floor(min(values) - 0.4))
    high = min(AXIS_TOP, math.ceil(max(values) + 0.4))
    while high - low < 4:
        low, high = max(0, low - 1), min(AXIS_TOP, high + 1)
    return low, high


def _whiskers(one: Candidate, across: LinearScale, up: LinearScale, x: float, y: float) -> str:
    """A cross over both intervals, cut off where the picture ends."""
    if one.impact_ends is None or one.feasibility_ends is None:
        return ""
    left, right = (across.at(_within(end, across)) for end in one.feasibility_ends)
    bottom, top = (up.at(_within(end, up)) for end in one.impact_ends)
    return f"M{left} {y}H{right}M{x} {bottom}V{top}"


def _within(value: Number, scale: LinearScale) -> float:
    return min(max(float(value), scale.low), scale.high)


@dataclass(frozen=True)
class Whisker:
    """The interval of a rank on a line of places: where it begins and ends, and its own place."""

    width: int
    start: float
    end: float
    at: float


def whisker(rank: int, low: int, high: int, last: int, *, width: int = 56) -> Whisker:
    """The ranks from low to high on a line that runs from the first place to `last`."""
    scale = LinearScale(1, max(last, 2), 3, width - 3)
    return Whisker(width, scale.at(low), scale.at(high), scale.at(rank))


def radii(count: int) -> tuple[float, float]:
    """The largest and the smallest radius where so many bubbles are drawn."""
    return next((largest, least) for most_of, largest, least in SIZES if count <= most_of)


def opinion(low: Number, likely: Number, high: Number, *, width: int = 200) -> Whisker:
    """What one assessor holds possible of a criterion, on a line from 0 to 5."""
    scale = LinearScale(0, 5, 5, width - 5)
    return Whisker(width, scale.at(low), scale.at(high), scale.at(likely))


def scatter(
    candidates: Sequence[Candidate], *, width: int = 440, height: int = 320, is_whole: bool = False
) -> Scatter:
    """The candidates as bubbles, area by value, on axes that hug them, or on whole ones.

    They come in the order of the ranking; the more there are, the smaller all are drawn.
    """
    left, right, top, bottom = 30.0, width - 26.0, 22.0, height - 34.0
    low_x, high_x = low_y, high_y = (0.0, float(AXIS_TOP))
    if not is_whole:
        low_x, high_x = _extent([float(one.feasibility) for one in candidates])
        low_y, high_y = _extent([float(one.impact) for one in candidates])
    across = LinearScale(low_x, high_x, left, right)
    up = LinearScale(low_y, high_y, bottom, top)
    most = max((float(one.value) for one in candidates if one.value and one.value > 0), default=0.0)
    largest, smallest = radii(len(candidates))

    def radius(one: Candidate) -> float:
        if not most or not one.value or one.value <= 0:
            return smallest
        return rounded(max(smallest, largest * math.sqrt(float(one.value) / most)))

    labelled: list[tuple[float, float]] = []

    def is_free(x: float, y: float) -> bool:
        return all(abs(x - other_x) > 14 or abs(y - other_y) > 11 for other_x, other_y in labelled)

    bubbles = []
    for order, one in enumerate(candidates):
        size = radius(one)
        rank = f"{one.rank}. " if one.rank else ""
        facts = [f"impact {float(one.impact):.1f}", f"feasibility {float(one.feasibility):.1f}"]
        if one.score is not None:
            facts.insert(0, f"score {float(one.score):.1f}")
        if one.place in ("not_ready", "disqualified"):
            facts.append("not ready" if one.place == "not_ready" else "disqualified")
        x, y = across.at(one.feasibility), up.at(one.impact)
        label = ""
        if one.rank and size >= LABELLED_FROM and is_free(x, y):
            label = str(one.rank)
            labelled.append((x, y))
        bubbles.append(
            Bubble(
                reference=one.reference,
                words=f"{rank}{one.title}: {', '.join(facts)}",
                url=one.url,
                place=one.place,
                x=x,
                y=y,
                radius=size,
                label=label,
                order=order,
                whiskers=_whiskers(one, across, up, x, y),
            )
        )
    bubbles.sort(key=lambda one: (one.place == "shortlist", -one.radius, one.order))

    curves = []
    for score in CURVE_SCORES:
        points = iso_score(score, across, up)
        if len(points) > 1 and points[-1][0] >= right - 1:
            curves.append(Curve(score, path(points), points[-1][0], points[-1][1]))
    return Scatter(
        width=width, height=height, left=left, right=right, top=top, bottom=bottom,
        bubbles=bubbles, curves=curves,
        across=[Tick(across.at(tick), tick_words(tick)) for tick in nice_ticks(low_x, high_x, 5)],
        up=[Tick(up.at(tick), tick_words(tick)) for tick in nice_ticks(low_y, high_y, 5)],
    )  # fmt: skip


# --- The metric's chart -----------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """One reading: state is in_force, counted, superseded or late."""

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


def day_words(day: date) -> str:
    """A day as short as an axis wants it: 3 Mar."""
    return f"{day.day} {day:%b}"


def _date_ticks(scale: DateScale, most: int = 6) -> list[Tick]:
    """Month starts where there are enough of them, else every so many weeks."""
    months = month_starts(scale.first, scale.last)
    if 3 <= len(months) <= most:
        return [Tick(scale.at(day), day_words(day)) for day in months]
    span = (scale.last - scale.first).days
    step = max(7, 7 * math.ceil(span / 7 / most))
    days = [scale.first + timedelta(days=place) for place in range(0, span + 1, step)]
    return [Tick(scale.at(day), day_words(day)) for day in days]


def metric_chart(
    readings: Sequence[Measured], levels: Sequence[Level], *, first: date, last: date,
    verdict_due: date | None = None, today: date | None = None, width: int = 560, height: int = 220,
) -> MetricChart:  # fmt: skip
    """The readings from first to last day, with every level in view."""
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
    drawn = sorted((one for one in readings if one.state != "superseded"), key=lambda one: one.day)
    places = [up.at(one.value) for one in levels]
    words = spread([place - 5 for place in places], 14, top - 6, bottom - 4)
    counted = [dot for dot in dots if dot.state != "superseded"]

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


# --- The strip of weeks -----------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """A milestone: state is done, overdue or open; `shipped` is the ship date's own."""

    title: str
    due_on: date
    state: str = "open"


@dataclass(frozen=True)
class Prediction:
    """A forecast: the day it was made and the day it promises."""

    made_on: date
    ships_on: date


@dataclass(frozen=True)
class Span:
    x: float
    width: float
    words: str
    is_now: bool


@dataclass(frozen=True)
class Mark:
    """A milestone drawn; `words_y` is the line its title stands on, `anchor` how it leans."""

    x: float
    y: float
    words: str
    title: str
    words_y: float
    anchor: str
    state: str
    shape: str


@dataclass(frozen=True)
class Guess:
    """A forecast drawn, newest lowest; `is_late` is past the verdict day."""

    x: float
    y: float
    made: str
    title: str
    is_late: bool
    is_beyond: bool


@dataclass(frozen=True)
class Words:
    """What stands beside a line of the strip: where, and to which side it leans."""

    words: str
    x: float
    y: float
    anchor: str

    @property
    def span(self) -> tuple[float, float]:
        """From where to where they reach; rather more than less."""
        wide = len(self.words) * LETTER
        return (self.x - wide, self.x) if self.anchor == "end" else (self.x, self.x + wide)


@dataclass(frozen=True)
class WeekStrip:
    """The weeks of one lighthouse on one line, ready to print."""

    width: int
    height: int
    left: float
    right: float
    phases: list[Span]
    weeks: list[Tick]
    milestones: list[Mark]
    guesses: list[Guess]
    trail: str
    is_receding: bool
    today_x: float | None
    today_words: Words | None
    verdict_x: float
    verdict_words: Words


def _lines(places: Sequence[tuple[float, str]], most: int) -> list[int]:
    """For words centred on their places, the first line on which each has room."""
    ends = [-math.inf] * most
    found = []
    for x, words in places:
        half = len(words) * 3.1 + 4
        line = next((at for at in range(most) if x - half >= ends[at]), most - 1)
        ends[line] = max(ends[line], x + half)
        found.append(line)
    return found


def week_strip(
    *, start: date, planned_weeks: int, verdict_due: date, today: date,
    milestones: Sequence[Promise] = (), forecasts: Sequence[Prediction] = (),
    shipped_on: date | None = None, most_forecasts: int = 8, width: int = 960,
) -> WeekStrip:  # fmt: skip
    """Phases, milestones, today, the trail of forecasts and the verdict day, on a line of weeks.

    A day past the strip's end is held at its edge and says its date in words.
    """
    trail = sorted(forecasts, key=lambda one: one.made_on)[-most_forecasts:]
    end = start + timedelta(weeks=planned_weeks)
    latest = max([end, *(one.ships_on for one in trail), *(one.due_on for one in milestones)])
    last = min(latest, end + timedelta(weeks=max(2, planned_weeks // 4)))
    last = max(last, end + timedelta(days=5))
    left, right = (76.0 if trail else 8.0), width - 12.0
    scale = DateScale(start, last, left, right)

    def at(day: date) -> float:
        return scale.at(min(max(day, start), last))

    phases = []
    for words, first_week, last_week in PHASES:
        if first_week > planned_weeks:
            continue
        until = min(last_week or planned_weeks, planned_weeks)
        begins = start + timedelta(weeks=first_week - 1)
        ends = start + timedelta(weeks=until)
        x = at(begins)
        phases.append(Span(x + 1, rounded(at(ends) - x - 2), words, is_now=begins <= today < ends))

    shipped = [Promise("shipped", shipped_on, "shipped")] if shipped_on else []
    promised = sorted([*milestones, *shipped], key=lambda one: one.due_on)
    most_lines = 3 if len(promised) > 3 else 2
    lines = _lines([(at(one.due_on), one.title) for one in promised], most_lines)
    marks = []
    for one, line in zip(promised, lines, strict=True):
        x = at(one.due_on)
        half = len(one.title) * 3.1
        anchor = "start" if x - half < left else "end" if x + half > right else "middle"
        marks.append(
            Mark(
                x=x, y=60, words=one.title, words_y=82 + 14 * line, anchor=anchor, state=one.state,
                title=f"{one.title}: {day_words(one.due_on)}, {one.state}",
                shape=f"M{x} 54l6 6-6 6-6-6z",
            )
        )  # fmt: skip
    below = 60.0 if not marks else 82.0 + 14 * max(lines)

    guesses = []
    for place, guess in enumerate(trail):
        guesses.append(
            Guess(
                x=at(guess.ships_on), y=rounded(below + 22 + 16 * place),
                made=day_words(guess.made_on), is_late=guess.ships_on > verdict_due,
                is_beyond=guess.ships_on > last,
                title=f"On {day_words(guess.made_on)}: "
                f"in production on {day_words(guess.ships_on)}",
            )
        )  # fmt: skip
    height = rounded(below + 22 + 16 * max(len(guesses) - 1, 0) + 30)
    today_x = at(today) if start <= today <= last else None
    verdict_x = at(verdict_due + timedelta(days=1))
    verdict = Words(f"verdict {day_words(verdict_due)}", verdict_x - 6, height - 3, "end")
    now = None
    if today_x is not None:
        now = Words("today", today_x + 5, height - 3, "start")
        if now.span[1] > width:
            now = Words("today", today_x - 5, height - 3, "end")
        if now.span[0] < verdict_x + 5 and verdict.span[0] < now.span[1] + 5:
            # In the last weeks there is no room beside the verdict's words: they go below.
            height += LINE
            verdict = replace(verdict, y=height - 3)
    return WeekStrip(
        width=width, height=int(height), left=left, right=right, phases=phases,
        weeks=[
            Tick(scale.at(start + timedelta(days=7 * week + 3)), str(week + 1))
            for week in range(planned_weeks)
        ],
        milestones=marks, guesses=guesses,
        trail=path([(guess.x, guess.y) for guess in guesses]) if len(guesses) > 1 else "",
        is_receding=len(trail) > 1 and trail[-1].ships_on > trail[0].ships_on,
        today_x=today_x, today_words=now, verdict_x=verdict_x, verdict_words=verdict,
    )  # fmt: skip
