"""Two people at two browsers, a gate that refuses, and what is typed while things change."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.hands import Keys, Pointer
from tests.browser.visiting import Visitor
from tests.browser.world import KEY

Visit = Callable[..., Visitor]
WORKER_MS = 30_000


def test_the_second_of_two_editors_sees_both_values_and_chooses(
    visit: Visit, open_portfolio: Callable[..., None]
) -> None:
    open_portfolio("PAIR", "marcus")
    dana, marcus = visit("dana"), visit("marcus")
    reference = steps.propose(Pointer(dana.page), "PAIR", "Sort tickets")
    for editor in (dana, marcus):
        editor.go(f"/use-cases/{reference}/edit/")
    dana.page.get_by_label("Title").fill("Sort tickets by urgency")
    dana.page.get_by_role("button", name="Save").click()
    dana.page.wait_for_url(re.compile(rf"/use-cases/{reference}/$"))

    marcus.page.get_by_label("Title").fill("Sort tickets by customer")
    marcus.page.get_by_role("button", name="Save").click()
    both = marcus.page.get_by_role("alert")
    expect(both).to_contain_text("Sort tickets by urgency")
    expect(both).to_contain_text("Sort tickets by customer")
    expect(marcus.page.get_by_label("Title")).to_have_value("Sort tickets by customer")
    assert title_of(dana, reference) == "Sort tickets by urgency"
    marcus.page.get_by_role("button", name="Save").click()
    marcus.page.wait_for_url(re.compile(rf"/use-cases/{reference}/$"))
    assert title_of(dana, reference) == "Sort tickets by customer"


def title_of(visitor: Visitor, reference: str) -> str:
    return str(visitor.ask("GET", f"use-cases/{reference}/")["title"])


def test_a_new_ranking_reaches_who_watches_without_a_reload(visit: Visit) -> None:
    """Nor does it take away the focus, or what is typed."""
    greta, dana = visit("greta"), visit("dana")
    page = greta.go(f"/portfolios/{KEY}/ranking/")
    facts = page.locator("#ranking-facts")
    before = page.locator("#candidates tbody tr[data-item] .score").all_inner_texts()
    page.evaluate("window.isTheSamePage = true")
    page.get_by_label("Search the candidates").first.fill("half a word")
    weights = dana.go(f"/portfolios/{KEY}/settings/criteria/")
    weight = weights.get_by_label("Weight of Headroom")
    was = weight.input_value()
    weight.fill("9" if was != "9" else "2")
    weights.get_by_role("button", name="Save the weights").click()
    expect(weights.get_by_label("Weight of Headroom")).not_to_have_value(was)
    scores = page.locator("#candidates tbody tr[data-item] .score")
    expect(scores.first).not_to_have_text(before[0], timeout=WORKER_MS)
    assert page.evaluate("window.isTheSamePage") is True
    expect(page.get_by_label("Search the candidates").first).to_have_value("half a word")
    expect(facts).to_contain_text("computed")


def test_a_refused_move_puts_the_card_back_and_a_sponsor_overrides(
    visit: Visit, open_portfolio: Callable[..., None]
) -> None:
    open_portfolio("GATE", "marcus")
    marcus, dana = visit("marcus"), visit("dana")
    reference = steps.propose(Pointer(marcus.page), "GATE", "Sort tickets")
    board = marcus.go("/portfolios/GATE/board/")
    card = board.locator(f'.card[data-reference="{reference}"]')
    card.drag_to(board.locator(".column[data-stage=qualified]"))
    refused = board.locator("#refused")
    expect(refused).to_be_focused()
    expect(refused).to_contain_text("Say in one sentence")
    expect(board.locator(f'[data-stage=proposed] [data-reference="{reference}"]')).to_be_visible()
    assert refused.get_by_role("button", name="Override").count() == 0
    refused.get_by_role("link", name="answer the tests").first.click()
    board.wait_for_url(re.compile(rf"/use-cases/{reference}/tests/"))

    # The sponsor, by keyboard: m, the move, then the override with its reason.
    page = dana.go("/portfolios/GATE/board/")
    keys = Keys(page)
    keys.reach(page.locator(f'.card[data-reference="{reference}"] a.title'))
    page.keyboard.press("m")
    choice = page.get_by_role("button", name="Move on to qualified")
    expect(choice).to_be_visible()
    keys.press(choice)
    refused = page.locator("#refused")
    expect(refused).to_be_focused()
    keys.press(refused.locator("summary"))
    keys.type(refused.get_by_label("Why is it right"), "It runs in production today.")
    keys.press(refused.get_by_role("button", name="Override and move"))
    expect(page.locator(f'[data-stage=qualified] [data-reference="{reference}"]')).to_be_visible()
    page.goto(f"/use-cases/{reference}/")
    expect(page.locator("#overrides")).to_contain_text("It runs in production today.")


def test_an_owner_reports_the_week_by_keyboard(visit: Visit) -> None:
    """A reading and a forecast in one form, on the sample's healthy lighthouse."""
    marcus = visit("marcus")
    page = marcus.go("/")
    keys = Keys(page)
    rows = marcus.ask("GET", f"use-cases/?portfolio={KEY}&stage=live")["results"]
    reference = rows[0]["reference"]
    page.goto(f"/use-cases/{reference}/lighthouse/")
    keys.press(page.get_by_role("link", name="This week’s update"))
    form = page.locator("#update")
    keys.type(form.get_by_label("First response time"), "0.8")
    keys.type(form.get_by_label("Sample"), "1200")
    keys.type(form.get_by_label("Source"), "BI export")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#readings tbody tr").first).to_contain_text("0.8 h")


def test_what_is_typed_survives_a_closed_page(visit: Visit) -> None:
    dana = visit("dana")
    address = f"/portfolios/{KEY}/use-cases/new/"
    page = dana.go(address)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Title").fill("Half an idea")  # looked up beside, which saves nothing
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft kept")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/")
    page.goto(address)
    expect(page.get_by_label("Title")).to_have_value("Half an idea")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Title")).to_have_value("")


def test_the_keys_are_told_and_lead_everywhere(visit: Visit) -> None:
    page = visit("dana").go(f"/portfolios/{KEY}/board/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    for key, address in {
        "w": "/", "o": f"/portfolios/{KEY}/", "r": "/ranking/", "b": "/board/",
        "a": "/activity/", "s": "/settings/",
    }.items():  # fmt: skip
        if page.url.rstrip("/").count("/") == 2:
            page.goto(f"/portfolios/{KEY}/board/")
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(re.escape(address) + "$"))
    page.keyboard.press("/")
    expect(page.locator("[data-search]").first).to_be_focused()
