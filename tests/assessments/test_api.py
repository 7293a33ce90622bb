import json

import pytest

from assessments.models import Criterion, Rating
from assessments.ranking import recompute
from portfolio.models import Portfolio, Standing
from tests.assessments.making import answer_all, rate_both_axes
from tests.make import NOW, make_use_case

TESTS = {
    "outcome": {
        "statement": "Cut first response from 8 h to 0.5 h for the top 40 % of queries",
        "metric": "first response time", "unit": "h", "direction": "lower", "baseline": "8",
        "target": "0.5", "segment": "tier-1 agents", "other_metrics": [],
        "guardrails": [{"metric": "CSAT", "unit": "points", "at_least": "4.2"}],
    },
    "data": {
        "sources": [
            {"name": "tickets", "system": "Zendesk", "use": "retrieve", "required": True,
             "schema_consistent": True, "clean": True, "access_cleared": True, "usable": "yes"}
        ],
        "confirmed_by": "contributor@acme.example",
    },
    "review": {
        "reviewer": "team lead on shift", "outputs": "all",
        "decision": "approve, edit or reject in the queue",
        "feedback": "edits go to the evaluation set weekly",
    },
    "economics": {"answer": "no"},
}  # fmt: skip
RATINGS = [
    {"criterion": "stakeholder_pull", "low": "2", "likely": "3", "high": "4",
     "evidence": "VP Care asked twice"}
]  # fmt: skip


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


def send(client, method, address, body, **headers):
    return getattr(client, method)(address, body, format="json", headers=headers)


def test_the_contracts_example_is_taken_and_given_back(use_case, contributor, api):
    client = api(contributor)
    answer = send(client, "patch", "/api/v1/use-cases/ACME-1/tests/", TESTS)

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body == client.get("/api/v1/use-cases/ACME-1/tests/").json()
    for test in ("outcome", "data", "review"):
        assert body[test]["answer"] == "yes"
        assert body[test]["derived"] is True
        assert body[test]["missing"] == []
    assert body["economics"]["answer"] == "no"
    assert body["economics"]["derived"] is False
    assert body["outcome"]["guardrails"] == TESTS["outcome"]["guardrails"]
    assert body["outcome"]["baseline"] == "8"
    assert body["data"]["sources"] == TESTS["data"]["sources"]
    assert body["data"]["confirmed_by"] == "contributor@acme.example"
    assert body["ready"] is False


def test_null_withdraws_a_no(use_case, contributor, api):
    client = api(contributor)
    send(client, "patch", "/api/v1/use-cases/ACME-1/tests/", {"economics": {"answer": "no"}})
    answer = send(client, "patch", "/api/v1/use-cases/ACME-1/tests/", {"economics": None})
    assert answer.json()["economics"]["answer"] == "unknown"
    assert answer.json()["economics"]["missing"] == ["unit_economics"]


def test_what_nobody_answered_is_listed_as_missing(use_case, viewer, api):
    body = api(viewer).get("/api/v1/use-cases/ACME-1/tests/").json()
    assert body["outcome"]["answer"] == "unknown"
    assert body["outcome"]["missing"] == [
        "statement", "metric", "unit", "direction", "baseline", "target", "segment",
    ]  # fmt: skip
    assert body["data"]["missing"] == ["sources"]
    assert body["revision"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": {"baseline": "many"}}, "outcome.baseline"),
        ({"outcome": {"answer": "yes"}}, "outcome.answer"),
        ({"outcome": {"colour": "blue"}}, "outcome.colour"),
        ({"outcome": {"guardrails": [{"metric": "CSAT"}]}}, "outcome.guardrails.0"),
        ({"data": {"sources": [{"name": "a", "usable": "perhaps"}]}}, "data.sources.0.usable"),
        ({"data": {"sources": [{"name": "a"}, {"name": "A"}]}}, "data.sources.1.name"),
        ({"data": {"confirmed_by": "nobody@acme.example"}}, "data.confirmed_by"),
        ({"review": {"outputs": "some"}}, "review.outputs"),
        ({"taste": {}}, "taste"),
    ],
)
def test_a_wrong_shape_names_its_field(use_case, contributor, api, body, field):
    answer = send(api(contributor), "patch", "/api/v1/use-cases/ACME-1/tests/", body)
    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_an_older_etag_is_412_with_what_stands_now(use_case, contributor, api):
    client = api(contributor)
    address = "/api/v1/use-cases/ACME-1/tests/"
    tag = client.get(address)["ETag"]
    send(client, "patch", address, {"review": {"reviewer": "Ann"}}, **{"If-Match": tag})
    late = send(client, "patch", address, {"review": {"reviewer": "Bob"}}, **{"If-Match": tag})
    assert late.status_code == 412
    assert late.json()["current"]["review"]["reviewer"] == "Ann"


