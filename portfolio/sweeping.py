"""Finds the work that a lost bell left behind, and rings for it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, transaction

from portfolio.bells import Bell, send
from portfolio.models import (
    BulkChange,
    Import,
    Invitation,
    KeptAnswer,
    Lighthouse,
    Pulse,
    Ranking,
    Simulation,
)

MOST_FORGOTTEN = 500  # kept answers outlived, a sweep
BAD_ROWS = (DatabaseError, LookupError, ValueError)  # what one of them can make a look raise
POST_ROUND = 30  # seconds between two attempts at a mail server that may be away

Waiting = Callable[[datetime], Iterable[tuple[Bell, int]]]
_others: list[Waiting] = []


def swept_with(others: Waiting) -> Waiting:
    """Called by a room once, in `AppConfig.ready()`: its work is found by the same sweep."""
    if others not in _others:
        _others.append(others)
    return others


def sweep(now: datetime) -> list[tuple[Bell, int]]:
    """The bells rung: whatever waits and nobody is working on now. Safe at any time.

    A swept bell expires with the next sweep, so that none pile up while every worker is busy.
    """
    Pulse.objects.beat("worker", now)
    KeptAnswer.objects.forget_outlived(now, MOST_FORGOTTEN)
    bells = []
    for bell, key in waiting(now):
        send(bell, key, expires=settings.SWEEP_SECONDS)
        bells.append((bell, key))
    return bells


def waiting(now: datetime) -> Iterator[tuple[Bell, int]]:
    """What waits for a worker, in this room and in those that have registered theirs.

    A look that fails keeps no other from its turn; in the end all that failed is raised.
    """
    failed: list[Exception] = []
    for look in (*_OWN, *_others):
        try:
            with transaction.atomic():
                bells = list(look(now))
        except BAD_ROWS as fault:
            failed.append(fault)
        else:
            yield from bells
    if failed:
        raise ExceptionGroup("The sweep could not look everywhere", failed)


def _unsent(now: datetime) -> list[int]:
    return Invitation.objects.unsent(now).ids() if is_post_round(now) else []


_OWN: tuple[Waiting, ...] = (
    lambda now: [(Bell.RANK, key) for key in Ranking.objects.behind().ids()],
    lambda now: [(Bell.SIMULATE, key) for key in Simulation.objects.behind().ids()],
    lambda now: [(Bell.SETTLE, key) for key in Lighthouse.objects.left_unsettled().ids()],
    lambda now: [(Bell.IMPORT, key) for key in Import.objects.left_unfinished().ids()],
    lambda now: [(Bell.CHANGE_MANY, key) for key in BulkChange.objects.left_unfinished().ids()],
    lambda now: [(Bell.INVITE, key) for key in _unsent(now)],
)


def is_post_round(now: datetime) -> bool:
    """Whether this sweep asks for letters that were not handed over yet."""
    return now.timestamp() % POST_ROUND < settings.SWEEP_SECONDS
