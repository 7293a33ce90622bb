import datetime
import zipfile

import pytest

from portfolio.importing.refusals import FileRefused
from portfolio.importing.sheets import OLDEST_DAY_1900, as_date, as_number
from portfolio.importing.tables import Reading, open_table
from tests.portfolio.importing.files import declare_size, rewrite_part, write_workbook

LIST = [["Id", "Title", "Stage"], [1, "Triage", "Idea"], [2, "Letters", "Live"]]


def texts(table):
    return [[column.text(row.cells) for column in table.columns] for row in table.rows()]


def test_hidden_sheets_are_left_out_unless_chosen(tmp_path):
    def hidden(sheet):
        sheet.sheet_state = "hidden"
        for _ in range(30):
            sheet.append(["many", "filled", "cells", "here"])

    path = write_workbook(tmp_path, {"Codes": hidden, "List": LIST})
    table = open_table(path)
    assert table.reading.sheet == "List"
    assert [(sheet.name, sheet.is_hidden) for sheet in table.sheets] == [
        ("Codes", True),
        ("List", False),
    ]
    assert open_table(path, Reading(sheet="Codes")).reading.sheet == "Codes"


def test_of_several_sheets_the_one_most_like_a_table_is_proposed(tmp_path):
    path = write_workbook(tmp_path, {"Read me": [["Long words"], ["about it"]], "List": LIST})
    assert open_table(path).reading.sheet == "List"


def test_numbers_dates_and_truths_read_as_a_person_would_write_them(tmp_path):
    day = datetime.date(2026, 3, 1)
    moment = datetime.datetime(2026, 3, 1, 14, 30)
    rows = [["Id", "Title", "A", "B", "C", "D", "E"],
            ["x", "T", 12.0, 0.1 + 0.2, day, moment, True]]  # fmt: skip
    table = open_table(write_workbook(tmp_path, {"List": rows}))
    assert texts(table) == [["x", "T", "12", "0.3", "2026-03-01", "2026-03-01 14:30", "yes"]]


@pytest.mark.parametrize(
    ("written", "expected"), [("1E3", "1000"), ("0.5", "0.5"), ("x", "x"), ("1e400", "inf")]
)
def test_numbers(written, expected):
    assert as_number(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1", "1900-01-01"), ("60.5", "1900-03-01 12:00"), ("61", "1900-03-01"), ("0.25", "06:00"),
     ("99999999999", "99999999999")],
)  # fmt: skip
def test_dates(written, expected):
    assert as_date(written, OLDEST_DAY_1900) == expected


def test_a_formula_has_the_value_that_was_saved(tmp_path):
    path = write_workbook(tmp_path, {"List": LIST})
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    sheet = sheet.replace("<v>2</v></c>", "<f>1+1</f><v>2</v></c>", 1)
    rewrite_part(path, "xl/worksheets/sheet1.xml", sheet.encode())
    assert texts(open_table(path))[1][0] == "2"


def test_cells_merged_downwards_count_for_each_row(tmp_path):
    def merged(sheet):
        for row in [["Unit", "Title"], ["Care", "A"], [None, "B"], ["Sales", "C"]]:
            sheet.append(row)
        sheet.merge_cells("A2:A3")

    table = open_table(write_workbook(tmp_path, {"List": merged}))
    assert texts(table) == [["Care", "A"], ["Care", "B"], ["Sales", "C"]]


def test_a_title_merged_over_the_columns_is_not_the_heading(tmp_path):
    def titled(sheet):
        sheet.append(["Our inventory of 2026"])
        for row in LIST:
            sheet.append(row)
        sheet.merge_cells("A1:C1")

    assert open_table(write_workbook(tmp_path, {"List": titled})).reading.heading_row == 2


def test_rows_keep_their_numbers_where_rows_are_missing(tmp_path):
    def gaps(sheet):
        sheet["A3"], sheet["B3"] = "Id", "Title"
        sheet["A9"], sheet["B9"] = "1", "A"

    table = open_table(write_workbook(tmp_path, {"List": gaps}))
    assert table.reading.heading_row == 3
    assert [row.number for row in table.rows()] == [9]


def test_shared_texts_are_read_whole_with_their_runs_and_odd_characters(tmp_path):
    path = write_workbook(tmp_path, {"List": LIST})
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    texts_part = (
        b"<sst " + main + b"><si><t>Id</t></si><si><t>Title</t></si><si><r><t>Tri</t></r><r>"
        b"<t>age_x000D_ \xc3\xa9</t></r><rPh><t>no</t></rPh></si></sst>"
    )
    sheet_part = (
        b"<worksheet " + main + b'><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
        b'<c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c>'
        b'<c r="B2" t="s"><v>2</v></c></row></sheetData></worksheet>'
    )
    rewrite_part(path, "xl/sharedStrings.xml", texts_part)
    rewrite_part(path, "xl/worksheets/sheet1.xml", sheet_part)
    assert texts(open_table(path)) == [["1", "Triage\r é"]]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = write_workbook(tmp_path, {"List": LIST})
    declare_size(path, 2_000_000_000)
    with pytest.raises(FileRefused, match="unpacks to more"):
        open_table(path)


def test_entities_are_refused(tmp_path):
    path = write_workbook(tmp_path, {"List": LIST})
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
    rewrite_part(path, "xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(FileRefused, match="refused"):
        open_table(path)


@pytest.mark.parametrize("content", [b"<worksheet><row", b""])
def test_a_damaged_sheet_is_refused(tmp_path, content):
    path = write_workbook(tmp_path, {"List": LIST})
    rewrite_part(path, "xl/worksheets/sheet1.xml", content)
    with pytest.raises(FileRefused, match="damaged"):
        open_table(path)


def test_a_part_under_another_name_than_its_directory_says_is_damage(tmp_path):
    path = write_workbook(tmp_path, {"List": LIST})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"xl/worksheets/sheet1.xml")  # of the part itself, before the directory
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(FileRefused, match="damaged"):
        list(open_table(path).rows())


def test_a_text_document_is_told_from_a_workbook(tmp_path):
    path = tmp_path / "letter.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileRefused, match="not an Excel workbook"):
        open_table(path)


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="empty"):
        open_table(write_workbook(tmp_path, {"List": []}))


@pytest.mark.parametrize(
    ("flags", "method", "words"),
    [(1, 8, "protected by a password"), (0, 97, "packed in a way that cannot be read here")],
)
def test_an_entry_that_cannot_be_opened_is_refused_for_its_own_reason(
    tmp_path, flags, method, words
):
    path = write_workbook(tmp_path, {"List": LIST})
    raw = bytearray(path.read_bytes())
    # Where a zip keeps flags and method of an entry: in its own head, and in the directory.
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = raw.find(head)
        while found >= 0:
            raw[found + at : found + at + 4] = bytes([flags, 0, method, 0])
            found = raw.find(head, found + 4)
    path.write_bytes(raw)
    with pytest.raises(FileRefused, match=words):
        open_table(path)
