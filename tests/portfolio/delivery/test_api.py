from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portfolio import settling
from portfolio.models import Lighthouse, Milestone
from tests import make

BASE = "/api/v1/lighthouses/"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def running(portfolio, owner) -> Lighthouse:
    """Sealed and begun four weeks ago."""
    return make.make_sealed(
        make.make_use_case(portfolio, stage="live"), owner, start=TODAY - timedelta(days=28)
    )


@pytest.fixture
def ended(portfolio, owner) -> Lighthouse:
    """Its last day was yesterday; a worker has published the failure."""
    lighthouse = make.make_sealed(
        make.make_use_case(portfolio, stage="live"), owner, start=TODAY - timedelta(days=112)
    )
    settling.settle(lighthouse.pk, datetime.now(UTC))
    return lighthouse


def test_a_lighthouse_in_full(api, viewer, running):
    body = api(viewer).get(f"{BASE}{running.pk}/").json()
    assert body["use_case"] == running.use_case.reference
    assert (body["week"], body["phase"], body["verdict"]) == (5, "build", "pending")
    assert body["verdict_due"] == (TODAY + timedelta(days=83)).isoformat()
    assert body["contract"]["guardrails"] == [
        {"metric": "CSAT", "unit": "points", "at_least": "4.2"}
    ]
    assert (body["contract"]["baseline"], body["contract"]["missing"]) == ("8", [])
    assert "health" not in body


def test_an_open_contract_says_what_is_missing(api, viewer, portfolio, owner):
    draft = make.make_lighthouse(make.make_use_case(portfolio, stage="selected"), owner)
    contract = api(viewer).get(f"{BASE}{draft.pk}/contract/").json()
    assert not contract["is_sealed"]
    assert contract["missing"][:3] == ["metric", "unit", "direction"]


@pytest.mark.parametrize(
    "address",
    ["", "contract/", "milestones/", "forecasts/", "readings/", "amendments/"],
)
def test_who_sees_it(api, viewer, stranger, running, address):
    url = f"{BASE}{running.pk}/{address}"
    assert api(viewer).get(url).status_code == 200
    assert api(stranger).get(url).status_code == 404
    assert api(None).get(url).status_code == 401


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("milestones/", {"title": "Set frozen", "due_on": "2030-01-01"}),
        ("forecasts/", {"ships_on": "2030-01-01"}),
        ("readings/", {"metric": "CSAT", "value": "4", "measured_on": "2026-01-01"}),
        ("amendments/", {"reason": "So", "target": "0.6"}),
        ("declare/", {"verdict": "failure"}),
        ("acceptance/", {"accept": True}),
        ("contract/", {}),
    ],
)
def test_who_may_see_but_not_do(api, viewer, contributor, stranger, running, address, body):
    url = f"{BASE}{running.pk}/{address}"
    for person, code in ((viewer, 403), (contributor, 403), (stranger, 404), (None, 401)):
        assert api(person).post(url, body, format="json").status_code == code


def test_draw_up_accept_and_plan(api, sponsor, owner, portfolio):
    use_case = make.make_use_case(portfolio, stage="qualified")
    drawn = api(sponsor).post(
        BASE,
        {"use_case": use_case.reference, "owner": owner.email, "start_date": TODAY.isoformat()},
        format="json",
    )
    assert drawn.status_code == 201
    address = drawn["Location"]
    assert drawn.json()["planned_weeks"] == 16
    assert api(owner).post(f"{address}acceptance/", {"accept": True}, format="json").json()[
        "acceptance"
    ] == "accepted"  # fmt: skip
    planned = api(owner).patch(address, {"planned_weeks": 12, "how_measured": "BI"}, format="json")
    assert (planned.status_code, planned.json()["planned_weeks"]) == (200, 12)
    again = api(sponsor).post(
        BASE, {"use_case": use_case.reference, "owner": owner.email}, format="json"
    )
    assert again.status_code == 409


