"""One whole product with its sample portfolio for all of these tests, as `make demo` starts it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visiting import Visitor, find_chromium, open_browser
from tests.browser.world import mail_of
from tests.stack.running import System, eventually


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for one in items:
        if "tests/browser/" in one.nodeid:
            one.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_path() -> str:
    return find_chromium()


@pytest.fixture(scope="session")
def product(browser_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Web, worker, importer and beat as processes of their own, on a fresh data folder.

    It waits for the browser to be found: without one nothing is started in vain.
    """
    place = tmp_path_factory.mktemp("browser") / "place"
    # As under make: when the tests are killed, the product ends with them.
    with System(place, verb="demo", MAKELEVEL="1") as system:
        yield system.wait_until_ready()


# Playwright keeps its loop on this thread, and Django's tables refuse to be asked beside a running
# one: so a browser lives for one module, and other tests find none.
@pytest.fixture(scope="module")
def chromium(browser_path: str) -> Iterator[Browser]:
    with open_browser(browser_path) as browser:
        yield browser


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies of who signed in already: the sign-in page has tests of its own."""
    return {}


class Reception:
    """Lets people in: each at a browser window of their own, signed in once a session."""

    def __init__(self, product: System, chromium: Browser, sessions: dict[str, Any]) -> None:
        self.site = f"http://localhost:{product.port}"
        self.chromium, self.sessions = chromium, sessions
        self.here: list[Visitor] = []

    def visit(self, slug: str = "", **options: Any) -> Visitor:
        """A person at a new window; nobody who is signed in without a name."""
        who = mail_of(slug) if slug else ""
        if who and who not in self.sessions:
            first = Visitor(self.chromium, self.site, who)
            first.sign_in()
            self.sessions[who] = first.context.storage_state()
            first.close()
        options["storage_state"] = self.sessions.get(who)
        visitor = Visitor(self.chromium, self.site, who, **options)
        self.here.append(visitor)
        return visitor

    def close(self) -> None:
        """Sees everybody out; fails where a page did what none may do."""
        troubles = [trouble for visitor in self.here for trouble in visitor.leave()]
        assert not troubles, "\n".join(troubles)


@pytest.fixture
def visit(
    product: System, chromium: Browser, sessions: dict[str, Any]
) -> Iterator[Callable[..., Visitor]]:
    """A person at a browser of their own: `visit("dana")`; nobody signed in: `visit()`."""
    reception = Reception(product, chromium, sessions)
    yield reception.visit
    reception.close()


@pytest.fixture(scope="module")
def reception(product: System, chromium: Browser, sessions: dict[str, Any]) -> Iterator[Reception]:
    """For who looks at many pages in one go."""
    reception = Reception(product, chromium, sessions)
    yield reception
    reception.close()


def join(product: System, visitor: Visitor, name: str) -> None:
    """Opens the link of the invitation's mail, which the demo prints, and joins."""
    links: list[str] = []

    def came() -> bool:
        mails = product.said.split("Subject: ")
        found = [mail for mail in mails if name in mail and f"To: {visitor.who}" in mail]
        links[:] = re.findall(r"http://\S+(/invitations/\S+)", found[-1]) if found else []
        return bool(links)

    eventually(came, within=30)
    page = visitor.go(links[-1])
    page.get_by_role("button", name="Join as").click()
    page.wait_for_url(re.compile(r"/portfolios/[A-Z]+/"))


@pytest.fixture
def open_portfolio(product: System, visit: Callable[..., Visitor]) -> Callable[..., None]:
    """A new portfolio of Dana's that these people joined as contributors, by their invitations."""

    def open_it(key: str, *slugs: str) -> None:
        dana = visit("dana")
        named = {"key": key, "name": f"Portfolio {key}", "currency": "USD", "time_zone": "UTC"}
        dana.ask("POST", "portfolios/", named)
        for slug in slugs:
            who = {"email": mail_of(slug), "role": "contributor"}
            dana.ask("POST", f"portfolios/{key}/invitations/", who)
        for slug in slugs:
            join(product, visit(slug), f"Portfolio {key}")

    return open_it
