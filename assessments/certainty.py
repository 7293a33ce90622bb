"""Says how sure a published ranking is: reads what is committed, simulates, publishes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import numpy as np
from django.db import transaction

from assessments.held import Held, Unready
from assessments.rules import flipping, knowing, simulation
from assessments.rules.flipping import Said
from assessments.rules.scoring import UNIT, four_decimals
from assessments.rules.simulation import Opinions
from portfolio import standing
from portfolio.models import Ranking, Simulation, Standing
from portfolio.standing import PublishedCertainty

MOST_RUNS = 5  # the sweep takes over after that
MOST_TOLD = 20  # things to find out, of which a page tells the first few


def simulate(portfolio_id: int, now: datetime) -> None:
    """Publish how sure the ranking published last is. Safe twice, late, or beside itself."""
    for _ in range(MOST_RUNS):
        with transaction.atomic():
            row = Simulation.objects.claim(portfolio_id)
            if row is None:
                return  # the holder looks again after its commit
            # The ticket is read before the opinions: a newer ranking then costs one more run.
            ticket = Ranking.objects.get(pk=portfolio_id).done
            if row.done >= ticket:
                return
            held = Held.read(portfolio_id, now)
            published = judge(portfolio_id, held)
            unknowns = unknowns_of(portfolio_id, held, now)
            standing.publish_certainty(row, ticket, published, unknowns, now)


def judge(portfolio_id: int, held: Held) -> PublishedCertainty:
    """The rows that publishing takes; who is not ranked any more is sure of nothing."""
    found = simulation.simulate(held.opinions)
    columns = [
        *(decimals(chances) for chances in (found.first, found.top)),
        *(ranks.tolist() for ranks in (found.rank_low, found.rank_high)),
        *(decimals(end) for axis in (found.impact, found.feasibility) for end in axis.T),
    ]
    gone = Standing.objects.in_portfolio(portfolio_id).simulated_besides(held.use_case_ids)
    nothing = [None] * len(columns)
    lead, flips = None, {}
    if len(held.use_case_ids) > 1:
        two = held.opinions.of([0, 1])
        (lead,) = decimals(np.array([simulation.chance_ahead(two)]))
        flips = flips_of(two, held)
    return PublishedCertainty(
        rows=[
            *zip(held.use_case_ids, *columns, strict=True),
            *((use_case_id, *nothing) for use_case_id in gone),
        ],
        simulated=len(held.use_case_ids),
        p_lead=lead,
        flips=flips,
    )


def flips_of(two: Opinions, held: Held) -> dict[str, dict[str, object] | None]:
    """The smallest change of a weight, of what people rated and of one rating alone that swaps the
    first two; `rating` is None where no single one can."""
    criteria, values = two.criteria, simulation.expected_values(two)
    flips: dict[str, dict[str, object] | None] = {}
    weight = flipping.nearest_weight(criteria, values)
    if weight is not None:
        slug = criteria[weight.row].slug
        flips["weight"] = {"slug": slug, "now": written(weight.now), "to": written(weight.to)}
    value = flipping.nearest_value(criteria, values, held.by_hand)
    if value is not None:
        flips["value"] = {
            "slug": criteria[value.row].slug,
            "use_case": held.use_case_ids[value.column],
            "now": written(value.now),
            "to": written(value.to),
        }
    flip = flipping.nearest_rating(criteria, values, ratings_of(held, values))
    flips["rating"] = None
    if flip is not None:
        flips["rating"] = {
            "slug": criteria[flip.said.row].slug,
            "use_case": held.use_case_ids[flip.said.column],
            "assessor": flip.said.by,
            "now": written(flip.said.now),
            "to": written(flip.to),
        }
    return flips


def ratings_of(held: Held, values: np.ndarray) -> list[Said]:
    """Each rating of the first two as it counts, and what stands where nobody rated."""
    opinions = held.opinions
    expected = (opinions.low + 4 * opinions.likely + opinions.high) / 6
    found = [
        Said(int(opinions.row[at]), int(opinions.column[at]), float(expected[at]), int(by))
        for at, by in enumerate(held.by_whom)
        if opinions.column[at] < 2
    ]
    rated = {(one.row, one.column) for one in found}
    unrated = [
        Said(row, column, float(values[row, column]), None)
        for row in held.by_hand
        for column in (0, 1)
        if (row, column) not in rated
    ]
    return found + unrated


def unknowns_of(portfolio_id: int, held: Held, now: datetime) -> list[dict[str, object]]:
    """What could change the pick if somebody found it out, what gains most first."""
    if not held.use_case_ids:
        return []
    best = float(knowing.expected_scores(held.opinions).max())
    unready = Unready.read(portfolio_id, best, now)
    told: list[dict[str, object]] = []
    for worth in knowing.value_of_knowing(held.opinions, unready.waiting)[:MOST_TOLD]:
        chance, gain = decimals(np.array([worth.chance, worth.gain]))
        criterion = None if worth.row is None else held.opinions.criteria[worth.row].slug
        ids = unready.use_case_ids if criterion is None else held.use_case_ids
        told.append(
            {
                "use_case": ids[worth.column],
                "criterion": criterion,
                "chance": str(chance),
                "gain": str(gain),
            }
        )
    return told


def written(value: float) -> str:
    """A weight or a value as people write it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def decimals(values: np.ndarray) -> list[Decimal | None]:
    """Numbers as they are published, with four decimals."""
    return [four_decimals(units) for units in np.rint(values * UNIT).astype(np.int64).tolist()]


def differences(portfolio_id: int, now: datetime) -> int:
    """How many use cases have other percentages published than follow from what is committed."""
    computed = {row[0]: row[1:] for row in judge(portfolio_id, Held.read(portfolio_id, now)).rows}
    published = Standing.objects.for_use_cases(computed).columns(standing.CERTAIN)
    return sum(computed[row[0]] != row[1:] for row in published)


def rebuild(portfolio_id: int, now: datetime) -> None:
    """Publish the percentages anew, though the ranking is the same. Safe to repeat."""
    Simulation.objects.forget(portfolio_id)
    simulate(portfolio_id, now)
