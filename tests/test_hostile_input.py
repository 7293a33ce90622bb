"""Sends every address what no person would type: the answer says what is wrong, and is no fault.

Every field of every form and of every body is tried with hostile values: all of them at once, then
those that were not refused by their names, and where these were not taken together, each of them
alone, the rest being as good as it was. Every address that answers GET is asked with hostile
queries.
"""

import base64
import json
import logging
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse
from drf_spectacular.generators import SchemaGenerator

from tests.access_table import API, PAGES
from tests.access_world import World, undone
from tests.economics.making import BODY as ECONOMICS
from tests.make import make_use_case
from tests.test_access_matrix import filled, lines, none_of, path_of

FAR = "9999-12-31"
VALUES = [
    None, 2**31, 1e308, "Infinity", "a\x00b", "x" * 30_000, FAR, ["a\x00b"], {"a\x00": "b"},
]  # fmt: skip
TYPED = ["9" * 30, FAR]
REFUSED = re.compile(r'id="id_([^"]+)_error"')  # the fields that a page refuses
ASKED = ["%ED%A0%80", "9" * 30, "NaN", FAR]
PARAMETERS = {  # what pages read of their query; the API says its own
    "portfolio:search": ["q"],
    "portfolio:board": ["q", "owner", "stage"],
    "portfolio:merge_use_case": ["into"],
    "assessments:ranking_history": ["from", "to", "who", "cursor"],
    "portfolio:duplicates": ["cursor"],
    "portfolio:activity": ["kind", "by", "use_case", "since", "until"],
    "portfolio:lighthouse": ["correct"],
    "portfolio:discussion": ["about", "cursor"],
    "portfolio:numbers": ["w.headroom", "as_of"],
    "portfolio:number": ["w.headroom", "as_of"],
    "portfolio:move": ["to"],
    "assessments:rating_of": ["round", "cursor"],
    "assessments:what_if": ["w.headroom", "after"],
    "assessments:save_weights": ["w.headroom"],
    "assessments:ranking": [
        "q",
        "show",
        "sort",
        "columns",
        "frozen",
        "title",
        "owner",
        "stage",
        "score_min",
        "changed_max",
        "empty",
        "view",
        "open",
        "seen",
    ],
    "portfolio:bulk_changes": ["cursor"],
    "portfolio:new_bulk_change": ["reference", "all", "query", "choosing"],
    "portfolio:saved_views": ["q", "sort", "columns", "score_min", "changed_max"],
    "assessments:compare_candidates": ["of"],
    "assessments:scenario": ["w.headroom", "after"],
    "assessments:new_scenario": ["w.headroom"],
    "assessments:edit_scenario": ["w.headroom"],
    "assessments:compare_scenarios": ["one", "other", "after"],
    "economics:models": ["q", "provider", "step"],
}
EDGES = ["x", "a\x00b", "\ud800", "NaN", "9999-99-99", "9" * 30]  # each refused by some column
PAGING = ("cursor", "page_size", "updated_since")
KEYS = [2**80, True, "x", "9" * 30]  # what the last column of an order, a key, is given

