"""What this room knows to wait for a person: their numbers that are to be looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from economics.models import Assumption
from portfolio.duties import MOST_STALE, Group, fresh_since, look_again
from portfolio.rights import Actor


def fresh_looks(actor: Actor, today: Mapping[int, date]) -> Group:
    """Candidates of which the actor's inputs to the net are stale; two queries."""
    rows = Assumption.objects.stale_of(actor.user_id, fresh_since(actor, today))
    return Group(
        "Numbers to look at again",
        look_again("input", rows[:MOST_STALE], "economics:economics"),
    )
