"""Writes the published columns, and nobody else does: only where something changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from portfolio import events
from portfolio.models import (
    Lighthouse,
    LighthouseStanding,
    PastPlace,
    Portfolio,
    Ranking,
    Simulation,
    Standing,
)
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.words import Answer, Verdict, judge_net

log = logging.getLogger(__name__)


RANKED = {
    "rank": "int",
    "place": "smallint",
    "score": "numeric",
    "impact": "numeric",
    "feasibility": "numeric",
    "unrated": "smallint",
    "stale_inputs": "smallint",
}


@dataclass(frozen=True)
class PublishedRanking:
    """Columns beside each other, one entry a use case, as the ranking's worker computed them."""

    use_case_ids: Sequence[int]
    ranks: Sequence[int | None]
    places: Sequence[int | None]
    scores: Sequence[Decimal | None]
    impacts: Sequence[Decimal | None]
    feasibilities: Sequence[Decimal | None]
    unrated: Sequence[int]
    stale_inputs: Sequence[int]
    candidates: int
    ranked: int
    ratings: int


def publish_ranking(
    ranking: Ranking, ticket: int, published: PublishedRanking, now: datetime
) -> int:
    """How many rows changed. The caller holds the ranking's lock; `ticket` is what it answers."""
    rows = zip(
        published.use_case_ids, published.ranks, published.places, published.scores,
        published.impacts, published.feasibilities, published.unrated,
        published.stale_inputs, strict=True,
    )  # fmt: skip
    Standing.objects.stage(RANKED, rows)
    changed = Standing.objects.lock_changed(RANKED)
    if changed:
        revision = events.record(
            Portfolio(pk=ranking.portfolio_id),
            Kind.RANKING_PUBLISHED,
            by=Actor.system(),
            what={"candidates": published.candidates, "changed": changed},
        )
        Standing.objects.write_changed(RANKED, revision)
        _keep_day(ranking.portfolio_id, now)
    ranking.done = ticket
    ranking.computed_at = now
    ranking.candidates = published.candidates
    ranking.ranked = published.ranked
    ranking.ratings = published.ratings
    ranking.save(update_fields=["done", "computed_at", "candidates", "ranked", "ratings"])
    log.info(
        "ranking published portfolio=%s ticket=%s changed=%s",
        ranking.portfolio_id, ticket, changed,
    )  # fmt: skip
    return changed


def _keep_day(portfolio_id: int, now: datetime) -> None:
    """What was published now stays as the last word of its day, in the portfolio's time zone."""
    zone = Portfolio.objects.get(pk=portfolio_id).time_zone
    PastPlace.objects.keep_staged(clock.today_in(zone, now))


CERTAIN = {
    "p_first": "numeric",
    "p_top3": "numeric",
    "rank_low": "int",
    "rank_high": "int",
    "impact_low": "numeric",
    "impact_high": "numeric",
    "feasibility_low": "numeric",
    "feasibility_high": "numeric",
}


@dataclass(frozen=True)
class PublishedCertainty:
    """Rows of (use case, *CERTAIN) as the simulation's worker computed them."""

    rows: Sequence[tuple]
    simulated: int
    p_lead: Decimal | None
    flips: Mapping[str, Mapping[str, object] | None]


def publish_certainty(
    simulation: Simulation,
    ticket: int,
    published: PublishedCertainty,
    unknowns: Sequence[Mapping[str, object]],
    now: datetime,
) -> int:
    """How many rows changed. The caller holds the simulation's lock.

    `unknowns` are what could change the pick if it were known: {"use_case", "criterion" (none: its
    open tests), "chance", "gain"}, what gains most first.
    """
    Standing.objects.stage(CERTAIN, published.rows)
    changed = Standing.objects.lock_changed(CERTAIN)
    if changed:
        revision = events.record(
            Portfolio(pk=simulation.portfolio_id),
            Kind.CERTAINTY_PUBLISHED,
            by=Actor.system(),
            what={"simulated": published.simulated, "changed": changed},
        )
        Standing.objects.write_changed(CERTAIN, revision)
        _keep_day(simulation.portfolio_id, now)
    simulation.done = ticket
    simulation.computed_at = now
    simulation.simulated = published.simulated
    simulation.p_lead = published.p_lead
    simulation.flips = published.flips
    simulation.unknowns = unknowns
    simulation.save()
    log.info(
        "certainty published portfolio=%s ticket=%s changed=%s",
        simulation.portfolio_id, ticket, changed,
    )  # fmt: skip
    return changed


