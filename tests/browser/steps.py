"""What people do on the pages, one function for each thing that they would say they did."""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.hands import Hand
from tests.browser.visiting import Visitor

WORKER_PATIENCE_S = 90


def wait_for_worker(page: Page, is_through: Callable[[], bool]) -> None:
    """Until the worker is through. Who has no script presses the page's own link to see that;
    for all others it is hidden, once the page is loaded, and the page changes by itself."""
    link = page.get_by_role("link", name="See how far it is")
    latest = time.monotonic() + WORKER_PATIENCE_S
    while not is_through():
        assert time.monotonic() < latest, f"The worker was never through on {page.url}"
        page.wait_for_load_state()
        if link.is_visible():
            link.click()
        page.wait_for_timeout(250)


# --- candidates ------------------------------------------------------------------------------


def send_file(visitor: Visitor, key: str, file: Path) -> str:
    """The address of the import, once its columns are guessed."""
    page = visitor.go(f"/portfolios/{key}/settings/imports/")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Send and look at it").click()
    wait_for_worker(page, lambda: page.url.endswith("/columns/"))
    return page.url.removesuffix("columns/")


def try_and_import(hand: Hand) -> dict[str, str]:
    """From the columns to the result: the figures by their names."""
    page = hand.page
    hand.press(page.get_by_role("button", name="On to stages and key").first)
    page.wait_for_url(re.compile(r"/stages/$"))
    hand.press(page.get_by_role("button", name="Try it"))
    wait_for_worker(page, page.locator(".figures").is_visible)
    begin = page.get_by_role("button", name=re.compile(r"^Import [\d,]+ rows?$"))
    if begin.count():
        hand.press(begin)
        wait_for_worker(page, page.get_by_role("link", name="See the ranking").is_visible)
    return figures(page)


def figures(page: Page) -> dict[str, str]:
    pairs = page.locator(".figures > div").all()
    return {
        one.locator("dt").inner_text(): one.locator("dd").inner_text().split("\n")[0]
        for one in pairs
    }


def propose(hand: Hand, key: str, title: str, **scope: str) -> str:
    """The reference of a new candidate."""
    page = hand.page
    page.goto(f"/portfolios/{key}/use-cases/new/")
    hand.type(page.get_by_label("Title"), title)
    hand.type(page.get_by_label("Problem"), "Two clerks type 1,400 notes a day.")
    for label, words in scope.items():
        hand.type(page.get_by_label(LABELS[label]), words)
    hand.press(page.get_by_role("button", name="Propose it"))
    page.wait_for_url(re.compile(r"/use-cases/[A-Z0-9]+-\d+/$"))
    return page.url.rstrip("/").rsplit("/", 1)[1]


LABELS = {
    "job": "The job to be done",
    "segment": "Who it is for",
    "metric": "What gets better",
}


# --- judgement -------------------------------------------------------------------------------


def answer_outcome(hand: Hand, reference: str) -> None:
    """From 8 h to 1 h, with a guardrail."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/tests/")
    part = page.locator("#outcome")
    hand.type(
        part.get_by_label("What changes, in one sentence"), "Cut first response from 8 h to 1 h"
    )
    hand.type(part.get_by_label("The metric that will be read"), "first response time")
    hand.type(part.get_by_label("Its unit"), "h")
    hand.choose(part.get_by_label("Better is"), "lower")
    hand.type(part.get_by_label("Baseline"), "8")
    hand.type(part.get_by_label("Target"), "1")
    hand.type(part.get_by_label("The one user segment"), "tier-1 agents")
    hand.type(part.get_by_label("Guardrail metric"), "CSAT")
    hand.choose(part.get_by_label("Must stay"), "at least")
    hand.type(part.get_by_label("Limit"), "4.2")
    hand.type(part.get_by_label("Unit", exact=True), "points")
    hand.press(part.get_by_role("button", name="Save the outcome"))
    expect(page.locator("#outcome > header .tag")).to_have_text("yes")


def answer_data(hand: Hand, reference: str) -> None:
    """One source, usable and cleared."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/tests/")
    part = page.locator("#data")
    hand.type(part.get_by_label("Name").first, "tickets")
    hand.type(part.get_by_label("System").first, "Zendesk")
    hand.choose(part.get_by_label("Used to").first, "retrieve")
    hand.tick(part.get_by_label("Required").first)
    for label in ("Schema consistent?", "Clean enough?", "Access cleared?", "Usable as it stands?"):
        hand.choose(part.get_by_label(label).first, "yes")
    hand.press(part.get_by_role("button", name="Save the data"))
    expect(page.locator("#data > header .tag")).to_have_text("yes")


