"""The table of candidates as views show it: the page, saved views, and the API."""

import re
from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.ranking import recompute
from portfolio.actions.candidates import edit_use_case
from portfolio.models import Event, SavedView, Tombstone
from portfolio.rights import Actor
from portfolio.rules.table import COLUMNS
from tests import cast
from tests.assessments.making import answer_all, rate_both_axes
from tests.make import NOW, make_lighthouse, make_use_case

RANKING = "/portfolios/ACME/ranking/"
VIEWS = f"{RANKING}views/"
API = "/api/v1/portfolios/ACME/"
SEEN_THROUGH = {  # a view's query, and the candidates that it shows in their order
    "?business_unit=care": "23",
    "?business_unit=care&business_unit=legal": "213",
    "?title=TRIAGE": "2",
    "?reference=ACME-4": "4",
    "?task_type=routine": "24",
    "?empty=business_unit": "4",
    "?filled=business_unit": "213",
    "?empty=task_type&business_unit=care": "3",
    "?owner=OWNER@acme.example": "2",
    "?empty=owner": "134",
    "?ready=yes": "21",
    "?missing=outcome": "34",
    "?outcome=yes&data=yes": "21",
    "?customer_facing=yes": "",
    "?rank_max=1": "2",
    "?score_min=30": "23",
    "?score_max=30&score_min=1": "1",
    "?changed_min=2026-01-01": "2134",
    "?changed_max=2026-01-01": "",
    "?stage=qualified": "",
    "?sort=business_unit,-title": "2314",
    "?sort=-business_unit,-title": "1234",
    "?sort=score": "1234",
    "?sort=-score": "3214",
    "?sort=-rank": "4312",
    "?sort=-task_type,rank": "2413",
    "?sort=owner": "2134",
    "?sort=-missing,title": "3412",
    "?score_min=abc": "2134",
}


@pytest.fixture(scope="module", autouse=True)
def ranked(for_the_module):
    """1 and 2 ranked, 3 rated and not ready, 4 with nothing; of two business units."""
    portfolio, contributor, owner = cast.acme(), cast.person("contributor"), cast.person("owner")
    rows = [
        make_use_case(portfolio, title=title, business_unit=unit, task_type=task)
        for title, unit, task in [
            ("Contract search", "Legal", "domain"), ("support triage", "Care", "routine"),
            ("Call notes", "Care", ""), ("zebra stripes", "", "routine"),
        ]
    ]  # fmt: skip
    for row, likely in zip(rows, "34", strict=False):
        rate_both_axes(row, contributor, likely)
        answer_all(row, contributor)
    rate_both_axes(rows[2], contributor, "5")
    make_lighthouse(rows[1], owner)
    recompute(portfolio.pk, NOW)
    return rows


@pytest.fixture
def candidates(ranked):
    return deepcopy(ranked)


@pytest.fixture
def table_of(client, viewer):
    client.force_login(viewer)

    def asked(query: str = "", **headers: str) -> str:
        return client.get(RANKING + query, headers=headers).content.decode()

    return asked


def numbers_of(html: str) -> list[str]:
    return re.findall(r'<tr data-item data-reference="ACME-(\d+)"', html)


def order_of(html: str) -> str:
    return "".join(numbers_of(html))


def test_a_view_narrows_and_sorts(candidates, table_of, subtests):
    for query, order in SEEN_THROUGH.items():
        with subtests.test(query):
            assert order_of(table_of(query)) == order


def test_titles_sort_without_regard_to_case(candidates, table_of):
    order = order_of(table_of("?sort=title"))
    assert order.index("3") < order.index("1") < order.index("2")


def test_what_cannot_be_read_is_said_and_still_there(candidates, table_of):
    html = table_of("?score_min=abc&title=triage")
    assert "Score: “abc” is not a number" in html
    assert 'value="abc"' in html
    assert order_of(html) == "2"


