"""Use cases, moves and events over the API."""

import pytest

from portfolio.models import GateOverride, UseCase
from tests.make import make_lighthouse, make_ready, make_use_case

USE_CASES = "/api/v1/use-cases/"


def test_a_script_proposes_a_use_case(api, contributor, portfolio):
    body = {
        "portfolio": "acme", "title": "Support triage", "problem": "...",
        "jobs": ["triage support tickets"], "segments": ["tier-1 agents"],
        "business_unit": "Care", "external_key": "JIRA-77", "task_type": "routine",
        "customer_facing": True,
    }  # fmt: skip
    answer = api(contributor).post(USE_CASES, body)
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["reference"], row["stage"], row["portfolio"]) == ("ACME-1", "proposed", "ACME")
    assert row["version"] == row["revision"] == UseCase.objects.get().revision
    assert answer["Location"] == "/api/v1/use-cases/ACME-1/"
    assert row["missing"] == ["outcome", "data", "review", "economics"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"portfolio": "ACME"}, "title"),
        ({"portfolio": "ACME", "title": " "}, "title"),
        ({"portfolio": "NONE", "title": "T"}, "portfolio"),
        ({"portfolio": "ACME", "title": "T", "rank": 1}, "rank"),
        ({"portfolio": "ACME", "title": "T", "colour": "red"}, "colour"),
        ({"portfolio": "ACME", "title": "T", "jobs": "one"}, "jobs"),
        ({"portfolio": "ACME", "title": "T", "task_type": "magic"}, "task_type"),
    ],
)
def test_a_wrong_shape_names_the_field(api, contributor, portfolio, body, field):
    answer = api(contributor).post(USE_CASES, body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not UseCase.objects.exists()


def test_another_portfolio_is_told_as_if_it_were_not_there(api, contributor, stranger, portfolio):
    foreign = api(contributor).post(USE_CASES, {"portfolio": "OTHER", "title": "T"})
    absent = api(contributor).post(USE_CASES, {"portfolio": "NONE", "title": "T"})
    assert foreign.json() == absent.json()


def test_a_patch_writes_exactly_the_fields_named(api, contributor, portfolio):
    make_use_case(portfolio)
    client = api(contributor)
    seen = client.get(f"{USE_CASES}ACME-1/")
    answer = client.patch(
        f"{USE_CASES}ACME-1/", {"title": "Ticket triage"}, headers={"If-Match": seen["ETag"]}
    )
    assert answer.status_code == 200, answer.content
    assert {**seen.json(), **answer.json()}["business_unit"] == "Care"
    stale = client.patch(
        f"{USE_CASES}ACME-1/", {"title": "Again"}, headers={"If-Match": seen["ETag"]}
    )
    assert stale.status_code == 412
    assert stale.json()["current"]["title"] == "Ticket triage"


@pytest.mark.parametrize("field", ["portfolio", "stage", "owner", "revision"])
def test_a_patch_of_what_is_not_a_field_of_its_own_is_told(api, contributor, portfolio, field):
    make_use_case(portfolio)
    answer = api(contributor).patch(f"{USE_CASES}ACME-1/", {field: "x"})
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_refused_move_carries_its_conditions(api, sponsor, portfolio):
    make_use_case(portfolio, stage="qualified")
    answer = api(sponsor).post(f"{USE_CASES}ACME-1/move/", {"to": "selected"})
    assert answer.status_code == 409
    named = {row["condition"]: row for row in answer.json()["conditions"]}
    owner = named["An owner is named"]
    assert (owner["holds"], owner["mend"]) == (False, "lighthouse")


@pytest.mark.parametrize(
    "body", [{"override": "The board asked."}, {"override": True, "reason": "The board asked."}]
)
def test_an_override_is_a_written_reason(api, sponsor, portfolio, body):
    make_use_case(portfolio, stage="qualified")
    answer = api(sponsor).post(f"{USE_CASES}ACME-1/move/", {"to": "selected", **body})
    assert answer.status_code == 200, answer.content
    assert answer.json()["overrides"][0]["reason"] == "The board asked."
    assert answer.json()["overrides"][0]["by"] == "sponsor@acme.example"


def test_an_override_without_a_reason_is_none(api, sponsor, portfolio):
    make_use_case(portfolio, stage="qualified")
    answer = api(sponsor).post(f"{USE_CASES}ACME-1/move/", {"to": "selected", "override": True})
    assert answer.status_code == 400
    assert not GateOverride.objects.exists()


def test_a_platform_play_is_split(api, contributor, portfolio):
    make_use_case(portfolio, jobs=["triage", "draft"], segments=[], success_metrics=[])
    parts = [{"title": "Triage", "job": "triage"}, {"title": "Drafts", "job": "draft"}]
    answer = api(contributor).post(f"{USE_CASES}ACME-1/split/", {"parts": parts})
    assert answer.status_code == 201, answer.content
    rows = answer.json()
    assert [(row["reference"], row["split_from"]) for row in rows] == [
        ("ACME-1", None),
        ("ACME-2", "ACME-1"),
    ]


def test_a_retirement_is_recorded(api, sponsor, portfolio):
    make_use_case(portfolio, stage="decided")
    body = {"retired_on": "2026-03-01", "reason": "The product is gone."}
    answer = api(sponsor).post(f"{USE_CASES}ACME-1/retirement/", body)
    assert (answer.status_code, answer.json()["retired_on"]) == (200, "2026-03-01")


@pytest.fixture
def three(portfolio, owner, contributor):
    first = make_use_case(portfolio, title="Support triage", by=contributor)
    make_ready(first, rank=2)
    second = make_use_case(portfolio, title="Contract finder")
    make_ready(second, rank=1)
    third = make_use_case(portfolio, title="Board pack", stage="building")
    make_lighthouse(third, owner)
    return [first, second, third]


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", [1, 2, 3]),
        ("portfolio=ACME", [1, 2, 3]),
        ("portfolio=OTHER", []),
        ("stage=building", [3]),
        ("stage=building&stage=proposed", [1, 2, 3]),
        ("ready=true", [1, 2]),
        ("ready=false", [3]),
        ("owner=owner@acme.example", [3]),
        ("q=contract", [2]),
        ("q=acme-3", [3]),
        ("ordering=-number", [3, 2, 1]),
        ("ordering=rank&portfolio=ACME", [2, 1, 3]),
        ("ordering=updated", [1, 2, 3]),
    ],
)
def test_a_list_is_narrowed_and_ordered(api, viewer, three, query, references):
    answer = api(viewer).get(f"{USE_CASES}?{query}")
    assert answer.status_code == 200, answer.content
    found = [row["reference"] for row in answer.json()["results"]]
    assert found == [f"ACME-{number}" for number in references]


