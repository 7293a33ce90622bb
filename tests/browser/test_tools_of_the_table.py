"""What stands above the ranking's table and in it keeps its lines, wide and narrow."""

from collections.abc import Callable

import pytest

from tests.browser.visiting import NARROW, WIDE, Visitor
from tests.browser.world import KEY

RANKING = f"/portfolios/{KEY}/ranking/"
HEIGHT = "(one) => one.getBoundingClientRect().height"
ARROW = "(one) => getComputedStyle(one, '::after').content"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_menu_of_columns_keeps_its_words_in_a_line(
    visit: Callable[..., Visitor], size: dict[str, int]
) -> None:
    page = visit("dana", viewport=size).go(f"{RANKING}?open=columns")
    label = page.get_by_text("Keep in sight", exact=True)
    assert label.evaluate(HEIGHT) < 40
    sheet = page.locator(".menu[open] > .sheet").bounding_box()
    assert sheet
    assert sheet["x"] >= 0
    assert sheet["x"] + sheet["width"] <= size["width"]


@pytest.mark.parametrize("width", [1440, 1360])
def test_sorting_moves_nothing_and_its_head_says_which_way(
    visit: Callable[..., Visitor], width: int
) -> None:
    dana = visit("dana", viewport={"width": width, "height": 900})
    page = dana.go(RANKING)
    before = page.locator(".table-tools").evaluate(HEIGHT)
    for query, way, arrow in (
        ("sort=-annual_net_value", "descending", "↓"), ("sort=annual_net_value", "ascending", "↑"),
    ):  # fmt: skip
        page = dana.go(f"{RANKING}?{query}")
        assert page.locator(".table-tools").evaluate(HEIGHT) == before
        head = page.locator(f"#candidates th[aria-sort={way}]")
        assert "Value a year" in head.inner_text()
        assert arrow in head.locator("a").evaluate(ARROW)


def test_a_title_has_room_on_a_telephone(visit: Callable[..., Visitor]) -> None:
    page = visit("dana", viewport=NARROW).go(RANKING)
    title = page.locator("#candidates tbody th[scope=row]").first.bounding_box()
    assert title
    assert title["width"] >= 160


def test_the_palette_keeps_what_it_says_off_its_line(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(RANKING)
    page.keyboard.press("Control+k")
    page.locator("#palette input[type=search]").fill("qqxxzz")
    words = page.locator("[data-palette-found] > .muted")
    words.wait_for()
    line = page.locator("#palette form").bounding_box()
    box = words.bounding_box()
    top = words.evaluate("(one) => parseFloat(getComputedStyle(one).paddingTop)")
    assert line
    assert box
    assert box["y"] + top >= line["y"] + line["height"] + 8


def test_a_long_list_to_tick_shows_that_it_scrolls(visit: Callable[..., Visitor]) -> None:
    page = visit("dana", viewport=NARROW).go(f"/portfolios/{KEY}/rounds/new/")
    box = page.locator("#id_use_cases")
    assert box.evaluate("(one) => one.scrollHeight > one.clientHeight + 20")
    assert box.evaluate("(one) => parseFloat(getComputedStyle(one).borderTopWidth)") >= 1
    assert "gradient" in box.evaluate("(one) => getComputedStyle(one).backgroundImage")
    assert page.get_by_text(" to choose from, those that could still win").is_visible()


def test_the_newest_ranks_are_seen_first_on_a_telephone(visit: Callable[..., Visitor]) -> None:
    page = visit("dana", viewport=NARROW).go(f"{RANKING}history/")
    last = page.locator(".rank-line text:not([data-left])").first.bounding_box()
    words = page.locator("[data-kind=ranks] figcaption").bounding_box()
    assert last
    assert words
    assert last["x"] >= 0
    assert last["x"] + last["width"] <= NARROW["width"]
    assert words["x"] >= 0


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_an_input_rests_on_is_read_whole(
    visit: Callable[..., Visitor], size: dict[str, int]
) -> None:
    """The select is as wide as the longest of its words, an arrow and its edges."""
    page = visit("dana", viewport=size).go(f"/use-cases/{KEY}-12/economics/")
    rests = page.locator("details[open] select[name$=-basis]").first
    needed = """(one) => {
        const free = one.cloneNode(true)
        free.style.inlineSize = 'max-content'
        one.after(free)
        const width = free.getBoundingClientRect().width
        free.remove()
        return width - one.getBoundingClientRect().width
    }"""
    assert rests.evaluate(needed) <= 0


def test_printed_economics_hold_what_was_put_in_alone(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(f"/use-cases/{KEY}-12/economics/")
    page.emulate_media(media="print")
    form = page.locator(".economics-form")
    printed = form.inner_text()
    for words in ("Look through the price table", "leave empty", "0.6 or 60 %", "Model 3"):
        assert words not in printed
    for words in ("Share that succeeds", "Model 1", "Model 2"):
        assert words in printed
