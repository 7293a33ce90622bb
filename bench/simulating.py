"""How sure a ranking of 1,000 candidates is: draws and places, against beta draws alone."""

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from assessments.rules.criteria import Axis, Criterion
from assessments.rules.simulation import DRAWS, Opinions, simulate
from bench.rounds import Effort, Line, compare
from bench.world import World

AIM = 0.25
CANDIDATES, CRITERIA = 1_000, 12


def measured(world: World, effort: Effort) -> Iterator[Line]:
    random = np.random.default_rng(7)
    candidates = effort.size(CANDIDATES)
    opinions = drawn_up(random, candidates)
    low, likely, high = opinions.low, opinions.likely, opinions.high
    span = np.maximum(high - low, 1e-9)
    alpha, beta = 1 + 4 * (likely - low) / span, 1 + 4 * (high - likely) / span

    def obvious() -> None:
        for row in range(CRITERIA):
            some = slice(row, None, CRITERIA)
            random.beta(alpha[some, None], beta[some, None], (candidates, DRAWS))

    yield compare(
        f"certainty of {candidates:,} candidates",
        lambda: simulate(opinions),
        "as many beta draws of numpy, not ranked",
        obvious,
        rounds=effort.rounds(5),
        aim=AIM,
    )


def drawn_up(random: np.random.Generator, candidates: int) -> Opinions:
    """One opinion of each criterion of each candidate, by chance."""
    size = candidates * CRITERIA
    low, likely, high = np.sort(random.integers(0, 51, (3, size)) / 10, axis=0)
    return Opinions(
        criteria=tuple(
            Criterion(f"c{row}", Axis.IMPACT if row < 5 else Axis.FEASIBILITY, Decimal(1 + row % 3))
            for row in range(CRITERIA)
        ),
        references=[f"BENCH-{number}" for number in range(candidates)],
        row=np.tile(np.arange(CRITERIA), candidates),
        column=np.repeat(np.arange(candidates), CRITERIA),
        low=low,
        likely=likely,
        high=high,
    )
