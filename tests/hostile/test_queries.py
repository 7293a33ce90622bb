"""Every address that answers GET, asked with hostile queries: it may refuse, and has no fault."""

import base64
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve

from tests.access_table import API, PAGES
from tests.access_world import undone
from tests.hostile.given import FAR, errors_of, names_of
from tests.test_access_matrix import lines, none_of, path_of

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
