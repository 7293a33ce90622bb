"""A range on a line: where a rank lies in most draws, what one assessor holds possible."""

from dataclasses import dataclass

from portfolio.charts.scales import LinearScale, Number


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


def opinion(low: Number, likely: Number, high: Number, *, width: int = 200) -> Whisker:
    """What one assessor holds possible of a criterion, on a line from 0 to 5."""
    scale = LinearScale(0, 5, 5, width - 5)
    return Whisker(width, scale.at(low), scale.at(high), scale.at(likely))
