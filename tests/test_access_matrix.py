"""Walks every address with every method as everybody, with own and foreign ids.

What is expected stands in `tests/access_table.py`, one line an address. An address that is not
there fails, and so does a line without its address. A refused request has written nothing.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from tests.access_table import API, CLOSED, OUTSIDE, PAGES, Row
from tests.access_world import CAST, World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE")
# Not of the domain: the session, its messages, the limits on sign-in, when a token was used.
MEANING = {
    400: "malformed", 422: "malformed", 403: "not allowed", 404: "not there", 405: "no such verb",
}  # fmt: skip
HOUSEKEEPING = ("django_session", "django_cache", "last_used_at")


@dataclass(frozen=True)
class Address:
    name: str
    arguments: tuple[str, ...]

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")


def addresses(resolver=None, space: str = "") -> Iterator[Address]:
    """Every named address of the URL configuration."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
        elif pattern.name:
            yield Address(space + pattern.name, tuple(pattern.pattern.regex.groupindex))


ADDRESSES: dict[str, list[Address]] = {}  # a name may have several, such as one's newest
for one_address in addresses():
    ADDRESSES.setdefault(one_address.name, []).append(one_address)
OUTERMOST = ("anonymous", "stranger", "sponsor")
PLAIN = {
    "criterion",
    "part",
    "file_kind",
    "number",
    "column",
}  # words that mean something in one's own portfolio only
TABLE = {**PAGES, **API}


def test_every_address_is_in_the_table():
    known = set(TABLE) | set(OUTSIDE)
    none_of(sorted(n for n in ADDRESSES if n not in known and not n.startswith(CLOSED)))


def test_every_line_of_the_table_is_an_address():
    none_of(sorted((set(TABLE) | set(OUTSIDE)) - set(ADDRESSES)))


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog):
    caplog.set_level(logging.CRITICAL)


@pytest.fixture
def clients(world) -> dict[str, Client]:
    signed_in = {}
    for name, person in world.people.items():
        signed_in[name] = Client(raise_request_exception=False)
        if person is not None:
            signed_in[name].force_login(person)
    return signed_in


@contextmanager
def written() -> Iterator[list[str]]:
    """The statements of the domain that write, until everything here is taken back."""
    statements: list[str] = []

    def look(execute, sql, params, many, context):
        words = sql if isinstance(sql, str) else str(sql)
        writes = words.lstrip().upper().startswith(WRITES) or "nextval" in words
        if writes and not any(name in words for name in HOUSEKEEPING):
            statements.append(words[:160])
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(look):
            yield statements
        transaction.set_rollback(True)


