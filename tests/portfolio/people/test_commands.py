import io

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from portfolio.models import ApiToken, User


def run(*arguments, **options) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_a_first_sponsor_chooses_a_password_by_the_link(db, client, settings):
    said = run("create_sponsor", "Boss@Acme.example", "--name", "Bo Boss")
    address = said.strip().rpartition("\n")[2].removeprefix(settings.BASE_URL.rstrip("/"))
    page = client.get(address, follow=True)
    assert page.status_code == 200
    here = page.redirect_chain[-1][0]
    new = "harbour-bell-at-nine"
    client.post(here, {"password1": new, "password2": new})
    boss = User.objects.with_email("boss@acme.example")
    assert boss.check_password(new)
    assert (boss.may_open_portfolios, boss.name) == (True, "Bo Boss")


def test_a_password_may_come_from_standard_input(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("harbour-bell-at-nine\n"))
    run("create_sponsor", "boss@acme.example", "--password-stdin")
    assert User.objects.with_email("boss@acme.example").check_password("harbour-bell-at-nine")


def test_a_weak_password_is_refused_in_words(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("12345678\n"))
    with pytest.raises(CommandError, match="common"):
        run("create_sponsor", "boss@acme.example", "--password-stdin")
    assert not User.objects.with_email("boss@acme.example")


def test_somebody_who_is_here_already_keeps_their_password(viewer):
    run("create_sponsor", viewer.email)
    viewer.refresh_from_db()
    assert viewer.may_open_portfolios
    assert viewer.has_usable_password()


def test_a_token_is_printed_and_works(viewer, portfolio):
    said = run("issue_token", viewer.email, "--portfolio", "acme", "--days", "3")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {said.strip()}")
    assert client.get("/api/v1/portfolios/ACME/").status_code == 200
    token = ApiToken.objects.get()
    assert (token.scope, token.portfolio) == ("read", portfolio)
    assert token.expires_at is not None


@pytest.mark.parametrize(
    "arguments",
    [("nobody@acme.example",), ("viewer@acme.example", "--portfolio", "OTHER"),
     ("viewer@acme.example", "--days", "0")],
)  # fmt: skip
def test_what_cannot_be_is_told(viewer, stranger, arguments):
    with pytest.raises(CommandError):
        run("issue_token", *arguments)
    assert not ApiToken.objects.exists()
