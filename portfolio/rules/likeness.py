"""Judges how alike two candidates are, by the letters that their titles and problems share."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

TITLE_WEIGHT = Decimal("0.5")  # the problem has the rest, where both have one
GATE = 0.4  # titles or the beginnings of problems this close are compared at all
LEAST = Decimal("0.6")
LEAST_AT_ENTRY = Decimal("0.45")  # a look at one too many costs less than a second candidate
MUCH = Decimal("0.75")
ALMOST = Decimal("0.9")
BEGINNING = 80  # letters of a problem that are enough to find it by
COMPARED = 500  # letters of a problem that are compared


def alike(title: Decimal, problem: Decimal | None) -> Decimal:
    """How alike two candidates are, 0 to 1, where their titles and problems are that alike.

    `problem` is None where one of them says nothing of its problem.
    """
    if problem is None:
        return title
    return TITLE_WEIGHT * title + (1 - TITLE_WEIGHT) * problem


def in_words(share: Decimal) -> str:
    """How alike, as people say it."""
    if share >= ALMOST:
        return "almost word for word the same"
    return "much alike" if share >= MUCH else "somewhat alike"


WORD = re.compile(r"[^\W_]+")


def trigrams(text: str) -> set[str]:
    """The runs of three letters in these words, as Postgres counts them."""
    found: set[str] = set()
    for word in WORD.findall(text.lower()):
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return found


class Letters:
    """Many texts by the runs of letters in them: finds which are close to one, without a walk
    over all pairs of words."""

    def __init__(self, texts: Sequence[str]) -> None:
        places: dict[str, array] = {}
        self._runs = [trigrams(text) for text in texts]
        for place, runs in enumerate(self._runs):
            for run in runs:
                places.setdefault(run, array("i")).append(place)
        self._places = {run: np.frombuffer(found, np.int32) for run, found in places.items()}
        self._sizes = np.array([len(runs) for runs in self._runs], dtype=np.int64)

    def near(self, place: int) -> list[int]:
        """The places of the texts that share at least `GATE` of their letters with this one."""
        runs = self._runs[place]
        if not runs:
            return []
        holding = np.concatenate([self._places[run] for run in runs])
        shared = np.bincount(holding, minlength=len(self._sizes))
        close = shared >= GATE * (self._sizes + len(runs) - shared)
        close[place] = False
        return np.flatnonzero(close).tolist()
