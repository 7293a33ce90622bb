"""Every error as a problem, whatever goes wrong and wherever."""

import re

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django_htmx.middleware import HtmxDetails

from config.middleware import RefusalMiddleware
from portfolio.doors import problems
from portfolio.errors import EditedMeanwhile, GateRefused, NotAllowed, RuleBroken
from portfolio.models import UseCase
from portfolio.rules.findings import Finding

LIST = "/api/v1/portfolios/"
ONE = "/api/v1/portfolios/ACME/"
HTMX = {"HX-Request": "true"}


def is_problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:pharos:problem:")
    assert body["title"]
    assert body["detail"]
    return body


def test_an_unknown_address_is_a_problem(client, api, sponsor):
    is_problem(client.get("/api/v1/nothing/"), 404)
    is_problem(api(sponsor).post("/api/nothing", {}), 404)


def test_an_unknown_page_is_a_page(client, db):
    answer = client.get("/nothing/here/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_what_is_not_yours_and_what_is_not_there_read_alike(api, stranger, portfolio):
    theirs = api(stranger).get(ONE)
    nowhere = api(stranger).get("/api/v1/portfolios/NOPE/")
    assert is_problem(theirs, 404) == is_problem(nowhere, 404)


def test_without_signing_in_it_is_401_and_says_how(api, portfolio):
    for answer in (api(None).get(ONE), api(None).post(LIST, {}), api(None).delete(ONE)):
        is_problem(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_verb_that_is_not_there_is_405_with_those_that_are(api, sponsor, portfolio):
    answer = api(sponsor).put(ONE, {"name": "X"})
    is_problem(answer, 405)
    assert answer["Allow"] == "GET, PATCH, HEAD" or set(answer["Allow"].split(", ")) == {
        "GET", "HEAD", "PATCH",
    }  # fmt: skip
    is_problem(api(sponsor).options(ONE), 405)


def test_an_address_that_only_takes_a_form_leads_to_the_page_that_holds_it(
    client, sponsor, viewer, stranger, portfolio
):
    for person in (sponsor, viewer):
        client.force_login(person)
        answer = client.get("/portfolios/ACME/settings/criteria/weights/")
        assert (answer.status_code, answer.url) == (302, "/portfolios/ACME/settings/criteria/")
    client.force_login(stranger)
    assert client.get("/portfolios/ACME/settings/criteria/weights/").status_code == 404


def test_a_verb_that_a_page_has_not_is_405_with_those_that_it_has(client, sponsor, portfolio):
    client.force_login(sponsor)
    answer = client.put("/portfolios/ACME/settings/criteria/weights/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")
    assert "takes a form that was filled in" in answer.content.decode()


def test_another_kind_of_body_is_415(api, sponsor, portfolio):
    answer = api(sponsor).patch(ONE, "<name>X</name>", content_type="application/xml")
    is_problem(answer, 415)


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": NaN}', b'{"name": "\\ud800"}', b"[" * 100_000, b"\xff"]
)
def test_what_is_not_json_is_400(api, sponsor, portfolio, body):
    is_problem(api(sponsor).patch(ONE, body, content_type="application/json"), 400)


def test_an_unknown_field_is_named(api, sponsor, portfolio):
    body = is_problem(api(sponsor).patch(ONE, {"nmae": "X"}), 400)
    assert body["errors"][0]["field"] == "nmae"


@pytest.mark.parametrize("name", ["key", "revision", "role"])
def test_a_field_that_stays_is_not_taken_in_silence(api, sponsor, portfolio, name):
    body = is_problem(api(sponsor).patch(ONE, {name: "X"}), 400)
    assert body["errors"][0]["field"] == name


@pytest.mark.parametrize("zone", ["Mars/Base", "localtime"])  # the other is no zone of a database
def test_a_value_that_the_model_refuses_is_told_at_its_field(api, sponsor, portfolio, zone):
    body = is_problem(api(sponsor).patch(ONE, {"time_zone": zone}), 400)
    assert body["errors"] == [
        {
            "field": "time_zone",
            "message": f"“{zone}” is not a time zone. Write one such as Europe/Berlin or "
            "America/New_York.",
        }
    ]


def test_text_with_a_nul_is_told_at_its_field(api, sponsor, portfolio):
    body = is_problem(api(sponsor).patch(ONE, {"name": "a\x00b"}), 400)
    assert body["errors"][0]["field"] == "name"


@pytest.mark.parametrize("address", ["/api/v1/portfolios/A%00/", "/api/v1/portfolios/?cursor=%00"])
def test_an_address_with_a_nul_is_malformed(api, sponsor, address):
    is_problem(api(sponsor).get(address), 400)


def test_a_body_beyond_the_limit_is_413(api, sponsor, portfolio):
    name = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    is_problem(api(sponsor).patch(ONE, {"name": name}), 413)


@pytest.mark.parametrize("address", [f"{LIST}?size=3", f"{ONE}?cursor=x", f"{LIST}?updated=1"])
def test_an_unknown_parameter_is_named_not_ignored(api, sponsor, portfolio, address):
    body = is_problem(api(sponsor).get(address), 400)
    assert body["errors"][0]["field"] in ("size", "cursor", "updated")


def test_a_writing_session_needs_its_csrf_token(sponsor, portfolio):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sponsor)
    is_problem(client.patch(ONE, {"name": "X"}, content_type="application/json"), 403)


def test_a_fault_of_ours_is_a_problem_without_its_story(rf, caplog):
    answer = problems.server_error(rf.get("/api/v1/portfolios/"))
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert b"Traceback" not in answer.content


def test_a_statement_that_takes_too_long_is_503_with_a_time_to_come_back(api, sponsor, portfolio):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.1)")
    answer = problems.problem(OperationalError("canceling statement due to timeout"), {})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_the_page_says_so_too_and_asks_the_database_for_nothing(rf):
    middleware = RefusalMiddleware(None)
    trouble = OperationalError("deadlock detected")
    for headers, words in (({}, b"should still be in the form"), (HTMX, b"nothing was saved")):
        request = rf.post("/use-cases/ACME-1/move/", headers=headers)
        request.htmx = HtmxDetails(request)
        answer = middleware.process_exception(request, trouble)
        assert (answer.status_code, answer["Retry-After"]) == (503, "2")
        assert words in answer.content
    assert answer["HX-Retarget"] == "#messages"
    assert b"<html" not in answer.content


