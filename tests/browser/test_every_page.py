"""What holds on every page: for who cannot see well, on a telephone, on a slow line."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import access_table
from tests.browser.pages import Seen, every_page, find_them
from tests.browser.steps import send_file
from tests.browser.visiting import NARROW, WIDE, Visitor
from tests.browser.world import KEY

MOST_BYTES = 60_000
RAIL = ["My work", "Overview", "Ranking", "Board", "Activity", "Settings"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Answers that are no page of their own: a download, and a link that an invitation's test opens.
ELSEWHERE = {"portfolio:import_problems", "portfolio:invitation"}
FEW_ROWS = "Title,Department,Stage\nRead delivery notes,Operations,pilot\nSort tickets,Care,idea\n"


@pytest.fixture
def pages(visit: Callable[..., Visitor], tmp_path: Path) -> list[Seen]:
    """Every page of the sample, after a small file was sent and tried."""
    dana = visit("dana")
    if not dana.ask("GET", f"portfolios/{KEY}/imports/")["results"]:
        few = tmp_path / "few.csv"
        few.write_text(FEW_ROWS)
        send_file(dana, KEY, few)
    newest = dana.ask("GET", f"portfolios/{KEY}/imports/")["results"][0]
    return every_page({**find_them(dana.ask), "import": str(newest["id"])})


def test_every_page_is_looked_at(pages: list[Seen]) -> None:
    opened = {name for name, row in access_table.PAGES.items() if "GET" in row.ways}
    assert opened - ELSEWHERE - {page.view for page in pages} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(visit: Callable[..., Visitor], pages: list[Seen], theme: str) -> None:
    axe, found = Axe(), []
    people: dict[str, Visitor] = {}
    for page in pages:
        if page.who not in people:
            people[page.who] = visit(page.who, color_scheme=theme)
        shown = people[page.who].go(page.address)
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        for fault in axe.run(shown, options=options).response["violations"]:
            where = [node["target"] for node in fault["nodes"]][:3]
            found.append(f"{page.address} ({page.who}): {fault['id']} {where}")
    assert not found, "\n".join(found)


def test_nothing_is_wider_than_a_telephone(
    visit: Callable[..., Visitor], pages: list[Seen]
) -> None:
    wide = []
    people: dict[str, Visitor] = {}
    for page in pages:
        if page.who not in people:
            people[page.who] = visit(page.who, viewport=NARROW)
        shown = people[page.who].go(page.address)
        beyond = shown.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            wide.append(f"{page.address} ({page.who}): {beyond} px")
    assert not wide, "\n".join(wide)


def test_pages_are_light_and_keep_the_frame(
    visit: Callable[..., Visitor], pages: list[Seen]
) -> None:
    """Counted as a server that compresses sends it: the page, its styles and its scripts."""
    heavy, unframed = [], []
    people: dict[str, Visitor] = {}
    shared: dict[str, int] = {}
    for page in pages:
        if page.who not in people:
            people[page.who] = visit(page.who, viewport=WIDE)
        visitor = people[page.who]
        shown = visitor.go(page.address)
        parts = shown.evaluate(
            "performance.getEntriesByType('resource').map((one) => one.name)"
            ".filter((name) => /\\.(css|js)(\\?|$)/.test(name))"
        )
        for name in set(parts) - set(shared):
            shared[name] = len(gzip.compress(visitor.context.request.get(name).body()))
        weight = len(gzip.compress(shown.content().encode())) + sum(
            shared[one] for one in set(parts)
        )
        if weight > MOST_BYTES:
            heavy.append(f"{page.address} ({page.who}): {weight:,} bytes")
        rail = shown.locator(".rail > .links a").all_inner_texts()
        names = [name.split("\n")[0] for name in rail]
        if "/LARK" in page.address and names != RAIL:
            unframed.append(f"{page.address} ({page.who}): {names}")
    assert not heavy, "\n".join(heavy)
    assert not unframed, "\n".join(unframed)
