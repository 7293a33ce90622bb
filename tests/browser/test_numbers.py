"""A number opens to where it comes from: by mouse, by keyboard, under other weights, on paper."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

RANKING = f"/portfolios/{KEY}/ranking/"


def test_a_score_opens_down_to_who_rated(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(RANKING)
    opened = page.get_by_role("dialog", name="Where a number comes from")
    page.locator('#candidates tbody a[href$="/numbers/score/"]').first.click()
    expect(opened.get_by_role("heading", name="Score")).to_be_visible()
    opened.get_by_role("link", name="Feasibility", exact=True).click()
    expect(opened.get_by_role("heading", name="Feasibility")).to_be_visible()
    opened.get_by_role("link", name="Fit for AI", exact=True).click()
    expect(opened.get_by_text("the mean over assessors of")).to_be_visible()
    expect(opened.get_by_role("row", name=re.compile(r"\d → \d"))).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    assert page.url.endswith(RANKING)


def test_a_row_opens_all_its_numbers_by_keyboard(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(RANKING)
    page.keyboard.press("j")
    page.keyboard.press("i")
    opened = page.get_by_role("dialog", name="Where a number comes from")
    expect(opened.get_by_role("heading", name="Its numbers")).to_be_visible()
    opened.get_by_role("link", name="Net a month").press("Enter")
    expect(opened.get_by_text("volume × cost of an interaction − fixed cost")).to_be_visible()


def test_weights_that_are_only_tried_are_told(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(f"{RANKING}what-if/?w.reuse=7.75")
    page.wait_for_selector("[data-live]")
    page.locator('#candidates a[href*="/numbers/impact/"]').first.click()
    opened = page.get_by_role("dialog", name="Where a number comes from")
    expect(opened.get_by_text(re.compile(r"Reuse 7\.75 instead of"))).to_be_visible()


def test_without_script_it_is_a_page_of_its_own(visit: Callable[..., Visitor]) -> None:
    page = visit("greta", java_script_enabled=False).go(RANKING)
    page.locator('#candidates tbody a[href$="/numbers/score/"]').first.click()
    page.wait_for_url(re.compile(r"/use-cases/[A-Z]+-\d+/numbers/score/$"))
    expect(page.get_by_role("heading", name="Score")).to_be_visible()
    page.get_by_role("link", name="Impact", exact=True).click()
    page.wait_for_url(re.compile(r"/numbers/impact/$"))
