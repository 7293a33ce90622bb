"""A page deep in a list costs what the first one costs: an index leads to it."""

from itertools import pairwise

import pytest

from portfolio.models import UseCase
from portfolio.querysets.paging import beyond, in_key_order
from tests.make import make_use_case


@pytest.fixture
def five(portfolio):
    return [make_use_case(portfolio, title=f"Use case {n}") for n in range(5)]


@pytest.mark.parametrize("order", [("number",), ("portfolio_id", "number"), ("-number", "pk")])
@pytest.mark.parametrize("backwards", [False, True])
def test_what_lies_beyond_a_row_is_what_follows_it_in_the_order(five, order, backwards):
    rows = list(in_key_order(UseCase.objects.all(), order, backwards=backwards))
    for at, row in enumerate(rows):
        values = [getattr(row, name.lstrip("-")) for name in order]
        found = beyond(UseCase.objects.all(), order, values, backwards=backwards)
        assert list(in_key_order(found, order, backwards=backwards)) == rows[at + 1 :]


def test_rows_beyond_are_asked_for_by_one_comparison_that_an_index_answers(five):
    deep = beyond(UseCase.objects.all(), ("portfolio_id", "number"), (five[0].portfolio_id, 3))
    table = '"portfolio_usecase"'
    asked = f'({table}."portfolio_id", {table}."number") > ({five[0].portfolio_id}, 3)'
    assert str(deep.query).endswith(f"WHERE {asked}")
    assert [row.number for row in in_key_order(deep, ("portfolio_id", "number"))] == [4, 5]


def test_one_portfolios_list_is_paged_by_its_numbers(api, sponsor, portfolio, five):
    client = api(sponsor)
    seen, address = [], f"/api/v1/use-cases/?portfolio={portfolio.key}&page_size=2"
    while address:
        page = client.get(address).json()
        seen += [row["reference"] for row in page["results"]]
        address = page["next"]
    assert seen == [row.reference for row in five]
    assert all(int(a.split("-")[1]) < int(b.split("-")[1]) for a, b in pairwise(seen))
