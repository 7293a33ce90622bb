"""Ranks a portfolio: reads what is committed, lets the rule judge, publishes what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from assessments.models import Criterion
from assessments.querysets.sheet import (
    ABSENT,
    NOBODY,
    Fresh,
    read_aged,
    read_ratings,
    read_use_cases,
    read_widened,
)
from assessments.rules import ageing, scoring
from assessments.rules.ageing import Aged
from assessments.rules.arrays import Flags, Integers
from assessments.rules.criteria import (
    Axis,
    Derivation,
    Derived,
    InputAge,
    derive_annual_value,
    derive_range,
)
from assessments.rules.criteria import Criterion as Weighed
from assessments.rules.four_tests import WIDEST
from assessments.rules.scoring import Places
from portfolio import standing
from portfolio.bells import Bell, ring
from portfolio.models import Portfolio, Ranking
from portfolio.rules.clock import today_in
from portfolio.rules.words import Place
from portfolio.standing import PublishedRanking

MOST_RUNS = 5  # the sweep takes over after that


def recompute(portfolio_id: int, now: datetime) -> None:
    """Publish the ranking of what is committed now. Safe twice, late, or beside itself."""
    for _ in range(MOST_RUNS):
        with transaction.atomic():
            ranking = Ranking.objects.claim(portfolio_id)
            if ranking is None:
                return  # the holder looks again after its commit
            # The ticket is read before the sheet: a newer edit then costs one more run, never a
            # wrong rank.
            ticket = Portfolio.objects.ranking_wanted(portfolio_id)
            if ranking.done >= ticket:
                return
            published = judge(Sheet.read(portfolio_id, now))
            standing.publish_ranking(ranking, ticket, published, now)
            ring(Bell.SIMULATE, portfolio_id)


@dataclass(frozen=True, eq=False)
class Sheet:
    """The rule's sheet of every use case that is not stopped, and what is published of them now."""

    sheet: scoring.Sheet
    is_candidate: np.ndarray
    published: np.ndarray
    ratings: int

    @classmethod
    def read(cls, portfolio_id: int, now: datetime, use_case_id: int | None = None) -> Sheet:
        """What is committed now: six queries, however many candidates and ratings there are."""
        criteria = list(Criterion.objects.in_portfolio(portfolio_id).in_force())
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        scale = portfolio.value_scale
        fresh = Fresh.of(portfolio, now)
        rows = read_use_cases(portfolio_id, fresh, use_case_id)
        by_hand = [row.pk for row in criteria if not row.is_derived]
        ratings = read_ratings(by_hand, use_case_id)
        size = len(rows)
        ids = rows["id"].astype(np.int64)
        tenths, counts = _sums(criteria, ids, ratings)
        tenths += _sums(criteria, ids, read_widened(portfolio_id, by_hand, use_case_id))[0]
        stale = read_aged(portfolio_id, by_hand, fresh, use_case_id)
        return cls(
            sheet=scoring.Sheet(
                criteria=tuple(Weighed(row.slug, Axis(row.axis), row.weight) for row in criteria),
                ids=ids,
                numbers=rows["number"].astype(np.int64),
                ready=rows["ready"].astype(np.bool_),
                disqualified=(rows["bits"] != 0) | (rows["width"] > WIDEST),
                tenths=tenths.reshape(len(criteria), size),
                counts=counts.reshape(len(criteria), size),
                derived={
                    row.slug: _derive(row.derived_from, rows, scale)
                    for row in criteria
                    if row.is_derived
                },
                aged=_aged(criteria, ids, stale),
            ),
            is_candidate=rows["is_candidate"].astype(np.bool_),
            published=rows,
            ratings=int(counts.sum()),
        )


def _sums(criteria: list[Criterion], ids: Integers, ratings) -> tuple[Integers, Integers]:
    """Per criterion and use case, the sum of its ratings in tenths and their number."""
    size = len(ids)
    cells = len(criteria) * size
    if not cells or not len(ratings):
        return np.zeros(cells, dtype=np.int64), np.zeros(cells, dtype=np.int64)
    row, column, known = _places(criteria, ids, ratings)
    cell = (row * size + column)[known]
    # Sums of small whole numbers are exact in floats.
    tenths = np.bincount(cell, weights=ratings["tenths"][known], minlength=cells)
    return tenths.astype(np.int64), np.bincount(cell, minlength=cells)


