"""Weights moved in the page, and search from anywhere, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

WHAT_IF = f"/portfolios/{KEY}/ranking/what-if/"
MOVE = """([slug, weight]) => {
  const row = document.querySelector(`[name="w.${slug}"]`).parentElement;
  const range = row.querySelector("[type=range]");
  range.value = weight;
  range.dispatchEvent(new Event("input", {bubbles: true}));
}"""
ROWS = """() => {
  const rows = [...document.querySelectorAll("#candidates tbody tr")];
  return rows.map((row) => row.innerText.split(/\\s+/).join(" ").trim());
}"""


def test_a_slider_shows_what_the_server_shows_at_the_address_it_leaves(
    visit: Callable[..., Visitor],
) -> None:
    dana = visit("dana")
    page = dana.go(WHAT_IF)
    page.wait_for_selector("[data-live]")
    saved = page.locator("#supposed").inner_text()
    # Weights that no other test saves: one that is saved is not in the address.
    for slug, weight in (("headroom", 8.5), ("data_readiness", 0), ("ai_fit", 7.5)):
        page.evaluate(MOVE, [slug, weight])
    page.wait_for_url(
        re.compile(r"w\.headroom=8\.5&.*w\.ai_fit=7\.5|w\.ai_fit=7\.5.*w\.headroom=8\.5")
    )
    moved = page.evaluate(ROWS), page.locator("#supposed").inner_text()
    assert moved[1] != saved
    without = visit("dana", java_script_enabled=False)
    still = without.go(page.url.removeprefix(f"http://{dana.host}"))
    shown = [
        " ".join(row.split()) for row in still.locator("#candidates tbody tr").all_inner_texts()
    ]
    assert (shown, still.locator("#supposed").inner_text()) == moved


def test_the_palette_opens_anywhere_and_walks_by_keyboard(visit: Callable[..., Visitor]) -> None:
    dana = visit("dana")
    page = dana.go(f"/portfolios/{KEY}/board/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("searchbox", name="Search use cases, pages, actions and people")
    expect(field).to_be_focused()
    page.keyboard.type("quote drafts")
    expect(page.locator("#palette-found").get_by_text("Rate quote drafts").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette-found a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/use-cases/[A-Z]+-\d+/$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("quote")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
