"""What was merged is still known by its reference wherever one is given."""

from copy import deepcopy
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Round
from assessments.ranking import recompute
from portfolio.actions.merging import merge_use_cases
from portfolio.models import BulkChange, Event, Lighthouse, UseCase
from portfolio.rights import Actor
from tests import cast
from tests.make import NOW, make_lighthouse, make_use_case

API = "/api/v1/portfolios/ACME/"
OLD = ["ACME-2", "acme-2", "ACME-3"]  # the end of a chain, in any letters, and its middle


@pytest.fixture(scope="module", autouse=True)
def merged(for_the_module):
    """ACME-2 went into ACME-3 and that into ACME-1; ACME-4 stands by."""
    portfolio, sponsor = cast.acme(), cast.person("sponsor")
    last = make_use_case(portfolio, title="Ticket triage")
    first, middle = (make_use_case(portfolio, title=title) for title in ("Desk", "Queue"))
    other = make_use_case(portfolio, title="Contract search")
    merge_use_cases(Actor(user=sponsor), first.pk, middle.pk, now=NOW)
    merge_use_cases(Actor(user=sponsor), middle.pk, last.pk, now=NOW)
    recompute(portfolio.pk, NOW)
    return last, first, middle, other


@pytest.fixture
def chain(merged):
    return deepcopy(merged)


def queries_of(call) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        call()
    return len(found)


def references(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["reference"] for row in answer.json()["results"]]


class TestFound:
    def test_by_the_tables_filter(self, chain, viewer, client, api):
        client.force_login(viewer)
        for old, name in product(OLD, ("reference", "q")):
            page = client.get("/portfolios/ACME/ranking/", {name: old}).content.decode()
            assert 'data-reference="ACME-1"' in page, old
            assert 'data-reference="ACME-4"' not in page, old
            assert references(api(viewer).get(f"{API}ranking/", {name: old})) == ["ACME-1"], old
        for old in OLD:
            assert references(api(viewer).get("/api/v1/use-cases/", {"q": old})) == ["ACME-1"], old

    def test_beside_what_else_is_asked_for(self, chain, viewer, api):
        asked = {"reference": ["acme-2", "ACME-4"]}
        assert references(api(viewer).get(f"{API}ranking/", asked)) == ["ACME-1", "ACME-4"]

    def test_a_part_of_an_old_reference_finds_nothing_more(self, chain, portfolio, viewer, api):
        assert references(api(viewer).get(f"{API}ranking/", {"reference": "ME-3"})) == []

    @pytest.mark.parametrize("name", ["ACME-1", *OLD])
    def test_by_activity_which_tells_of_all_that_went_into_it(
        self, chain, viewer, api, client, name
    ):
        last, first, middle, _ = chain
        rows = api(viewer).get("/api/v1/events/", {"use_case": name}).json()["results"]
        assert {row["use_case"] for row in rows} == {"ACME-1", "ACME-2", "ACME-3"}
        told = Event.objects.about_any([last.pk, first.pk, middle.pk]).count()
        assert len(rows) == told
        client.force_login(viewer)
        page = client.get("/portfolios/ACME/activity/", {"use_case": name}).content.decode()
        assert "Queue" in page
        assert "Contract search" not in page

    def test_by_its_lighthouse(self, chain, viewer, owner, api):
        lighthouse = make_lighthouse(chain[0], owner)
        make_lighthouse(chain[3], owner)
        for old in OLD:
            rows = api(viewer).get("/api/v1/lighthouses/", {"use_case": old}).json()["results"]
            assert [row["id"] for row in rows] == [lighthouse.pk], old

    def test_by_the_rankings_history(self, chain, viewer, client):
        client.force_login(viewer)
        address = reverse("assessments:ranking_history", args=["ACME"])
        for old in OLD:
            page = client.get(address, {"who": old}).content.decode()
            assert reverse("portfolio:history", args=["ACME-1"]) in page, old

    def test_by_nobody_else(self, chain, stranger, api):
        mine = make_use_case(stranger.memberships.get().portfolio)
        asked = api(stranger)
        assert references(asked.get("/api/v1/use-cases/", {"q": "ACME-2"})) == []
        for name in ("events", "lighthouses"):
            answer = asked.get(f"/api/v1/{name}/", {"use_case": "ACME-2"})
            assert answer.json()["results"] == []
        body = {"change": "business_unit", "value": "x", "references": [mine.reference, "ACME-2"]}
        known = asked.post("/api/v1/portfolios/OTHER/bulk-changes/", body)
        body["references"][1] = "ACME-99"
        unknown = asked.post("/api/v1/portfolios/OTHER/bulk-changes/", body)
        assert known.status_code == unknown.status_code == 400
        assert (
            known.json()["errors"][0]["message"].replace("-2", "-99")
            == (unknown.json()["errors"][0]["message"])
        )

    def test_in_as_many_queries_as_any_other(self, chain, viewer, api):
        asked = api(viewer)
        for address, name in [
            (f"{API}ranking/", "reference"),
            ("/api/v1/events/", "use_case"),
            ("/api/v1/lighthouses/", "use_case"),
        ]:
            counts = [
                queries_of(lambda: asked.get(address, {name: reference}))  # noqa: B023
                for reference in ("ACME-1", "ACME-1", "ACME-2")
            ]
            assert counts[1] == counts[2], address