def test_a_foreign_use_case_is_not_found(api, sponsor, owner, stranger):
    other = make.make_use_case(stranger.memberships.get().portfolio, stage="qualified")
    body = {"use_case": other.reference, "owner": owner.email}
    assert api(sponsor).post(BASE, body, format="json").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"planned_weeks": 17}, "planned_weeks"),
        ({"week": 3}, "week"),
        ({"shipped_on": "9000-01-01"}, "shipped_on"),
        ({"shipped_on": (TODAY + timedelta(days=2)).isoformat()}, "shipped_on"),
        ({"owner": "nobody@acme.example"}, "owner"),
    ],
)
def test_a_wrong_shape_names_its_field(api, sponsor, running, body, field):
    answer = api(sponsor).patch(f"{BASE}{running.pk}/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("day", ["1999-01-01", "2099-01-01"])
def test_a_milestone_far_off_names_its_field(api, owner, running, day):
    body = {"title": "Set frozen", "due_on": day}
    answer = api(owner).post(f"{BASE}{running.pk}/milestones/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "due_on"


def test_what_is_sealed_is_409(api, sponsor, running):
    answer = api(sponsor).patch(f"{BASE}{running.pk}/", {"planned_weeks": 12}, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")


def test_an_old_etag_is_412_with_what_stands(api, owner, running):
    client, url = api(owner), f"{BASE}{running.pk}/"
    etag = client.get(url)["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    first = client.patch(url, {"reading_plan": "weekly"}, format="json", headers={"If-Match": etag})
    assert first.status_code == 200
    second = client.patch(url, {"reading_plan": "daily"}, format="json", headers={"If-Match": etag})
    assert second.status_code == 412
    assert second.json()["current"]["reading_plan"] == "weekly"


def test_a_published_verdict_refuses_no_edit(api, owner, running):
    client, url = api(owner), f"{BASE}{running.pk}/"
    etag = client.get(url)["ETag"]
    settling.settle(running.pk, datetime.now(UTC) + timedelta(days=100))
    answer = client.patch(url, {"reading_plan": "w"}, format="json", headers={"If-Match": etag})
    assert answer.status_code == 200


def test_readings_are_recorded_corrected_and_kept(api, owner, running):
    client, url = api(owner), f"{BASE}{running.pk}/readings/"
    body = {
        "metric": "first response time",
        "value": "6.0",
        "measured_on": TODAY.isoformat(),
        "source": "BI export",
        "sample_size": 4120,
    }
    wrong = client.post(url, body, format="json").json()
    assert (wrong["value"], wrong["metric"]) == ("6", "first response time")
    right = client.post(url, {**body, "value": "0.6", "supersedes": wrong["id"]}, format="json")
    assert right.status_code == 201
    rows = client.get(url).json()["results"]
    assert [(row["value"], row["is_superseded"]) for row in rows] == [("6", True), ("0.6", False)]
    assert client.post(url, {**body, "metric": "churn"}, format="json").status_code == 400
    assert client.delete(url).status_code == 405


def test_milestones_come_and_go_and_copies_learn_of_it(api, owner, running):
    client, url = api(owner), f"{BASE}{running.pk}/milestones/"
    body = {"title": "Set frozen", "due_on": TODAY.isoformat()}
    made = client.post(url, body, format="json").json()
    one = f"{url}{made['id']}/"
    done = client.patch(one, {"done_on": TODAY.isoformat()}, format="json").json()
    assert (done["done_by"], done["title"]) == (owner.email, "Set frozen")
    assert client.delete(one).status_code == 204
    assert not Milestone.objects.exists()
    changed = client.get(url, {"updated_since": made["revision"]}).json()["results"]
    assert [row["id"] for row in changed] == [made["id"]]
    assert "deleted_at" in changed[0]


def test_a_milestone_belongs_to_its_lighthouse(api, owner, running, portfolio):
    other = make.make_sealed(
        make.make_use_case(portfolio, stage="live"), owner, start=date(2026, 3, 2)
    )
    client = api(owner)
    body = {"title": "Set frozen", "due_on": TODAY.isoformat()}
    made = client.post(f"{BASE}{running.pk}/milestones/", body, format="json").json()
    url = f"{BASE}{other.pk}/milestones/{made['id']}/"
    for answer in (client.get(url), client.patch(url, {}, format="json"), client.delete(url)):
        assert answer.status_code == 404


def test_a_sponsor_amends_and_declares(api, sponsor, ended):
    client = api(sponsor)
    amended = client.post(
        f"{BASE}{ended.pk}/amendments/",
        {
            "reason": "CSAT is asked elsewhere now.",
            "guardrails": [{"metric": "returns", "at_most": "3"}],
        },
        format="json",
    )
    assert amended.status_code == 201
    assert amended.json()["changes"]["guardrails"][1][0]["limit"] == "3"
    declare = f"{BASE}{ended.pk}/declare/"
    assert client.post(declare, {"verdict": "failure"}, format="json").status_code == 409
    settling.settle(ended.pk, datetime.now(UTC))
    assert client.post(declare, {"verdict": "victory"}, format="json").status_code == 400
    declared = client.post(declare, {"verdict": "failure"}, format="json").json()
    assert declared["declared"]["by"] == sponsor.email
    assert client.post(declare, {"verdict": "failure"}, format="json").status_code == 409


def test_a_copy_learns_of_a_verdict(api, viewer, running):
    client = api(viewer)
    since = client.get(f"{BASE}{running.pk}/").json()["contract"]["revision"] + 1000
    assert client.get(BASE, {"updated_since": since}).json()["results"] == []
    horizon = client.get(BASE, {"updated_since": 0})["X-Revision"]
    settling.settle(running.pk, datetime.now(UTC) + timedelta(days=100))
    changed = client.get(BASE, {"updated_since": horizon}).json()["results"]
    assert [(row["id"], row["verdict"]) for row in changed] == [(running.pk, "failure")]


def test_filters(api, viewer, owner, running, ended):
    client = api(viewer)

    def ids(**asked):
        return [row["id"] for row in client.get(BASE, asked).json()["results"]]

    assert ids() == [running.pk, ended.pk]
    assert ids(verdict="failure") == [ended.pk]
    assert ids(use_case=running.use_case.reference) == [running.pk]
    assert ids(portfolio="ACME", owner=owner.email, state="active") == [running.pk, ended.pk]
    assert ids(state="closed") == []
    assert client.get(BASE, {"verdict": "maybe"}).status_code == 400
    assert client.get(BASE, {"health": "bad"}).status_code == 400


@pytest.mark.parametrize("person", ["sponsor", "viewer"])
def test_cost_does_not_grow(api, person, portfolio, owner, request):
    client = api(request.getfixturevalue(person))

    def more(count: int) -> None:
        for n in range(count):
            stage = "live" if n % 2 else "selected"
            use_case = make.make_use_case(portfolio, stage=stage, title=f"Use case {n}")
            if n % 2:
                make.make_sealed(use_case, owner, start=TODAY)
            else:
                make.make_metric(use_case)
                make.make_lighthouse(use_case, owner)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(BASE).status_code == 200
        return len(queries)

    more(3)
    few = cost()
    more(27)
    assert cost() == few
