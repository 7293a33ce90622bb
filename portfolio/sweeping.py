"""Finds the work that a lost bell left behind, and rings for it again."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from portfolio.bells import Bell, send
from portfolio.models import Import, Invitation, KeptAnswer, Lighthouse, Pulse, Ranking, Simulation

MOST_FORGOTTEN = 500  # kept answers outlived, a sweep
POST_ROUND = 30  # seconds between two attempts at a mail server that may be away


def sweep(now: datetime) -> list[tuple[Bell, int]]:
    """The bells rung: whatever waits and nobody is working on now. Safe at any time.

    A swept bell expires with the next sweep, so that none pile up while every worker is busy.
    """
    Pulse.objects.beat("worker", now)
    KeptAnswer.objects.forget_outlived(now, MOST_FORGOTTEN)
    bells = waiting(now)
    for bell, key in bells:
        send(bell, key, expires=settings.SWEEP_SECONDS)
    return bells


def waiting(now: datetime) -> list[tuple[Bell, int]]:
    """What waits for a worker: rankings, simulations, verdicts, imports and invitations."""
    is_post_round = now.timestamp() % POST_ROUND < settings.SWEEP_SECONDS
    unsent = Invitation.objects.unsent(now) if is_post_round else Invitation.objects.none()
    with transaction.atomic():
        return [
            *((Bell.RANK, key) for key in Ranking.objects.behind().ids()),
            *((Bell.SIMULATE, key) for key in Simulation.objects.behind().ids()),
            *((Bell.SETTLE, key) for key in Lighthouse.objects.left_unsettled().ids()),
            *((Bell.IMPORT, key) for key in Import.objects.left_unfinished().ids()),
            *((Bell.INVITE, key) for key in unsent.ids()),
        ]