# Where the document does not say enough for a good body.
PART = {"low": "0.1", "likely": "0.2", "high": "0.3", "basis": "assumption", "source": "a guess"}
PRICE = {"input": "1", "cached": "0.5", "output": "2", "reason": "An offer."}
FULL = {
    "api:tests": {
        "outcome": {
            "answer": "no", "reason": "r", "evidence": "e", "statement": "From 8 h to 0.5 h",
            "metric": "m", "unit": "h", "direction": "lower", "baseline": "8", "target": "0.5",
            "segment": "s", "other_metrics": ["o"],
            "guardrails": [{"metric": "CSAT", "unit": "points", "at_least": "4.2"}],
        },
        "data": {
            "answer": "no", "reason": "r", "evidence": "e", "confirmed_by": None,
            "sources": [{"name": "n", "system": "s", "use": "retrieve", "required": True,
                         "schema_consistent": True, "clean": True, "access_cleared": True,
                         "usable": "yes"}],
        },
        "review": {"answer": "no", "reason": "r", "evidence": "e", "reviewer": "r",
                   "outputs": "sampled", "sampled_percent": 10, "decision": "d", "feedback": "f"},
        "economics": {"answer": "no", "reason": "r", "evidence": "e"},
    },
    "api:unit_economics": {
        **ECONOMICS, "review_share": PART,
        "route": {"kind": "split", "steps": [
            {"provider": "own", "model": "own", "share": "1", "manual_price": PRICE}]},
    },
    "api:portfolio": {"name": "N", "currency": "EUR", "time_zone": "UTC", "shortlist_size": 4,
                      "value_scale": ["0", "1", "2", "3", "4", "5"]},
    "api:portfolios": {"currency": "EUR", "time_zone": "UTC"},
    "api:lighthouses": {"planned_weeks": 10},
    "api:amendments": {"target": "0.4", "smallest_sample": 50,
                       "guardrails": [{"metric": "CSAT", "unit": "", "at_least": "4"}]},
    "api:split": {},
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog):
    caplog.set_level(logging.CRITICAL)
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture
def signed_in(world):
    def client(person: str) -> Client:
        made = Client(raise_request_exception=False)
        made.force_login(world.people[person])
        return made

    return client


@pytest.fixture
def by_sponsor(sponsor) -> Client:
    """The sponsor's browser, where no row but those of the test is needed."""
    client = Client(raise_request_exception=False)
    client.force_login(sponsor)
    return client


def names_of(world: World) -> dict:
    return {**world.own, "token": world.tokens["sponsor"]}


def who(way) -> str:
    return "sponsor" if "sponsor" in way.who else min(way.who)


# --- Bodies ---------------------------------------------------------------------------------------


WORDS = {"date": "2026-10-01", "email": "owner@acme.example", "decimal": "1"}


def sample(schema: dict, named: dict):
    """A body of this schema with everything in it."""
    if "$ref" in schema:
        return sample(named[schema["$ref"].rpartition("/")[2]], named)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return sample(schema[several][0], named)
    if schema.get("enum"):
        return next((value for value in schema["enum"] if value), "")
    if "properties" in schema:
        return {name: sample(part, named) for name, part in schema["properties"].items()}
    kind = schema.get("type", "string")
    if kind == "array":
        return [sample(schema["items"], named)]
    if kind == "string":
        return WORDS.get(schema.get("format"), "words")
    return {"boolean": True, "integer": 10, "number": 1, "object": {}}[kind]


def places(value, path: tuple = ()) -> Iterator[tuple]:
    """The path of every part of a body."""
    parts = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list) and value:
        parts = [(0, value[0])]
    for name, part in parts:
        yield (*path, name)
        yield from places(part, (*path, name))


def bodies_of(good, full: dict) -> Iterator[tuple]:
    """Each body to begin with, and the paths in it to try."""
    yield good, places(good)
    for name, part in full.items() if isinstance(good, dict) else ():
        if name not in good:
            yield {**good, name: part}, places({name: part})


def leaves_of(paths: list[tuple]) -> list[tuple]:
    """The paths that no other one leads through."""
    through = {path[:-1] for path in paths}
    return [path for path in paths if path not in through]


def dotted(path: tuple) -> str:
    return ".".join(map(str, path))


def with_parts(body, paths: list[tuple], value):
    changed = deepcopy(body)
    for path in paths:
        at = changed
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
    return changed


@dataclass(frozen=True)
class Door:
    """An address that takes a body, and what went wrong there."""

    client: Client
    method: str
    path: str
    name: str
    wrong: list[str]

    def settled(self, body, value) -> set[str]:
        """The parts of a body that need not be tried alone: refused by name, or taken together."""
        rest = leaves_of(list(places(body)))
        settled: set[str] = set()
        while rest:
            told, is_taken = self.ask(body, rest, value)
            settled |= {dotted(path) for path in rest} if is_taken else told
            if not told & {dotted(path) for path in rest}:
                break
            rest = [path for path in rest if dotted(path) not in told]
        return settled

    def ask(self, body, paths: list[tuple], value) -> tuple[set[str], bool]:
        """The fields refused where this value stands in these places; whether it was taken."""
        sent = json.dumps(with_parts(body, paths, value))
        with undone():
            answer = self.client.generic(self.method, self.path, sent, "application/json")
        if not is_told(answer):
            here = f"{self.method} {self.name} {paths} = {str(value)[:30]!r}"
            self.wrong.append(f"{here}: {answer.status_code} {answer.content[:200]!r}")
        told = {e["field"] for e in errors_of(answer)} if answer.status_code == 400 else set()
        return told, answer.status_code < 300


