"""Times two ways of one piece of work in turns, so that both meet the same weather."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]

WARM_UP = 3


@dataclass(frozen=True)
class Effort:
    """How much is done to know: a share of the usual rounds and sizes, and never fewer rounds."""

    share: float = 1
    fewest: int = 5

    def rounds(self, usual: int) -> int:
        return max(self.fewest, round(usual * self.share))

    def size(self, usual: int) -> int:
        return round(usual * self.share)


EARNEST, QUICK, TRIED = Effort(), Effort(0.1), Effort(0.01, fewest=2)


@dataclass(frozen=True)
class Line:
    """One path beside its floor, in seconds: medians, and how far half of the rounds lie apart."""

    path: str
    floor_is: str
    ours: float
    floor: float
    noise: float
    aim: float | None

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def is_missed(self) -> bool:
        return self.aim is not None and self.ratio > self.aim


def compare(
    path: str,
    ours: Work,
    floor_is: str,
    floor: Work,
    *,
    rounds: int,
    aim: float | None = None,
    before: Work | None = None,
) -> Line:
    """The line of this path. `before` is done, untimed, ahead of each piece of work."""
    took: dict[Work, list[float]] = {ours: [], floor: []}
    for number in range(WARM_UP + rounds):
        # Who begins alternates: the second finds warmer caches.
        for work in (ours, floor) if number % 2 else (floor, ours):
            if before is not None:
                before()
            began = time.perf_counter()
            work()
            if number >= WARM_UP:
                took[work].append(time.perf_counter() - began)
        if number == WARM_UP:
            gc.collect()
    ours_took, floor_took = took[ours], took[floor]
    return Line(
        path=path,
        floor_is=floor_is,
        ours=statistics.median(ours_took),
        floor=statistics.median(floor_took),
        noise=max(spread(ours_took), spread(floor_took)),
        aim=aim,
    )


def spread(took: list[float]) -> float:
    """How far the middle half of the rounds lies apart, as a share of their median."""
    low, middle, high = statistics.quantiles(took, n=4)
    return (high - low) / middle