def answer_review(hand: Hand, reference: str) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/tests/")
    part = page.locator("#review")
    hand.type(part.get_by_label("Who reviews"), "the team lead on shift")
    hand.choose(part.get_by_label("Which outputs"), "only")
    hand.type(part.get_by_label("How they approve"), "approve or edit in the queue")
    hand.type(part.get_by_label("How their decisions feed back"), "edits join the evaluation set")
    hand.press(part.get_by_role("button", name="Save the review path"))
    expect(page.locator("#review > header .tag")).to_have_text("yes")


def work_out_economics(hand: Hand, reference: str, value: str = "1.60") -> None:
    """42,000 interactions a month on one small model: test 4 holds."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/economics/")
    for label, words in {
        "Interactions a month": "42,000",
        "Share that succeeds": "62 %",
        "Value of one success": value,
        "Calls per interaction": "1",
        "Input tokens per call": "1200",
        "Of these, cached": "0.4",
        "Output tokens per call": "300",
        "Retries": "0.05",
        "Tools and search per call": "0",
        "Share that is reviewed": "0.08",
        "Minutes for each": "1.5",
        "Reviewer's cost an hour": "38",
        "Fixed cost a month": "2400",
    }.items():
        hand.type(page.get_by_label(label, exact=True).first, words)
    route = page.locator("#route")
    hand.type(route.get_by_label("Provider").first, "openai")
    hand.type(route.get_by_label("Model", exact=True).first, "gpt-5-mini")
    hand.type(route.get_by_label("Share", exact=True).first, "1")
    hand.press(page.get_by_role("button", name="Save and work it out"))
    expect(page.locator(".answer")).to_contain_text("a month")


def rate(hand: Hand, reference: str, likely: str = "4") -> None:
    """One rating for each criterion that is rated by hand."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/ratings/")
    for criterion in page.locator("fieldset.criterion:has(.three-points)").all():
        hand.type(criterion.get_by_label("Low"), "3")
        hand.type(criterion.get_by_label("Likely"), likely)
        hand.type(criterion.get_by_label("High"), "5")
    hand.press(page.get_by_role("button", name="Save my ratings"))
    expect(page.locator("#rated")).to_have_text("10 of 10 rated")


def make_ready(hand: Hand, reference: str) -> None:
    """All four tests are yes, and one assessor rated."""
    answer_outcome(hand, reference)
    answer_data(hand, reference)
    answer_review(hand, reference)
    work_out_economics(hand, reference)
    rate(hand, reference)


# --- the pipeline ----------------------------------------------------------------------------


def expect_stage(page: Page, reference: str, stage: str) -> None:
    """On the use case's page it stands in this stage."""
    page.goto(f"/use-cases/{reference}/")
    expect(page.locator(f".stage[data-stage={stage}]")).to_be_visible()


