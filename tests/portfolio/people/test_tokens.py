from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from portfolio.actions.members import change_role, remove_member
from portfolio.actions.tokens import create_token, revoke_token
from portfolio.errors import NotAllowed
from portfolio.models import ApiToken, Membership, Portfolio
from portfolio.querysets.people import digest_of

NOW = timezone.now()


def client_with(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def issue(act):
    def issued(user, **changes) -> str:
        wanted = {"name": "export", "scope": "read", "now": NOW} | changes
        return create_token(act(user), **wanted)[1]

    return issued


def test_a_secret_is_kept_as_a_hash_alone(issue, viewer):
    secret = issue(viewer)
    row = ApiToken.objects.get()
    assert row.digest == digest_of(secret)
    assert secret not in " ".join(map(str, vars(row).values()))


def test_a_token_speaks_for_its_person(issue, viewer):
    answer = client_with(issue(viewer)).get("/api/v1/portfolios/")
    assert [row["key"] for row in answer.json()["results"]] == ["ACME"]
    assert answer.json()["results"][0]["role"] == "viewer"


def test_a_reading_token_does_not_write(issue, sponsor, portfolio):
    client = client_with(issue(sponsor))
    answer = client.patch("/api/v1/portfolios/ACME/", {"name": "X"}, format="json")
    assert answer.status_code == 403
    assert Portfolio.objects.get(pk=portfolio.pk).name == "Acme Care"


def test_a_writing_token_writes(issue, sponsor, portfolio):
    client = client_with(issue(sponsor, scope="write"))
    answer = client.patch("/api/v1/portfolios/ACME/", {"name": "X"}, format="json")
    assert (answer.status_code, answer.json()["name"]) == (200, "X")


def test_a_token_of_one_portfolio_sees_no_other(issue, stranger, sponsor, portfolio):
    Membership.objects.create(portfolio=portfolio, user=stranger, role="viewer")
    secret = issue(stranger, portfolio=portfolio)
    rows = client_with(secret).get("/api/v1/portfolios/").json()["results"]
    assert [row["key"] for row in rows] == ["ACME"]
    assert client_with(secret).get("/api/v1/portfolios/OTHER/").status_code == 404


def test_a_token_of_one_portfolio_opens_no_other(issue, sponsor, portfolio):
    secret = issue(sponsor, scope="write", portfolio=portfolio)
    body = {"key": "NEW", "name": "New"}
    assert client_with(secret).post("/api/v1/portfolios/", body, format="json").status_code == 403
    assert not Portfolio.objects.with_key("NEW").exists()


@pytest.mark.parametrize("secret", ["", "nonsense", "pharos_nonsense", "pharos_ü"])
def test_an_unknown_token_is_told(db, secret):
    answer = client_with(secret).get("/api/v1/portfolios/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer["Content-Type"] == "application/problem+json"


def test_an_expired_token_opens_nothing(act, viewer):
    _, secret = create_token(
        act(viewer), name="x", scope="read", days=1, now=NOW - timedelta(days=2)
    )
    assert client_with(secret).get("/api/v1/portfolios/").status_code == 401


def test_a_revoked_token_opens_nothing(act, issue, viewer):
    secret = issue(viewer)
    revoke_token(act(viewer), ApiToken.objects.get().pk, now=NOW)
    assert client_with(secret).get("/api/v1/portfolios/").status_code == 401


def test_one_revokes_ones_own_only(act, issue, viewer, sponsor):
    issue(viewer)
    with pytest.raises(ApiToken.DoesNotExist):
        revoke_token(act(sponsor), ApiToken.objects.get().pk, now=NOW)


def test_a_token_of_somebody_put_to_rest_opens_nothing(issue, viewer):
    secret = issue(viewer)
    viewer.is_active = False
    viewer.save(update_fields=["is_active"])
    assert client_with(secret).get("/api/v1/portfolios/").status_code == 401


def test_a_change_of_role_acts_at_once_on_tokens(act, issue, sponsor, owner, portfolio):
    row = Membership.objects.of(owner.pk, portfolio.pk).get()
    change_role(act(sponsor), row.pk, "sponsor")
    client = client_with(issue(owner, scope="write"))
    assert client.patch("/api/v1/portfolios/ACME/", {"name": "X"}, format="json").status_code == 200
    change_role(act(sponsor), row.pk, "viewer")
    assert client.patch("/api/v1/portfolios/ACME/", {"name": "Y"}, format="json").status_code == 403


def test_a_removal_acts_at_once_on_tokens_and_sessions(act, api, issue, sponsor, viewer, portfolio):
    by_token, by_session = client_with(issue(viewer)), api(viewer)
    assert by_token.get("/api/v1/portfolios/ACME/").status_code == 200
    remove_member(act(sponsor), Membership.objects.of(viewer.pk, portfolio.pk).get().pk)
    assert by_token.get("/api/v1/portfolios/ACME/").status_code == 404
    assert by_session.get("/api/v1/portfolios/ACME/").status_code == 404


def test_a_stranger_cannot_limit_a_token_to_a_portfolio(act, stranger, portfolio):
    with pytest.raises(NotAllowed):
        create_token(act(stranger), name="x", scope="read", portfolio=portfolio, now=NOW)


def test_last_use_is_noted_at_most_once_a_minute(issue, viewer):
    client = client_with(issue(viewer))
    client.get("/api/v1/portfolios/")
    first = ApiToken.objects.get().last_used_at
    client.get("/api/v1/portfolios/")
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_the_page_shows_a_secret_once(client, viewer, portfolio):
    client.force_login(viewer)
    here = "/portfolios/ACME/settings/tokens/"
    asked = {"name": "weekly", "scope": "read", "reach": "here", "days": "30"}
    page = client.post(here, asked).content.decode()
    row = ApiToken.objects.get()
    secret = page.partition('id="secret">')[2].partition("<")[0]
    assert row.digest == digest_of(secret)
    assert row.portfolio == portfolio
    assert secret not in client.get(here).content.decode()
    assert client.post(f"{here}{row.pk}/revocation/").status_code == 302
    assert "weekly" not in client.get(here).content.decode().partition("Your tokens")[2]
