"""What keeps a whole portfolio from being ranked, as the room that ranks it says it."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.models import Portfolio

Saying = Callable[[Portfolio], str]
_sayings: list[Saying] = []


def hindered_by(saying: Saying) -> Saying:
    """Called by a room once, in `AppConfig.ready()`: words for what holds all back, or none."""
    if saying not in _sayings:
        _sayings.append(saying)
    return saying


def why_none_is_ranked(portfolio: Portfolio) -> str:
    """What holds all candidates back; empty where each has reasons of its own."""
    return next((words for saying in _sayings if (words := saying(portfolio))), "")
