"""People at real browsers: what each sees, and what must never happen while they look."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.world import PASSWORD

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
PATIENCE_MS = 20_000  # for a worker; two busy cores are slow ones


def find_chromium() -> str:
    """The browser on PATH, else playwright's own. Where there is none a person's tests are skipped
    by name; CI's fail."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if not Path(own).is_file():
        words = "There is no Chromium: install chromium, or run `playwright install chromium`."
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
    return own


@contextlib.contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """Real Chromium, closed at the end."""
    with sync_playwright() as playwright:
        # The sandbox needs an ordinary user.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """One person at one browser. What no page may ever do is noted in `troubles`."""

    def __init__(self, browser: Browser, site: str, who: str = "", **options: Any) -> None:
        self.who, self.host = who, urlsplit(site).netloc
        self.troubles: list[str] = []
        options = {"viewport": WIDE, "reduced_motion": "reduce", **options}
        self.context = browser.new_context(base_url=site, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", self._note_request)
        self.context.on("response", self._note_response)
        self.context.on("console", self._note_words)
        self.context.on("weberror", lambda fault: self.troubles.append(f"script: {fault.error}"))
        self.context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => "
            "console.error(`Content Security Policy: ${event.violatedDirective}`));"
        )
        self.page: Page = self.context.new_page()

    def _note_request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.netloc != self.host:
            self.troubles.append(f"a request to another host: {request.url}")

    def _note_response(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} of {response.url}")

    def _note_words(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.troubles.append(f"policy: {message.text}")

    def go(self, address: str) -> Page:
        """The page at this address, with nothing under way any more."""
        self.page.goto(address)
        return self.page

    def sign_in(self) -> None:
        self.go("/account/sign-in/")
        self.page.get_by_label("E-mail").fill(self.who)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda address: "/account/" not in address)

    def ask(self, method: str, address: str, body: Any = None) -> Any:
        """What the API answers to this person's own session."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.context.cookies()}
        answer = self.context.request.fetch(
            f"/api/v1/{address}",
            method=method,
            data=body,
            headers={"X-CSRFToken": cookies.get("pharos_csrf", "")},
        )
        assert answer.ok, f"{method} {address}: {answer.status} {answer.text()}"
        return answer.json() if answer.body() else None

    def leave(self) -> list[str]:
        """Closes the window; what happened that must not."""
        self.context.close()
        return self.troubles

    def close(self) -> None:
        assert not self.leave(), self.troubles
