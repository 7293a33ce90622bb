from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portfolio.actions.invitations import invite
from portfolio.actions.portfolios import change_portfolio
from portfolio.models import Membership, Portfolio
from tests import make

SETTINGS = "/portfolios/ACME/settings/"
GOOD = {
    "name": "Care",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "shortlist_size": "4",
    "fresh_days": "60",
}


def test_a_sponsor_opens_a_portfolio(client, sponsor):
    client.force_login(sponsor)
    answer = client.post(
        "/portfolios/new/", {"name": "Next", "key": "nx", "currency": "EUR", "time_zone": "UTC"}
    )
    assert (answer.status_code, answer.url) == (302, "/portfolios/NX/settings/members/")
    assert Portfolio.objects.with_key("NX").exists()


def test_a_key_that_is_taken_is_told_at_its_field(client, sponsor, portfolio):
    client.force_login(sponsor)
    answer = client.post(
        "/portfolios/new/", {"name": "N", "key": "acme", "currency": "EUR", "time_zone": "UTC"}
    )
    assert answer.status_code == 422
    assert "Another portfolio has this key" in answer.content.decode()


def test_settings_are_saved_and_read_by_viewers(client, sponsor, viewer, portfolio):
    client.force_login(sponsor)
    assert client.post(SETTINGS, GOOD).status_code == 302
    client.force_login(viewer)
    page = client.get(SETTINGS).content.decode()
    assert "Europe/Berlin" in page
    assert '<form class="form"' not in page


def test_paper_tells_the_time_of_the_portfolio(client, sponsor, viewer, portfolio):
    client.force_login(sponsor)
    client.post(SETTINGS, GOOD | {"time_zone": "America/New_York"})
    client.force_login(viewer)
    page = client.get(SETTINGS).content.decode()
    assert "<dd>America/New York</dd>" in page
    here = timezone.now().astimezone(ZoneInfo("America/New_York"))
    assert f"as of {here.day} {here:%B} {here.year}, " in page
    assert ", America/New York ·" in page


def test_the_second_of_two_editors_sees_both_and_chooses(client, act, sponsor, portfolio):
    client.force_login(sponsor)
    seen = Portfolio.objects.get(pk=portfolio.pk).revision
    change_portfolio(act(sponsor), portfolio.pk, {"name": "Theirs"})
    answer = client.post(SETTINGS, GOOD | {"seen": seen, "name": "Mine"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Theirs" in page
    assert 'value="Mine"' in page
    now = Portfolio.objects.get(pk=portfolio.pk).revision
    assert client.post(SETTINGS, GOOD | {"seen": now, "name": "Mine"}).status_code == 302


def test_inviting_by_the_page(client, sponsor, portfolio):
    client.force_login(sponsor)
    here = f"{SETTINGS}members/"
    assert client.post(here, {"email": "d@acme.example", "role": "viewer"}).status_code == 302
    again = client.post(here, {"email": "d@acme.example", "role": "viewer"})
    assert again.status_code == 422
    assert "open invitation" in again.content.decode()


def test_a_viewer_sees_members_and_no_invitations(client, act, sponsor, viewer, portfolio):
    invite(act(sponsor), portfolio.pk, email="s@acme.example", role="viewer", now=timezone.now())
    client.force_login(viewer)
    page = client.get(f"{SETTINGS}members/").content.decode()
    assert "Sam Sponsor" in page
    assert "s@acme.example" not in page


def test_the_last_sponsor_is_kept_in_words(client, sponsor, portfolio):
    client.force_login(sponsor)
    own = Membership.objects.of(sponsor.pk, portfolio.pk).get()
    answer = client.post(f"{SETTINGS}members/{own.pk}/removal/")
    assert answer.status_code == 409
    assert "keeps at least one sponsor" in answer.content.decode()


@pytest.mark.parametrize("who", ["sponsor", "viewer"])
@pytest.mark.parametrize("address", [f"{SETTINGS}members/", "/api/v1/portfolios/ACME/members/"])
def test_cost_does_not_grow(request, client, who, address, portfolio, viewer):
    client.force_login(request.getfixturevalue(who))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = queries()
    for n in range(30):
        make.make_member(portfolio, f"p{n}@acme.example", f"P {n}", "viewer")
    assert queries() == few


def test_money_that_was_worked_out_is_never_relabelled(client, api, act, portfolio, sponsor):
    one = "/api/v1/portfolios/ACME/"
    assert api(sponsor).patch(one, {"currency": "EUR"}).json()["currency"] == "EUR"
    standing = make.make_use_case(portfolio).standing
    standing.annual_net_value = Decimal(434_803)
    standing.save(update_fields=["annual_net_value"])
    refused = api(sponsor).patch(one, {"currency": "JPY"})
    assert refused.status_code == 400
    assert "worked out in EUR already (1 of them)" in refused.json()["detail"]
    client.force_login(sponsor)
    page = client.post(SETTINGS, {**GOOD, "name": "Renamed", "currency": "JPY"})
    assert page.status_code == 422
    assert "nothing converts them" in page.content.decode()
    assert 'value="Renamed"' in page.content.decode()