@pytest.mark.thorough
def test_no_value_of_a_body_is_a_fault_of_the_api(world, signed_in):
    document = SchemaGenerator().get_schema(public=True)
    named, shapes = document["components"]["schemas"], document["paths"].items()
    wrong: list[str] = []
    for address, row in lines(API):
        path = path_of(address, row, names_of(world))
        ways = next(w for s, w in shapes if re.fullmatch(re.sub(r"{\w+}", "[^/]+", s), path))
        for method, way in row.ways.items():
            content = ways.get(method.lower(), {}).get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            client = signed_in(who(way))
            full = FULL.get(address.name, sample(content["application/json"]["schema"], named))
            good = filled(way.body, names_of(world))
            whole = {**full, **good} if isinstance(good, dict) else good
            door = Door(client, method, path, address.name, wrong)
            for value in VALUES:
                settled = door.settled(whole, value)
                for body, paths in bodies_of(good, full):
                    for place in paths:
                        if dotted(place) not in settled:
                            door.ask(body, [place], value)
    none_of(wrong)


def errors_of(answer) -> list[dict]:
    return json.loads(answer.content).get("errors", [])


def is_told(answer) -> bool:
    """Whether it was done, or refused with the field at fault."""
    if answer.status_code != 400:
        return answer.status_code < 500
    errors = errors_of(answer)
    whole = ("one of them", "Give one of")
    return bool(errors) and all(e["field"] or any(w in e["message"] for w in whole) for e in errors)