@pytest.mark.parametrize(
    "query", ["stage=nowhere", "ready=perhaps", "ordering=rank", "colour=red", "q=%00"]
)
def test_a_parameter_that_fits_nothing_is_told(api, viewer, three, query):
    assert api(viewer).get(f"{USE_CASES}?{query}").status_code == 400


@pytest.mark.parametrize("ordering", ["number", "-number", "rank", "-updated"])
def test_pages_by_key_hold_every_row_once(api, viewer, three, ordering):
    client, address, seen = (
        api(viewer),
        f"{USE_CASES}?portfolio=ACME&page_size=2&ordering={ordering}",
        [],
    )
    while address:
        answer = client.get(address).json()
        seen += [row["reference"] for row in answer["results"]]
        address = answer["next"]
    assert sorted(seen) == ["ACME-1", "ACME-2", "ACME-3"]


def test_a_stranger_gets_404_and_an_empty_list(api, stranger, three):
    client = api(stranger)
    assert client.get(USE_CASES).json()["results"] == []
    for address in ("", "move/", "split/", "retirement/"):
        for verb in (client.get, client.post, client.patch):
            assert verb(f"{USE_CASES}ACME-1/{address}", {}).status_code in (404, 405)


def test_events_rise_and_tell_who_and_what(api, viewer, three, contributor):
    rows = api(viewer).get("/api/v1/events/?kind=use_case_proposed").json()["results"]
    assert [row["use_case"] for row in rows] == ["ACME-1", "ACME-2", "ACME-3"]
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert [row["by"] for row in rows] == [contributor.email, None, None]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("use_case=ACME-2", 1),
        ("by=contributor@acme.example", 1),
        ("portfolio=OTHER", 0),
        ("kind=moved", 0),
        ("since=2100-01-01", 0),
        ("until=2100-01-01&kind=use_case_proposed", 3),
    ],
)
def test_events_are_narrowed(api, viewer, three, query, count):
    assert len(api(viewer).get(f"/api/v1/events/?{query}").json()["results"]) == count


def test_who_remembers_the_last_event_gets_the_later_ones(api, viewer, three, portfolio):
    client = api(viewer)
    last = client.get("/api/v1/events/").json()["results"][-1]["id"]
    make_use_case(portfolio, title="Later")
    later = client.get(f"/api/v1/events/?updated_since={last}").json()["results"]
    assert [(row["kind"], row["use_case"]) for row in later] == [("use_case_proposed", "ACME-4")]