def test_chosen_columns_stand_in_their_order(candidates, table_of):
    html = table_of("?columns=rank,title,owner,business_unit,score,changed")
    heads = re.findall(r"data-sort-by[^>]*>([^<]+)", html)
    assert heads == ["#", "Candidate", "Owner", "Business unit", "Score", "Changed"]
    row = re.search(r'data-reference="ACME-2".*?</tr>', html, re.S)[0]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
    assert cells[:2] == ["Olga Owner", "Care"]


@pytest.mark.long
def test_every_column_is_shown_sorted_and_paged(candidates, client, table_of):
    """The pieces of the page that are turned, and the API's pages, a candidate each."""
    for column in (column.name for column in COLUMNS):
        rising = order_of(turned(table_of, f"?columns={column}&sort={column},title"))
        assert paged(client, f"{API}ranking/?sort={column},title&page_size=1") == rising, column
        falling = paged(client, f"{API}ranking/?sort=-{column},title&page_size=1")
        assert sorted(rising) == sorted(falling) == ["1", "2", "3", "4"], column


def test_a_long_table_is_turned_without_a_gap(candidates, portfolio, table_of):
    for number in range(5, 213):
        make_use_case(portfolio, title=f"Candidate {number:03}")
    pages = []
    address = "?sort=-score,-title"
    while address:
        html = turned(table_of, address)
        pages.append(numbers_of(html))
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = following[1].replace("&amp;", "&").removeprefix(RANKING) if following else ""
    assert [len(page) for page in pages] == [100, 100, 12]
    unscored = [str(number) for number in range(212, 4, -1)]
    assert [one for page in pages for one in page if one != "4"] == ["3", "2", "1", *unscored]


def turned(table_of, address: str) -> str:
    return table_of(address, **{"HX-Request": "true"})


def paged(client, address: str | None) -> str:
    """The candidates of all pages of the API from this one on."""
    seen = ""
    while address:
        page = client.get(address).json()
        seen += "".join(row["reference"].rpartition("-")[2] for row in page["results"])
        address = page["next"]
    return seen


def test_heads_sort_turn_give_up_and_add(candidates, table_of):
    def urls(query: str) -> tuple[str, str]:
        found = re.search(
            r'data-sort-by href="([^"]*)" data-add="([^"]*)"[^>]*>Score', table_of(query)
        )
        return found[1], found[2]

    assert urls("?sort=title") == ("?sort=-score", "?sort=title%2C-score")
    assert urls("?sort=-score") == ("?sort=score", "?sort=score")
    assert urls("?sort=score") == ("?", "?")


def test_cost_does_not_grow_with_columns_of_every_kind(portfolio, candidates, contributor, client):
    client.force_login(contributor)
    names = ",".join(column.name for column in COLUMNS)
    address = f"{RANKING}?columns={names}&sort=owner,-changed,missing"

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return [query["sql"] for query in seen.captured_queries]

    client.get(address)
    few = asked()
    for n in range(20):
        rate_both_axes(make_use_case(portfolio, title=f"More {n}"), contributor)
    recompute(portfolio.pk, NOW)
    client.get(address)
    assert len(asked()) == len(few)


# --- The API --------------------------------------------------------------------------------------


def test_the_api_narrows_and_sorts_as_the_page(candidates, viewer, api):
    body = api(viewer).get(f"{API}ranking/?sort=-score&business_unit=care&page_size=1").json()
    assert [row["reference"] for row in body["results"]] == ["ACME-3"]
    body = api(viewer).get(body["next"]).json()
    assert [row["reference"] for row in body["results"]] == ["ACME-2"]
    assert body["next"] is None


