"""What a view says, read from an address and written back to one."""

from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest

from portfolio.rules.table import COLUMNS, USUAL, Filter, parameter_names, read_view


def view_of(query: str):
    return read_view(parse_qsl(query))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=care",
        "show=ranked",
        "columns=rank%2Ctitle%2Cowner",
        "frozen=1",
        "sort=-score%2Ctitle",
        "stage=proposed&stage=qualified",
        "title=triage&title=search",
        "score_min=20&score_max=60",
        "p_first_min=50%25",
        "changed_min=2026-03-01",
        "empty=owner",
        "filled=annual_net_value",
        "q=a&show=not_ready&columns=title%2Cscore&frozen=0&sort=-changed&owner=a%40b.example",
    ],
)
def test_a_view_is_written_as_it_was_read(query):
    view = view_of(query)
    assert view.objections == ()
    assert urlencode(view.parameters()) == query


def test_what_is_usual_is_left_out():
    usual = f"columns={','.join(USUAL)}&frozen=2&sort=rank"
    assert view_of(usual).parameters() == []


def test_the_title_is_always_shown():
    assert view_of("columns=rank,score").columns == ("rank", "title", "score")
    assert view_of("columns=score,score").columns == ("title", "score")


@pytest.mark.parametrize(
    "query",
    [
        "columns=nonsense", "sort=nonsense", "frozen=9", "show=nonsense", "stage=live",
        "score_min=NaN", "score_min=1e400", "score_max=Infinity", "changed_min=0001-01-01",
        "changed_max=9999-12-31", "empty=nonsense", "title=a%00b",
        "sort=score,rank,title,stage,owner,ready",
    ],
)  # fmt: skip
def test_what_a_view_cannot_say_is_objected_to_and_left_out(query):
    view = view_of(query)
    assert len(view.objections) == 1
    assert view.objections[0].words
    assert view.filters == ()


def test_what_is_no_part_of_a_view_is_passed_over():
    assert view_of("cursor=abc&page_size=7&as_of=2026-01-01") == view_of("")


def test_a_share_may_be_typed_as_a_percentage_and_a_count_is_held_to_whole_numbers():
    share, count = view_of("p_first_min=12.5%25&unrated_min=1.2&unrated_max=3.9").filters
    assert share.bounds() == (Decimal("0.125"), None)
    assert count.bounds() == (Decimal(2), Decimal(3))


def test_every_column_can_be_sorted_by_and_narrowed():
    for column in COLUMNS:
        assert view_of(f"sort={column.first_way}").objections == ()
        names = {column.name} if not column.is_ranged else {f"{column.name}_min"}
        assert names <= parameter_names()
    assert view_of("").of("score") == Filter("score")
