"""What the browser is told of the drafts that it keeps: which of them the server took."""

import pytest
from django.utils import timezone

from assessments.models import Request
from portfolio.models import Comment
from tests import make

NAME = "1a2b3c-4d5e6f"
SAID = "/use-cases/ACME-1/discussion/"


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio)


def taken(answer) -> str | None:
    cookie = answer.cookies.get("pharos_taken")
    return cookie.value if cookie else None


def test_a_draft_that_was_taken_is_named(client, contributor, use_case):
    client.force_login(contributor)
    answer = client.post(SAID, {"text": "It helps.", "draft": NAME})
    assert (answer.status_code, taken(answer)) == (302, NAME)
    cookie = answer.cookies["pharos_taken"]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/", "Lax", "")


def test_drafts_that_were_taken_before_stay_named_until_the_browser_read_them(
    client, contributor, use_case
):
    client.force_login(contributor)
    client.post(SAID, {"text": "It helps.", "draft": NAME})
    answer = client.post(SAID, {"text": "It helps more.", "draft": f"{NAME}-2"})
    assert taken(answer) == f"{NAME}.{NAME}-2"
    for place in range(30):
        answer = client.post(SAID, {"text": "Again.", "draft": f"{NAME}-{place}"})
    assert taken(answer).split(".") == [f"{NAME}-{place}" for place in range(10, 30)]


@pytest.mark.parametrize("name", ["", "short", "with;a=sign", "x" * 65, "två-ord-till"])
def test_a_name_that_is_none_is_not_said_again(client, contributor, use_case, name):
    client.force_login(contributor)
    answer = client.post(SAID, {"text": "It helps.", "draft": name})
    assert (answer.status_code, taken(answer)) == (302, None)


def test_a_refused_form_takes_no_draft(client, contributor, viewer, use_case):
    client.force_login(contributor)
    assert taken(client.post(SAID, {"text": "", "draft": NAME})) is None
    client.force_login(viewer)
    edited = client.post("/use-cases/ACME-1/edit/", {"title": "Other", "draft": NAME})
    assert (edited.status_code, taken(edited)) == (403, None)


def test_why_a_request_is_not_ended_is_said_on_its_page_and_no_draft_is_taken(
    client, contributor, owner, use_case
):
    now = timezone.now()
    asked = Request.objects.create(
        use_case=use_case, test="data", asked=owner, by=contributor, made_at=now
    )
    client.force_login(owner)
    answer = client.post(
        f"/use-cases/ACME-1/requests/{asked.pk}/ending/",
        {"ending": "declined", "words": "", "draft": NAME},
    )
    assert (answer.status_code, taken(answer)) == (422, None)
    assert 'data-kind="error"' in answer.content.decode()


def test_who_retires_what_was_changed_meanwhile_is_told_once(client, sponsor, portfolio):
    decided = make.make_use_case(portfolio, stage="decided")
    client.force_login(sponsor)
    address = f"/use-cases/{decided.reference}/retirement/"
    decided.refresh_from_db()
    told = {"retired_on": "2026-01-05", "reason": "Replaced.", "draft": NAME}
    refused = client.post(address, {**told, "seen": decided.revision - 1})
    assert (refused.status_code, taken(refused)) == (422, None)
    assert f'name="seen" value="{decided.revision}"' in refused.content.decode()
    again = client.post(address, {**told, "seen": decided.revision})
    assert (again.status_code, taken(again)) == (302, NAME)


def test_who_has_to_sign_in_first_has_had_nothing_taken(client, use_case):
    answer = client.post(SAID, {"text": "It helps.", "draft": NAME})
    assert answer.url.startswith("/account/sign-in/")
    assert taken(answer) is None
    assert not Comment.objects.exists()


def test_no_page_keeps_its_own_copy_of_what_keeps_drafts(client, contributor, use_case):
    client.force_login(contributor)
    page = client.get(SAID).content.decode()
    assert page.count("js/draft.js") == 1
    assert "data-draft=" in page
