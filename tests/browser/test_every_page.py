"""What holds on every page: for who cannot see well, on a telephone, on a slow line."""

import gzip
from collections import defaultdict
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import access_table
from tests.browser.conftest import Reception
from tests.browser.pages import PORTFOLIO, Seen, every_page, find_them
from tests.browser.steps import send_file
from tests.browser.visiting import NARROW, WIDE, Visitor
from tests.browser.world import KEY

MOST_BYTES = 60_000
RAIL = ["My work", "Overview", "Ranking", "Board", "Activity", "Settings"]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL_RULES = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
# A theme changes colours and nothing else.
COLOUR_RULES = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
# No page of their own: files, a piece of a page, what only leads on, and a link that an
# invitation's test opens.
ELSEWHERE = {
    "portfolio:import_problems",
    "portfolio:invitation",
    "portfolio:cell",
    "portfolio:saved_view",
    "assessments:export",
    "assessments:what_if_sheet",
}
LAPTOPS = (1440, 1366, 1280, 1150, 1000)  # pixels
# Tables that run out of what holds them, into whatever stands beside it.
RUNNING_OUT = """() => [...document.querySelectorAll('main table')]
    .filter((one) => getComputedStyle(one.parentElement).overflowX === 'visible')
    .filter((one) => one.offsetWidth > one.parentElement.clientWidth + 1)
    .map((one) => (one.caption?.textContent || one.id).slice(0, 40))"""
ENDLESS = "https://files.example/" + 4 * "Donaudampfschifffahrtselektrizitaetenhauptwerk"
FEW_ROWS = "Title,Department,Stage\nRead delivery notes,Operations,pilot\nSort tickets,Care,idea\n"


@pytest.fixture(scope="module")
def pages(reception: Reception, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Seen]]:
    """Every page of the sample, after a small file was sent and with titles that never break."""
    dana = reception.visit("dana")
    if not dana.ask("GET", f"portfolios/{KEY}/imports/")["results"]:
        few = tmp_path_factory.mktemp("sent") / "few.csv"
        few.write_text(FEW_ROWS)
        send_file(dana, KEY, few)
    newest = dana.ask("GET", f"portfolios/{KEY}/imports/")["results"][0]
    kept = f"portfolios/{KEY}/scenarios/"
    scenario = dana.ask("GET", kept)["results"] or [
        dana.ask("POST", kept, {"name": "Headroom first", "weights": {"headroom": "9"}})
    ]
    ids = {"import": str(newest["id"]), "scenario": str(scenario[0]["id"])}
    found = find_them(dana.ask)
    many = {"change": "task_type", "value": "routine", "references": [found["proposed"]]}
    changed = dana.ask("POST", f"portfolios/{KEY}/bulk-changes/", many)
    named = {found[stage]: "" for stage in ("proposed", "qualified", "building")}
    for reference in named:
        named[reference] = dana.ask("GET", f"use-cases/{reference}/")["title"]
        dana.ask("PATCH", f"use-cases/{reference}/", {"title": ENDLESS})
    yield every_page({**found, **ids, "bulk_change": str(changed["id"])})
    for reference, title in named.items():
        dana.ask("PATCH", f"use-cases/{reference}/", {"title": title})


@pytest.fixture(scope="module")
def faults(reception: Reception, pages: list[Seen]) -> dict[str, list[str]]:
    """What is wrong on any page, by kind: each is loaded once and looked at in every way."""
    found: dict[str, list[str]] = defaultdict(list)
    people: dict[str, Visitor] = {}
    weights: dict[str, int] = {}
    axe = Axe()
    for seen in pages:
        if seen.who not in people:
            # axe tries styles of its own on a page; the journeys are held to the policy.
            people[seen.who] = reception.visit(seen.who, bypass_csp=True)
        visitor = people[seen.who]
        page = visitor.go(seen.address)
        where = f"{seen.address} ({seen.who or 'nobody'})"
        weight = weigh(visitor, page, weights)
        if weight > MOST_BYTES:
            found["weight"].append(f"{where}: {weight:,} bytes")
        names = [name.split("\n")[0] for name in page.locator(".rail > .links a").all_inner_texts()]
        if PORTFOLIO in seen.address and names != RAIL:
            found["frame"].append(f"{where}: {names}")
        found["light"] += audit(axe, page, ALL_RULES, where)
        page.emulate_media(color_scheme="dark")
        found["dark"] += audit(axe, page, COLOUR_RULES, where)
        page.set_viewport_size(NARROW)
        beyond = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            found["width"].append(f"{where}: {beyond} px")
        page.emulate_media(color_scheme="light")
        for width in LAPTOPS:
            page.set_viewport_size({"width": width, "height": 900})
            found["tables"] += [f"{where}, {width} px: {one}" for one in page.evaluate(RUNNING_OUT)]
        page.set_viewport_size(WIDE)
    return found


def audit(axe: Axe, page: Page, options: dict, where: str) -> list[str]:
    violations = axe.run(page, options=options).response["violations"]
    return [
        f"{where}: {fault['id']} {[node['target'] for node in fault['nodes']][:3]}"
        for fault in violations
    ]


def weigh(visitor: Visitor, page: Page, known: dict[str, int]) -> int:
    """Bytes as a server that compresses sends them: the page, its styles and its scripts."""
    parts = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
        ".filter((name) => /\\.(css|js)(\\?|$)/.test(name))"
    )
    for name in set(parts) - set(known):
        known[name] = len(gzip.compress(visitor.context.request.get(name).body()))
    return len(gzip.compress(page.content().encode())) + sum(known[name] for name in set(parts))


def test_every_page_is_looked_at(pages: list[Seen]) -> None:
    opened = {
        name
        for name, row in access_table.PAGES.items()
        if "GET" in row.ways and not row.ways["GET"].leads
    }
    assert opened - ELSEWHERE - {page.view for page in pages} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(faults: dict[str, list[str]], theme: str) -> None:
    assert not faults[theme], "\n".join(faults[theme])


def test_nothing_is_wider_than_a_telephone(faults: dict[str, list[str]]) -> None:
    assert not faults["width"], "\n".join(faults["width"])


def test_no_table_runs_into_what_stands_beside_it(faults: dict[str, list[str]]) -> None:
    assert not faults["tables"], "\n".join(faults["tables"])


def test_every_page_is_light_on_a_slow_line(faults: dict[str, list[str]]) -> None:
    assert not faults["weight"], "\n".join(faults["weight"])


def test_every_page_of_a_portfolio_keeps_the_frame(faults: dict[str, list[str]]) -> None:
    assert not faults["frame"], "\n".join(faults["frame"])


def test_no_page_breaks_the_policy_or_asks_another_host(
    reception: Reception, pages: list[Seen]
) -> None:
    """`reception` fails at its close where one did; here each is opened under the policy."""
    people: dict[str, Visitor] = {}
    for seen in pages:
        if seen.who not in people:
            people[seen.who] = reception.visit(seen.who)
        people[seen.who].go(seen.address)
    troubles = [trouble for visitor in people.values() for trouble in visitor.troubles]
    assert not troubles, "\n".join(troubles)
