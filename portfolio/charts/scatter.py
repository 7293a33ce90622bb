"""Impact × feasibility: each candidate a bubble, its area the value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from portfolio.charts.scales import LinearScale, Number, Tick, nice_ticks, path, rounded, tick_words

AXIS_TOP = 10  # impact and feasibility run from 0 to 10 (domain section 4)
CURVE_SCORES = (20, 40, 60, 80)
# Up to so many bubbles: the largest radius and the smallest.
SIZES = ((30, 20.0, 4.5), (60, 16.0, 4.5), (150, 12.0, 4.0), (400, 9.0, 3.0), (math.inf, 6.0, 2.0))
LABELLED_FROM = 7


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


def radii(count: int) -> tuple[float, float]:
    """The largest and the smallest radius where so many bubbles are drawn."""
    return next((largest, least) for most_of, largest, least in SIZES if count <= most_of)


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
