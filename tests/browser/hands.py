"""Two ways to use a page: with a pointer, and with the keyboard alone. Both can do all of it."""

from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 300


class Hand(Protocol):
    """What a person does to one thing on a page."""

    page: Page

    def press(self, target: Locator) -> None: ...
    def type(self, target: Locator, words: str) -> None: ...
    def choose(self, target: Locator, words: str) -> None: ...
    def tick(self, target: Locator) -> None: ...
    def date(self, target: Locator, iso: str) -> None: ...


class Pointer:
    """With a mouse or a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def type(self, target: Locator, words: str) -> None:
        target.fill(words)

    def choose(self, target: Locator, words: str) -> None:
        option = target.locator("option").filter(has_text=words).first
        target.select_option(option.get_attribute("value"))

    def tick(self, target: Locator) -> None:
        target.check()

    def date(self, target: Locator, iso: str) -> None:
        target.fill(iso)


class Keys:
    """With the keyboard alone: what Tab does not reach cannot be done."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, target: Locator) -> None:
        """The focus walks to the target as it does for who has no mouse."""
        target.wait_for(state="visible")
        element = target.element_handle()
        for _ in range(MOST_TABS):
            if element.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def type(self, target: Locator, words: str) -> None:
        self.reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(words)

    def choose(self, target: Locator, words: str) -> None:
        self.reach(target)
        self.page.keyboard.type(words)

    def tick(self, target: Locator) -> None:
        self.reach(target)
        if not target.is_checked():
            self.page.keyboard.press("Space")

    def date(self, target: Locator, iso: str) -> None:
        year, month, day = iso.split("-")
        self.reach(target)
        self.page.keyboard.type(f"{month}{day}{year}")
