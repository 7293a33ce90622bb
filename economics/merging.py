"""Plans what of the unit economics goes along when two use cases are merged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from economics import costing
from economics.models import Assumption, RouteStep, UnitEconomics
from portfolio.merging import Carry, merges
from portfolio.models import UseCase
from portfolio.models.base import Versioned
from portfolio.rules import clock

SAID = (
    "value_kind", "route_kind", "currency", "usd_rate", "usd_rate_on", "usd_rate_source",
    "usd_rate_by", "confirmed_by", "confirmed_at",
)  # fmt: skip


def merge_all() -> None:
    merges(carry, UnitEconomics)


def carry(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """The survivor's stand; where it has none, it takes a copy of the other's, who gave them and
    when with them."""
    theirs = UnitEconomics.objects.for_use_cases([gone.pk]).first()
    if theirs is None:
        return Carry()
    mine = UnitEconomics.objects.for_use_cases([survivor.pk]).first()
    if mine is not None and _is_filled(mine):
        return Carry([f"The unit economics stay those of {survivor.reference}."])
    if not _is_filled(theirs):
        return Carry()

    def write() -> Iterable[Versioned]:
        row = mine or UnitEconomics(use_case=survivor)
        for name in SAID:
            setattr(row, name, getattr(theirs, name))
        assumptions = list(Assumption.objects.of(gone.pk))
        steps = list(RouteStep.objects.of(gone.pk).in_order())
        for copied in (*assumptions, *steps):
            copied.pk, copied.economics = None, row
        portfolio = survivor.portfolio
        today = clock.today_in(portfolio.time_zone, now)
        found = costing.cost(row, assumptions, steps, currency=portfolio.currency, on=today)
        costing.apply(row, steps, found, now)
        row.save()
        Assumption.objects.bulk_create(assumptions)
        RouteStep.objects.bulk_create(steps)
        return [row, costing.publish(row, assumptions, steps)]

    return Carry(
        [f"{survivor.reference} has no unit economics yet and takes those of {gone.reference}."],
        told={"economics": gone.reference},
        write=write,
    )


def _is_filled(row: UnitEconomics) -> bool:
    return Assumption.objects.of(row.pk).exists() or RouteStep.objects.of(row.pk).exists()
