"""Every field of every body, with hostile values: the API says which is wrong, and has no fault.

All of them at once, then those that were not refused by their names, and where these were not
taken together, each of them alone, the rest being as good as it was.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from tests.access_table import API
from tests.access_world import undone
from tests.bounds import a_part_of
from tests.economics.making import BODY as ECONOMICS
from tests.hostile.given import FAR, errors_of, names_of, who
from tests.test_access_matrix import filled, lines, none_of, path_of

VALUES = [
    None, 2**31, 1e308, "Infinity", "a\x00b", "x" * 30_000, FAR, ["a\x00b"], {"a\x00": "b"},
]  # fmt: skip
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


@pytest.mark.long
def test_no_value_of_a_body_is_a_fault_of_the_api(world, signed_in):
    document = SchemaGenerator().get_schema(public=True)
    named, shapes = document["components"]["schemas"], document["paths"].items()
    wrong: list[str] = []
    for address, row in a_part_of(lines(API), 5):
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
