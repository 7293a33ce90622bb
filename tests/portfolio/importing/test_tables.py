import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.importing import tables
from portfolio.importing.refusals import FileRefused
from portfolio.importing.tables import Reading, open_table, several
from tests.portfolio.importing.files import write_csv, write_text

HEAD = ["Use Case ID", "Use Case Name", "Stage"]
BODY = [["1", "Café triage", "Idea"], ["2", "Letters", "Live"]]


def texts(table):
    return [[column.text(row.cells) for column in table.columns] for row in table.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_is_found_and_told(tmp_path, encoding):
    table = open_table(write_csv(tmp_path, [HEAD, *BODY], encoding=encoding))
    assert table.reading.encoding == encoding
    assert texts(table) == BODY
    assert table.columns[0].name == "Use Case ID"


def test_one_late_windows_byte_decides_for_the_whole_file(tmp_path):
    path = tmp_path / "late.csv"
    path.write_bytes(b"id,title\n" + b"1,plain ascii\n" * 90_000 + "2,naïve\n".encode("cp1252"))
    table = open_table(path)
    assert table.reading.encoding == "cp1252"
    last = None
    for row in tables._records(path, table.reading):
        last = row
    assert last.cells == ["2", "naïve"]


def test_bytes_that_windows_1252_does_not_define_become_the_replacement_character(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes(b"id,title\n1,caf\xe9 \x81\n")
    assert texts(open_table(path)) == [["1", "café \ufffd"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    rows = [HEAD, ["1", "Sort; file, answer", "Idea"], ["2", 'Say "no"', "Live"]]
    table = open_table(write_csv(tmp_path, rows, delimiter=delimiter))
    assert table.reading.delimiter == delimiter
    assert texts(table) == rows[1:]


def test_what_a_person_chose_stays(tmp_path):
    path = write_csv(tmp_path, [HEAD, *BODY])
    table = open_table(path, Reading(encoding="cp1252", heading_row=2))
    assert table.reading.encoding == "cp1252"
    assert [column.name for column in table.columns] == ["1", "CafÃ© triage", "Idea"]


def test_quoted_newlines_do_not_shift_the_row_numbers(tmp_path):
    path = write_text(tmp_path, 'id,title\n1,"two\nlines"\n\n3,"a ""b"" c"\n\n\n')
    table = open_table(path)
    assert [(row.number, row.cells[1]) for row in table.rows()] == [
        (2, "two\nlines"),
        (4, 'a "b" c'),
    ]


def test_a_section_row_above_the_heading_is_seen(tmp_path):
    rows = [
        ["Section 1: identifiers", "", "", "", ""],
        [*HEAD, "Owner", "Note"],
        ["1", "A", "Idea"],
    ]
    table = open_table(write_csv(tmp_path, rows))
    assert table.reading.heading_row == 2
    assert [row.number for row in table.above] == [1]


def test_sections_repeated_over_their_columns_are_not_the_heading(tmp_path):
    rows = [["S 1", "S 1", "S 2", "S 2"], ["Id", "Title", "Stage", "Unit"], list("abcd")]
    assert open_table(write_csv(tmp_path, rows)).reading.heading_row == 2


def test_repeated_neighbours_are_one_column_of_several_values(tmp_path):
    rows = [["Key", "Labels", "Labels", "Labels"], ["A-1", "x", "", "y"], ["A-2", "", "", ""]]
    table = open_table(write_csv(tmp_path, rows))
    labels = table.column("Labels")
    assert [labels.values(row.cells) for row in table.rows()] == [["x", "y"], []]


def test_distant_columns_of_one_name_are_told_apart(tmp_path):
    rows = [["Id", "Catalog", "If other", "Colour", "If other", "If other"], list("123456")]
    names = [column.name for column in open_table(write_csv(tmp_path, rows)).columns]
    assert names == ["Id", "Catalog", "If other (Catalog)", "Colour", "If other (Colour)"]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        (["Title", "Note", "Owner", "Note"], ["Title", "Note (Title)", "Owner", "Note (Owner)"]),
        (["Status", "Title", "Status"], ["Status", "Title", "Status (Title)"]),
    ],
)  # fmt: skip
def test_a_name_that_comes_twice_in_a_narrow_table_is_a_heading(tmp_path, heading, names):
    cells = [f"cell {place}" for place in range(len(heading))]
    table = open_table(write_csv(tmp_path, [heading, cells]))
    assert [column.name for column in table.columns] == names
    assert [[column.text(row.cells) for column in table.columns] for row in table.rows()] == [cells]


def test_a_nameless_column_that_holds_something_is_kept_by_its_letter(tmp_path):
    rows = [["Id", "", "Title", ""], ["1", "x", "A", ""], ["2", "", "B", ""]]
    table = open_table(write_csv(tmp_path, rows))
    assert [column.name for column in table.columns] == ["Id", "Column B", "Title"]


def test_short_rows_are_filled_and_long_ones_told(tmp_path):
    path = write_text(tmp_path, "id,title,stage\n1\n2,B,Idea,stray\n3,C,Live\n")
    table = open_table(path)
    assert texts(table) == [["1", "", ""], ["2", "B", "Idea"], ["3", "C", "Live"]]
    assert [table.surplus(row) for row in table.rows()] == [[], ["stray"], []]


def test_nul_bytes_are_dropped(tmp_path):
    path = write_text(tmp_path, "id,title\n" + "1,plain words here\n" * 20 + "2,a\0b\n")
    assert texts(open_table(path))[-1] == ["2", "ab"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b'{"title": "A"}', "JSON"),
        (b"<!doctype html><p>x", "web page"),
        (bytes(range(256)) * 40, "not a table"),
        (b"PK\x03\x04 no zip at all", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"fields:\n  # a\n  - name: x\n    type: string\n    about: y\n", "not a table"),
        (b'id,title\n1,"never closed\n2,B\n3,C\n', "row 2 is never closed"),
    ],
)
def test_what_is_not_a_table_is_refused_with_what_to_do(tmp_path, content, words):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=words):
        list(open_table(path).rows())


