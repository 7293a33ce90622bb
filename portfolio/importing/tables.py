"""Opens a file of candidates as a table: its columns, and its rows one at a time."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, islice
from pathlib import Path

from portfolio.importing import delimited
from portfolio.importing.formulas import restore
from portfolio.importing.refusals import FileRefused
from portfolio.importing.workbooks import Sheet, Workbook

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 100_000
LONGEST_NAME = 180
# A list of problems that is mended and sent again has these beside the source's columns.
ROW_COLUMN, PROBLEM_COLUMN, KEY_COLUMN = "Pharos: row", "Pharos: problem", "Pharos: key"
OURS = frozenset({ROW_COLUMN, PROBLEM_COLUMN, KEY_COLUMN})
ROWS_LOOKED_AT = 60
HEADING_LOOKED_FOR = 25
SHEET_ROWS_LOOKED_AT = 200
# A cell that holds several values writes them on lines of their own or between semicolons.
SEVERAL = re.compile(r"[\n;]+")
SETTING = re.compile(r"\s*(- )?[\w.-]+:(\s|$)|\s*[{}\]<]|\s+- ")
NUMBER_LIKE = re.compile(r"[-+]?[\d.,:/%$€£ -]+\Z")

ZIP, COMPOUND, PDF, GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"\x1f\x8b"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Reading:
    """How a file is read. What is None is found out; what a person chose stays."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    heading_row: int | None = None


@dataclass(frozen=True)
class Column:
    """A column by its name; repeated neighbours of one name are one column of several cells."""

    name: str
    places: tuple[int, ...]

    @property
    def letter(self) -> str:
        return column_letter(self.places[0])

    def values(self, cells: Sequence[str]) -> list[str]:
        """What the row holds here, each value once and in order."""
        found = (cells[place].strip() for place in self.places if place < len(cells))
        return list(dict.fromkeys(value for value in found if value))

    def text(self, cells: Sequence[str]) -> str:
        if len(self.places) == 1:
            place = self.places[0]
            return cells[place].strip() if place < len(cells) else ""
        return "\n".join(self.values(cells))


