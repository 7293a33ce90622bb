"""Settles a lighthouse's verdict: reads what is committed, judges it, publishes what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from portfolio import standing
from portfolio.models import Contract, Lighthouse, LighthouseStanding, Reading
from portfolio.rules import clock, verdicts
from portfolio.rules.contract import Contract as Agreed
from portfolio.rules.verdicts import Judgement, Verdict


@dataclass(frozen=True)
class Settlement:
    """What a lighthouse's standing should say."""

    verdict: Verdict
    reasons: list[str]
    words: list[str]
    value_in_force: Decimal | None

    @classmethod
    def of(cls, judgement: Judgement) -> Settlement:
        return cls(
            judgement.verdict,
            [reason.value for reason in judgement.reasons],
            [because.words for because in judgement.because],
            judgement.in_force.value if judgement.in_force else None,
        )

    def equals(self, published: LighthouseStanding) -> bool:
        return (
            published.verdict == self.verdict.value
            and published.verdict_reasons == self.reasons
            and published.reason_words == self.words
            and published.value_in_force == self.value_in_force
        )


def settle(lighthouse_id: int, now: datetime) -> bool:
    """Whether the published verdict changed. Safe twice, late, out of order, beside itself.

    It waits for the lighthouse's lock, so whoever comes later reads what the earlier one saw, and
    more. A worker whose clock is behind the published one judges as of the published one.
    """
    with transaction.atomic():
        lighthouse = Lighthouse.objects.claim(lighthouse_id)
        if lighthouse is None:
            return False
        published = LighthouseStanding.objects.of(lighthouse_id)
        if published is not None and published.computed_at is not None:
            now = max(now, published.computed_at)
        settlement = judge(lighthouse, now)
        return standing.publish_settlement(
            lighthouse,
            ticket=lighthouse.settle_wanted,
            verdict=settlement.verdict,
            reasons=settlement.reasons,
            words=settlement.words,
            value_in_force=settlement.value_in_force,
            now=now,
        )


def settle_due(now: datetime) -> int:
    """How many verdicts changed because a day ended where the lighthouse is run."""
    return sum(settle(pk, now) for pk in due(now))


def due(now: datetime) -> Iterator[int]:
    """The active lighthouses whose last day has ended in their portfolio's time zone."""
    active = Lighthouse.objects.active()
    for zone in active.time_zones():
        today = clock.today_in(zone, now)
        yield from sorted(active.in_time_zone(zone).due_by(today).ids())


def fresh(lighthouse_id: int, now: datetime) -> bool:
    """Whether the published settlement equals one computed now from what is committed."""
    lighthouse = Lighthouse.objects.get(pk=lighthouse_id)
    published = LighthouseStanding.objects.of(lighthouse_id)
    return published is not None and judge(lighthouse, now).equals(published)


def judge(lighthouse: Lighthouse, now: datetime) -> Settlement:
    """The settlement as of now; two queries and one for the portfolio's time zone."""
    if lighthouse.abandoned_at is not None:
        return Settlement.of(Judgement(Verdict.PENDING))
    today = clock.today_in(lighthouse.portfolio.time_zone, now)
    agreed = agreed_contract(lighthouse)
    if agreed is None:
        return Settlement.of(
            verdicts.judge_unsealed(lighthouse.verdict_due, lighthouse.shipped_on, today)
        )
    readings = measured(lighthouse, agreed)
    return Settlement.of(verdicts.judge(agreed, readings, lighthouse.shipped_on, today))


def agreed_contract(lighthouse: Lighthouse) -> Agreed | None:
    """The sealed contract as the rules take it; none while it is not sealed."""
    try:
        contract: Contract = lighthouse.contract
    except ObjectDoesNotExist:
        return None
    return contract.as_agreed()


def measured(lighthouse: Lighthouse, agreed: Agreed) -> list[verdicts.Reading]:
    """Every reading of a lighthouse as the rules take it."""
    return as_agreed(Reading.objects.of(lighthouse.pk).in_order(), agreed)


def as_agreed(readings: Iterable[Reading], agreed: Agreed) -> list[verdicts.Reading]:
    """Readings as the rules take them: each of what the contract calls by its name and unit."""
    known: dict[tuple[str, str], int | None] = {
        (one.metric.casefold(), one.unit): one.id for one in agreed.guardrails
    }
    known[agreed.metric.casefold(), agreed.unit] = None
    return [
        verdicts.Reading(
            id=reading.pk,
            guardrail=known.get((reading.metric.casefold(), reading.unit), verdicts.NOT_AGREED),
            value=reading.value,
            measured_on=reading.measured_on,
            sample_size=reading.sample_size,
            supersedes=reading.supersedes_id,
        )
        for reading in readings
    ]
