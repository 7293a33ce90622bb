"""Every address that answers GET, asked with hostile queries: it may refuse, and has no fault."""

import base64
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve

from tests.access_table import API, PAGES
from tests.access_world import undone
from tests.bounds import a_part_of
from tests.hostile.given import FAR, errors_of, names_of
from tests.test_access_matrix import lines, none_of, path_of

BY_HTMX = {"HX-Request": "true"}  # what is refused is soon told
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
    "assessments:compare_candidates": ["of", "reference"],
    "assessments:scenario": ["w.headroom", "after"],
    "assessments:new_scenario": ["w.headroom"],
    "assessments:edit_scenario": ["w.headroom"],
    "assessments:compare_scenarios": ["one", "other", "after"],
    "economics:models": ["q", "provider", "step"],
}
EDGES = ["x", "a\x00b", "\ud800", "NaN", "9999-99-99", "9" * 30]  # each refused by some column
PAGING = ("cursor", "page_size", "updated_since")
KEYS = [2**80, True, "x", "9" * 30]  # what the last column of an order, a key, is given


def cursors(*lengths: int) -> Iterator[str]:
    """Cursors of so many values, else of one to three, for a ranking never published."""
    for length in lengths or (1, 2, 3):
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


def queries_of_paging(view, tried: set) -> Iterator[str]:
    """What every list of the API reads in one place, `portfolio/doors/paging.py`.

    What is read alike, with the same columns in its order or in its catching up, is tried once.
    """
    pages = (view.order, view.ticket)
    changes = (view.revision_column, view.buried != "")
    lengths = [len(view.order)] if isinstance(view.order, tuple) else []  # else as it is asked for
    yield from (f"{name}={ASKED[0]}" for name in PAGING)
    yield f"cursor={written([[1] * 9, False, 0])}"
    if pages not in tried:
        yield from (f"{name}={value}" for name in PAGING for value in ASKED[1:])
        yield from (f"cursor={cursor}" for cursor in cursors(*lengths))
    if changes not in tried:
        yield from (f"updated_since=0&cursor={cursor}" for cursor in cursors_of_changes())
    tried |= {pages, changes}


@pytest.mark.long
def test_no_query_is_a_fault(world, signed_in):
    client = signed_in("sponsor")
    wrong: list[str] = []
    tried: set[tuple] = set()
    for address, row in a_part_of((*lines(PAGES), *lines(API)), 5):
        if "GET" not in row.ways or "sponsor" not in row.ways["GET"].who:
            continue
        path = path_of(address, row, names_of(world))
        names = known_to(client, path) if address.is_api else PARAMETERS.get(address.name, [])
        is_paged = "updated_since" in names
        own = [name for name in names if not is_paged or name not in PAGING]
        queries: list[str] = []
        for value in ASKED:
            queries += [f"{name}={value}" for name in apart(client, path, own, value)]
        if not is_paged and "cursor" in names:
            queries += [f"cursor={cursor}" for cursor in cursors()]
        if is_paged:
            queries += queries_of_paging(resolve(path).func.cls, tried)
        for query in queries:
            with undone():
                answer = client.get(f"{path}?{query}", headers=BY_HTMX)
            if answer.status_code >= 500:
                wrong.append(f"{path}?{query[:60]}: {answer.status_code}")
    none_of(wrong)


def apart(client: Client, path: str, names: list[str], value: str) -> list[str]:
    """The parameters to be tried alone: those neither refused by name nor read together."""
    rest, told = names, names
    while told and rest:
        answer = client.get(f"{path}?{'&'.join(f'{name}={value}' for name in rest)}")
        assert answer.status_code < 500, (path, rest, value)
        if answer.status_code == 200:
            return []
        fields = {e["field"] for e in errors_of(answer)} if answer.status_code == 400 else set()
        told = [name for name in rest if name in fields]
        rest = [name for name in rest if name not in fields]
    return rest


def known_to(client: Client, path: str) -> list[str]:
    """The parameters of an address of the API."""
    body = client.get(path, {"no such parameter": "1"}).json()
    words = body["errors"][0]["message"].rpartition("Known: ")[2].rstrip(".")
    return [] if words == "none" else words.split(", ")


@pytest.mark.long
def test_no_cursor_is_a_fault_of_a_page(world, signed_in):
    client = signed_in("sponsor")
    lists = (
        "/portfolios/ACME/activity/?", "/use-cases/ACME-1/history/?", "/portfolios/ACME/ranking/?",
        "/portfolios/ACME/ranking/?sort=title&", "/portfolios/ACME/ranking/?sort=-score,changed&",
        "/portfolios/ACME/board/?stage=proposed&",
    )  # fmt: skip
    for list_of in a_part_of(lists, 5):
        for cursor in cursors():
            with undone():
                answer = client.get(f"{list_of}cursor={cursor}", headers=BY_HTMX)
            assert answer.status_code in (200, 302, 404), (list_of, cursor)
