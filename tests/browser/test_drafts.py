"""What is typed is there again after the session ended, or the network was gone, as one saved."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visiting import Visitor
from tests.browser.world import KEY, PASSWORD
from tests.stack.running import eventually

Visit = Callable[..., Visitor]
OWNER = "ines"
WORDS = "Half of the weeks went into the export."


def reference_of(visitor: Visitor) -> str:
    """A use case whose lighthouse this person owns."""
    rows = visitor.ask("GET", f"lighthouses/?portfolio={KEY}")["results"]
    return str(next(row["use_case"] for row in rows if row["owner"] == visitor.who))


def retrospective(visitor: Visitor) -> tuple[Locator, Locator]:
    page = visitor.go(f"/use-cases/{reference_of(visitor)}/lighthouse/")
    form = page.locator("#retrospective form")
    page.locator("#retrospective summary").click()
    return form.get_by_label("What was learnt"), form.get_by_role("button", name="Save")


def comment(visitor: Visitor) -> tuple[Locator, Locator]:
    page = visitor.go(f"/use-cases/{reference_of(visitor)}/discussion/")
    return page.get_by_label("Say something"), page.get_by_role("button", name="Comment")


def criterion(visitor: Visitor) -> tuple[Locator, Locator]:
    page = visitor.go(f"/portfolios/{KEY}/settings/criteria/new/")
    page.get_by_label("Name").fill("Speed")
    page.get_by_label("Slug").fill("speed")
    return page.get_by_label("Question"), page.get_by_role("button", name="Add the criterion")


def come_back(page: Page, who: str) -> None:
    page.wait_for_url(re.compile(r"/account/sign-in/\?next="))
    page.get_by_label("E-mail").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/account/" not in address)


def kept(page: Page) -> list[str]:
    return list(
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))")
    )


@pytest.mark.parametrize(
    ("slug", "form"), [(OWNER, retrospective), (OWNER, comment), ("dana", criterion)]
)
def test_a_form_that_was_saved_after_the_session_ended_is_there_after_signing_in(
    visit: Visit, slug: str, form: Callable[[Visitor], tuple[Locator, Locator]]
) -> None:
    visitor = visit(slug)
    page = visitor.page
    field, save = form(visitor)
    field.fill(WORDS)
    visitor.context.clear_cookies(name="pharos_session")
    save.click()
    come_back(page, visitor.who)
    expect(field).to_be_visible()
    expect(field).to_have_value(WORDS)
    expect(page.get_by_role("button", name="Discard it")).to_be_visible()


def test_what_was_saved_without_a_network_is_there_when_one_goes_back(visit: Visit) -> None:
    visitor = visit(OWNER)
    page = visitor.page
    field, save = retrospective(visitor)
    field.fill(WORDS)
    visitor.context.set_offline(True)
    save.click()
    expect(page).to_have_url(re.compile("^chrome-error:"))
    visitor.context.set_offline(False)
    page.go_back()
    expect(field).to_be_visible()
    expect(field).to_have_value(WORDS)


@pytest.mark.parametrize("form", [retrospective, comment])
def test_what_was_saved_without_a_network_is_there_when_one_comes_back(
    visit: Visit, form: Callable[[Visitor], tuple[Locator, Locator]]
) -> None:
    visitor = visit(OWNER)
    page = visitor.page
    field, save = form(visitor)
    here = page.url
    field.fill(WORDS)
    visitor.context.set_offline(True)
    save.click()
    expect(page).to_have_url(re.compile("^chrome-error:"))
    visitor.context.set_offline(False)
    page.goto(here)
    expect(field).to_be_visible()
    expect(field).to_have_value(WORDS)


def test_a_draft_goes_once_the_server_took_it(visit: Visit) -> None:
    visitor = visit(OWNER)
    page = visitor.page
    field, save = comment(visitor)
    field.fill(WORDS)
    assert kept(page)
    save.click()
    expect(page.locator(".comments .said").first).to_contain_text(WORDS)
    expect(field).to_have_value("")
    assert kept(page) == []
    assert "pharos_taken" not in {cookie["name"] for cookie in visitor.context.cookies()}


def test_a_draft_of_one_test_goes_once_it_is_saved_in_its_place(visit: Visit) -> None:
    visitor = visit("dana")
    rows = visitor.ask("GET", f"use-cases/?portfolio={KEY}&stage=proposed")["results"]
    page = visitor.go(f"/use-cases/{rows[0]['reference']}/tests/")
    field = page.locator("#review").get_by_label("Who reviews")
    field.fill("the team lead on shift")
    assert kept(page)
    page.get_by_role("button", name="Save the review path").click()
    eventually(lambda: kept(page) == [], within=20)
    expect(field).to_have_value("the team lead on shift")


def test_a_draft_of_an_older_version_is_offered_and_meets_what_others_saved(visit: Visit) -> None:
    visitor = visit(OWNER)
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    mine = "The export was ready, and nobody had asked for it."
    field, save = retrospective(visitor)
    field.fill(mine)
    rows = visitor.ask("GET", f"lighthouses/?portfolio={KEY}")["results"]
    lighthouse = next(row["id"] for row in rows if row["owner"] == visitor.who)
    visitor.ask("PATCH", f"lighthouses/{lighthouse}/", {"retrospective": "What another wrote."})
    page.reload()
    expect(field).to_have_value("What another wrote.")
    page.get_by_role("button", name="Bring it back").click()
    expect(field).to_have_value(mine)
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("What another wrote.")
    expect(field).to_have_value(mine)
    save.click()
    expect(page.locator("#retrospective .reading")).to_contain_text(mine)
    assert kept(page) == []


def test_nothing_hidden_is_kept(visit: Visit) -> None:
    visitor = visit(OWNER)
    field, _ = retrospective(visitor)
    field.fill(WORDS)
    drafts = visitor.page.evaluate("Object.values({...localStorage}).join()")
    assert WORDS in drafts
    for hidden in ("csrf", '"seen"', '"draft"'):
        assert hidden not in drafts
    visitor.page.on("dialog", lambda dialog: dialog.accept())