@pytest.mark.parametrize("query", ["nonsense=1", "score_min=abc", "stage=live", "columns=title"])
def test_the_api_refuses_what_says_nothing(query, viewer, api):
    answer = api(viewer).get(f"{API}ranking/?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


# --- Saved views ----------------------------------------------------------------------------------


def test_a_view_is_saved_found_changed_and_deleted(candidates, client, viewer):
    client.force_login(viewer)
    said = {"name": "Care first", "query": "sort=-score&business_unit=care"}
    made = client.post(VIEWS, said)
    view = SavedView.objects.get()
    assert made.headers["Location"] == f"{VIEWS}{view.pk}/"
    led = client.get(f"{VIEWS}{view.pk}/").headers["Location"]
    assert led == f"{RANKING}?sort=-score&business_unit=care&view={view.pk}"
    html = client.get(led).content.decode()
    assert order_of(html) == "32"
    assert "Care first" in html
    client.post(f"{VIEWS}{view.pk}/", {"name": "Care", "sharing": "shared"})
    client.post(f"{VIEWS}{view.pk}/", {"query": ""})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.query) == ("Care", True, "")
    client.post(f"{VIEWS}{view.pk}/deletion/")
    assert not SavedView.objects.exists()
    assert Tombstone.objects.of_kind("view").count() == 1


def test_a_private_view_is_seen_by_its_owner_alone(candidates, viewer, sponsor, client, api):
    view = (
        api(viewer).post(f"{API}views/", {"name": "Hidden", "query": "q=x"}, format="json").json()
    )
    assert api(sponsor).get(f"{API}views/").json()["results"] == []
    assert api(sponsor).get(f"{API}views/{view['id']}/").status_code == 404
    client.force_login(sponsor)
    assert client.get(f"{VIEWS}{view['id']}/").status_code == 404
    assert "Hidden" not in client.get(VIEWS).content.decode()
    told = Event.objects.of_kinds(["view_saved"]).get()
    assert told.what == {}


def test_a_shared_view_is_its_owners_to_change_and_a_sponsors_to_remove(
    candidates, viewer, contributor, sponsor, api
):
    body = {"name": "Care", "query": "business_unit=care", "shared": True}
    view = api(viewer).post(f"{API}views/", body, format="json").json()
    address = f"{API}views/{view['id']}/"
    assert api(contributor).get(address).json()["name"] == "Care"
    assert api(contributor).patch(address, {"name": "X"}, format="json").status_code == 403
    assert api(contributor).delete(address).status_code == 403
    assert api(sponsor).patch(address, {"name": "X"}, format="json").status_code == 403
    assert api(viewer).patch(address, {"name": "X"}, format="json").json()["name"] == "X"
    assert api(sponsor).delete(address).status_code == 204
    assert not SavedView.objects.exists()


def test_names_and_queries_that_say_nothing_are_refused_with_what_was_typed(
    candidates, viewer, client, api
):
    client.force_login(viewer)
    client.post(VIEWS, {"name": "Care", "query": ""})
    again = client.post(VIEWS, {"name": "CARE", "query": "sort=-score"})
    assert again.status_code == 422
    html = again.content.decode()
    assert "You have a view of this name" in html
    assert 'value="CARE"' in html
    assert 'value="sort=-score"' in html
    for query in ("nonsense=1", "score_min=abc"):
        answer = api(viewer).post(f"{API}views/", {"name": "N", "query": query}, format="json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "query"
    assert SavedView.objects.count() == 1


def test_a_stale_change_of_a_view_is_refused(candidates, viewer, api):
    client = api(viewer)
    view = client.post(f"{API}views/", {"name": "Care"}, format="json").json()
    address = f"{API}views/{view['id']}/"
    tag = client.get(address).headers["ETag"]
    client.patch(address, {"name": "Other"}, format="json")
    stale = client.patch(address, {"name": "Third"}, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale.json()["current"]["name"] == "Other"


def test_what_changes_a_row_changes_when_it_changed(candidates, contributor, table_of):
    edit_use_case(Actor(user=contributor), candidates[3].pk, {"title": "Last touched"})
    assert order_of(table_of("?sort=-changed"))[0] == "4"
