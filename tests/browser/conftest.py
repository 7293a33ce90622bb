"""One whole product with its sample portfolio for all of these tests, as `make demo` starts it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.visiting import Visitor, open_browser
from tests.stack.running import System


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for one in items:
        if "tests/browser/" in one.nodeid:
            one.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Web, worker, importer and beat as processes of their own, on a fresh data folder."""
    with System(tmp_path_factory.mktemp("browser") / "place", verb="demo") as system:
        yield system.wait_until_ready()


# Playwright keeps its loop on this thread, and Django's tables refuse to be asked beside a running
# one: so a browser lives for one module, and other tests find none.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies of who signed in already: the sign-in page has tests of its own."""
    return {}


@pytest.fixture
def visit(
    product: System, chromium: Browser, sessions: dict[str, Any]
) -> Iterator[Callable[..., Visitor]]:
    """A person at a browser of their own: `visit("dana")`; nobody signed in: `visit()`."""
    site = f"http://localhost:{product.port}"
    here: list[Visitor] = []

    def come(slug: str = "", **options: Any) -> Visitor:
        who = f"{slug}@larkmoor.example" if slug else ""
        if who and who not in sessions:
            first = Visitor(chromium, site, who)
            first.sign_in()
            sessions[who] = first.context.storage_state()
            first.close()
        visitor = Visitor(chromium, site, who, storage_state=sessions.get(who), **options)
        here.append(visitor)
        return visitor

    yield come
    for visitor in here:
        visitor.close()