def test_ratings_are_put_and_listed(use_case, contributor, owner, api):
    address = "/api/v1/use-cases/ACME-1/ratings/"
    put = send(api(contributor), "put", address, RATINGS)
    assert put.status_code == 200, put.content
    send(api(owner), "put", address, [{**RATINGS[0], "likely": "2.5"}])
    rows = api(contributor).get(address).json()["results"]
    assert [(row["assessor"], row["likely"]) for row in rows] == [
        ("contributor@acme.example", "3"), ("owner@acme.example", "2.5"),
    ]  # fmt: skip
    assert rows[0]["evidence"] == "VP Care asked twice"


def test_a_derived_criterion_is_409_and_a_bad_rating_400(use_case, contributor, api):
    address = "/api/v1/use-cases/ACME-1/ratings/"
    derived = [{**RATINGS[0], "criterion": "annual_value"}]
    assert send(api(contributor), "put", address, derived).status_code == 409
    for wrong in ({"low": "4"}, {"high": "5.1"}, {"likely": "2.25"}, {"criterion": "x"}, {"a": 1}):
        answer = send(api(contributor), "put", address, [{**RATINGS[0], **wrong}])
        assert answer.status_code == 400, wrong
    assert not Rating.objects.exists()


def test_criteria_are_a_sponsors_to_change(portfolio, sponsor, contributor, api):
    address = "/api/v1/portfolios/ACME/criteria/"
    assert len(api(contributor).get(address).json()["results"]) == 12
    joy = {"slug": "joy", "name": "Joy", "axis": "impact", "weight": "1.5", "question": "Who?"}
    assert send(api(contributor), "post", address, joy).status_code == 403
    made = send(api(sponsor), "post", address, joy)
    assert made.status_code == 201, made.content
    assert made.json()["weight"] == "1.5"
    edited = send(api(sponsor), "patch", f"{address}joy/", {"weight": "0"})
    assert edited.json()["weight"] == "0"
    assert send(api(sponsor), "patch", f"{address}joy/", {"slug": "sad"}).status_code == 400
    assert api(sponsor).delete(f"{address}joy/").status_code == 204
    assert len(api(contributor).get(address).json()["results"]) == 12
    since = api(contributor).get(f"{address}?updated_since=0").json()["results"]
    (retired,) = [row["retired_at"] for row in since if row["slug"] == "joy"]
    assert send(api(sponsor), "patch", f"{address}joy/", {"retired_at": retired}).status_code == 400
    back = send(api(sponsor), "patch", f"{address}joy/", {"retired_at": None, "name": "Delight"})
    assert (back.json()["retired_at"], back.json()["name"]) == (None, "Delight")
    assert len(api(contributor).get(address).json()["results"]) == 13


def test_disqualifiers_are_raised_resolved_and_overruled(use_case, contributor, sponsor, api):
    address = "/api/v1/use-cases/ACME-1/disqualifiers/"
    body = {"kind": "wrong_tool", "evidence": "A form would do"}
    made = send(api(contributor), "post", address, body)
    assert made.status_code == 201, made.content
    one = made["Location"]
    overrule = {"overruled_reason": "The form was tried"}
    assert send(api(contributor), "patch", one, overrule).status_code == 403
    ended = send(api(sponsor), "patch", one, overrule)
    assert ended.json()["overruled_by"] == "sponsor@acme.example"
    assert ended.json()["is_open"] is False
    assert send(api(sponsor), "patch", one, {"resolution": "x"}).status_code == 409
    assert api(contributor).get(address).json()["results"][0]["is_open"] is False


@pytest.fixture
def ranked(portfolio, contributor):
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in range(4)]
    for row, likely in zip(rows, "3452", strict=True):
        rate_both_axes(row, contributor, likely)
    for row in rows[:3]:
        answer_all(row, contributor)
    make_use_case(portfolio, title="Copilot", jobs=["a", "b"])
    recompute(portfolio.pk, NOW)
    return rows


