"""Signing in, out and back in after a forgotten password, on our own pages."""

import re

import pytest

from tests.make import PASSWORD

ANOTHER = "battery staple 43"


@pytest.fixture
def person(sponsor):
    return sponsor


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_sign_in_page_offers_no_sign_up(client, db):
    page = words(client.get("/account/sign-in/"))
    assert "<h1>Sign in</h1>" in page
    assert "joined by invitation" in page
    assert "/account/sign-up/" not in page


def test_signing_up_is_by_invitation_only(client, db):
    assert "joined by invitation" in words(client.get("/account/sign-up/"))
    answer = client.post("/account/sign-up/", {"email": "x@acme.example", "password1": PASSWORD})
    assert "joined by invitation" in words(answer)


def test_a_wrong_password_is_told_without_saying_which_was_wrong(client, person):
    page = words(client.post("/account/sign-in/", {"login": person.email, "password": "no"}))
    stranger = words(client.post("/account/sign-in/", {"login": "x@y.example", "password": "no"}))
    told = re.search(r'role="alert"[^>]*><p>([^<]+)', page)[1]
    assert told == re.search(r'role="alert"[^>]*><p>([^<]+)', stranger)[1]


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(client, person, mailoutbox):
    client.post("/account/password/reset/", {"email": person.email})
    [mail] = mailoutbox
    link = re.search(r"https?://[^/]+(/account/password/reset/key/\S+)", mail.body)[1]
    page = client.get(link, follow=True)
    assert "Choose a new password" in words(page)
    client.post(page.request["PATH_INFO"], {"password1": ANOTHER, "password2": ANOTHER})
    person.refresh_from_db()
    assert person.check_password(ANOTHER)
    client.logout()
    assert "This link is spent" in words(client.get(link, follow=True))


def test_an_unknown_address_is_answered_like_a_known_one(client, person, mailoutbox):
    known = client.post("/account/password/reset/", {"email": person.email})
    unknown = client.post("/account/password/reset/", {"email": "nobody@acme.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_password_is_changed_by_who_knows_the_present_one(client, person):
    client.force_login(person)
    given = {"oldpassword": "no", "password1": ANOTHER, "password2": ANOTHER}
    client.post("/account/password/change/", given)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    client.post("/account/password/change/", {**given, "oldpassword": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(ANOTHER)


def test_signing_out_asks_first_so_that_no_link_can_do_it(client, person):
    client.force_login(person)
    assert "Sign out?" in words(client.get("/account/sign-out/"))
    assert client.session.get("_auth_user_id")
    client.post("/account/sign-out/")
    assert not client.session.get("_auth_user_id")


def test_what_is_not_there_says_so_in_the_frame(client, person):
    client.force_login(person)
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert "<h1>Nothing here</h1>" in words(answer)
    piece = client.get("/nothing-here/", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.content) == (404, b"Not there, or not yours to see.")
    assert "HX-Request" in answer["Vary"]
    assert "HX-Request" in piece["Vary"]


def test_a_form_that_was_sent_after_the_session_ended_leads_back_to_its_page(
    client, sponsor, portfolio
):
    sent = client.post("/portfolios/ACME/settings/criteria/weights/", {})
    assert sent.url.startswith("/account/sign-in/?next=")
    entered = client.post(sent.url, {"login": sponsor.email, "password": PASSWORD}, follow=True)
    assert entered.status_code == 200
    assert entered.redirect_chain[-1] == ("/portfolios/ACME/settings/criteria/", 302)
