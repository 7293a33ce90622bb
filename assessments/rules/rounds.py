"""Judges blind rounds by domain section 4: when one is over, and where its assessors disagree.

Wide disagreement is read like this: two likely values at least FAR_APART from each other, or two
intervals that share no value while their likely values are at least APART from each other. Points
a tenth away from each other share nothing either, and nobody would call that a disagreement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from portfolio.rules import clock

FAR_APART = Decimal(2)
APART = Decimal(1)


class Ending(StrEnum):
    BY_HAND = "by_hand"
    ALL_GIVEN = "all_given"
    DUE = "due"

    @property
    def words(self) -> str:
        return {
            Ending.BY_HAND: "closed by hand",
            Ending.ALL_GIVEN: "closed when everybody had rated everything",
            Ending.DUE: "closed at the end of its day",
        }[self]


def why_over(owed: Sequence[int], due_on: date, zone: str, now: datetime) -> Ending | None:
    """Why a round is over by itself, or None while it is not.

    `owed` says of each assessor who can still rate how many ratings are missing.
    """
    if not any(owed):
        return Ending.ALL_GIVEN
    return Ending.DUE if clock.has_ended(due_on, zone, now) else None


@dataclass(frozen=True)
class Opinion:
    """What one assessor said of one criterion of one candidate."""

    who: str
    low: Decimal
    likely: Decimal
    high: Decimal


@dataclass(frozen=True)
class Disagreement:
    """The two who are furthest from each other, and how far."""

    lower: Opinion
    upper: Opinion
    gap: Decimal

    @property
    def words(self) -> str:
        if self.gap >= FAR_APART:
            return (
                f"{self.lower.who} expects {self.lower.likely.normalize():f}, "
                f"{self.upper.who} {self.upper.likely.normalize():f}."
            )
        return (
            f"{self.lower.who} holds at most {self.lower.high.normalize():f} possible, "
            f"{self.upper.who} at least {self.upper.low.normalize():f}."
        )


def disagreement(opinions: Sequence[Opinion]) -> Disagreement | None:
    """The widest disagreement among these; None where they lie close enough."""
    if len(opinions) < 2:
        return None
    ordered = sorted(opinions, key=lambda one: one.likely)
    lower, upper = ordered[0], ordered[-1]
    gap = upper.likely - lower.likely
    if gap >= FAR_APART:
        return Disagreement(lower, upper, gap)
    strangers = [
        Disagreement(low, high, high.likely - low.likely)
        for low, high in combinations(ordered, 2)
        if low.high < high.low and high.likely - low.likely >= APART
    ]
    return max(strangers, key=lambda one: one.gap, default=None)
