import pytest

from portfolio.models import Portfolio
from tests import make
from tests.economics.making import BODY


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio)


@pytest.fixture
def address(use_case):
    return f"/api/v1/use-cases/{use_case.reference}/unit-economics/"


def test_an_empty_case_says_so(api, viewer, address):
    found = api(viewer).get(address).json()
    assert found["calls"] is None
    assert found["route"] is None
    assert found["net_per_month"] is None
    assert found["annual_net_value"] == {"likely": None}
    assert found["revision"] == 0


def test_the_body_of_the_contract_is_taken_and_answered(api, contributor, address):
    answer = api(contributor).put(address, BODY, format="json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["input_tokens"] == {
        "low": "800", "likely": "1200", "high": "2500", "basis": "assumption", "source": "",
    }  # fmt: skip
    assert found["volume_per_month"]["likely"] == "50000"
    assert [step["model"] for step in found["route"]["steps"]] == [
        "gpt-5-mini", "claude-sonnet-4-5",
    ]  # fmt: skip
    assert found["route"]["steps"][0]["price_per_call"] == "0.0009"
    assert found["annual_net_value"]["likely"] is not None
    assert found["missing"] == []
    assert found["given"]["calls"]["by"] == contributor.email
    assert found["priced_by"].startswith("genai-prices")
    figures = (
        "cost_per_interaction value_per_month net_per_month gross_margin net_margin"
        " break_even_volume build_cost payback_months npv_12"
    )
    for name in figures.split():
        assert isinstance(found[name], str), name
    assert api(contributor).get(address).json() == found
    assert "tornado" not in found


def test_what_it_answers_can_be_put_again(api, contributor, address):
    client = api(contributor)
    found = client.put(address, BODY, format="json").json()
    again = {name: found[name] for name in BODY if name != "route"}
    again["route"] = {
        "kind": found["route"]["kind"],
        "steps": [
            {name: step[name] for name in ("provider", "model", "share", "manual_price")}
            for step in found["route"]["steps"]
        ],
    }
    second = client.put(address, again, format="json").json()
    assert second["revision"] == found["revision"]


def test_a_stale_version_is_refused_with_what_stands(api, contributor, address):
    client = api(contributor)
    tag = client.get(address)["ETag"]
    client.put(address, BODY, format="json")
    stale = client.put(address, BODY, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale.json()["current"]["calls"]["likely"] == "1"
    fresh = client.put(
        address, {**BODY, "calls": 2}, format="json",
        headers={"If-Match": client.get(address)["ETag"]},
    )  # fmt: skip
    assert fresh.status_code == 200


def test_an_unchanged_case_is_304(api, viewer, address):
    client = api(viewer)
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"callls": 1}, "callls"),
        ({"calls": "many"}, "calls"),
        ({"calls": {"low": 1, "likely": 2}}, "calls.high"),
        ({"calls": {"low": 1, "likely": 2, "high": 3, "mode": 2}}, "calls.mode"),
        ({"calls": [1]}, "calls"),
        ({"retry_share": 2}, "retry_share"),
        ({"currency": "EUR"}, "currency"),
        ({"route": {"kind": "maze", "steps": []}}, "route.kind"),
        ({"route": {"kind": "split", "steps": []}}, "route.steps"),
        ({"route": {"kind": "split", "steps": [{"model": "x"}]}}, "route.steps.0.share"),
        ({"route": {"kind": "split", "steps": [{"model": "", "share": 1}]}}, "route.steps.0.model"),
        ({"calls": "1e400"}, "calls"),
        ({"calls": True}, "calls"),
    ],
)
def test_a_wrong_body_names_the_field(api, contributor, address, portfolio, change, field):
    before = Portfolio.objects.get(pk=portfolio.pk).revision
    answer = api(contributor).put(address, {**BODY, **change}, format="json")
    assert answer.status_code == 400, answer.content
    assert any(error["field"].startswith(field) for error in answer.json()["errors"]), answer.json()
    assert Portfolio.objects.get(pk=portfolio.pk).revision == before


def test_who_may(api, address, viewer, contributor, owner, sponsor, stranger):
    assert api(None).get(address).status_code == 401
    assert api(stranger).get(address).status_code == 404
    assert api(stranger).put(address, BODY, format="json").status_code == 404
    assert api(viewer).put(address, {}, format="json").status_code == 403
    for person in (contributor, owner, sponsor):
        assert api(person).put(address, BODY, format="json").status_code == 200