@pytest.mark.parametrize("body", ['{"name": "\\ud800"}', '{"name": NaN}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_malformed(portfolio, by_sponsor, body):
    answer = by_sponsor.patch("/api/v1/portfolios/ACME/", body, "application/json")
    assert answer.status_code == 400
    assert b"not JSON" in answer.content


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("mapping", '{"a\\u0000": "title"}'), ("stages", '{"a\\u0000": "live"}'),
        ("stages", '{"a": "\\u0000"}'), ("key_columns", '["a\\u0000"]'), ("mapping", "[]"),
        ("mapping", "[" * 3_000), ("heading_row", "9" * 30), ("sheet", "a\x00b"),
        ("override_reason", "a\x00b"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_file_is_looked_at(
    portfolio, by_sponsor, settings, tmp_path, field, given
):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("one.csv", b"title,status\nA,idea\n")
    answer = by_sponsor.post("/api/v1/portfolios/ACME/imports/", {"file": file, field: given})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].partition(".")[0] == field


# --- Queries --------------------------------------------------------------------------------------


def cursors() -> Iterator[str]:
    """Cursors of one to three values that no list wrote, for a ranking never published."""
    for length in (1, 2, 3):
        for edge in EDGES:
            yield written([[edge] * length, False, 0])
        for edge in KEYS:
            yield written([[*[1] * (length - 1), edge], False, 0])
        yield written([[1] * length, True, [1]])
    yield base64.urlsafe_b64encode(b"[" * 3_000).decode()


def cursors_of_changes() -> Iterator[str]:
    """As they stand in a list that is caught up with: revision, whether it is gone, key."""
    for edge in (*EDGES, *KEYS):
        yield written([[edge] * 3, False, 0])
        yield written([[1, 0, edge], False, 0])


def written(packed) -> str:
    return base64.urlsafe_b64encode(json.dumps(packed).encode()).decode().rstrip("=")


def queries_of_paging() -> list[str]:
    """What every list of the API reads in one place, `portfolio/doors/paging.py`."""
    return [
        *(f"{name}={value}" for name in PAGING for value in ASKED),
        *(f"cursor={cursor}" for cursor in cursors()),
        *(f"updated_since=0&cursor={cursor}" for cursor in cursors_of_changes()),
    ]


def paging_of(path: str) -> tuple:
    """What tells one list's pages from another's: the columns of its order, and its catching up."""
    view = resolve(path).func.cls
    return view.order, view.ticket, view.revision_column, view.buried != ""


@pytest.mark.thorough
def test_no_query_is_a_fault(world, signed_in):
    client = signed_in("sponsor")
    wrong: list[str] = []
    tried: set[tuple] = set()
    for address, row in (*lines(PAGES), *lines(API)):
        if "GET" not in row.ways or "sponsor" not in row.ways["GET"].who:
            continue
        path = path_of(address, row, names_of(world))
        names = known_to(client, path) if address.is_api else PARAMETERS.get(address.name, [])
        is_paged = "updated_since" in names
        own = [name for name in names if not is_paged or name not in PAGING]
        queries = [] if address.is_api else [f"{name}={value}" for name in own for value in ASKED]
        for value in ASKED if address.is_api and own else ():
            told = refused_of(client, path, own, value)
            queries += [f"{name}={value}" for name in own if name not in told]
        if not is_paged and "cursor" in names:
            queries += [f"cursor={cursor}" for cursor in cursors()]
        if is_paged:
            every, kind = queries_of_paging(), paging_of(path)
            queries += every[::10] if kind in tried else every
            tried.add(kind)
        for query in queries:
            with undone():
                answer = client.get(f"{path}?{query}")
            if answer.status_code >= 500:
                wrong.append(f"{path}?{query[:60]}: {answer.status_code}")
    none_of(wrong)


def refused_of(client: Client, path: str, names: list[str], value: str) -> set[str]:
    """The parameters that are refused by name where all of these are given this."""
    answer = client.get(f"{path}?{'&'.join(f'{name}={value}' for name in names)}")
    assert answer.status_code < 500, (path, value)
    return {e["field"] for e in errors_of(answer)} if answer.status_code == 400 else set()


def known_to(client: Client, path: str) -> list[str]:
    """The parameters of an address of the API."""
    body = client.get(path, {"no such parameter": "1"}).json()
    words = body["errors"][0]["message"].rpartition("Known: ")[2].rstrip(".")
    return [] if words == "none" else words.split(", ")


@pytest.mark.thorough
def test_no_cursor_is_a_fault_of_a_page(world, signed_in):
    client = signed_in("sponsor")
    for list_of in (
        "/portfolios/ACME/activity/?", "/use-cases/ACME-1/history/?", "/portfolios/ACME/ranking/?",
        "/portfolios/ACME/ranking/?sort=title&", "/portfolios/ACME/ranking/?sort=-score,changed&",
        "/portfolios/ACME/board/?stage=proposed&",
    ):  # fmt: skip
        for cursor in cursors():
            with undone():
                answer = client.get(f"{list_of}cursor={cursor}")
            assert answer.status_code in (200, 302, 404), (list_of, cursor)


# --- Forms ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """A form that posts: its fields as they stand, and its buttons that have a name."""

    action: str
    fields: dict[str, str]
    buttons: dict[str, str]

    @property
    def key(self) -> str:
        return without_numbers(self.action)


class Forms(HTMLParser):
    """The forms of a page that post."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        self.is_plain = False  # whether a button without a name sends it
        self.fields: dict[str, str] | None = None
        self.open = ""
        self.feed(page)

    def handle_starttag(self, tag, given):
        has = dict(given)
        name = has.get("name", "")
        if tag == "form":
            self.fields = {} if has.get("method") == "post" else None
            self.is_plain = False
            if self.fields is not None:
                self.found.append(Form(has.get("action") or self.path, self.fields, {}))
        elif self.fields is None:
            return
        elif tag in ("select", "textarea"):
            self.open = name
            self.fields[name] = ""
        elif tag == "option":
            if "selected" in has or not self.fields[self.open]:
                self.fields[self.open] = has.get("value", "")
        elif tag == "button" and has.get("type") != "button":
            self.is_plain = self.is_plain or not name
            if name:
                self.found[-1].buttons.setdefault(name, has.get("value") or "")
        elif tag == "input" and name:
            self.fields.setdefault(name, has.get("value") or "")

    def handle_data(self, text):
        if self.lasttag == "textarea" and self.fields is not None:
            self.fields[self.open] += text

    def handle_endtag(self, tag):
        if tag == "form":
            if self.fields is not None and not self.is_plain:
                self.fields.update(self.found[-1].buttons)
            self.fields = None


def without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def forms_of(world: World, client: Client) -> list[Form]:
    """Every form that a sponsor meets; one of those whose addresses differ by number only."""
    found: dict[str, Form] = {}
    for address, row in lines(PAGES):
        if "GET" not in row.ways or "sponsor" not in row.ways["GET"].who:
            continue
        names = names_of(world)
        for thing in ("reference", "idea", "asked") if "reference" in address.arguments else [""]:
            path = path_of(address, row, {**names, "reference": names[thing or "reference"]})
            page = client.get(path)
            if page.status_code == 200 and not page.streaming:
                for form in Forms(page.content.decode(), path).found:
                    found.setdefault(form.key, form)
    return [form for form in found.values() if "/account/" not in form.action]


def to_try(fields: dict[str, str]) -> list[str]:
    """One name of each kind: the rows of a form are alike."""
    return list({without_numbers(name): name for name in fields if name != "csrfmiddlewaretoken"}
                .values())  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A form as it stands on its page, and what went wrong there."""

    client: Client
    action: str
    fields: dict[str, str]
    wrong: list[str]

    def type_into(self, names: list[str], value: str) -> tuple[list[str], bool]:
        """The fields that are refused where this is typed into these; whether it was saved."""
        with undone():
            answer = self.client.post(self.action, {**self.fields, **dict.fromkeys(names, value)})
        if answer.status_code >= 500:
            self.wrong.append(f"{self.action} {names} = {value}: {answer.status_code}")
        return REFUSED.findall(answer.content.decode()), answer.status_code == 302

    def is_tried_with(self, names: list[str], value: str) -> None:
        """In all of these fields, in those not refused by name, and unless saved in each alone."""
        rest, told, is_saved = names, names, False
        while told and rest:
            told, is_saved = self.type_into(rest, value)
            told = [name for name in rest if name in told]
            rest = [name for name in rest if name not in told]
        for name in rest if not is_saved and len(rest) > 1 else ():
            self.type_into([name], value)


@pytest.mark.thorough
def test_no_field_of_a_form_is_a_fault(world, signed_in):
    client = signed_in("sponsor")
    wrong: list[str] = []
    found = forms_of(world, client)
    for form in found:
        action, fields = form.action, form.fields
        names = to_try(fields)
        for value in TYPED:
            Sheet(client, action, fields, wrong).is_tried_with(names, value)
            if form.buttons.keys() - fields.keys():
                pressed = {**fields, **form.buttons}
                Sheet(client, action, pressed, wrong).type_into(names, value)
        with undone():
            answer = client.post(action, {**fields, **dict.fromkeys(names, "a\x00b")})
        if names and answer.status_code != 422:
            wrong.append(f"{action} with a NUL: {answer.status_code}")
        form = "application/x-www-form-urlencoded"
        sent = urlencode(dict.fromkeys(fields, "HALF")).replace("HALF", "%ED%A0%80")
        with undone():
            answer = client.generic("POST", action, sent, form)
        if answer.status_code >= 500:
            wrong.append(f"{action}, half a character everywhere: {answer.status_code}")
    none_of(wrong)
    assert len(found) > 20, [form.key for form in found]


def test_a_field_with_a_nul_is_named(portfolio, by_sponsor):
    make_use_case(portfolio)
    address = reverse("assessments:no", args=["ACME-1", "outcome"])
    answer = by_sponsor.post(address, {"reason": "a\x00b"})
    assert answer.status_code == 422
    assert "“reason” holds a character that no text has" in answer.content.decode()


@pytest.mark.parametrize(
    "typed", [{"part": "²"}, {"part": "9" * 5_000}, {"seen": "²"}, {"seen": "x"}]
)
def test_a_split_takes_only_what_was_offered(portfolio, by_sponsor, typed):
    make_use_case(portfolio)
    answer = by_sponsor.post("/use-cases/ACME-1/split/", typed)
    assert answer.status_code == 422
