"""Reads what somebody typed into a search, and says which of what was found fits best."""

import re
import unicodedata
from dataclasses import dataclass

MOST_WORDS = 8
MOST_LETTERS = 200
LETTERS = re.compile(r"[^\W_]+")
ENOUGH, FEW = 3, 2  # letters in a row that an index finds anywhere, and at the start of a word


@dataclass(frozen=True)
class Asked:
    """What was typed: whole, and the words that an index can find.

    `anywhere` are found within words, `beginnings` at the start of one; a single letter finds
    a reference or a page by its name, and no text.
    """

    typed: str
    anywhere: tuple[str, ...]
    beginnings: tuple[str, ...]

    @property
    def has_words(self) -> bool:
        return bool(self.anywhere or self.beginnings)


def read(raw: str) -> Asked:
    """What to look for."""
    typed = " ".join(raw[:MOST_LETTERS].replace("\x00", "").split())
    anywhere, beginnings = [], []
    for word in typed.split()[:MOST_WORDS]:
        runs = [len(run) for run in LETTERS.findall(word)]
        if runs and max(runs) >= ENOUGH:
            anywhere.append(word)
        elif LETTERS.match(word) and runs[0] >= FEW:
            beginnings.append(word)
    return Asked(typed, tuple(anywhere), tuple(beginnings))


def folded(text: str) -> str:
    """Small letters without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def fits(asked: Asked, *texts: str) -> bool:
    """Whether every word that was typed begins a word of the texts."""
    words = LETTERS.findall(folded(" ".join(texts)))
    return all(
        any(word.startswith(part) for word in words)
        for part in LETTERS.findall(folded(asked.typed))
    )


def closeness(asked: Asked, reference: str, title: str) -> int:
    """How well a use case fits, 0 the best: by reference, by its title's start, by its words."""
    typed, name = folded(asked.typed), folded(title)
    if folded(reference) == typed:
        return 0
    if name.startswith(typed):
        return 1
    if typed in name:
        return 2
    words = [folded(word) for word in (*asked.anywhere, *asked.beginnings)]
    if words and all(word in name for word in words):
        return 3
    return 4 if folded(reference).startswith(typed) else 5