def test_a_row_that_is_gone_is_not_found_and_a_fault_of_ours_is_a_fault(rf):
    assert problems.problem(UseCase.DoesNotExist(), {}).status_code == 404
    request = rf.get("/use-cases/ACME-1/")
    request.htmx = False
    answer = RefusalMiddleware(None).process_exception(request, UseCase.DoesNotExist())
    assert answer.status_code == 404
    with pytest.raises(UseCase.success_metric.RelatedObjectDoesNotExist) as lacking:
        UseCase().success_metric  # noqa: B018 - what it lacks is what is asked
    assert problems.problem(lacking.value, {}) is None
    assert RefusalMiddleware(None).process_exception(request, lacking.value) is None


class Row:
    pass


class View:
    def present(self, row):
        return {"id": 1}


@pytest.mark.parametrize(
    ("exception", "status", "extra"),
    [
        (RuleBroken("Not so."), 409, {}),
        (NotAllowed("Not you."), 403, {}),
        (EditedMeanwhile(Row()), 412, {"current": {"id": 1}}),
        (
            GateRefused("No.", [Finding("ready", False, "A test is open.", "tests")]),
            409,
            {"conditions": [{"condition": "ready", "holds": False, "why": "A test is open.",
                             "mend": "tests"}]},
        ),
    ],
)  # fmt: skip
def test_every_refusal_has_its_status(exception, status, extra):
    answer = problems.problem(exception, {"view": View()})
    assert answer.status_code == status
    assert {name: answer.data[name] for name in extra} == extra


def test_every_answer_names_its_request(client, api, viewer, portfolio):
    given = "a-request-of-mine-42"
    assert api(viewer).get(ONE, headers={"X-Request-ID": given})["X-Request-ID"] == given
    made = client.get("/api/v1/nothing/", headers={"X-Request-ID": "not one!"})["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)


def test_never_html(api, sponsor, portfolio):
    answer = api(sponsor).get(ONE, headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "application/json"


def test_what_is_sent_without_the_last_slash_is_not_lost(api, sponsor, portfolio):
    client = api(sponsor)
    body = {"portfolio": "ACME", "title": "Read delivery notes"}
    led_on = client.post("/api/v1/use-cases", body, format="json")
    assert (led_on.status_code, led_on["Location"]) == (308, "/api/v1/use-cases/")
    assert "html" not in led_on.get("Content-Type", "")
    made = client.post("/api/v1/use-cases", body, format="json", follow=True)
    assert (made.status_code, made.json()["title"]) == (201, "Read delivery notes")
