"""Criteria, their weights, and the value scale: what a sponsor sets up for a portfolio."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.models import Criterion
from portfolio import events, rights, standing
from portfolio.bells import Bell
from portfolio.models import Portfolio
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

EDITABLE = (
    "name", "axis", "weight", "question", "anchor_0", "anchor_3", "anchor_5", "position",
)  # fmt: skip


@transaction.atomic
def add_criterion(actor: Actor, portfolio_id: int, **fields: Any) -> Criterion:
    """A new criterion, last in its axis; every candidate stands at 2.5 on it until rated."""
    portfolio = Portfolio.objects.visible_to(actor).get_for_change(portfolio_id)
    rights.require(actor, Right.MANAGE_CRITERIA, portfolio)
    position = Criterion.objects.last_position(portfolio_id) + 1
    criterion = Criterion(portfolio=portfolio, **{"position": position, **fields})
    criterion.full_clean()
    criterion.save()
    show_weights(portfolio_id)
    events.record(
        portfolio,
        Kind.CRITERIA_CHANGED,
        by=actor,
        what={"added": criterion.slug, "weight": _plain(criterion.weight)},
        wants=Bell.RANK,
        touched=[criterion],
    )
    return criterion


@transaction.atomic
def edit_criterion(
    actor: Actor, criterion_id: int, changes: Mapping[str, Any], *, seen_version: int | None = None
) -> Criterion:
    """The criterion with exactly these fields changed; `retired_at`, none, brings it back."""
    if "retired_at" in changes:
        _set_retired(actor, criterion_id, None, seen_version)
        seen_version = None  # just looked at, and locked since
    criterion = Criterion.objects.visible_to(actor).get_for_change(criterion_id)
    rights.require(actor, Right.MANAGE_CRITERIA, criterion.portfolio)
    if "weight" in changes:
        rights.require(actor, Right.MANAGE_WEIGHTS, criterion.portfolio)
    criterion.expect_version(seen_version)
    before = {name: getattr(criterion, name) for name in EDITABLE}
    for name in EDITABLE:
        if name in changes:
            setattr(criterion, name, changes[name])
    criterion.full_clean(exclude=["portfolio"])
    told = {
        name: [_plain(before[name]), _plain(getattr(criterion, name))]
        for name in EDITABLE
        if before[name] != getattr(criterion, name)
    }
    if told:
        criterion.save(update_fields=list(told))
        show_weights(criterion.portfolio_id)
        events.record(
            criterion.portfolio,
            Kind.WEIGHTS_CHANGED if set(told) == {"weight"} else Kind.CRITERIA_CHANGED,
            by=actor,
            what={"weights": {criterion.slug: told["weight"]}}
            if set(told) == {"weight"}
            else {"edited": criterion.slug, "changed": told},
            wants=Bell.RANK if {"weight", "axis"} & set(told) else (),
            touched=[criterion],
        )
    return criterion


@transaction.atomic
def retire_criterion(
    actor: Actor, criterion_id: int, *, now: datetime, seen_version: int | None = None
) -> Criterion:
    """The criterion, out of the ranking from now on; its ratings stay."""
    return _set_retired(actor, criterion_id, now, seen_version)


@transaction.atomic
def bring_back_criterion(
    actor: Actor, criterion_id: int, *, seen_version: int | None = None
) -> Criterion:
    """The criterion, in force again with the ratings it had."""
    return _set_retired(actor, criterion_id, None, seen_version)


def _set_retired(
    actor: Actor, criterion_id: int, at: datetime | None, seen_version: int | None
) -> Criterion:
    criterion = Criterion.objects.visible_to(actor).get_for_change(criterion_id)
    rights.require(actor, Right.MANAGE_CRITERIA, criterion.portfolio)
    criterion.expect_version(seen_version)
    if (criterion.retired_at is None) == (at is None):
        return criterion
    criterion.retired_at = at
    criterion.save(update_fields=["retired_at"])
    show_weights(criterion.portfolio_id)
    events.record(
        criterion.portfolio,
        Kind.CRITERIA_CHANGED,
        by=actor,
        what={"retired" if at else "brought_back": criterion.slug},
        wants=Bell.RANK,
        touched=[criterion],
    )
    return criterion


@transaction.atomic
def change_weights(
    actor: Actor,
    portfolio_id: int,
    weights: Mapping[str, Decimal],
    *,
    seen: Mapping[str, int] | None = None,
) -> list[Criterion]:
    """The criteria whose weight changed. `seen` holds the version that each was read at."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.MANAGE_WEIGHTS, portfolio)
    criteria = {row.slug: row for row in Criterion.objects.lock_all(portfolio_id)}
    unknown = [slug for slug in weights if slug not in criteria]
    if unknown:
        raise ValidationError({slug: [f"There is no criterion “{slug}”."] for slug in unknown})
    changed, told = [], {}
    for slug, weight in weights.items():
        criterion = criteria[slug]
        if criterion.weight == weight:
            continue
        criterion.expect_version((seen or {}).get(slug))
        before, criterion.weight = criterion.weight, weight
        try:
            criterion.full_clean(exclude=["portfolio"])
        except ValidationError as fault:
            raise ValidationError({slug: fault.messages}) from fault
        criterion.save(update_fields=["weight"])
        told[slug] = [_plain(before), _plain(weight)]
        changed.append(criterion)
    if changed:
        show_weights(portfolio_id)
        events.record(
            portfolio,
            Kind.WEIGHTS_CHANGED,
            by=actor,
            what={"weights": told},
            wants=Bell.RANK,
            touched=changed,
        )
    return changed


def show_weights(portfolio_id: int) -> None:
    """Publish the weights of the criteria in use; right before the event that tells of them.

    They are read under the portfolio's lock, so that of two changes the later one shows both.
    """
    Portfolio.objects.lock_revision(portfolio_id)
    rows = Criterion.objects.in_portfolio(portfolio_id).in_force()
    standing.publish_weights(portfolio_id, {row.slug: row.weight for row in rows})


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
