"""Opens XLSX workbooks: which sheets they have, and the rows of each."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from portfolio.importing.markup import UNREADABLE, chunks, parse, plain, whole
from portfolio.importing.refusals import FileRefused
from portfolio.importing.sheets import (
    OLDEST_DAY_1900,
    OLDEST_DAY_1904,
    SharedStrings,
    SheetReader,
    column_number,
)

MOST_UNZIPPED_BYTES = 1_500_000_000
MOST_MERGES = 20_000
DATE_FORMATS_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
QUOTED_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
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
        reader = SheetReader(self._strings, self._dates or (), self._oldest_day)
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
            for chunk in chunks(part):
                window = kept + chunk
                end = 0
                for found in MERGED.finditer(window):
                    end = found.end()
                    first, last = int(found[2]), int(found[3])
                    if last > first and left > 0:
                        left -= 1
                        column = column_number(found[1].decode())
                        merges.setdefault(first, []).append((column, last))
                kept = window[max(end, len(window) - 100) :]
        return merges

    def _open(self, part: str) -> IO[bytes] | None:
        try:
            return self._zip.open(part)
        except KeyError:
            return None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise FileRefused(UNREADABLE) from error
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
            if plain(name) == "Relationship":
                target = attributes.get("Target", "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = part

        def sheet(name: str, attributes: dict[str, str]) -> None:
            tag = plain(name)
            if tag == "sheet":
                hidden = attributes.get("state", "visible") != "visible"
                found.append((attributes.get("name", ""), hidden, _relation_id(attributes)))
            elif tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self._oldest_day = OLDEST_DAY_1904

        relations = self._open("xl/_rels/workbook.xml.rels")
        workbook = self._open("xl/workbook.xml")
        if relations is None or workbook is None:
            raise FileRefused("This workbook is damaged: it does not say which sheets it has.")
        with relations, workbook:
            parse(relations, start=relation)
            parse(workbook, start=sheet)
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
            tag = plain(name)
            inside.append(tag)
            if tag == "numFmt":
                formats[whole(attributes.get("numFmtId"))] = _is_date_format(
                    attributes.get("formatCode", "")
                )
            elif tag == "xf" and "cellXfs" in inside:
                number = whole(attributes.get("numFmtId"))
                styles.append(formats.get(number, number in DATE_FORMATS_BUILT_IN))

        def end(name: str) -> None:
            inside.pop()

        part = self._open("xl/styles.xml")
        if part is not None:
            with part:
                parse(part, start=start, end=end)
        return tuple(styles)


def _put(cells: list[str], column: int, words: str) -> None:
    if column >= len(cells):
        cells.extend([""] * (column + 1 - len(cells)))
    if not cells[column]:
        cells[column] = words


def _is_date_format(code: str) -> bool:
    bare = QUOTED_IN_FORMAT.sub("", code).lower()
    return bare != "general" and any(letter in bare for letter in "ymdhs")


def _relation_id(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")
