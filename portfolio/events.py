"""Records what happened: one event a change, in order, and the bells that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from portfolio.bells import Bell, ring
from portfolio.models import Event, Lighthouse, Portfolio, Tombstone, UseCase
from portfolio.models.base import Versioned
from portfolio.models.events import Kind
from portfolio.querysets.copying import copy_like
from portfolio.querysets.events import put_down, stamp
from portfolio.rights import Actor

Subject = Portfolio | UseCase | Lighthouse


def record(
    subject: Subject,
    kind: Kind,
    *,
    by: Actor,
    what: dict[str, Any] | None = None,
    wants: Bell | Sequence[Bell] = (),
    touched: Iterable[Versioned] = (),  # rows that carry a revision
) -> int:
    """The event's id, which is now the revision of the portfolio and of every row in `touched`.

    Call it last in the transaction: it locks the portfolio's row until commit, and that is what
    makes ids visible in order. `wants` marks the work as wanted under the same lock and rings.
    """
    portfolio_id, use_case_id = _place_of(subject)
    bells = (wants,) if isinstance(wants, Bell) else tuple(wants)
    rows = list(touched)
    keys: dict[type[Model], list[int]] = {}
    for row in rows:
        keys.setdefault(type(row), []).append(row.pk)
    _in_a_transaction()
    Portfolio.objects.lock_revision(portfolio_id)
    event = Event(
        portfolio_id=portfolio_id, use_case_id=use_case_id, kind=kind, at=_now(),
        by_id=by.user_id, what=what or {},
    )  # fmt: skip
    revision = put_down(event, keys, ranking=Bell.RANK in bells)
    for row in rows:
        row.revision = revision
    _ring(bells, portfolio_id, subject, revision)
    return revision


def note(portfolio_id: int, *, touched: Iterable[Versioned]) -> int:
    """A number for a change that concerns nobody but its author: no event tells of it.

    Copies kept in step still learn of it. Call it last, as `record`.
    """
    revision = _take(portfolio_id, (), count=1)
    for row in touched:
        row.revision = revision
        stamp(type(row), [row.pk], revision)
    return revision


def record_many(
    portfolio_id: int,
    happened: Sequence[tuple[int | None, Kind, dict[str, Any]]],
    *,
    by: Actor,
    wants: Bell | Sequence[Bell] = (),
) -> range:
    """One event for each (use case id, kind, what), in this order; their ids."""
    bells = (wants,) if isinstance(wants, Bell) else tuple(wants)
    last = _take(portfolio_id, bells, count=len(happened))
    ids = range(last - len(happened) + 1, last + 1)
    now = _now()
    copy_like(
        Event(portfolio_id=portfolio_id, at=now, by_id=by.user_id),
        ("id", "use_case_id", "kind", "what"),
        (
            (pk, use_case_id, str(kind), what)
            for pk, (use_case_id, kind, what) in zip(ids, happened, strict=True)
        ),
    )
    if Bell.RANK in bells:
        ring(Bell.RANK, portfolio_id)
    return ids


def bury(row: Model, kind: str, *, portfolio_id: int, parent_id: int | None, revision: int) -> None:
    """Leave a tombstone for a row about to be deleted, so that copies kept in step learn of it."""
    Tombstone.objects.create(
        portfolio_id=portfolio_id,
        kind=kind,
        parent_id=parent_id,
        row_id=row.pk,
        deleted_at=_now(),
        revision=revision,
    )


def _in_a_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("An event is recorded with what it tells of.")


def _take(portfolio_id: int, bells: Sequence[Bell], *, count: int) -> int:
    _in_a_transaction()
    return Portfolio.objects.raise_revision(portfolio_id, ranking=Bell.RANK in bells, count=count)


def _ring(bells: Sequence[Bell], portfolio_id: int, subject: Subject, revision: int) -> None:
    for bell in bells:
        if bell is Bell.RANK:
            ring(bell, portfolio_id)
        elif bell is Bell.SETTLE and isinstance(subject, Lighthouse):
            Lighthouse.objects.want_settlement(subject.pk, revision)
            subject.settle_wanted = revision
            ring(bell, subject.pk)
        else:
            ring(bell, subject.pk)


def _place_of(subject: Subject) -> tuple[int, int | None]:
    if isinstance(subject, Portfolio):
        return subject.pk, None
    if isinstance(subject, Lighthouse):
        return subject.portfolio_id, subject.use_case_id
    return subject.portfolio_id, subject.pk


def _now() -> datetime:
    return timezone.now()  # noqa: TID251 - an event is dated by when it is recorded
