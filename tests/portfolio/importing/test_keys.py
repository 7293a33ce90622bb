import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portfolio.importing.formulas import neutralise, restore
from portfolio.importing.keys import (
    KeySearch,
    RowKeys,
    columns_digest,
    title_text,
)
from portfolio.importing.tables import Column, Row


def table(names, rows):
    columns = tuple(Column(name, (place,)) for place, name in enumerate(names))
    return columns, [Row(number, list(cells)) for number, cells in enumerate(rows, start=2)]


def choose(names, rows):
    columns, found = table(names, rows)
    search = KeySearch(columns, names)
    for row in found:
        search.add(row)
    return search.choose()


def keys(names, rows, key_columns):
    columns, found = table(names, rows)
    row_keys = RowKeys(columns, key_columns)
    return [row_keys.key(row) for row in found]


def test_the_first_single_column_that_differs_everywhere_is_the_key():
    assert choose(["unit", "id", "title"], ["A1x", "A2x", "B3y"]).columns == ("id",)


def test_else_the_fewest_columns_together():
    rows = [["A", "x", "1"], ["A", "y", "1"], ["B", "x", "2"], ["B", "y", "2"]]
    assert choose(["unit", "title", "year"], rows).columns == ("unit", "title")


def test_identical_rows_are_left_out_of_the_question():
    choice = choose(["unit", "title"], [["A", "x"], ["A", "x"], ["B", "y"]])
    assert choice.columns == ("unit",)
    assert choice.identical_rows == 1


def test_a_column_with_gaps_is_no_key():
    assert choose(["id", "title"], [["1", "x"], ["", "y"], ["3", "z"]]).columns == ("title",)


def test_without_any_the_whole_row_is_the_key():
    rows = [format(n, "05b") for n in range(32)]
    assert choose(list("abcde"), rows).columns == ()


def test_equal_keys_are_numbered_in_order_and_the_same_again():
    rows = [["A", "x"], ["A", "y"], ["B", "z"], ["A", "w"]]
    first = keys(["id", "title"], rows, ["id"])
    assert len(set(first)) == 4
    assert first == keys(["id", "title"], rows, ["id"])
    assert all(len(key) <= 64 for key in first)


def test_rows_without_their_key_are_known_by_all_of_themselves():
    rows = [["", "x"], ["", "y"]]
    assert keys(["id", "title"], rows, ["id"]) == keys(["id", "title"], rows[::-1], ["id"])[::-1]


def test_an_identifier_is_known_under_another_heading_but_a_bare_number_is_not():
    named = keys(["Issue key", "title"], [["CARE-7", "x"]], ["Issue key"])
    assert named == keys(["Key", "title"], [["CARE-7", "y"]], ["Key"])
    bare = keys(["#", "title"], [["7", "x"]], ["#"])
    assert bare != keys(["Use Case ID", "title"], [["7", "x"]], ["Use Case ID"])
    assert bare != keys(["Rank", "title"], [["7", "x"]], ["Rank"])


def test_a_key_that_was_given_holds_though_the_row_was_mended():
    before = keys(["a", "Pharos: key"], [["wrong", ""]], [])[0]
    columns, found = table(["a"], [["mended", before], ["other", "nonsense"], ["x", before]])
    row_keys = RowKeys(columns, [], given_at=1)
    first, second, third = (row_keys.key(row) for row in found)
    assert first == before
    assert len({first, second, third}) == 3


@pytest.mark.parametrize("number", ["", "-2"])
def test_no_key_is_issued_twice_whether_given_or_found(number):
    own = keys(["a", "Pharos: key"], [["same", ""]], ["a"])[0]
    cells = [
        ["same", own + number],
        ["same", ""],
        ["same", own + number],
        ["same", ""],
        ["same", own],
    ]
    columns, rows = table(["a"], cells)
    row_keys = RowKeys(columns, ["a"], given_at=1)
    issued = [row_keys.key(row) for row in rows]
    assert issued[0] == own + number
    assert len(set(issued)) == 5
    assert all(key.startswith(own) for key in issued)


def test_the_whole_row_does_not_mind_an_empty_column_more():
    before = keys(["id", "title"], [["1", "x"]], [])
    assert before == keys(["new", "title", "id"], [["", " x ", "1"]], [])


def test_columns_are_remembered_whatever_their_order():
    assert columns_digest(["Use_Case_ID", "Title"]) == columns_digest(["title", "Use Case ID"])


def test_titles_compare_without_case_accents_and_marks():
    assert title_text("Café-Triage (v2)") == title_text("cafe triage V2")


@pytest.mark.parametrize(
    ("cell", "exported"),
    [("=1+1", "'=1+1"), ("- Increase efficiency", "'- Increase efficiency"), ("-5", "-5"),
     ("+49 30 1", "'+49 30 1"), ("@sum", "'@sum"), ("'=x", "''=x"), ("it's", "it's"), ("", ""),
     (" =x", "' =x"), ("-5 %", "-5 %"), ("-1+2", "'-1+2"), ("\tx", "'\tx")],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_neutralised(cell, exported):
    assert neutralise(cell) == exported
    assert restore(exported) == cell


@given(st.text(st.sampled_from("'=+-@\t\r\n 5a%.＝é"), max_size=8) | st.text())
@example("''-5")
def test_every_cell_comes_back_as_it_was(cell):
    exported = neutralise(cell)
    assert restore(exported) == cell
    number = exported.lstrip("+-").replace(".", "").replace(",", "").rstrip("% ").isdigit()
    assert number or not exported.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
