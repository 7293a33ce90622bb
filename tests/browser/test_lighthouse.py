"""The page of a lighthouse under hand: what is typed is what is kept, or it is asked back."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.visiting import NARROW, Visitor
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


def in_sight(page: Page) -> bool:
    """Whether the line of today lies inside what the strip shows of its weeks."""
    return page.evaluate(
        """() => {
          const frame = document.querySelector(".chart-scroll").getBoundingClientRect();
          const today = document.querySelector("[data-here]").getBoundingClientRect();
          return frame.left < today.left && today.left < frame.right - 60;
        }"""
    )


def test_a_narrow_strip_of_weeks_opens_at_today(visit: Visit) -> None:
    page = visit("dana", viewport=NARROW).go(ADDRESS)
    page.wait_for_function("document.querySelector('.chart-scroll').scrollLeft > 0")
    assert in_sight(page)


def test_without_script_a_link_leads_to_today(visit: Visit) -> None:
    page = visit("dana", viewport=NARROW, java_script_enabled=False).go(ADDRESS)
    page.get_by_role("link", name="Go to today").click()
    assert in_sight(page)


def test_the_fields_of_a_guardrail_stand_beside_each_other(visit: Visit) -> None:
    page = visit("dana").go(ADDRESS)
    page.locator("#contract summary", has_text="Amend it").click()
    metric = page.get_by_label("Guardrail", exact=True).first.bounding_box()
    kind = page.get_by_label("Must be").first.bounding_box()
    assert metric is not None
    assert kind is not None
    assert abs(metric["y"] - kind["y"]) < 4
    assert metric["x"] + metric["width"] < kind["x"]