def move_by_form(hand: Hand, reference: str, to: str) -> None:
    """On the page that every browser can open."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/move/")
    moved = page.locator(f'.column[data-stage="{to}"] [data-reference="{reference}"]')
    answered = moved.or_(page.get_by_role("alert"))
    hand.press(page.locator("main form.moves").get_by_role("button", name=re.compile(f" {to}$")))
    expect(answered.first).to_be_visible()


# --- delivery --------------------------------------------------------------------------------


def draw_up(hand: Hand, reference: str, owner: str, *, start: date, weeks: int = 8) -> None:
    """A lighthouse with an owner who is asked, and a start that needs its reason."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    hand.choose(page.get_by_label("Owner"), owner)
    hand.choose(page.get_by_label("Duration"), f"{weeks} weeks")
    hand.date(page.get_by_label(re.compile("^Start")), start.isoformat())
    hand.type(page.get_by_label("Why this start"), "It has run with a vendor; we adopt it.")
    hand.press(page.get_by_role("button", name="Draw up the lighthouse"))
    expect(page.locator("#owner")).to_contain_text("asked")


def accept(hand: Hand, reference: str) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    hand.press(page.locator("#acceptance").get_by_role("button", name="Accept"))
    expect(page.locator("#owner .tag")).to_have_text("accepted")


def plan(hand: Hand, reference: str) -> None:
    """How it is measured, so that the contract is complete."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#contract")
    hand.press(part.locator("summary", has_text="Plan it"))
    hand.type(part.get_by_label("How the metric is measured"), "Median of the week, BI export")
    hand.type(part.get_by_label("The smallest sample that counts"), "100")
    hand.press(part.get_by_role("button", name="Save the plan"))
    expect(page.locator("#contract")).to_contain_text("Complete.")


def confirm_data(hand: Hand, reference: str) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/tests/")
    hand.press(page.get_by_role("button", name="I confirm these data"))
    expect(page.locator("#data .confirmation")).to_contain_text("confirmed these data")


def say_where_it_runs(hand: Hand, reference: str, since: date) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#facts")
    hand.press(part.locator("summary", has_text="Change these"))
    hand.type(part.get_by_label("Where it runs in production"), "The support cluster")
    hand.type(part.get_by_label("Who reads the metric"), "The owner, every Monday, from BI")
    hand.date(part.get_by_label("The review path works since"), since.isoformat())
    hand.press(part.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#facts")).to_contain_text("works since")


def ship(hand: Hand, reference: str, day: date) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#facts")
    hand.press(part.locator("summary", has_text="Ship date"))
    hand.date(part.get_by_label("In production since"), day.isoformat())
    hand.press(part.get_by_role("button", name="Save the day"))
    expect(page.locator("#facts")).not_to_contain_text("not yet")


def report_week(hand: Hand, reference: str, day: date, *, value: str, guardrail: str) -> None:
    """One form: a reading of the metric and of its guardrail."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#update")
    hand.type(part.get_by_label("First response time"), value)
    hand.type(part.get_by_label("CSAT"), guardrail)
    hand.date(part.get_by_label("Measured on"), day.isoformat())
    hand.type(part.get_by_label("Sample"), "900")
    hand.type(part.get_by_label("Source"), "BI export")
    hand.press(part.get_by_role("button", name="Save the week"))
    expect(page.locator("#readings tbody")).to_contain_text("in force")


def write_retrospective(hand: Hand, reference: str) -> None:
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#retrospective")
    hand.press(part.locator("summary"))
    hand.type(part.get_by_label("What was learnt"), "Retrieval was the bottleneck.")
    hand.press(part.get_by_role("button", name="Save"))
    expect(page.locator("#retrospective .reading")).to_contain_text("bottleneck")


def declare(hand: Hand, reference: str) -> None:
    """Confirms what the worker computed."""
    page = hand.page
    page.goto(f"/use-cases/{reference}/lighthouse/")
    part = page.locator("#verdict")
    hand.press(part.get_by_role("button", name="Declare the verdict"))
    expect(page.locator("#verdict")).to_contain_text("Declared by")


def days_ago(days: int) -> date:
    return date.today() - timedelta(days=days)
