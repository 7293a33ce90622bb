"""Reads the rows of one sheet, in memory that does not grow with the file.

A common reader keeps all shared strings (or the whole sheet) in memory; here they lie in a
temporary file with an index of offsets, and the sheet is parsed as it is unzipped.
"""

import array
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import IO

from portfolio.importing.markup import chunks, feed, parse, parser_of, plain, whole
from portfolio.importing.refusals import FileRefused

MOST_COLUMNS = 2_000
OLDEST_DAY_1900 = datetime(1899, 12, 30)
OLDEST_DAY_1904 = datetime(1904, 1, 1)
ESCAPED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")
CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")


class SharedStrings:
    """The workbook's texts by number, kept in a temporary file."""

    def __init__(self, part: IO[bytes] | None) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._ends = array.array("Q", [0])
        if part is not None:
            with part:
                self._fill(part)
        self._file.flush()
        self.at = lru_cache(maxsize=4096)(self._at)

    def close(self) -> None:
        self._file.close()

    def _fill(self, part: IO[bytes]) -> None:
        pieces: list[str] = []
        open_text = 0
        phonetic = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal open_text, phonetic
            tag = plain(name)
            if tag == "si":
                pieces.clear()
            elif tag == "rPh":
                phonetic += 1
            elif tag == "t":
                open_text += 1

        def end(name: str) -> None:
            nonlocal open_text, phonetic
            tag = plain(name)
            if tag == "t":
                open_text -= 1
            elif tag == "rPh":
                phonetic -= 1
            elif tag == "si":
                written = unescape("".join(pieces)).encode("utf-8", "replace")
                self._file.write(written)
                self._ends.append(self._ends[-1] + len(written))

        def text(words: str) -> None:
            if open_text and not phonetic:
                pieces.append(words)

        parse(part, start=start, end=end, text=text)

    def _at(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            return ""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return self._file.read(end - begin).decode("utf-8")


class SheetReader:
    """Turns the XML of one sheet into rows of text."""

    def __init__(
        self, strings: SharedStrings, dates: tuple[bool, ...], oldest_day: datetime
    ) -> None:
        self._strings = strings
        self._dates = dates
        self._oldest_day = oldest_day
        self._ready: list[tuple[int, list[str]]] = []
        self._row: list[str] = []
        self._row_number = 0
        self._column = 0
        self._kind = "n"
        self._style = 0
        self._pieces: list[str] = []
        self._reads = False

    def rows(self, part: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        parser = parser_of(self._start, self._end, self._text)
        for chunk in chunks(part):
            feed(parser, chunk)
            if self._ready:
                yield from self._ready
                self._ready.clear()
        feed(parser, b"", last=True)
        yield from self._ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = plain(name)
        if tag == "c":
            found = CELL_REFERENCE.match(attributes.get("r", ""))
            self._column = column_number(found[1]) if found else len(self._row)
            self._kind = attributes.get("t", "n")
            self._style = whole(attributes.get("s"))
            self._pieces.clear()
        elif tag == "v" or (tag == "t" and self._kind == "inlineStr"):
            self._reads = True
        elif tag == "row":
            self._row = []
            self._row_number = whole(attributes.get("r")) or self._row_number + 1

    def _text(self, words: str) -> None:
        if self._reads:
            self._pieces.append(words)

    def _end(self, name: str) -> None:
        tag = plain(name)
        if tag in ("v", "t"):
            self._reads = False
        elif tag == "c":
            if self._pieces:
                if self._column >= MOST_COLUMNS:
                    raise FileRefused(f"Row {self._row_number} has more than 2,000 columns.")
                missing = self._column + 1 - len(self._row)
                if missing > 0:
                    self._row.extend([""] * missing)
                self._row[self._column] = self._as_text("".join(self._pieces))
        elif tag == "row":
            self._ready.append((self._row_number, self._row))

    def _as_text(self, written: str) -> str:
        if self._kind == "s":
            return self._strings.at(whole(written, -1))
        if self._kind == "b":
            return "yes" if written.strip() == "1" else "no"
        if self._kind == "e":
            return ""  # #N/A and its kin say that nothing is known
        if self._kind == "d":
            return written.removesuffix("T00:00:00")
        if self._kind in ("str", "inlineStr"):
            return unescape(written)
        is_date = self._style < len(self._dates) and self._dates[self._style]
        return as_date(written, self._oldest_day) if is_date else as_number(written)


def as_number(written: str) -> str:
    """The number as a person would type it: 12 for 12.0, 0.1 for 0.10000000000000001."""
    try:
        value = float(written)
    except ValueError:
        return written
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}"


def as_date(written: str, oldest_day: datetime) -> str:
    """The day (and the time, where there is one) in ISO form."""
    try:
        days = float(written)
        moment = oldest_day + timedelta(seconds=round(days * 86_400))
    except (ValueError, OverflowError):
        return written
    if oldest_day == OLDEST_DAY_1900 and 0 < days < 61 and days >= 1:
        moment += timedelta(days=1)  # the format counts a 29 February 1900 that never was
    if days < 1:
        return moment.strftime("%H:%M:%S").removesuffix(":00")
    return moment.strftime("%Y-%m-%d" if days.is_integer() else "%Y-%m-%d %H:%M")


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def unescape(written: str) -> str:
    if "_x" not in written:
        return written
    return ESCAPED_CHARACTER.sub(_character, written)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
