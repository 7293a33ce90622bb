"""Reads what is held possible of candidates: everybody's ratings, and what is derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from assessments import standing
from assessments.models import Criterion, DataSource
from assessments.querysets.sheet import (
    ABSENT,
    Fresh,
    read_opinions,
    read_ranked,
    read_some,
    read_waiting,
)
from assessments.rules import ageing, four_tests, knowing, simulation
from assessments.rules.arrays import Floats
from assessments.rules.criteria import MILLION, TOP, Axis, Derivation
from assessments.rules.criteria import Criterion as Weighed
from assessments.rules.four_tests import Readiness, Source
from assessments.rules.knowing import Waiting
from assessments.rules.simulation import Opinions
from portfolio.models import Portfolio
from portfolio.rules.words import Answer


@dataclass(frozen=True, eq=False)
class Held:
    """What is held possible of some candidates, in the order of their places."""

    use_case_ids: list[int]
    opinions: Opinions
    by_hand: list[int]  # the rows of criteria that people rate
    by_whom: np.ndarray  # who rated, of the opinions by hand, which come before all others

    @classmethod
    def read(cls, portfolio_id: int, now: datetime, most: int = simulation.MOST) -> Held:
        """Of the ranked ones, first place first, as committed now.

        Four queries, however many candidates and ratings there are.
        """
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        fresh = Fresh.of(portfolio, now)
        placed = read_ranked(portfolio_id, fresh, most)
        return _Judged.read(portfolio, placed, fresh).held(placed)

    @classmethod
    def of(cls, portfolio_id: int, use_case_ids: list[int], now: datetime) -> Held:
        """Of these alone, ranked or not."""
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        fresh = Fresh.of(portfolio, now)
        placed = read_some(portfolio_id, fresh, use_case_ids)
        return _Judged.read(portfolio, placed, fresh).held(placed)


@dataclass(frozen=True, eq=False)
class Unready:
    """Candidates that only open tests keep out, each with its score if they came out yes."""

    use_case_ids: list[int]
    waiting: list[Waiting]

    @classmethod
    def read(
        cls, portfolio_id: int, best: float, now: datetime, most: int = simulation.MOST
    ) -> Unready:
        """Those that would then score above `best`: five queries, however many there are."""
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        fresh = Fresh.of(portfolio, now)
        placed = read_waiting(portfolio_id, fresh, most)
        judged = _Judged.read(portfolio, placed, fresh)
        is_open = placed["data"] == Answer.UNKNOWN.value
        # With data as ready as any can be first: only who could win then is looked at closely.
        ready = dict.fromkeys(np.flatnonzero(is_open).tolist(), _READY)
        could = np.flatnonzero(judged.scores(_as_if(placed, ready)) > best).tolist()
        sources: dict[int, list[Source]] = defaultdict(list)
        for row in DataSource.objects.for_use_cases(placed["id"][could].tolist()).in_order():
            sources[row.use_case_id].append(standing.source_of(row))
        if_yes = {
            at: four_tests.data_readiness_if_yes(sources[int(placed["id"][at])])
            for at in could
            if is_open[at]
        }
        scores = judged.scores(_as_if(placed, if_yes))
        found = [at for at in could if scores[at] > best]
        return cls(
            use_case_ids=[int(placed["id"][at]) for at in found],
            waiting=[Waiting(float(scores[at]), int(placed["open_tests"][at])) for at in found],
        )


_READY = four_tests.data_readiness([Source("all", True, True, True, True, four_tests.Usable.YES)])


def _as_if(placed: np.ndarray, readiness: Mapping[int, Readiness | None]) -> np.ndarray:
    """The rows with these places' data as ready as that, as if said today."""
    changed = placed.copy()
    for at, ready in readiness.items():
        changed["data_days"][at] = 0
        for part in ("low", "likely", "high"):
            changed[part][at] = ABSENT if ready is None else int(getattr(ready, part).scaleb(6))
    return changed


@dataclass(frozen=True, eq=False)
class _Judged:
    """What some candidates are judged by: the portfolio's criteria, and everybody's ratings."""

    portfolio: Portfolio
    criteria: list[Criterion]
    ratings: np.ndarray

    @classmethod
    def read(cls, portfolio: Portfolio, placed: np.ndarray, fresh: Fresh) -> _Judged:
        criteria = list(Criterion.objects.in_portfolio(portfolio.pk).in_force())
        rated = [criterion.pk for criterion in criteria if not criterion.is_derived]
        return cls(
            portfolio=portfolio,
            criteria=criteria,
            ratings=read_opinions(portfolio.pk, rated, placed["id"].tolist(), fresh),
        )

    def held(self, placed: np.ndarray) -> Held:
        """What is held possible of these candidates."""
        parts = [self._rated(placed)]
        for row, criterion in enumerate(self.criteria):
            if criterion.is_derived:
                parts.append(_derived(row, criterion, placed, self.portfolio.value_scale))
        row, column, low, likely, high = np.concatenate(parts, axis=1)
        return Held(
            use_case_ids=placed["id"].tolist(),
            by_hand=[row for row, one in enumerate(self.criteria) if not one.is_derived],
            by_whom=self.ratings["by"],
            opinions=Opinions(
                criteria=tuple(
                    Weighed(one.slug, Axis(one.axis), one.weight) for one in self.criteria
                ),
                references=[f"{self.portfolio.key}-{number}" for number in placed["number"]],
                row=row.astype(np.int64),
                column=column.astype(np.int64),
                low=low,
                likely=likely,
                high=high,
            ),
        )

    def scores(self, placed: np.ndarray) -> Floats:
        """The score expected of each; nan where an axis has nothing rated on it."""
        return knowing.expected_scores(self.held(placed).opinions)

    def _rated(self, placed: np.ndarray) -> np.ndarray:
        """Opinions by hand as columns of (criterion, candidate, low, likely, high), aged."""
        row_of = {criterion.pk: row for row, criterion in enumerate(self.criteria)}
        by_id = np.argsort(placed["id"])
        at = np.searchsorted(placed["id"][by_id], self.ratings["use_case"])
        low, likely, high = (self.ratings[part] / 10 for part in ("low", "likely", "high"))
        low, high = _aged(low, high, self.ratings["days"])
        rows = [row_of[key] for key in self.ratings["criterion"].tolist()]
        return np.array([rows, by_id[at], low, likely, high], dtype=np.float64)


def _derived(row: int, criterion: Criterion, placed: np.ndarray, scale) -> np.ndarray:
    """The derived criterion's values in the same shape, where their input is known."""
    if criterion.derived_from == Derivation.ANNUAL_VALUE:
        steps = np.array(scale, dtype=np.float64)
        amounts = placed["annual_value"]
        low = likely = high = np.interp(amounts / MILLION, steps, np.arange(len(steps)))
        days = placed["value_days"]
    else:
        amounts = placed["likely"]
        low, likely, high = (placed[part] / MILLION for part in ("low", "likely", "high"))
        days = placed["data_days"]
    low, high = _aged(low, high, days)
    values = np.array([low, likely, high])
    known = np.flatnonzero(amounts != ABSENT)
    return np.vstack([np.full(len(known), float(row)), known, values[:, known]])


def _aged(low: Floats, high: Floats, days: np.ndarray) -> tuple[Floats, Floats]:
    """Both ends as they are by now; `days` are those past the fresh ones."""
    return ageing.widened(low, high, np.maximum(days, 0) // ageing.PERIOD_DAYS, TOP)