def test_the_ranking_lists_every_candidate_in_order(ranked, viewer, api):
    body = api(viewer).get("/api/v1/portfolios/ACME/ranking/").json()
    assert body["stale"] is False
    assert body["computed_at"] == "2026-03-03T09:00:00Z"
    assert [row["reference"] for row in body["results"]] == [
        "ACME-3", "ACME-2", "ACME-1", "ACME-4", "ACME-5",
    ]  # fmt: skip
    first, *_, fourth, last = body["results"]
    assert set(first) >= {
        "reference", "title", "stage", "ready", "missing", "impact", "feasibility", "score", "rank",
    }  # fmt: skip
    assert (first["rank"], first["ready"], first["missing"]) == (1, True, [])
    assert fourth["missing"] == ["outcome", "data", "review", "economics"]
    assert last["disqualifiers"] == ["platform_play"]
    assert last["place"] == "disqualified"


def test_the_ranking_is_stale_after_an_edit(ranked, contributor, viewer, api):
    rate_both_axes(ranked[0], contributor, "5")
    assert api(viewer).get("/api/v1/portfolios/ACME/ranking/").json()["stale"] is True


def test_pages_follow_one_ranking_and_not_the_next(ranked, portfolio, contributor, viewer, api):
    client = api(viewer)
    first = client.get("/api/v1/portfolios/ACME/ranking/?page_size=2").json()
    second = client.get(first["next"]).json()
    assert [row["reference"] for row in second["results"]] == ["ACME-1", "ACME-4"]
    rate_both_axes(ranked[0], contributor, "5")
    recompute(portfolio.pk, NOW)
    late = client.get(first["next"])
    assert late.status_code == 409
    assert late.json()["type"].endswith("ranking_changed")


def test_a_copy_learns_what_changed(ranked, portfolio, viewer, api):
    seen = Portfolio.objects.get(pk=portfolio.pk).revision
    ranked[2].stage = "selected"
    ranked[2].save(update_fields=["stage"])
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, NOW)
    body = api(viewer).get(f"/api/v1/portfolios/ACME/ranking/?updated_since={seen}").json()
    assert {row["reference"]: row["rank"] for row in body["results"]} == {
        "ACME-3": None, "ACME-2": 1, "ACME-1": 2, "ACME-4": 3, "ACME-5": 4,
    }  # fmt: skip


ADDRESSES = [
    "portfolios/ACME/ranking/", "portfolios/ACME/criteria/", "portfolios/ACME/criteria/ai_fit/",
    "use-cases/ACME-1/tests/", "use-cases/ACME-1/ratings/", "use-cases/ACME-1/disqualifiers/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_members_see_and_strangers_find_nothing(use_case, viewer, stranger, api, address):
    assert api(viewer).get(f"/api/v1/{address}").status_code == 200
    assert api(stranger).get(f"/api/v1/{address}").status_code == 404
    assert api(None).get(f"/api/v1/{address}").status_code == 401


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("patch", "use-cases/ACME-1/tests/", TESTS),
        ("put", "use-cases/ACME-1/ratings/", RATINGS),
        ("post", "use-cases/ACME-1/disqualifiers/", {}),
        ("patch", "portfolios/ACME/criteria/ai_fit/", {"weight": "1"}),
        ("delete", "portfolios/ACME/criteria/ai_fit/", None),
    ],
)
def test_a_viewer_reads_and_writes_nothing(use_case, viewer, stranger, api, method, address, body):
    assert send(api(viewer), method, f"/api/v1/{address}", body).status_code == 403
    assert send(api(stranger), method, f"/api/v1/{address}", body).status_code == 404
    assert not Rating.objects.exists()
    assert Criterion.objects.get(slug="ai_fit", portfolio=use_case.portfolio).retired_at is None


def test_the_cost_of_a_ranking_does_not_grow(
    ranked, portfolio, viewer, api, django_assert_max_num_queries
):
    client = api(viewer)
    client.get("/api/v1/portfolios/ACME/ranking/")
    with django_assert_max_num_queries(8) as few:
        client.get("/api/v1/portfolios/ACME/ranking/")
    for n in range(20):
        make_use_case(portfolio, title=f"More {n}")
    recompute(portfolio.pk, NOW)
    with django_assert_max_num_queries(8) as many:
        body = client.get("/api/v1/portfolios/ACME/ranking/").json()
    assert len(body["results"]) == 25
    assert len(many) == len(few)


def test_a_body_that_is_no_list_is_400(use_case, contributor, api):
    answer = api(contributor).put(
        "/api/v1/use-cases/ACME-1/ratings/", json.dumps({"a": 1}), content_type="application/json"
    )
    assert answer.status_code == 400
    assert Standing.objects.get(pk=use_case.pk).score is None
