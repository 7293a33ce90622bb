"""Looks for candidates that seem to be the same: what changed since the last look."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from portfolio import events
from portfolio.bells import Bell
from portfolio.models import Likeness, Lookalike, Portfolio, UseCase
from portfolio.models.events import Kind
from portfolio.querysets.copying import take_stock
from portfolio.querysets.likeness import (
    Pair,
    changed_after,
    like_each_other,
    like_words,
    near_rows,
    portfolios_to_look_at,
    texts,
)
from portfolio.rights import Actor
from portfolio.rules import likeness

FEW = 20
BATCH = 500
MOST_AT_ENTRY = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alike:
    """A use case that looks like what somebody is about to propose."""

    use_case: UseCase
    alike: Decimal

    @property
    def words(self) -> str:
        return likeness.in_words(self.alike)


def like(actor: Actor, portfolio_id: int, title: str, problem: str) -> list[Alike]:
    """What is there already and looks like these words, the most alike first: two queries."""
    title, problem = title.strip(), problem.strip()[: likeness.COMPARED]
    if not title and not problem:
        return []
    with transaction.atomic():
        found = dict(like_words(portfolio_id, title, problem, most=MOST_AT_ENTRY))
    rows = UseCase.objects.visible_to(actor).with_standing().in_bulk(list(found))
    return [Alike(rows[pk], alike) for pk, alike in found.items() if pk in rows]


def look(portfolio_id: int) -> int:
    """How many use cases were compared. Safe twice, late, or beside itself.

    A few are looked up one by one in the indexes. For many, all texts are read once: that took
    a hundredth of the time. What changes meanwhile has a later revision, and is looked at again.
    """
    rows = UseCase.objects.in_portfolio(portfolio_id).alive()
    with transaction.atomic():
        reached = Likeness.objects.claim(portfolio_id)
        if reached is None:
            return 0  # the holder goes on
        changed = changed_after(rows, reached.done, FEW + 1)
        if not changed:
            return 0
        if len(changed) <= FEW:
            keys = [pk for _, pk in changed]
            _keep(reached, changed[-1][0], keys, near_rows(keys))
            return len(keys)
    return _look_at_many(portfolio_id, texts(rows))


def _look_at_many(portfolio_id: int, snapshot: list[tuple[int, int, str, str]]) -> int:
    """The same for a whole snapshot of a portfolio, so many rows a transaction."""
    fields = [
        likeness.Letters([title for _, _, title, _ in snapshot]),
        likeness.Letters([begins for *_, begins in snapshot]),
    ]
    compared = place = 0
    while place < len(snapshot):
        with transaction.atomic():
            reached = Likeness.objects.claim(portfolio_id)
            if reached is None:
                return compared
            while place < len(snapshot) and snapshot[place][0] <= reached.done:
                place += 1
            end = min(place + BATCH, len(snapshot))
            while place < end < len(snapshot) and snapshot[end][0] == snapshot[end - 1][0]:
                end += 1  # one event may have changed several
            if place == end:
                return compared
            near = {
                (min(pair), max(pair))
                for at in range(place, end)
                for field in fields
                for other in field.near(at)
                for pair in [(snapshot[at][1], snapshot[other][1])]
            }
            keys = [pk for _, pk, _, _ in snapshot[place:end]]
            _keep(reached, snapshot[end - 1][0], keys, near)
            compared += len(keys)
    if compared > BATCH:
        take_stock(Lookalike)
    log.info("looked for duplicates portfolio=%s compared=%s", portfolio_id, compared)
    return compared


def waiting(now: datetime) -> list[tuple[Bell, int]]:
    """The portfolios in which something changed since the last look."""
    found = portfolios_to_look_at(Portfolio.objects.all(), UseCase.objects.all())
    return [(Bell.LIKEN, key) for key in found]


def _keep(reached: Likeness, revision: int, ids: Sequence[int], near: set[Pair]) -> None:
    """Write the pairs of these use cases that are new or other than they were, and how far the
    look has come."""
    known = {
        (row.first_id, row.second_id): row
        for row in Lookalike.objects.touching(ids).lock_in_order()
    }
    found = like_each_other([*(near | known.keys())])
    changed = []
    for pair, row in known.items():
        is_alike = found[pair] >= likeness.LEAST
        state = Lookalike.State.OPEN if is_alike else Lookalike.State.GONE
        is_told = row.state == Lookalike.State.DIFFERENT
        if not is_told and (row.alike, row.state) != (found[pair], state):
            row.alike, row.state = found[pair], state
            changed.append(row)
    Lookalike.objects.bulk_update(changed, ["alike", "state"], batch_size=2_000)
    made = (
        Lookalike(portfolio_id=reached.portfolio_id, first_id=first, second_id=second, alike=alike)
        for (first, second), alike in sorted(found.items())
        if (first, second) not in known and alike >= likeness.LEAST
    )
    changed += Lookalike.objects.bulk_create(made, batch_size=2_000)
    reached.done = revision
    reached.save(update_fields=["done"])
    if changed:
        events.record(
            Portfolio(pk=reached.portfolio_id),
            Kind.LOOKALIKES_FOUND,
            by=Actor.system(),
            what={"pairs": len(changed)},
            touched=changed,
        )
