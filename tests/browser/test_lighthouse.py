"""The page of a lighthouse under hand: what is typed is what is kept, or it is asked back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

Visit = Callable[..., Visitor]
ADDRESS = f"/use-cases/{KEY}-3/lighthouse/"


def test_a_decimal_comma_is_never_ten_times_the_number(visit: Visit) -> None:
    page = visit("dana").go(ADDRESS)
    lines = page.locator("#readings tbody tr")
    before = lines.count()
    field = page.locator("#update_value_0")
    field.press_sequentially("1,3")
    expect(field).to_have_value("1,3")
    page.locator("#update").get_by_role("button", name="Save the week").click()
    update = page.locator("#update")
    expect(update).to_contain_text("Write the decimals after a point, such as 0.5")
    expect(page.locator("#update_value_0")).to_have_value("1,3")
    assert lines.count() == before
