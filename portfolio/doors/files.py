"""Hands a table out as a file, row by row: CSV, XLSX or JSON, in memory that does not grow."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.http import StreamingHttpResponse

from portfolio.importing.formulas import neutralise
from portfolio.models import Portfolio, Standing
from portfolio.pages import table
from portfolio.rights import Actor
from portfolio.rules.table import TableView

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
LINES_AT_ONCE = 500
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
# What XML 1.0 cannot hold, whatever the escape.
UNSPEAKABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
MOST_LETTERS = 32_767  # in a cell of a workbook


def ranking_file(
    actor: Actor, portfolio: Portfolio, kind: str, view: TableView
) -> StreamingHttpResponse:
    """Exactly what the view shows, all its pages; the rows are read while the file goes out."""
    rows = Standing.objects.visible_to(actor).in_portfolio(portfolio.pk).of_candidates()
    rows, order = rows.seen_through(view, portfolio.time_zone).sorted_through(view)
    values = table.rows_to_export(rows.in_this_order(order), view)
    return as_file(kind, f"{portfolio.key}-ranking", table.export_columns(view), values)


def as_file(
    kind: str, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """The rows as a file to keep; `columns` is (name, heading) of each, `kind` csv, xlsx, json."""
    headings = [heading for _, heading in columns]
    if kind == "csv":
        parts = as_csv(headings, rows)
    elif kind == "xlsx":
        parts = as_workbook(headings, rows)
    else:
        parts = as_json([column for column, _ in columns], rows)
    response = StreamingHttpResponse(parts, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "private, no-cache"
    return response


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Lines of a CSV file; what a spreadsheet would run as a formula is neutralised."""
    kept = _Kept()
    writer = csv.writer(kept)
    writer.writerow(headings)
    yield BYTE_ORDER_MARK.encode()
    for at, row in enumerate(rows):
        writer.writerow([_written(value) for value in row])
        if at % LINES_AT_ONCE == LINES_AT_ONCE - 1:
            yield kept.taken()
    yield kept.taken()


def as_json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """One list of objects, each value as the API writes it."""
    yield b"["
    begun: list[bytes] = []
    for at, row in enumerate(rows):
        told = dict(zip(names, map(_told, row), strict=True))
        begun.append((b",\n" if at else b"\n") + orjson.dumps(told))
        if len(begun) == LINES_AT_ONCE:
            yield b"".join(begun)
            begun.clear()
    yield b"".join(begun) + b"\n]\n"


def as_workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A workbook of one sheet, written as it goes out.

    The library at hand writes cells through objects into a file of its own: 20,000 rows take it
    ten times as long, and nothing goes out before the last one.
    """
    sent = _Unseekable()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for path, text in PARTS.items():
            package.writestr(path, text)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(SHEET_BEGINS)
            sheet.write(_line([(heading, True) for heading in headings]))
            for at, row in enumerate(rows):
                sheet.write(_line([(value, False) for value in row]))
                if at % LINES_AT_ONCE == LINES_AT_ONCE - 1:
                    yield sent.taken()
            sheet.write(SHEET_ENDS)
    yield sent.taken()


def _line(cells: Sequence[tuple[Any, bool]]) -> bytes:
    return f"<row>{''.join(_cell(value, is_head) for value, is_head in cells)}</row>".encode()


def _cell(value: Any, is_head: bool) -> str:
    if value is None or value == []:
        return "<c/>"
    if isinstance(value, int | Decimal):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        return f'<c s="2"><v>{_serial(value)}</v></c>'
    text = _written(value).translate(UNSPEAKABLE).translate(ESCAPES)[:MOST_LETTERS]
    style = ' s="1"' if is_head else ""
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _serial(moment: datetime) -> str:
    """The days since a workbook's own beginning of time, in UTC."""
    since = moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) - datetime(1899, 12, 30)
    return f"{since.total_seconds() / 86_400:.6f}"


def _written(value: Any) -> str:
    """A value as text in a cell."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, list):
        return neutralise(", ".join(value))
    return neutralise(value) if isinstance(value, str) else str(value)


def _told(value: Any) -> Any:
    """A value as JSON has it: decimals as strings, instants in UTC."""
    if isinstance(value, Decimal):
        return _plain(value)
    return _instant(value) if isinstance(value, datetime) else value


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _instant(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Kept:
    """A text file that keeps what is written to it until it is taken."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        self.lines.append(text)
        return len(text)

    def taken(self) -> bytes:
        text = "".join(self.lines)
        self.lines.clear()
        return text.encode()


class _Unseekable:
    """A binary file that keeps what is written to it until it is taken, and never goes back."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def taken(self) -> bytes:
        found = b"".join(self.parts)
        self.parts.clear()
        return found


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEETML}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SHEETML}.styles+xml"/></Types>',
    "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Candidates" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="2">'
    '<font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>",
}
SHEET_BEGINS = (
    f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews><sheetData>"
).encode()
SHEET_ENDS = b"</sheetData></worksheet>"