def test_a_file_without_the_mark_is_not_read_as_utf_16(tmp_path):
    path = write_csv(tmp_path, [HEAD, *BODY])
    with pytest.raises(FileRefused, match="not in UTF-16"):
        open_table(path, Reading(encoding="utf-16"))


def test_an_unclosed_quote_in_the_middle_is_refused_rather_than_swallowing_the_rest(tmp_path):
    text = "id,title\n" + '1,"never closed\n' + "2,plain words\n" * 90_000
    with pytest.raises(FileRefused, match="row 2"):
        list(open_table(write_text(tmp_path, text)).rows())


def test_a_file_too_large_or_too_long_is_refused(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("id,title\n" + "1,a\n" * 100_000)
    assert sum(1 for _ in open_table(path).rows()) == 100_000
    with path.open("a") as file:
        file.write("2,one too many\n")
    with pytest.raises(FileRefused, match="more than 100,000 rows"):
        list(open_table(path).rows())
    with path.open("ab") as file:
        file.truncate(50 * 1024 * 1024 + 1)
    with pytest.raises(FileRefused, match="larger"):
        open_table(path)


def test_memory_does_not_grow_with_the_file(tmp_path):
    line = "{n},A title of a candidate,Idea," + "words " * 40 + "\n"

    def peak(rows):
        path = tmp_path / f"{rows}.csv"
        path.write_text("id,title,stage,problem\n" + "".join(line.format(n=n) for n in range(rows)))
        tracemalloc.start()
        for _ in open_table(path).rows():
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(30_000) < peak(8_000) * 1.2 + 300_000


def test_values_of_a_list_stand_on_lines_or_between_semicolons():
    assert several(["• triage; route", "draft, then send\n- triage"]) == [
        "triage", "route", "draft, then send", "- triage",
    ]  # fmt: skip


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_every_filled_row_comes_back_with_its_number(tmp_path, rows):
    written = [HEAD, *[list(row) for row in rows]]
    path = write_csv(tmp_path, written)
    table = open_table(path, Reading(encoding="utf-8", delimiter=",", heading_row=1))
    expected = [
        (number, list(row)) for number, row in enumerate(rows, start=2) if any(c for c in row)
    ]
    found = [(row.number, [c.text(row.cells) for c in table.columns]) for row in table.rows()]
    assert found == expected
