"""The first columns of the table stay in sight, side by side, however far it is scrolled."""

from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

COLUMNS = (
    "rank", "title", "reference", "stage", "owner", "business_unit", "impact", "feasibility",
    "score", "p_first", "p_top3", "rank_low", "rank_high", "annual_net_value",
)  # fmt: skip
# Left and right edge of the first cells of a row, as seen.
EDGES = """() => [...document.querySelectorAll('#candidates tbody tr:not(.part)')[0].cells]
    .slice(0, 3).map((cell) => cell.getBoundingClientRect()).map((box) => [box.left, box.right])"""
SCROLL = """() => {
    const pane = document.querySelector('#candidates').closest('.table-scroll')
    pane.scrollLeft = 10_000
    return pane.scrollLeft
}"""


def edges(page: Page) -> list[list[float]]:
    return page.evaluate(EDGES)


def test_frozen_columns_stay_where_they_are(visit: Callable[..., Visitor]) -> None:
    columns = "&".join(f"columns={name}" for name in COLUMNS)
    page = visit("dana").go(f"/portfolios/{KEY}/ranking/?frozen=2&{columns}")
    page.set_viewport_size({"width": 1150, "height": 900})  # so that there is more than fits
    before = edges(page)
    assert page.evaluate(SCROLL) > 100
    after = edges(page)
    assert [left for left, _ in after] == [left for left, _ in before]
    for (_, right), (left, _) in pairwise(after):
        assert abs(right - left) < 1, after
