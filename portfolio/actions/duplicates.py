"""Candidates that look the same: saying that they are not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portfolio import events, rights
from portfolio.errors import RuleBroken
from portfolio.models import Lookalike
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right


@transaction.atomic
def tell_apart(
    actor: Actor, pair_id: int, *, now: datetime, seen_version: int | None = None
) -> Lookalike:
    """The pair, said to be two different candidates; it is not asked about again."""
    pair = Lookalike.objects.visible_to(actor).get_for_change(pair_id)
    rights.require(actor, Right.PROPOSE, pair.portfolio)
    pair.expect_version(seen_version)
    if pair.state == Lookalike.State.DIFFERENT:
        return pair
    if pair.state == Lookalike.State.GONE:
        raise RuleBroken("These two do not look the same any more; there is nothing to say.")
    pair.state = Lookalike.State.DIFFERENT
    pair.told_apart_by = actor.user
    pair.told_apart_at = now
    pair.save(update_fields=["state", "told_apart_by", "told_apart_at"])
    events.record(
        pair.first,
        Kind.TOLD_APART,
        by=actor,
        what={"other": pair.second.reference, "title": pair.second.title},
        touched=[pair],
    )
    return pair
