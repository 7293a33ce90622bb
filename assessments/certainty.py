"""Says how sure a published ranking is: reads what is committed, simulates, publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from django.db import transaction

from assessments.models import Criterion
from assessments.querysets.sheet import ABSENT, read_opinions, read_ranked
from assessments.rules import flipping, simulation
from assessments.rules.scoring import MILLION, UNIT, Axis, Derivation, four_decimals
from assessments.rules.scoring import Criterion as Weighed
from assessments.rules.simulation import Opinions
from portfolio import standing
from portfolio.models import Portfolio, Ranking, Simulation, Standing
from portfolio.standing import PublishedCertainty

MOST_RUNS = 5  # the sweep takes over after that


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
            published = judge(portfolio_id, Held.read(portfolio_id))
            standing.publish_certainty(row, ticket, published, now)


@dataclass(frozen=True, eq=False)
class Held:
    """What is held possible of the ranked candidates, first place first."""

    use_case_ids: list[int]
    opinions: Opinions
    by_hand: list[int]  # the rows of criteria that people rate

    @classmethod
    def read(cls, portfolio_id: int, most: int = simulation.MOST) -> Held:
        """What is committed now: four queries, however many candidates and ratings there are."""
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        criteria = list(Criterion.objects.in_portfolio(portfolio_id).in_force())
        ranked = read_ranked(portfolio_id, most)
        rated = [criterion.pk for criterion in criteria if not criterion.is_derived]
        parts = [_rated(criteria, ranked, read_opinions(rated, ranked["id"].tolist()))]
        for row, criterion in enumerate(criteria):
            if criterion.is_derived:
                parts.append(_derived(row, criterion.derived_from, ranked, portfolio.value_scale))
        row, column, low, likely, high = np.concatenate(parts, axis=1)
        return cls(
            use_case_ids=ranked["id"].tolist(),
            by_hand=[row for row, one in enumerate(criteria) if not one.is_derived],
            opinions=Opinions(
                criteria=tuple(Weighed(one.slug, Axis(one.axis), one.weight) for one in criteria),
                references=[f"{portfolio.key}-{number}" for number in ranked["number"]],
                row=row.astype(np.int64),
                column=column.astype(np.int64),
                low=low,
                likely=likely,
                high=high,
            ),
        )


def _rated(criteria: list[Criterion], ranked, ratings) -> np.ndarray:
    """Opinions by hand as columns of (criterion, candidate, low, likely, high)."""
    row_of = {criterion.pk: row for row, criterion in enumerate(criteria)}
    by_id = np.argsort(ranked["id"])
    at = np.searchsorted(ranked["id"][by_id], ratings["use_case"])
    return np.array(
        [
            [row_of[key] for key in ratings["criterion"].tolist()],
            by_id[at],
            *(ratings[part] / 10 for part in ("low", "likely", "high")),
        ],
        dtype=np.float64,
    )


def _derived(row: int, derivation: str, ranked, scale) -> np.ndarray:
    """The derived criterion's values in the same shape, where their input is known."""
    if derivation == Derivation.ANNUAL_VALUE:
        steps = np.array(scale, dtype=np.float64)
        amounts = ranked["annual_value"]
        point = np.interp(amounts / MILLION, steps, np.arange(len(steps)))
        values = np.array([point, point, point])
    else:
        amounts = ranked["likely"]
        values = np.array([ranked[part] / MILLION for part in ("low", "likely", "high")])
    known = np.flatnonzero(amounts != ABSENT)
    return np.vstack([np.full(len(known), float(row)), known, values[:, known]])


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


def flips_of(two: Opinions, held: Held) -> dict[str, dict[str, object]]:
    """The smallest change of a weight, and of what people rated, that swaps the first two."""
    criteria, values = two.criteria, simulation.expected_values(two)
    flips: dict[str, dict[str, object]] = {}
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
    return flips


def written(value: float) -> str:
    """A weight or a value as people write it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def decimals(values: np.ndarray) -> list[Decimal | None]:
    """Numbers as they are published, with four decimals."""
    return [four_decimals(units) for units in np.rint(values * UNIT).astype(np.int64).tolist()]


def differences(portfolio_id: int) -> int:
    """How many use cases have other percentages published than follow from what is committed."""
    computed = {row[0]: row[1:] for row in judge(portfolio_id, Held.read(portfolio_id)).rows}
    published = Standing.objects.for_use_cases(computed).columns(standing.CERTAIN)
    return sum(computed[row[0]] != row[1:] for row in published)


def rebuild(portfolio_id: int, now: datetime) -> None:
    """Publish the percentages anew, though the ranking is the same. Safe to repeat."""
    Simulation.objects.forget(portfolio_id)
    simulate(portfolio_id, now)
