"""Asks every address of the API what its document promises, and holds it to the answers.

Made-up requests are sent about rows that are there, so that they come past the search for the
row, and one as it is. No answer may be a fault of ours or one that the document lacks.
"""

import re

import hypothesis
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import resolve
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portfolio.actions.tokens import create_token
from portfolio.rights import Actor
from tests.access_table import API, Row
from tests.access_world import World, undone
from tests.test_access_matrix import filled

MOST_EXAMPLES = 3
PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Names in a body or a query that mean a row or a standard; by chance nobody would guess one.
GOOD = {
    "portfolio": "key", "use_case": "reference", "owner": "owner_email", "criterion": "criterion",
    "confirmed_by": "owner_email", "supersedes": "reading",
}  # fmt: skip
STANDARD = {
    "currency": "EUR", "time_zone": "Europe/Berlin", "metric": "first response time",
    "provider": "openai", "model": "gpt-5-mini",
}  # fmt: skip

# Good in their shape, and refused as things stand in that world, in these words.
REFUSED = {
    "GET /api/v1/search/": "Say what to look for",
    "GET /api/v1/portfolios/{key}/compare/": "Give 2 or 3 different references",
    "POST /api/v1/lighthouses/{id}/contract/": "sealed already",
    "POST /api/v1/lighthouses/{id}/declare/": "being computed",
    "POST /api/v1/lighthouses/{id}/forecasts/": "in production already",
    "POST /api/v1/use-cases/{reference}/split/": "the same scope",
    "POST /api/v1/use-cases/{reference}/unit-economics/confirmation/": "Nobody has said anything",
}
A_FILE = {"file": b"title,status\nContract search,idea\n"}
ARGUMENT = re.compile(r"{(\w+)}")
QUIET = {
    "generation": {"with-security-parameters": False},
    "phases": {"examples": {"enabled": False}, "coverage": {"enabled": False}},
}


@pytest.fixture
def one_connection(db):
    """A request's end closes its connection; here everything happens in one transaction."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.fixture
def document(settings, one_connection):
    """The document as it is generated now, asked of the whole application."""
    settings.API_REQUESTS_PER_MINUTE = 0
    settings.ALLOWED_HOSTS = ["*"]
    promised = openapi.from_dict(
        SchemaGenerator().get_schema(public=True), config=SchemathesisConfig.from_dict(QUIET)
    )
    promised.app = get_wsgi_application()
    return promised


@pytest.fixture
def headers(world) -> dict[str, dict[str, str]]:
    """For everybody in the cast a token that writes."""
    now = timezone.now()
    given = {}
    for name, person in world.people.items():
        if person is not None:
            actor = Actor(user=person)
            _, secret = create_token(actor, name="promises", scope="write", now=now)
            given[name] = {"Authorization": f"Bearer {secret}"}
    return given


def row_of(operation) -> Row:
    """The line of the table of access that tells of this operation's address."""
    found = resolve(ARGUMENT.sub("1", operation.path))
    return API[f"{found.namespace}:{found.url_name}"]


def keys_of(operation, row: Row, own: dict) -> dict:
    """Keys for the path of rows that are there."""
    arguments = {name: "pk" if name == "id" else name for name in ARGUMENT.findall(operation.path)}
    return {name: own[row.at.get(given, given)] for name, given in arguments.items()}


def about_rows(case, row: Row, own: dict) -> None:
    """Put what is there in the place of what was made up."""
    case.path_parameters = keys_of(case.operation, row, own)
    case.query = known(case.query, own) if case.query else case.query
    if isinstance(case.body, (dict, list)):
        case.body = known(case.body, own)


def known(value, own: dict):
    """The same value with rows and standards that are there, wherever it names one."""
    if isinstance(value, list):
        return [known(part, own) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        name: own[GOOD[name]] if name in GOOD and not isinstance(part, (dict, list))
        else STANDARD[name] if name in STANDARD and isinstance(part, str)
        else known(part, own)
        for name, part in value.items()
    }  # fmt: skip


@pytest.mark.long
def test_no_answer_is_a_fault_or_undeclared(document, world, headers, subtests):
    for found in document.get_all_operations():
        operation = found.ok()
        with subtests.test(operation.label):
            ask(operation, world, headers["sponsor"])


def ask(operation, world: World, headers: dict[str, str]) -> None:
    """Send what is made up for this operation, and hold each answer to the document."""
    row = row_of(operation)
    is_more_than_a_path = bool(operation.body or operation.query)
    unsent = ["as it was made up"]

    @hypothesis.settings(
        max_examples=MOST_EXAMPLES if is_more_than_a_path else 1,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy())
    def send(case):
        if unsent:
            unsent.clear()
            with undone():
                case.call_and_validate(headers=headers, checks=PROMISES)
        about_rows(case, row, world.own)
        with undone():
            case.call_and_validate(headers=headers, checks=PROMISES)

    send()


@pytest.mark.long
def test_what_is_done_is_told_as_declared(document, world, headers):
    """The good request of each line in the table of access, from one who may."""
    for found in document.get_all_operations():
        operation = found.ok()
        row = row_of(operation)
        way = row.ways[operation.method.upper()]
        person = "sponsor" if "sponsor" in way.who else min(way.who)
        body = filled(way.body, world.own) or (A_FILE if operation.body else NOT_SET)
        case = operation.Case(
            path_parameters=keys_of(operation, row, world.own),
            body=body,
            media_type=next((given.media_type for given in operation.body), None),
        )
        with undone():
            answer = case.call_and_validate(headers=headers[person], checks=PROMISES)
        refusal = REFUSED.get(operation.label)
        assert refusal in answer.text if refusal else answer.status_code < 300, answer.text
