"""Rating by keys alone and by mouse alone: the row that one leaves is saved."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY

Visit = Callable[..., Visitor]
ADDRESS = f"/portfolios/{KEY}/rating/narrowness/"


def empty_rows(visitor: Visitor) -> list[Locator]:
    rows = visitor.go(ADDRESS).locator("[data-rate]").all()
    return [row for row in rows if not row.get_by_label("Low").input_value()]


def points(row: Locator) -> list[str]:
    return [row.get_by_label(name, exact=True).input_value() for name in ("Low", "Likely", "High")]


def test_a_row_is_rated_by_keys_and_saved_as_one_goes_on(visit: Visit) -> None:
    will = visit("will")
    row = empty_rows(will)[0]
    names = [one.get_attribute("data-rate") for one in will.page.locator("[data-rate]").all()]
    reference = row.get_attribute("data-rate")
    following = will.page.locator(f'[data-rate="{names[names.index(reference) + 1]}"]')
    row = will.page.locator(f'[data-rate="{reference}"]')
    row.get_by_label("Low").focus()
    for key in ("1", "ArrowRight", "3", "ArrowUp", "ArrowRight", "4", "Shift+ArrowUp", "Enter"):
        will.page.keyboard.press(key)
    expect(row.get_by_role("status")).to_have_text("Saved")
    assert points(row) == ["1", "3.1", "4.5"]
    expect(following.get_by_label("Low")).to_be_focused()
    for key in ("5", "ArrowRight", "2", "ArrowRight", "3", "k"):
        will.page.keyboard.press(key)
    expect(following.get_by_role("status")).to_have_text("Low, likely and high rise.")
    kept = will.go(ADDRESS).locator(f'[data-rate="{reference}"]')
    assert points(kept) == ["1", "3.1", "4.5"]


def test_a_row_is_rated_by_mouse_and_low_likely_and_high_rise(visit: Visit) -> None:
    june = visit("june")
    row = empty_rows(june)[0]
    track = row.locator("[data-track]")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] * 0.35
    for part in (0.5, 0.3, 0.7):  # likely, then low, then high
        june.page.mouse.click(box["x"] + box["width"] * part, height)
    low, likely, high = map(float, points(row))
    assert 0 < low < likely < high < 5
    june.page.mouse.move(box["x"] + box["width"] * 0.3, height)
    june.page.mouse.down()
    june.page.mouse.move(box["x"] + box["width"] * 0.9, height, steps=4)
    june.page.mouse.up()
    low, likely, high = map(float, points(row))
    assert low == likely == high > 4
    june.page.get_by_role("button", name="Save my ratings").focus()
    expect(row.get_by_role("status")).to_have_text("Saved")