@dataclass(frozen=True)
class Row:
    """A row of the table: its number as a spreadsheet shows it, and its cells."""

    number: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(cell and not cell.isspace() for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A file that was looked at: how it is read, its columns, and its first rows."""

    path: Path
    reading: Reading
    columns: tuple[Column, ...]
    first_rows: tuple[Row, ...]
    sheets: tuple[Sheet, ...] = ()
    above: tuple[Row, ...] = ()  # what stands above the heading, such as a row of sections
    heading: tuple[str, ...] = ()  # as written
    width: int = 0
    notes: tuple[str, ...] = field(default=())

    def rows(self) -> Iterator[Row]:
        """The rows under the heading, blank ones left out, from the start of the file.

        Memory does not grow with the file.
        """
        heading = self.reading.heading_row or 0
        records = _records(self.path, self.reading)
        seen = 0
        for row in records:
            if row.number <= heading or row.is_blank:
                continue
            seen += 1
            if seen > MOST_ROWS:
                raise FileRefused(
                    f"The table has more than {MOST_ROWS:,} rows. Split it and send the parts."
                )
            yield row

    def surplus(self, row: Row) -> list[str]:
        """Filled cells to the right of the last column: most likely a delimiter out of quotes."""
        return [cell for cell in row.cells[self.width :] if cell.strip()]

    @property
    def key_place(self) -> int | None:
        """Where a list of problems that was mended says which row each one is."""
        return self.heading.index(KEY_COLUMN) if KEY_COLUMN in self.heading else None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def open_table(path: Path, reading: Reading | None = None) -> Table:
    """The file as a table, read as `reading` says and as can be found out; or a refusal."""
    chosen = reading or Reading()
    kind = _kind(path)
    sheets: tuple[Sheet, ...] = ()
    if kind == "workbook":
        sheets, sheet = _choose_sheet(path, chosen.sheet)
        chosen = replace(chosen, sheet=sheet, encoding=None, delimiter=None)
    else:
        encoding = chosen.encoding or delimited.find_encoding(path)
        delimiter = chosen.delimiter or delimited.find_delimiter(path, encoding)
        chosen = replace(chosen, sheet=None, encoding=encoding, delimiter=delimiter)
    top = list(islice(_records(path, chosen), SHEET_ROWS_LOOKED_AT))
    filled = [row for row in top if not row.is_blank]
    if not filled:
        raise FileRefused(
            "The sheet is empty. Choose another sheet or file."
            if sheets
            else "The file is empty. Choose another one."
        )
    heading = chosen.heading_row if chosen.heading_row is not None else find_heading(filled)
    chosen = replace(chosen, heading_row=heading)
    names = next((row.cells for row in top if row.number == heading), [])
    below = [row for row in filled if row.number > heading]
    width = _width(names, below)
    columns = name_columns(names, below, width)
    if not sheets and width == 1 and _is_prose(filled):
        raise FileRefused(
            "This file has no columns: it looks like notes or settings, not a table. "
            "Send a .csv or an .xlsx file."
        )
    if not columns:
        raise FileRefused(f"Row {heading} holds no headings. Choose the row that does.")
    return Table(
        path=path,
        reading=chosen,
        columns=columns,
        first_rows=tuple(below[:ROWS_LOOKED_AT]),
        sheets=sheets,
        above=tuple(row for row in filled if row.number < heading),
        heading=tuple(names),
        width=width,
        notes=tuple(_notes(top)),
    )


def find_heading(rows: Sequence[Row]) -> int:
    """The row that names the columns: the first that is about as wide as the table below it,
    with short, different words in it."""
    looked_at = rows[:HEADING_LOOKED_FOR]
    widest = max(_filled(row) for row in rows)
    for place, row in enumerate(looked_at):
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        if len(filled) < max(1, 0.6 * widest):
            continue
        # Neighbours of one name are one column, as in Jira's exports; a row of nothing but such
        # neighbours is sections, repeated over their columns.
        groups = [name for name, _ in groupby(filled)]
        repeated = len(groups) - len(set(groups))
        # One name that comes twice says little in a narrow table.
        if repeated > 1 and repeated > 0.2 * len(groups):
            continue
        if len(filled) > 3 and all(len(list(same)) > 1 for _, same in groupby(filled)):
            continue
        if sum(bool(NUMBER_LIKE.match(cell)) for cell in filled) > 0.5 * len(filled):
            continue
        if widest == 1 and place + 1 < len(looked_at) and len(filled[0]) > 120:
            continue
        return row.number
    return rows[0].number


def name_columns(names: Sequence[str], below: Sequence[Row], width: int) -> tuple[Column, ...]:
    """The columns by name. Neighbours of one name are one column; others of one name are told
    apart by what stands before them; a nameless one that holds something gets its letter."""
    groups: list[tuple[str, list[int]]] = []
    for place in range(width):
        name = one_line(names[place])[:LONGEST_NAME] if place < len(names) else ""
        if name in OURS:
            continue
        if not name:
            if any(place < len(row.cells) and row.cells[place].strip() for row in below):
                groups.append((f"Column {column_letter(place)}", [place]))
            continue
        if groups and groups[-1][0] == name and groups[-1][1][-1] == place - 1:
            groups[-1][1].append(place)
        else:
            groups.append((name, [place]))
    times = Counter(name for name, _ in groups)
    taken: set[str] = set()
    columns = []
    previous = ""
    for name, places in groups:
        label = name
        if times[name] > 1 and previous:
            label = f"{name} ({_short(previous)})"
        number = 2
        plain = label
        while label in taken:
            label = f"{plain} ({number})"
            number += 1
        taken.add(label)
        columns.append(Column(label, tuple(places)))
        if times[name] == 1:
            previous = name
    return tuple(columns)


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:57].rstrip() + "…"


def several(values: Sequence[str]) -> list[str]:
    """The values of a column that may hold more than one: by line, by semicolon, by column."""
    parts = (part.strip(" •\t\r*") for value in values for part in SEVERAL.split(value))
    return list(dict.fromkeys(part for part in parts if part))


def one_line(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").split())


def column_letter(place: int) -> str:
    """A for 0, Z for 25, AA for 26, as spreadsheets name columns."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _records(path: Path, reading: Reading) -> Iterator[Row]:
    if reading.sheet is not None:
        with Workbook(path) as workbook:
            sheet = next(sheet for sheet in workbook.sheets if sheet.name == reading.sheet)
            for number, cells in workbook.rows(sheet):
                yield Row(number, [_as_it_was(cell) for cell in cells])
        return
    assert reading.encoding is not None
    assert reading.delimiter is not None
    for number, cells in delimited.read_records(path, reading.encoding, reading.delimiter):
        yield Row(number, [_as_it_was(cell) for cell in cells])


def _as_it_was(cell: str) -> str:
    """The cell without what an export put before it, and without what no text holds."""
    if cell.startswith("'"):
        cell = restore(cell)
    return cell.replace("\0", "") if "\0" in cell else cell


def _is_prose(rows: Sequence[Row]) -> bool:
    """Whether a file of one column is settings or running text and not a list of titles."""
    firsts = [row.cells[0] for row in rows]
    odd = sum(bool(SETTING.match(first)) or len(first) > 400 for first in firsts)
    uneven = sum(len(row.cells) > 1 for row in rows)
    return odd > 0.4 * len(firsts) or (len(firsts) > 3 and uneven > 0.5 * len(firsts))


def _kind(path: Path) -> str:
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("The file is empty. Choose another one.")
    if size > MOST_BYTES:
        raise FileRefused("The file is larger than 50 MB. Split it and send the parts.")
    with path.open("rb") as file:
        start = file.read(65_536)
    if start.startswith(ZIP):
        return "workbook"
    if start.startswith(COMPOUND):
        _refuse_compound(path)
    if start.startswith(PDF):
        raise FileRefused("This is a PDF. Export the table as .csv or .xlsx and send that.")
    if start.startswith(GZIP):
        raise FileRefused("This file is compressed. Unpack it and send the table itself.")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "text"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"[") and (b'":' in head or b'" :' in head):
        raise FileRefused("This is JSON, not a table. Save it as .csv or .xlsx and send that.")
    if head[:1] == b"<":
        raise FileRefused(
            "This is a web page or XML, not a table. Save the table as .csv or .xlsx."
        )
    odd = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in start)
    if odd > 0.01 * len(start):
        raise FileRefused("This is not a table of text. Send a .csv or an .xlsx file.")
    if not head.strip():
        raise FileRefused("The file is empty. Choose another one.")
    return "text"


