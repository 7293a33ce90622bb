"""Says which row is which: the key of a row, so that the same row is known the next time."""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

import numpy as np

from portfolio.importing.tables import Column, Row

MOST_KEY_COLUMNS = 3
MOST_CANDIDATE_COLUMNS = 12
SMALL_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)
PART, NAME = "\x1f", "\x1e"
ROOT = 32  # letters and digits of a key; a number may follow
GIVEN_KEY = re.compile(r"[0-9a-f]{32}(-\d{1,7})?\Z")


@dataclass(frozen=True)
class KeyChoice:
    """The columns that tell the rows apart; none means the whole row."""

    columns: tuple[str, ...] = ()
    identical_rows: int = 0  # rows that nothing tells from an earlier one


class RowKeys:
    """Gives each row of one file its key; rows equal under the key are numbered in order."""

    def __init__(
        self,
        columns: Sequence[Column],
        key_columns: Sequence[str],
        given_at: int | None = None,
    ) -> None:
        """`given_at`: the place of a cell that holds the row's key already, if there is one."""
        self._given_at = given_at
        self._all = tuple(columns)
        wanted = set(key_columns)
        self._chosen = tuple(column for column in columns if column.name in wanted)
        self._issued: set[str] = set()
        self._times: dict[str, int] = {}

    def key(self, row: Row) -> str:
        """The key of the next row: 32 letters and digits, the same for the same row of the file;
        "-2" and on for what has the key of an earlier one, whichever of them was given."""
        key = self._given(row) or self._digest(row).hex()
        root = key[:ROOT]
        times = self._times.get(root, 0)
        while key in self._issued:
            times += 1
            key = f"{root}-{times}"
        self._times[root] = max(times, 1)
        self._issued.add(key)
        return key

    def _given(self, row: Row) -> str:
        """The key that the row brings along; empty for none."""
        if self._given_at is None or self._given_at >= len(row.cells):
            return ""
        given = row.cells[self._given_at].strip()
        return given if GIVEN_KEY.match(given) else ""

    def _digest(self, row: Row) -> bytes:
        parts = [(name_text(c.name), key_text(c.text(row.cells))) for c in self._chosen]
        if not any(text for _, text in parts):
            # Without a key of its own, all of the row is its key.
            named = ((name_text(c.name), key_text(c.text(row.cells))) for c in self._all)
            parts = sorted(part for part in named if part[1])
        elif len(parts) == 1 and any(letter.isalpha() for letter in parts[0][1]):
            # An identifier such as CARE-77 is itself under any heading; a bare 7 is not.
            parts = [("", parts[0][1])]
        text = PART.join(f"{name}{NAME}{text}" for name, text in parts)
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class KeySearch:
    """Finds the fewest columns that tell all rows apart, while the rows pass by once.

    Memory: eight bytes for each row and candidate column.
    """

    def __init__(self, columns: Sequence[Column], preferred: Sequence[str]) -> None:
        """`preferred`: the names of columns to try, best first; the rest is not looked at."""
        by_name = {column.name: column for column in columns}
        self._tried = tuple(
            by_name[name] for name in preferred[:MOST_CANDIDATE_COLUMNS] if name in by_name
        )
        self._cells = tuple(array("q") for _ in self._tried)
        self._filled = [0] * len(self._tried)
        self._rows = array("q")

    def add(self, row: Row) -> None:
        for place, column in enumerate(self._tried):
            text = key_text(column.text(row.cells))
            self._cells[place].append(hash(text))
            self._filled[place] += bool(text)
        self._rows.append(hash(PART.join(row.cells).rstrip(PART)))

    def choose(self) -> KeyChoice:
        """The choice: identical rows apart, which nothing tells apart, each row is told."""
        if not self._rows:
            return KeyChoice()
        total = len(self._rows)
        distinct = int(np.unique(np.frombuffer(self._rows, dtype=np.int64)).size)
        identical = total - distinct
        cells = [np.frombuffer(cell, dtype=np.int64).view(np.uint64) for cell in self._cells]
        for size in range(1, MOST_KEY_COLUMNS + 1):
            for places in combinations(range(len(self._tried)), size):
                # A key that is empty in some rows would leave those without one.
                if max(self._filled[place] for place in places) < total:
                    continue
                if _distinct([cells[place] for place in places]) == distinct:
                    names = tuple(self._tried[place].name for place in places)
                    return KeyChoice(names, identical)
        return KeyChoice((), identical)


def _distinct(cells: Sequence[np.ndarray]) -> int:
    mixed = np.zeros_like(cells[0])
    for cell in cells:
        mixed = mixed * np.uint64(6_364_136_223_846_793_005) + cell
        mixed ^= mixed >> np.uint64(29)
    return int(np.unique(mixed).size)


def key_text(text: str) -> str:
    """The text as a key compares it: one form of each letter, blanks and line ends alike."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def name_text(name: str) -> str:
    """The heading as a key compares it: letters and digits in lower case."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def title_text(title: str) -> str:
    """The title as a search for duplicates compares it: without case, accents and marks."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    letters = (letter if letter.isalnum() else " " for letter in plain if not _is_accent(letter))
    return " ".join("".join(letters).split())


def title_words(title: str) -> set[str]:
    """What a title consists of, to tell a new wording of an idea from another idea."""
    return set(title_text(title).split()) - SMALL_WORDS


def columns_digest(names: Iterable[str]) -> str:
    """What a file with these headings is remembered under, whatever their order."""
    text = PART.join(sorted(name_text(name) or name for name in names))
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _is_accent(letter: str) -> bool:
    return unicodedata.combining(letter) != 0
