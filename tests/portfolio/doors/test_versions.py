"""ETag and 304, If-Match and 412, seen from a client."""

import pytest

from portfolio.actions.members import change_role
from portfolio.actions.portfolios import change_portfolio
from portfolio.models import Membership, Portfolio

HERE = "/api/v1/portfolios/ACME/"


@pytest.fixture
def client(api, sponsor, portfolio):
    return api(sponsor)


def test_what_did_not_change_is_304_without_a_body(client):
    tag = client.get(HERE)["ETag"]
    answer = client.get(HERE, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == tag
    assert "Content-Type" not in answer


def test_a_tag_made_weak_by_a_proxy_still_holds(client):
    tag = client.get(HERE)["ETag"]
    assert client.get(HERE, headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304


def test_a_tag_is_private_to_person_address_and_query(client, api, viewer):
    tags = {
        client.get(HERE)["ETag"],
        api(viewer).get(HERE)["ETag"],
        client.get("/api/v1/portfolios/")["ETag"],
        client.get("/api/v1/portfolios/?page_size=2")["ETag"],
    }
    assert len(tags) == 4
    assert client.get(HERE)["Cache-Control"] == "private, no-cache"


def test_any_change_in_the_portfolio_is_a_new_tag(client, act, sponsor, portfolio):
    tag = client.get(HERE)["ETag"]
    change_portfolio(act(sponsor), portfolio.pk, {"name": "Care"})
    answer = client.get(HERE, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json()["name"]) == (200, "Care")


def test_a_change_of_ones_role_is_a_new_tag(api, viewer, portfolio):
    tag = api(viewer).get(HERE)["ETag"]
    Membership.objects.of(viewer.pk, portfolio.pk).update(role="sponsor")
    assert api(viewer).get(HERE, headers={"If-None-Match": tag}).status_code == 200


def test_a_304_costs_the_row_and_the_revisions(client, django_assert_num_queries):
    tag = client.get(HERE)["ETag"]
    with django_assert_num_queries(4):  # session, person, row, revisions
        client.get(HERE, headers={"If-None-Match": tag})


def test_a_write_with_the_tag_as_seen_goes_through(client):
    tag = client.get(HERE)["ETag"]
    answer = client.patch(HERE, {"name": "Care"}, headers={"If-Match": tag})
    assert answer.status_code == 200
    again = client.patch(HERE, {"name": "More"}, headers={"If-Match": answer["ETag"]})
    assert again.status_code == 200


def test_a_write_on_a_stale_tag_is_412_with_the_row_as_it_stands(client, act, sponsor, portfolio):
    tag = client.get(HERE)["ETag"]
    change_portfolio(act(sponsor), portfolio.pk, {"name": "Care"})
    answer = client.patch(HERE, {"name": "Mine"}, headers={"If-Match": tag})
    assert answer.status_code == 412
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["current"]["name"] == "Care"
    assert Portfolio.objects.get(pk=portfolio.pk).name == "Care"


def test_a_tag_that_nobody_gave_matches_nothing(client):
    assert client.patch(HERE, {"name": "X"}, headers={"If-Match": '"zzz"'}).status_code == 412


def test_without_if_match_exactly_the_fields_named_are_written(client, portfolio):
    client.patch(HERE, {"currency": "EUR"})
    row = Portfolio.objects.get(pk=portfolio.pk)
    assert (row.currency, row.name, row.shortlist_size) == ("EUR", "Acme Care", 5)


def test_a_member_is_removed_only_as_seen(client, api, viewer, portfolio, act, sponsor):
    row = Membership.objects.of(viewer.pk, portfolio.pk).get()
    here = f"{HERE}members/{row.pk}/"
    tag = client.get(here)["ETag"]
    change_role(act(sponsor), row.pk, "contributor")
    assert client.delete(here, headers={"If-Match": tag}).status_code == 412
    tag = client.get(here)["ETag"]
    assert client.delete(here, headers={"If-Match": tag}).status_code == 204
    assert client.get(here).status_code == 404