def _places(criteria: list[Criterion], ids: Integers, ratings) -> tuple[Integers, Integers, Flags]:
    """Row and column of each rating, and which are of a use case in the sheet."""
    keys = np.array([row.pk for row in criteria], dtype=np.int64)
    order = np.argsort(keys)
    row = order[np.searchsorted(keys[order], ratings["criterion"].astype(np.int64))]
    rated = ratings["use_case"].astype(np.int64)
    column = np.minimum(np.searchsorted(ids, rated), len(ids) - 1)
    return row, column, ids[column] == rated  # a stopped use case keeps its ratings


def _aged(criteria: list[Criterion], ids: Integers, stale) -> Aged | None:
    """The stale ratings of the sheet's use cases; none where all are fresh."""
    if not len(ids) or not len(stale):
        return None
    row, column, known = _places(criteria, ids, stale)
    low, high, days = (stale[name][known].astype(np.int64) for name in ("low", "high", "days"))
    return Aged(row[known], column[known], low, high, days // ageing.PERIOD_DAYS)


def _derive(derivation: str, rows, scale) -> Derived:
    if derivation == Derivation.ANNUAL_VALUE:
        amounts = rows["annual_value"].astype(np.int64)
        known = amounts != ABSENT
        age = _age(rows["value_days"])
        return derive_annual_value(np.where(known, amounts, 0), known, scale, age)
    summed, ends = (rows[name].astype(np.int64) for name in ("readiness", "readiness_ends"))
    return derive_range(summed, ends, summed != NOBODY, _age(rows["data_days"]))


def _age(days: np.ndarray) -> InputAge:
    past = np.maximum(days.astype(np.int64), 0)
    return InputAge(stale=past > 0, periods=past // ageing.PERIOD_DAYS)


def judge(read: Sheet) -> PublishedRanking:
    """What differs from what is published, as the columns that publishing takes."""
    places = scoring.rank(read.sheet)
    ranks, kinds = _of_candidates(places, read.is_candidate)
    fresh = {
        "rank": ranks,
        "place": kinds,
        "score": places.score,
        "impact": places.impact,
        "feasibility": places.feasibility,
        "unrated": places.unrated,
        "stale_inputs": places.stale,
    }
    differs = np.zeros(len(ranks), dtype=np.bool_)
    for name, column in fresh.items():
        differs |= read.published[name] != column
    some = np.flatnonzero(differs)
    changed = {name: column[some].tolist() for name, column in fresh.items()}
    return PublishedRanking(
        use_case_ids=places.ids[some].tolist(),
        ranks=[None if rank == NOBODY else rank for rank in changed["rank"]],
        places=[None if place == NOBODY else place for place in changed["place"]],
        scores=[scoring.four_decimals(units) for units in changed["score"]],
        impacts=[scoring.four_decimals(units) for units in changed["impact"]],
        feasibilities=[scoring.four_decimals(units) for units in changed["feasibility"]],
        unrated=changed["unrated"],
        stale_inputs=changed["stale_inputs"],
        candidates=int(read.is_candidate.sum()),
        ranked=int((kinds == Place.RANKED).sum()),
        ratings=read.ratings,
    )


def _of_candidates(places: Places, is_candidate: np.ndarray) -> tuple[Integers, Integers]:
    """Ranks and places of candidates; what has left the pipeline's head keeps a score only."""
    order = places.order[is_candidate[places.order]]
    ranks = np.full(len(places.ids), NOBODY, dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks, np.where(is_candidate, places.place, NOBODY)


def differences(portfolio_id: int, now: datetime) -> int:
    """How many published places are not what follows from what is committed now."""
    return len(judge(Sheet.read(portfolio_id, now)).use_case_ids)


def want_daily(now: datetime) -> int:
    """How many portfolios want a ranking because a day began where they are: ratings have aged.

    Safe at any time: who was ranked on that day is left alone.
    """
    wanted = 0
    for zone in Ranking.objects.time_zones():
        ids = Ranking.objects.ranked_before(today_in(zone, now), zone).ids()
        for portfolio_id in ids:
            with transaction.atomic():
                Portfolio.objects.want_ranking(portfolio_id)
                ring(Bell.RANK, portfolio_id)
        wanted += len(ids)
    return wanted


def rebuild(portfolio_id: int, now: datetime) -> None:
    """Publish the ranking anew, though no input changed. Safe to repeat."""
    with transaction.atomic():
        Portfolio.objects.want_ranking(portfolio_id)
    recompute(portfolio_id, now)