def filled(value, names: dict):
    """The value with every `{name}` in it replaced by the row it stands for."""
    if isinstance(value, dict):
        return {key: filled(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, names) for part in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return names[value[1:-1]]
    return value


def named_in(value) -> set[str]:
    """Every row that a body names."""
    if isinstance(value, dict):
        return set().union(*map(named_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(named_in, value)) if value else set()
    is_name = isinstance(value, str) and value.startswith("{") and value.endswith("}")
    return {value[1:-1]} if is_name else set()


def path_of(address: Address, row: Row, names: dict) -> str:
    arguments = {one: names[row.at.get(one, one)] for one in address.arguments}
    return reverse(address.name, kwargs=arguments)


def lines(table: dict[str, Row]) -> Iterator[tuple[Address, Row]]:
    for name, row in table.items():
        for address in ADDRESSES.get(name, []):
            yield address, row


def send(client: Client, method: str, path: str, body, *, is_api: bool, htmx: bool = False):
    headers = {"HX-Request": "true"} if htmx else {}
    if method in ("GET", "HEAD", "OPTIONS"):
        return client.generic(method, path, headers=headers)
    if is_api:
        return client.generic(method, path, json.dumps(body), "application/json", headers=headers)
    if method == "POST":
        return client.post(path, body, headers=headers)
    return client.generic(method, path, headers=headers)


def verdict(answer, *, is_api: bool) -> str:
    """What the answer means for who asked."""
    status = answer.status_code
    sent_to_sign_in = status == 302 and answer.url.startswith("/account/sign-in/")
    if status == 401 or (sent_to_sign_in and not is_api):
        return "sign in"
    if status >= 500:
        return f"fault {status}"
    return MEANING.get(status, "done")


def expected(person: str, row: Row, method: str, *, arguments: tuple[str, ...]) -> set[str]:
    way = row.ways.get("GET" if method == "HEAD" else method)
    if way is None:
        unasked = {"anonymous": {"sign in"}, "stranger": {"not there"}}
        return {"no such verb"} | unasked.get(person, set())
    if person in way.who:
        return {"done", "malformed"}
    if person == "anonymous":
        return {"sign in"}
    if person != "stranger":
        return {"not allowed"}
    if arguments:
        return {"not there"}
    return {"not there", "malformed"} if named_in(way.body) else {"not allowed"}


def any_way(row: Row, person: str) -> bool:
    return any(person in way.who for way in row.ways.values())


def manners(person: str, method: str, way) -> tuple[bool, ...]:
    """Whether to ask as a page, by htmx, or both ways; what is refused by htmx is soon rendered."""
    if way is not None and (person in way.who or method == "HEAD"):
        return (False,)
    return (False, True) if way is not None and person in OUTERMOST else (True,)


def own_names(world: World, person: str) -> dict:
    """The rows of ACME, and for a token one's own."""
    return {**world.own, "token": world.tokens.get(person, world.tokens["sponsor"])}


def walk(world: World, clients: dict[str, Client], table: dict[str, Row]) -> list[str]:
    """Everything that differs from the table."""
    wrong: list[str] = []
    for address, row in lines(table):
        for person in CAST:
            names = own_names(world, person)
            path = path_of(address, row, names)
            for method in METHODS:
                way = row.ways.get("GET" if method == "HEAD" else method)
                if way is None and person not in OUTERMOST:
                    continue  # a verb that is refused to who may most is refused to all
                if method == "HEAD" and person not in OUTERMOST[:2]:
                    continue  # where a page may be read, so may its head
                for htmx in (False,) if address.is_api else manners(person, method, way):
                    body = filled(way.body, names) if way else {}
                    with written() as statements:
                        answer = send(
                            clients[person], method, path, body, is_api=address.is_api, htmx=htmx
                        )
                        found = verdict(answer, is_api=address.is_api)
                    wanted = expected(person, row, method, arguments=address.arguments)
                    here = f"{person} {method} {address.name}{' by htmx' if htmx else ''}"
                    if method == "HEAD":
                        wanted = wanted | {"no such verb"}
                    if found not in wanted:
                        wrong.append(
                            f"{here}: {answer.status_code} {found}, not {sorted(wanted)}"
                            f" {getattr(answer, 'content', b'')[:160]!r}"
                        )
                    if found != "done" and statements:
                        wrong.append(f"{here}: refused, and wrote {statements}")
    return wrong


def none_of(wrong: list[str]) -> None:
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


@pytest.mark.long
def test_pages_and_fragments_keep_to_the_table(world, clients):
    none_of(walk(world, clients, PAGES))


@pytest.mark.long
def test_the_api_keeps_to_the_table(world, clients):
    none_of(walk(world, clients, API))


@pytest.mark.long
def test_foreign_ids_in_the_path_are_not_there(world, clients):
    """Each id of the path in turn is another portfolio's; members of ours get nowhere with it."""
    wrong = []
    for address, row in lines(TABLE):
        if address.name == "portfolio:invitation":
            continue  # its link is signed: who holds it is invited
        for argument in address.arguments:
            thing = row.at.get(argument, argument)
            if thing in PLAIN:
                continue
            mightiest = next((p for p in reversed(CAST) if any_way(row, p)), "sponsor")
            for person in {mightiest, "viewer"}:
                names = own_names(world, person)
                strange = {**world.foreign, "token": world.tokens["stranger"]}
                mixed = {**names, thing: strange[thing]}
                path = path_of(address, row, mixed)
                for method, way in row.ways.items():
                    with written() as statements:
                        answer = send(
                            clients[person], method, path, filled(way.body, names),
                            is_api=address.is_api, htmx=not address.is_api,
                        )  # fmt: skip
                    allowed = {404} if person in way.who else {403, 404}
                    if answer.status_code not in allowed or statements:
                        wrong.append(
                            f"{person} {method} {path}: {answer.status_code} wrote {statements}"
                        )
    none_of(wrong)


@pytest.mark.parametrize("person", ["sponsor", "viewer"])
def test_what_only_leads_on_leads_to_a_page_that_one_may_see(world, clients, person):
    wrong = []
    for address, row in lines(PAGES):
        if not getattr(row.ways.get("GET"), "leads", False):
            continue
        path = path_of(address, row, own_names(world, person))
        for method in ("GET", "HEAD"):
            led = send(clients[person], method, path, {}, is_api=False)
            page = clients[person].get(led.headers.get("Location", path))
            if (led.status_code, page.status_code) != (302, 200):
                wrong.append(f"{method} {address.name}: {led.status_code}, {page.status_code}")
    none_of(wrong)


def test_foreign_ids_in_the_body_are_refused(world, clients):
    """Each row that a body names in turn is another portfolio's."""
    named = {
        thing
        for _, row in lines(TABLE)
        for way in row.ways.values()
        for thing in named_in(way.body)
    }
    none_of(sorted(named - FOREIGN_THINGS - DAYS))
    wrong = []
    for address, row in lines(TABLE):
        for method, way in row.ways.items():
            for thing in sorted(named_in(way.body) & FOREIGN_THINGS):
                for person in sorted(way.who - {"anonymous", "stranger"}):
                    names = own_names(world, person)
                    body = filled(way.body, {**names, thing: world.foreign[thing]})
                    path = path_of(address, row, names)
                    with written() as statements:
                        answer = send(clients[person], method, path, body, is_api=address.is_api)
                    if answer.status_code not in (400, 404, 409, 422) or statements:
                        wrong.append(
                            f"{person} {method} {address.name} with a foreign {thing}: "
                            f"{answer.status_code} wrote {statements}"
                        )
    none_of(wrong)


DAYS = {"soon", "today", "yesterday"}  # what bodies name besides rows
FOREIGN_THINGS = {
    "key", "reference", "building", "decided", "idea", "lighthouse", "milestone", "reading",
    "disqualifier", "import", "member", "invitation", "owner_email", "owner_pk",
}  # fmt: skip


def test_what_stands_outside_the_portfolios_is_as_declared(world, clients):
    wrong = []
    for name, statuses in OUTSIDE.items():
        arguments = dict.fromkeys(ADDRESSES[name][0].arguments, "x")
        for person, status in statuses.items():
            answer = clients[person].get(reverse(name, kwargs=arguments))
            if answer.status_code != status:
                wrong.append(f"{person} {name}: {answer.status_code}, not {status}")
    none_of(wrong)


def test_the_admin_is_closed_to_everybody_in_the_cast(world, clients):
    open_doors = []
    for name, (address, *_) in ADDRESSES.items():
        if not name.startswith(CLOSED):
            continue
        values = {"app_label": "portfolio", "object_id": "1", "content_type_id": "1"}
        path = reverse(name, kwargs={one: values.get(one, "x") for one in address.arguments})
        for person in CAST:
            status = clients[person].get(path).status_code
            if status not in (302, 403, 404, 301):
                open_doors.append(f"{person} {name}: {status}")
    none_of(open_doors)
