"""Rows ticked on many pages of the table: kept while one looks around, and sent together."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

RANKING = f"/portfolios/{KEY}/ranking/"
NOTHING = "Tick rows to change or compare them"


def told(page: Page) -> Locator:
    return page.locator("[data-ticked]")


def boxes(page: Page) -> Locator:
    return page.locator("[data-tick]")


def test_ticks_are_kept_on_other_pages_and_all_of_them_sent(visit: Callable[..., Visitor]) -> None:
    dana = visit("dana")
    page = dana.go(f"{RANKING}?show=ranked")
    boxes(page).nth(0).check()
    boxes(page).nth(1).check()
    first = boxes(page).nth(0).get_attribute("value")
    page = dana.go(f"{RANKING}?show=not_ready&sort=-title")
    expect(told(page)).to_have_text("2 ticked, all of them on other pages")
    for key in ("j", "x", "j", "Shift+x"):
        page.keyboard.press(key)
    expect(told(page)).to_have_text("4 ticked, 2 of them on other pages")
    page = dana.go(f"{RANKING}?sort=title")
    expect(page.locator("[data-tick]:checked")).to_have_count(4)
    page.get_by_role("button", name="Change the ticked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change 4 candidates")
    expect(page.locator("main")).to_contain_text(first or "no reference")
    page.get_by_label("Ask for a test").check()
    expect(page.get_by_label("Business unit", exact=True).last).to_be_hidden()
    page.get_by_label("Test", exact=True).select_option("economics")
    page.get_by_role("button", name="Change 4 candidates").click()
    expect(page.get_by_text("Name a contributor or sponsor")).to_be_visible()
    page.get_by_label("Who knows").select_option(label="Priya Raman")
    page.get_by_role("button", name="Change 4 candidates").click()
    page.wait_for_url(re.compile(r"/bulk-changes/\d+/$"))
    expect(page.get_by_role("button", name=re.compile(r"^Undo for"))).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Undo for")).click()
    expect(page.get_by_text(re.compile(r"back what (it|they) had"))).to_be_visible()
    expect(told(dana.go(RANKING))).to_have_text(NOTHING)


def test_two_or_three_ticked_rows_are_laid_side_by_side(visit: Callable[..., Visitor]) -> None:
    page = visit("dana").go(RANKING)
    beside = page.get_by_role("button", name="Lay side by side")
    for count in range(1, 5):
        expect(beside).to_be_enabled(enabled=count in (3, 4))  # with one and two more ticked
        boxes(page).nth(count - 1).check()
    expect(beside).to_be_disabled()
    boxes(page).nth(3).uncheck()
    beside.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Side by side")
    expect(page.locator("table.side-by-side thead th")).to_have_count(4)


def test_ticked_rows_are_laid_side_by_side_without_script(visit: Callable[..., Visitor]) -> None:
    page = visit("dana", java_script_enabled=False).go(RANKING)
    for at in range(2):
        boxes(page).nth(at).check()
    page.get_by_role("button", name="Lay side by side").click()
    expect(page.locator("table.side-by-side thead th")).to_have_count(3)


def test_more_than_an_address_holds_is_posted_and_let_go_of(visit: Callable[..., Visitor]) -> None:
    dana = visit("dana")
    page = dana.go(RANKING)
    names = [f"{KEY}-{number}" for number in range(1, 61)]
    page.evaluate(
        "(names) => sessionStorage.setItem("
        f"`ticks:${{document.body.dataset.person}}:{KEY}`, JSON.stringify(names))",
        names,
    )
    page = dana.go(RANKING)
    expect(told(page)).to_have_text(re.compile(r"^60 ticked"))
    page.get_by_role("button", name="Change the ticked").click()
    page.wait_for_url(re.compile(r"/bulk-changes/new/$"))
    expect(page.get_by_text(re.compile("are not in this portfolio, and left out"))).to_be_visible()
    page = dana.go(RANKING)
    page.get_by_role("button", name="Untick all").click()
    expect(told(page)).to_have_text(NOTHING)
    expect(page.locator("[data-tick]:checked")).to_have_count(0)
