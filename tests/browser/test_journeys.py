"""The three kinds of people, from an empty portfolio to a declared verdict, with real workers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import join
from tests.browser.hands import Keys, Pointer
from tests.browser.visiting import Visitor
from tests.browser.world import FEDERAL, FEDERAL_ROWS, mail_of
from tests.stack.running import System

Visit = Callable[..., Visitor]
WORKER_MS = 30_000


@pytest.fixture
def federal() -> Any:
    if not FEDERAL.is_file():
        pytest.skip(f"THE REAL INVENTORY IS NOT HERE: {FEDERAL} is missing")
    return FEDERAL


def drag(page: Any, reference: str, to: str) -> None:
    """A card is taken to another column."""
    card = page.locator(f'.card[data-reference="{reference}"]')
    card.drag_to(page.locator(f'.column[data-stage="{to}"]'), target_position={"x": 60, "y": 60})
    settled = page.locator(f'.column[data-stage="{to}"] .card[data-reference="{reference}"]')
    expect(settled.and_(page.locator("[data-changed]"))).to_be_visible()


def test_one_candidate_goes_from_a_file_to_a_declared_verdict(
    product: System, visit: Visit, federal: Any
) -> None:
    """The CTO and an owner: import twice, judge, rank, move in four ways, measure, declare."""
    dana = visit("dana")
    page = dana.go("/portfolios/new/")
    page.get_by_label("Name", exact=True).fill("Federal candidates")
    page.get_by_label("Key", exact=True).fill("FED")
    page.get_by_role("button", name="Open it").click()
    page.wait_for_url(re.compile(r"/portfolios/FED/"))

    page = dana.go("/portfolios/FED/settings/members/")
    page.get_by_label("E-mail").fill(mail_of("marcus"))
    page.get_by_label("Role", exact=True).select_option("contributor")
    page.get_by_role("button", name="Send the invitation").click()
    marcus = visit("marcus")
    join(product, marcus, "Federal candidates")

    hand, owner = Pointer(dana.page), Pointer(marcus.page)
    steps.send_file(dana, "FED", federal)
    expect(dana.page.locator(".bar-facts")).to_contain_text("Windows-1252")
    first = steps.try_and_import(hand)
    assert (first["Rows in the file"], first["New"], first["Kept out"]) == ("2,133", "2,133", "0")
    steps.send_file(dana, "FED", federal)
    second = steps.try_and_import(hand)
    assert (second["New"], second["Unchanged"]) == ("0", "2,133")
    assert dana.ask("GET", "portfolios/FED/status/")["pipeline"]["proposed"] == FEDERAL_ROWS

    reference = "FED-7"
    dana.ask("PATCH", f"use-cases/{reference}/", {"jobs": ["sort"], "segments": ["agents"]})
    watching = visit("marcus")
    watching.go("/portfolios/FED/ranking/?show=ranked")
    steps.make_ready(hand, reference)
    # The worker's rank arrives at somebody who watches, without a reload.
    row = watching.page.locator(f'#candidates [data-reference="{reference}"]')
    expect(row.locator(".rank-badge")).to_have_text("1", timeout=WORKER_MS)

    board = dana.go("/portfolios/FED/board/?q=" + first_words(dana, reference))
    drag(board, reference, "qualified")
    steps.draw_up(hand, reference, "Marcus", start=steps.days_ago(70))
    steps.accept(owner, reference)

    board = dana.go("/portfolios/FED/board/?q=" + first_words(dana, reference))
    board.locator(f'.card[data-reference="{reference}"] a.title').focus()
    board.keyboard.press("m")
    choice = board.get_by_role("button", name="Move on to selected")
    choice.wait_for()
    choice.press("Enter")
    expect(board.locator(f'[data-stage=selected] [data-reference="{reference}"]')).to_be_visible()

    steps.plan(owner, reference)
    steps.confirm_data(hand, reference)
    board = marcus.go("/portfolios/FED/board/?q=" + first_words(dana, reference))
    card = board.locator(f'.card[data-reference="{reference}"]')
    card.locator("summary").click()
    card.get_by_role("button", name="Move on to mobilising").click()
    expect(board.locator(f'[data-stage=mobilising] [data-reference="{reference}"]')).to_be_visible()

    steps.say_where_it_runs(owner, reference, steps.days_ago(40))
    steps.move_by_form(owner, reference, "building")
    steps.expect_stage(owner.page, reference, "building")
    steps.ship(owner, reference, steps.days_ago(39))
    marcus.go(f"/use-cases/{reference}/")
    marcus.page.locator("[data-move-menu] summary").click()
    marcus.page.get_by_role("button", name="Move on to live").click()
    steps.expect_stage(owner.page, reference, "live")

    # The verdict day is over: nothing was measured, and the worker has said so by itself.
    marcus.go(f"/use-cases/{reference}/lighthouse/")
    expect(marcus.page.locator("#verdict")).to_contain_text("Failure", timeout=WORKER_MS)
    steps.report_week(owner, reference, steps.days_ago(20), value="0.9", guardrail="4.4")
    expect(marcus.page.locator("#readings")).to_contain_text("entered late")
    expect(marcus.page.locator("#verdict")).to_contain_text("Victory", timeout=WORKER_MS)

    steps.write_retrospective(owner, reference)
    steps.declare(hand, reference)
    steps.move_by_form(hand, reference, "decided")
    steps.expect_stage(hand.page, reference, "decided")
    dana.go("/portfolios/FED/")
    status = dana.ask("GET", "portfolios/FED/status/")
    assert status["verdicts"]["victory"] == 1
    assert status["pipeline"]["decided"] == 1


def first_words(visitor: Visitor, reference: str) -> str:
    return visitor.ask("GET", f"use-cases/{reference}/")["title"].split()[0]


def test_a_contributor_proposes_answers_and_rates_by_keyboard(
    visit: Visit, open_portfolio: Callable[..., None]
) -> None:
    open_portfolio("KEYS", "priya")
    priya = visit("priya")
    priya.go("/portfolios/KEYS/ranking/")
    priya.page.keyboard.press("n")
    priya.page.keyboard.press("?")
    hand = Keys(priya.page)
    title = "Sort tickets by who should answer"
    scope = {"job": "sort tickets", "segment": "tier-1 agents", "metric": "hours to the reply"}
    reference = steps.propose(hand, "KEYS", title, **scope)
    steps.make_ready(hand, reference)
    steps.move_by_form(hand, reference, "qualified")
    steps.expect_stage(priya.page, reference, "qualified")
    priya.page.keyboard.press("g")
    priya.page.keyboard.press("r")
    priya.page.wait_for_url(re.compile("/ranking/"))
    row = priya.page.locator(f'#candidates [data-reference="{reference}"]')
    expect(row.locator(".rank-badge")).to_have_text("1", timeout=WORKER_MS)
    priya.page.keyboard.press("j")
    priya.page.keyboard.press("Enter")
    priya.page.wait_for_url(re.compile(f"/use-cases/{reference}/"))


def test_the_whole_way_is_open_without_script(
    visit: Visit, open_portfolio: Callable[..., None], tmp_path: Any
) -> None:
    """A file, the tests, a rank, the gates, a lighthouse and its verdict, by links and forms."""
    open_portfolio("PLAIN", "marcus")
    dana = visit("dana", java_script_enabled=False)
    marcus = visit("marcus", java_script_enabled=False)
    hand, owner = Pointer(dana.page), Pointer(marcus.page)
    few = tmp_path / "few.csv"
    few.write_text("Title,Department\nSort tickets,Care\nRead delivery notes,Operations\n")
    steps.send_file(dana, "PLAIN", few)
    assert steps.try_and_import(hand)["New"] == "2"

    reference = "PLAIN-1"
    steps.make_ready(hand, reference)
    dana.go("/portfolios/PLAIN/ranking/")
    row = dana.page.locator(f'#candidates [data-reference="{reference}"]')
    for _ in range(60):
        if row.locator(".rank-badge").inner_text() == "1":
            break
        dana.page.wait_for_timeout(500)
        dana.page.reload()
    expect(row.locator(".rank-badge")).to_have_text("1")

    # A refused move says what is missing, and leaves everything as it was.
    steps.move_by_form(owner, "PLAIN-2", "qualified")
    expect(owner.page.get_by_role("alert")).to_contain_text("Say in one sentence")
    steps.expect_stage(owner.page, "PLAIN-2", "proposed")

    steps.move_by_form(hand, reference, "qualified")
    steps.draw_up(hand, reference, "Marcus", start=steps.days_ago(70))
    steps.accept(owner, reference)
    steps.move_by_form(hand, reference, "selected")
    steps.plan(owner, reference)
    steps.confirm_data(owner, reference)
    steps.move_by_form(owner, reference, "mobilising")
    steps.say_where_it_runs(owner, reference, steps.days_ago(40))
    steps.move_by_form(owner, reference, "building")
    steps.ship(owner, reference, steps.days_ago(39))
    steps.move_by_form(owner, reference, "live")
    steps.report_week(owner, reference, steps.days_ago(20), value="3", guardrail="4.4")
    steps.write_retrospective(owner, reference)
    for _ in range(60):
        dana.go(f"/use-cases/{reference}/lighthouse/")
        if dana.page.get_by_role("button", name="Declare the verdict").count():
            break
        dana.page.wait_for_timeout(500)
    expect(dana.page.locator("#verdict")).to_contain_text("Failure")
    steps.declare(hand, reference)
    steps.move_by_form(hand, reference, "decided")
    steps.expect_stage(hand.page, reference, "decided")