@dataclass(frozen=True)
class PublishedTests:
    """What the four tests publish of one use case: an `Answer` each, and the derived rating.

    Test 4 follows from the published net, so that only a person's no to it is given here.
    """

    outcome: int
    data: int
    review: int
    economics_overruled: bool = False
    data_readiness: tuple[Decimal, Decimal, Decimal] | None = field(default=None)
    data_as_of: datetime | None = None


def publish_tests(use_case_id: int, tests: PublishedTests) -> Standing:
    """The standing with the answers of the four tests; the caller records the event."""
    standing = Standing.objects.get_for_change(use_case_id)
    low, likely, high = tests.data_readiness or (None, None, None)
    return _write(
        standing,
        outcome=tests.outcome,
        data=tests.data,
        review=tests.review,
        economics_overruled=tests.economics_overruled,
        economics=_economics(standing.net_per_month, tests.economics_overruled),
        data_readiness_low=low,
        data_readiness_likely=likely,
        data_readiness_high=high,
        data_as_of=tests.data_as_of,
    )


def publish_disqualified(use_case_id: int, bits: int) -> Standing:
    """The standing with what disqualifies the use case now, as bits of `Disqualifies`."""
    return _write(Standing.objects.get_for_change(use_case_id), disqualified=bits)


def publish_economics(
    use_case_id: int,
    *,
    net_per_month: Decimal | None,
    annual_net_value: Decimal | None,
    as_of: datetime | None,
) -> Standing:
    """The standing with the likely case of the unit economics; unknown is none, never zero."""
    standing = Standing.objects.get_for_change(use_case_id)
    return _write(
        standing,
        net_per_month=net_per_month,
        annual_net_value=annual_net_value,
        value_as_of=as_of,
        economics=_economics(net_per_month, standing.economics_overruled),
    )


def _economics(net_per_month: Decimal | None, overruled: bool) -> int:
    """The answer of test 4, whichever of its two sides published last."""
    return (Answer.NO if overruled else judge_net(net_per_month)).value


def _write(standing: Standing, **columns: object) -> Standing:
    for name, value in columns.items():
        setattr(standing, name, value)
    standing.save(update_fields=list(columns))
    return standing


def publish_weights(portfolio_id: int, weights: Mapping[str, Decimal]) -> None:
    """Show the weights of the criteria in use beside the portfolio, by slug.

    Call it right before the event that tells of the change: it locks the portfolio's row.
    """
    Portfolio.objects.show_weights(
        portfolio_id, {slug: f"{weight.normalize():f}" for slug, weight in sorted(weights.items())}
    )


def publish_settlement(
    lighthouse: Lighthouse,
    *,
    ticket: int,
    verdict: Verdict,
    reasons: Sequence[str],
    words: Sequence[str],
    value_in_force: Decimal | None,
    now: datetime,
) -> bool:
    """Whether the verdict changed. The caller holds the lighthouse's lock.

    Where nothing changed and the ticket was answered before, nothing is written.
    """
    standing = LighthouseStanding.objects.of(lighthouse.pk) or LighthouseStanding(
        lighthouse=lighthouse, computed_at=None
    )
    before = (standing.verdict, standing.verdict_reasons, standing.reason_words)
    after = (verdict.value, [str(reason) for reason in reasons], list(words))
    same_value = standing.value_in_force == value_in_force
    if before == after and same_value and standing.computed_at and ticket <= standing.settle_done:
        return False
    standing.verdict, standing.verdict_reasons, standing.reason_words = after
    standing.value_in_force = value_in_force
    standing.computed_at = now
    standing.settle_done = max(ticket, standing.settle_done)
    standing.save()
    if before == after:
        return False
    events.record(
        lighthouse,
        Kind.VERDICT_COMPUTED,
        by=Actor.system(),
        what={"verdict": standing.verdict, "reasons": standing.verdict_reasons},
        touched=[standing],
    )
    log.info("verdict computed lighthouse=%s verdict=%s", lighthouse.pk, standing.verdict)
    return True