def _refuse_compound(path: Path) -> None:
    # An encrypted .xlsx and an old .xls are the same kind of container.
    if ENCRYPTED in path.read_bytes():
        raise FileRefused(
            "This workbook is protected by a password. Remove the password and send it again."
        )
    raise FileRefused(
        "This is a workbook of the old kind (.xls). Open it, save it as .xlsx and send that."
    )


def _choose_sheet(path: Path, wanted: str | None) -> tuple[tuple[Sheet, ...], str]:
    with Workbook(path) as workbook:
        if not workbook.sheets:
            raise FileRefused("This workbook has no sheet with cells in it.")
        if wanted is not None:
            if wanted not in {sheet.name for sheet in workbook.sheets}:
                raise FileRefused(f"The workbook has no sheet named “{wanted}”.")
            return workbook.sheets, wanted
        seen = [sheet for sheet in workbook.sheets if not sheet.is_hidden] or list(workbook.sheets)
        if len(seen) == 1:
            return workbook.sheets, seen[0].name
        return workbook.sheets, max(seen, key=lambda sheet: _cells_at_the_top(workbook, sheet)).name


def _cells_at_the_top(workbook: Workbook, sheet: Sheet) -> int:
    """How much of a table the top of the sheet looks like: rows of several filled cells."""
    top = islice(workbook.rows(sheet), SHEET_ROWS_LOOKED_AT)
    filled = (sum(1 for cell in cells if cell.strip()) for _, cells in top)
    return sum(cells for cells in filled if cells > 1)


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _width(names: Sequence[str], below: Sequence[Row]) -> int:
    """The table's width: its headings, and nameless columns that several rows fill."""
    named = max((place + 1 for place, name in enumerate(names) if name.strip()), default=0)
    ends = Counter(
        max((place + 1 for place, cell in enumerate(row.cells) if cell.strip()), default=0)
        for row in below
    )
    # One longer row is a slip of its own; half of them longer are a column without a name.
    longer = [end for end in ends if end > named]
    if longer and sum(ends[end] for end in longer) > 0.5 * len(below):
        return max(longer)
    return named


def _notes(top: Sequence[Row]) -> Iterator[str]:
    damaged = sum("\ufffd" in cell for row in top for cell in row.cells)
    if damaged:
        yield (
            f"{damaged} of the first cells hold the replacement character “\ufffd”: those letters "
            "were lost before the file came here, or the encoding is another one."
        )