class TestGiven:
    def test_to_a_change_of_many_by_the_api(self, chain, sponsor, api):
        body = {"change": "business_unit", "value": "Legal"}
        asked = ["acme-2", "ACME-4", "ACME-1", "ACME-3"]
        answer = api(sponsor).post(f"{API}bulk-changes/", {**body, "references": asked})
        assert answer.status_code == 202, answer.content
        bulk = BulkChange.objects.get()
        assert bulk.total == 2
        rows = [row.use_case.reference for row in bulk.rows.order_by("position")]
        assert rows == ["ACME-1", "ACME-4"]

    def test_to_a_change_of_many_by_the_page(self, chain, sponsor, client):
        client.force_login(sponsor)
        address = reverse("portfolio:new_bulk_change", args=["ACME"])
        page = client.get(address, {"reference": ["acme-2", "ACME-1", "ACME-9"]}).content.decode()
        assert "Change 1 candidate<" in page
        assert 'name="reference" value="ACME-1"' in page
        assert "ACME-9 is not in this portfolio" in page
        said = {"change": "business_unit", "business_unit": "Legal", "reference": "ACME-3"}
        assert client.post(address, said).status_code == 302
        (row,) = BulkChange.objects.get().rows.all()
        assert row.use_case_id == chain[0].pk

    def test_a_hundred_cost_no_more_queries_than_one(self, chain, portfolio, sponsor):
        for _ in range(3):
            gone = make_use_case(portfolio)
            merge_use_cases(Actor(user=sponsor), gone.pk, chain[3].pk, now=NOW)
        every = [f"ACME-{number}" for number in range(1, 101)]
        rows = UseCase.objects.in_portfolio(portfolio.pk)
        assert queries_of(lambda: rows.by_reference(every)) == 2
        assert queries_of(lambda: rows.by_reference(["ACME-2"])) == 2
        found = {name: row.reference for name, row in rows.by_reference(every).items()}
        old = dict.fromkeys(["ACME-2", "ACME-3"], "ACME-1")
        old |= dict.fromkeys(["ACME-5", "ACME-6", "ACME-7"], "ACME-4")
        assert found == {"ACME-1": "ACME-1", "ACME-4": "ACME-4", **old}

    @pytest.mark.parametrize("old", OLD)
    def test_to_a_round(self, chain, sponsor, contributor, api, old):
        body = {
            "use_cases": [old, "ACME-1"], "criteria": ["ai_fit"], "assessors": [contributor.email],
            "due_on": (timezone.now() + timedelta(days=5)).date().isoformat(),
        }  # fmt: skip
        answer = api(sponsor).post(f"{API}rounds/", body)
        assert answer.status_code == 201, answer.content
        assert answer.json()["use_cases"] == ["ACME-1"]
        assert [row.pk for row in Round.objects.get().candidates.all()] == [chain[0].pk]

    def test_to_a_new_lighthouse(self, chain, sponsor, owner, api):
        UseCase.objects.filter(pk=chain[0].pk).update(stage="qualified")
        body = {"use_case": "ACME-2", "owner": owner.email, "planned_weeks": 12}
        answer = api(sponsor).post("/api/v1/lighthouses/", body)
        assert answer.status_code == 201, answer.content
        assert Lighthouse.objects.get().use_case_id == chain[0].pk

    @pytest.mark.parametrize("old", OLD)
    def test_as_the_target_of_a_merge_by_the_page(self, chain, sponsor, client, old):
        client.force_login(sponsor)
        address = reverse("portfolio:merge_use_case", args=["ACME-4"])
        assert "into ACME-1" in client.get(address, {"into": old}).content.decode()
        answer = client.post(address, {"into": old, "seen": chain[3].revision})
        assert answer.url == reverse("portfolio:use_case", args=["ACME-1"])
        assert UseCase.objects.get(pk=chain[3].pk).merged_into_id == chain[0].pk

    @pytest.mark.parametrize("old", OLD)
    def test_as_the_target_of_a_merge_by_the_api(self, chain, sponsor, api, old):
        answer = api(sponsor).post("/api/v1/use-cases/ACME-4/merge/", {"into": old})
        assert (answer.status_code, answer.json()["reference"]) == (200, "ACME-1")

    def test_as_the_target_of_itself(self, chain, sponsor, api, client):
        answer = api(sponsor).post("/api/v1/use-cases/ACME-1/merge/", {"into": "ACME-2"})
        assert answer.status_code == 409
        assert "merged into itself" in answer.json()["detail"]
        client.force_login(sponsor)
        address = reverse("portfolio:merge_use_case", args=["ACME-1"])
        page = client.get(address, {"into": "ACME-2"})
        assert "merged into itself" in page.content.decode()
