import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portfolio.actions.portfolios import open_portfolio
from portfolio.actions.tokens import create_token
from portfolio.models import Membership, Portfolio, UseCase
from portfolio.pages.searching import search
from portfolio.rights import Actor
from portfolio.rules.searching import read
from tests.make import make_use_case

SEARCH = "/search/"
API = "/api/v1/search/"


@pytest.fixture
def use_cases(portfolio):
    given = [
        ("Support triage", "Tickets wait for hours.", "Care"),
        ("Überprüfung der Verträge", "Clauses are read twice.", "Legal"),
        ("100 % of invoices", "Somebody types each support_code by hand.", "Finance"),
        ("AI for tenders", "Answers are searched for.", "Sales"),
    ]
    return [
        make_use_case(portfolio, title=title, problem=problem, business_unit=unit)
        for title, problem, unit in given
    ]


def titles(user, words: str, kind: str = "use_case") -> list[str]:
    groups = search(Actor(user=user), words, 10)
    return [hit.title for group in groups if group.kind == kind for hit in group.hits]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("acme-2", ["Überprüfung der Verträge"]),
        ("support", ["Support triage", "100 % of invoices"]),
        ("tickets", ["Support triage"]),
        ("UBERPRUFUNG", ["Überprüfung der Verträge"]),
        ("vertrage überp", ["Überprüfung der Verträge"]),
        ("finance", ["100 % of invoices"]),
        ("100 %", ["100 % of invoices"]),
        ("support_code", ["100 % of invoices"]),
        ("supportxcode", []),
        ("AI", ["AI for tenders"]),
        ("ai tend", ["AI for tenders"]),
        ("%%%", []), ("___", []), ("\\", []), ("nothing like it", []), ("", []), ("a\x00b", []),
    ],
)  # fmt: skip
def test_use_cases_are_found_by_their_words(use_cases, viewer, words, found):
    assert titles(viewer, words) == found


def test_nobody_finds_what_they_may_not_see(use_cases, stranger, sponsor, viewer, portfolio):
    assert titles(stranger, "support") == []
    assert titles(stranger, "acme") == []
    assert titles(stranger, "Vera", "person") == []
    assert "Ranking" not in titles(stranger, "acme ranking", "page")
    open_portfolio(Actor(user=sponsor), key="NEXT", name="Next")
    limited = Actor(user=sponsor, portfolio_id=Portfolio.objects.get(key="NEXT").pk)
    assert search(limited, "support", 10) == []
    assert [hit.title for group in search(limited, "Vera", 10) for hit in group.hits] == []
    Membership.objects.of(viewer.pk, portfolio.pk).delete()
    assert titles(viewer, "support") == []


def test_people_of_ones_portfolios_are_found(portfolio, viewer, owner, stranger):
    assert titles(viewer, "olga", "person") == ["Olga Owner"]
    assert titles(viewer, "owner@acme", "person") == ["Olga Owner"]
    assert titles(viewer, "stan", "person") == []


def test_pages_are_found_and_actions_that_one_may_take(use_cases, viewer, contributor, sponsor):
    assert titles(viewer, "rank", "page") == ["Ranking"]
    assert titles(viewer, "new cand", "action") == []
    assert titles(contributor, "new cand", "action") == ["New candidate"]
    assert titles(contributor, "invite", "action") == []
    assert titles(sponsor, "invite", "action") == ["Invite somebody"]
    assert titles(contributor, "support triage", "action") == [
        "Rate “Support triage”", "Answer the tests of “Support triage”", "Move “Support triage”",
    ]  # fmt: skip
    assert titles(viewer, "support triage", "action") == []
    assert "My work" in titles(viewer, "", "page")


def test_the_page_works_by_a_form_and_the_palette_by_a_fragment(use_cases, viewer, client):
    client.force_login(viewer)
    html = client.get(f"{SEARCH}?q=support").content.decode()
    assert 'value="support"' in html
    assert 'href="/use-cases/ACME-1/"' in html
    piece = client.get(f"{SEARCH}?q=support", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in piece
    assert re.findall(r'href="(/use-cases/[^"]+)"', piece) == [
        "/use-cases/ACME-1/", "/use-cases/ACME-3/",
    ]  # fmt: skip
    none = client.get(SEARCH, {"q": "<b>nothing</b>"}).content.decode()
    assert "Nothing that you see fits “&lt;b&gt;nothing&lt;/b&gt;”" in none
    client.logout()
    assert client.get(SEARCH).status_code == 302


def test_a_script_searches_too(use_cases, viewer, api):
    body = api(viewer).get(f"{API}?q=acme-1").json()
    assert body["results"][0] == {
        "kind": "use_case", "title": "Support triage", "said": "ACME-1 · Care · proposed",
        "reference": "ACME-1", "url": "/use-cases/ACME-1/",
    }  # fmt: skip
    assert len(api(viewer).get(f"{API}?q=support&most=1").json()["results"]) == 1
    for query, field in (("", "q"), ("?q=%20", "q"), ("?q=x&most=0", "most")):
        answer = api(viewer).get(f"{API}{query}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_a_token_of_one_portfolio_finds_nothing_of_another(use_cases, sponsor, client):
    other = open_portfolio(Actor(user=sponsor), key="NEXT", name="Next")
    _, secret = create_token(
        Actor(user=sponsor), name="x", scope="read", now=timezone.now(), portfolio=other
    )
    answer = client.get(f"{API}?q=support", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["results"] == []


def test_cost_does_not_grow(use_cases, portfolio, viewer, client):
    client.force_login(viewer)

    def queries() -> int:
        client.get(f"{SEARCH}?q=support")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"{SEARCH}?q=support")
        return len(seen)

    few = queries()
    for n in range(30):
        make_use_case(portfolio, title=f"Support desk {n}")
    assert queries() == few


def test_words_are_found_by_the_index(use_cases, viewer):
    """Where there are many rows the planner takes it; here it is told not to read them all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    for words in ("tickets", "AI"):
        asked = read(words)
        rows = UseCase.objects.all()
        with CaptureQueriesContext(connection) as seen:
            list(rows.found_by(asked, 5))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {seen[0]['sql']}")
            assert "use_case_search" in str(cursor.fetchall()), words
