"""Reads the sheets of an XLSX workbook row by row, in memory that does not grow with the file.

A common reader keeps all shared strings (or the whole sheet) in memory; here they lie in a
temporary file with an index of offsets, and the sheet is parsed as it is unzipped.
"""

import array
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from xml.parsers import expat

from portfolio.importing.refusals import FileRefused

CHUNK = 65_536
MOST_UNZIPPED_BYTES = 1_500_000_000
MOST_COLUMNS = 2_000
MOST_MERGES = 20_000
OLDEST_DAY_1900 = datetime(1899, 12, 30)
OLDEST_DAY_1904 = datetime(1904, 1, 1)
DATE_FORMATS_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
ESCAPED_CHARACTER = re.compile(r"_x([0-9A-Fa-f]{4})_")
QUOTED_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
CELL_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})\Z")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, whether a person sees it, and the part that holds it."""

    name: str
    is_hidden: bool
    part: str


class Workbook:
    """An open workbook: its sheets, and the rows of any of them, as text."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError) as error:
            raise FileRefused(
                "This workbook is damaged and cannot be opened. Save it again and retry."
            ) from error
        if "xl/workbook.xml" not in self._zip.namelist():
            self._zip.close()
            raise FileRefused(
                "This is not an Excel workbook (.xlsx). Save the table as .xlsx or .csv."
            )
        if sum(entry.file_size for entry in self._zip.infolist()) > MOST_UNZIPPED_BYTES:
            self._zip.close()
            raise FileRefused(
                "This workbook unpacks to more than 1.5 GB. Remove what is not needed, "
                "or save the sheet as .csv."
            )
        self._strings: SharedStrings | None = None
        self._dates: tuple[bool, ...] | None = None
        self._oldest_day = OLDEST_DAY_1900
        self.sheets = self._read_sheets()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._strings is not None:
            self._strings.close()
        self._zip.close()

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
        """Each row that the sheet holds, with its number as the spreadsheet shows it.

        A cell merged over several rows counts for each of them, one merged over several
        columns for the first; formulas have the value that was saved with them.
        """
        if self._strings is None:
            self._strings = SharedStrings(self._open("xl/sharedStrings.xml"))
            self._dates = self._read_date_styles()
        reader = _SheetReader(self._strings, self._dates or (), self._oldest_day)
        merges = self._merged_downwards(sheet)
        part = self._open(sheet.part)
        if part is None:
            return
        open_merges: list[tuple[int, int, str]] = []  # column, last row, text
        with part:
            for number, cells in reader.rows(part):
                if open_merges:
                    open_merges = [merge for merge in open_merges if number <= merge[1]]
                    for column, _last, words in open_merges:
                        _put(cells, column, words)
                for column, last in merges.get(number, ()):
                    open_merges.append((column, last, cells[column] if column < len(cells) else ""))
                yield number, cells

    def _merged_downwards(self, sheet: Sheet) -> dict[int, list[tuple[int, int]]]:
        """For each row, the columns (and last rows) of the merged cells that begin there.

        They are listed after the rows that they concern, so this looks ahead.
        """
        merges: dict[int, list[tuple[int, int]]] = {}
        part = self._open(sheet.part)
        if part is None:
            return merges
        left = MOST_MERGES
        kept = b""
        with part:
            for chunk in _chunks(part):
                window = kept + chunk
                end = 0
                for found in MERGED.finditer(window):
                    end = found.end()
                    first, last = int(found[2]), int(found[3])
                    if last > first and left > 0:
                        left -= 1
                        column = _column_number(found[1].decode())
                        merges.setdefault(first, []).append((column, last))
                kept = window[max(end, len(window) - 100) :]
        return merges

    def _open(self, part: str) -> IO[bytes] | None:
        try:
            return self._zip.open(part)
        except KeyError:
            return None
        except NotImplementedError as error:  # a compression that Python does not have
            raise FileRefused(
                "This workbook is packed in a way that cannot be read here. Open it in a "
                "spreadsheet program, save it again as XLSX, and retry."
            ) from error
        except RuntimeError as error:  # an encrypted entry
            raise FileRefused(
                "This workbook is protected by a password. Remove the password and retry."
            ) from error

    def _read_sheets(self) -> tuple[Sheet, ...]:
        targets: dict[str, str] = {}
        found: list[tuple[str, bool, str]] = []

        def relation(name: str, attributes: dict[str, str]) -> None:
            if _plain(name) == "Relationship":
                target = attributes.get("Target", "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = part

        def sheet(name: str, attributes: dict[str, str]) -> None:
            plain = _plain(name)
            if plain == "sheet":
                hidden = attributes.get("state", "visible") != "visible"
                found.append((attributes.get("name", ""), hidden, _relation_id(attributes)))
            elif plain == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self._oldest_day = OLDEST_DAY_1904

        relations = self._open("xl/_rels/workbook.xml.rels")
        workbook = self._open("xl/workbook.xml")
        if relations is None or workbook is None:
            raise FileRefused("This workbook is damaged: it does not say which sheets it has.")
        with relations, workbook:
            _parse(relations, start=relation)
            _parse(workbook, start=sheet)
        return tuple(
            Sheet(name, hidden, targets[target])
            for name, hidden, target in found
            if "worksheets" in targets.get(target, "")
        )

    def _read_date_styles(self) -> tuple[bool, ...]:
        """For each cell style, whether its numbers are dates."""
        formats: dict[int, bool] = {}
        styles: list[bool] = []
        inside: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            plain = _plain(name)
            inside.append(plain)
            if plain == "numFmt":
                formats[_whole(attributes.get("numFmtId"))] = _is_date_format(
                    attributes.get("formatCode", "")
                )
            elif plain == "xf" and "cellXfs" in inside:
                number = _whole(attributes.get("numFmtId"))
                styles.append(formats.get(number, number in DATE_FORMATS_BUILT_IN))

        def end(name: str) -> None:
            inside.pop()

        part = self._open("xl/styles.xml")
        if part is not None:
            with part:
                _parse(part, start=start, end=end)
        return tuple(styles)


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
            plain = _plain(name)
            if plain == "si":
                pieces.clear()
            elif plain == "rPh":
                phonetic += 1
            elif plain == "t":
                open_text += 1

        def end(name: str) -> None:
            nonlocal open_text, phonetic
            plain = _plain(name)
            if plain == "t":
                open_text -= 1
            elif plain == "rPh":
                phonetic -= 1
            elif plain == "si":
                written = _unescape("".join(pieces)).encode("utf-8", "replace")
                self._file.write(written)
                self._ends.append(self._ends[-1] + len(written))

        def text(words: str) -> None:
            if open_text and not phonetic:
                pieces.append(words)

        _parse(part, start=start, end=end, text=text)

    def _at(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            return ""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return self._file.read(end - begin).decode("utf-8")


class _SheetReader:
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
        parser = _parser(self._start, self._end, self._text)
        for chunk in _chunks(part):
            _feed(parser, chunk)
            if self._ready:
                yield from self._ready
                self._ready.clear()
        _feed(parser, b"", last=True)
        yield from self._ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        plain = _plain(name)
        if plain == "c":
            found = CELL_REFERENCE.match(attributes.get("r", ""))
            self._column = _column_number(found[1]) if found else len(self._row)
            self._kind = attributes.get("t", "n")
            self._style = _whole(attributes.get("s"))
            self._pieces.clear()
        elif plain == "v" or (plain == "t" and self._kind == "inlineStr"):
            self._reads = True
        elif plain == "row":
            self._row = []
            self._row_number = _whole(attributes.get("r")) or self._row_number + 1

    def _text(self, words: str) -> None:
        if self._reads:
            self._pieces.append(words)

    def _end(self, name: str) -> None:
        plain = _plain(name)
        if plain in ("v", "t"):
            self._reads = False
        elif plain == "c":
            if self._pieces:
                if self._column >= MOST_COLUMNS:
                    raise FileRefused(f"Row {self._row_number} has more than 2,000 columns.")
                missing = self._column + 1 - len(self._row)
                if missing > 0:
                    self._row.extend([""] * missing)
                self._row[self._column] = self._as_text("".join(self._pieces))
        elif plain == "row":
            self._ready.append((self._row_number, self._row))

    def _as_text(self, written: str) -> str:
        if self._kind == "s":
            return self._strings.at(_whole(written, -1))
        if self._kind == "b":
            return "yes" if written.strip() == "1" else "no"
        if self._kind == "e":
            return ""  # #N/A and its kin say that nothing is known
        if self._kind == "d":
            return written.removesuffix("T00:00:00")
        if self._kind in ("str", "inlineStr"):
            return _unescape(written)
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


def _put(cells: list[str], column: int, words: str) -> None:
    if column >= len(cells):
        cells.extend([""] * (column + 1 - len(cells)))
    if not cells[column]:
        cells[column] = words


def _is_date_format(code: str) -> bool:
    bare = QUOTED_IN_FORMAT.sub("", code).lower()
    return bare != "general" and any(letter in bare for letter in "ymdhs")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescape(written: str) -> str:
    if "_x" not in written:
        return written
    return ESCAPED_CHARACTER.sub(_character, written)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def _whole(written: str | None, otherwise: int = 0) -> int:
    try:
        return int(written or "")
    except ValueError:
        return otherwise


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _relation_id(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    unpacked = 0
    try:
        while chunk := part.read(CHUNK):
            unpacked += len(chunk)
            if unpacked > MOST_UNZIPPED_BYTES:  # the sizes that a zip file states may lie
                raise FileRefused("This workbook unpacks to more than 1.5 GB.")
            yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise FileRefused("This workbook is damaged: a part of it cannot be unpacked.") from error


def _refuse_document_type(*_: object) -> None:
    raise FileRefused("This workbook holds definitions that no spreadsheet writes; it was refused.")


def _parser(start, end, text) -> "expat.XMLParserType":
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    return parser


def _feed(parser: "expat.XMLParserType", chunk: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        raise FileRefused("This workbook is damaged: one of its sheets cannot be read.") from error


def _parse(part: IO[bytes], *, start, end=None, text=None) -> None:
    parser = _parser(start, end, text)
    for chunk in _chunks(part):
        _feed(parser, chunk)
    _feed(parser, b"", last=True)
