"""`updated_since=`: a copy kept in step misses nothing, deleted rows included."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assessments.actions.testing import answer_tests
from assessments.ranking import recompute
from portfolio import events
from portfolio.actions.candidates import edit_use_case
from portfolio.actions.delivery import draw_up, name_owner
from portfolio.actions.members import change_role, remove_member
from portfolio.actions.pipeline import move
from portfolio.models import Lighthouse, Membership, Portfolio, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from tests import make
from tests.assessments.making import OUTCOME, answer_all, rate_both_axes

HERE = "/api/v1/portfolios/ACME/members/"


def membership(user, portfolio) -> Membership:
    return Membership.objects.of(user.pk, portfolio.pk).get()


def everything(client, address: str) -> list[dict]:
    rows = []
    while address:
        page = client.get(address).json()
        rows += page["results"]
        address = page["next"]
    return rows


@pytest.fixture
def crowd(act, sponsor, portfolio) -> list:
    """Six people whose roles changed one after the other: each has a revision of its own."""
    people = [
        make.make_member(portfolio, f"p{n}@acme.example", f"P {n}", "viewer") for n in range(6)
    ]
    for person in people:
        change_role(act(sponsor), membership(person, portfolio).pk, "contributor")
    return people


def test_rows_and_the_deleted_come_in_the_order_it_happened(api, act, sponsor, portfolio, crowd):
    start = Portfolio.objects.get(pk=portfolio.pk).revision
    gone = membership(crowd[2], portfolio).pk
    change_role(act(sponsor), membership(crowd[0], portfolio).pk, "viewer")
    remove_member(act(sponsor), gone)
    change_role(act(sponsor), membership(crowd[1], portfolio).pk, "viewer")
    rows = api(sponsor).get(f"{HERE}?updated_since={start}").json()["results"]
    assert [row.get("email") for row in rows] == ["p0@acme.example", None, "p1@acme.example"]
    assert set(rows[1]) == {"id", "deleted_at"}
    assert rows[1]["id"] == gone


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_any_page_size_gives_the_same_rows_once_each(api, act, sponsor, portfolio, crowd, size):
    for person in (crowd[1], crowd[4], crowd[5]):
        remove_member(act(sponsor), membership(person, portfolio).pk)
    change_role(act(sponsor), membership(crowd[0], portfolio).pk, "viewer")
    rows = everything(api(sponsor), f"{HERE}?updated_since=0&page_size={size}")
    whole = api(sponsor).get(f"{HERE}?updated_since=0&page_size=500").json()["results"]
    assert rows == whole
    assert [("deleted_at" in row) for row in rows[-4:]] == [True, True, True, False]


def test_a_copy_ends_as_the_list_is(api, act, sponsor, portfolio, crowd):
    """A client that applies what it is told, page by page, holds what the list holds."""
    client, copy = api(sponsor), {}

    def keep_in_step(since: str) -> str:
        answer = client.get(f"{HERE}?updated_since={since}&page_size=2")
        while True:
            page = answer.json()
            for row in page["results"]:
                if "deleted_at" in row:
                    copy.pop(row["id"], None)
                else:
                    copy[row["id"]] = row
            if page["next"] is None:
                return answer["X-Revision"]
            answer = client.get(page["next"])

    mark = keep_in_step("0")
    remove_member(act(sponsor), membership(crowd[3], portfolio).pk)
    change_role(act(sponsor), membership(crowd[4], portfolio).pk, "viewer")
    mark = keep_in_step(mark)
    now = {row["id"]: row for row in everything(client, HERE) if row["revision"]}
    assert copy == now
    assert client.get(f"{HERE}?updated_since={mark}").json()["results"] == []


def test_an_instant_serves_as_well(api, act, sponsor, portfolio, crowd):
    moment = timezone.now()
    remove_member(act(sponsor), membership(crowd[3], portfolio).pk)
    for written in (moment.isoformat(), moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")):
        rows = api(sponsor).get(HERE, {"updated_since": written}).json()["results"]
        assert [set(row) for row in rows] == [{"id", "deleted_at"}]
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    assert api(sponsor).get(HERE, {"updated_since": later}).json()["results"] == []


@pytest.mark.parametrize("far", ["+23:59", "-23:59"])
def test_an_instant_may_be_told_in_any_time_zone(api, sponsor, portfolio, far):
    answer = api(sponsor).get(HERE, {"updated_since": f"2026-01-01T00:00:00{far}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        "0001-01-01T00:00:00+23:59",
        "yesterday",
        "-1",
        "1.5",
        "2026-11-22",
        "9" * 30,
        "2026-13-45T00:00Z",
    ],
)
def test_anything_else_is_400(api, sponsor, portfolio, wrong):
    assert api(sponsor).get(HERE, {"updated_since": wrong}).status_code == 400


def test_tombstones_of_other_portfolios_are_not_told(api, act, sponsor, stranger, portfolio):
    other = Portfolio.objects.with_key("OTHER").get()
    gone = make.make_member(other, "gone@other.example", "Gus Gone", "viewer")
    remove_member(act(stranger), membership(gone, other).pk)
    assert "deleted_at" not in str(api(sponsor).get(f"{HERE}?updated_since=0").json())


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "WzEsMiwzXQ"])
def test_a_cursor_that_nobody_gave_is_400(api, sponsor, portfolio, cursor):
    for address in (f"{HERE}?cursor={cursor}", f"{HERE}?updated_since=0&cursor={cursor}"):
        assert api(sponsor).get(address).status_code == 400


@pytest.mark.parametrize("size", ["0", "501", "x", "-1"])
def test_a_page_size_out_of_bounds_is_400(api, sponsor, portfolio, size):
    assert api(sponsor).get(f"{HERE}?page_size={size}").status_code == 400


def test_pages_are_stable_while_rows_are_added(api, sponsor, portfolio, crowd):
    client = api(sponsor)
    first = client.get(f"{HERE}?page_size=3").json()
    make.make_member(portfolio, "late@acme.example", "Lea Late", "viewer")
    second = client.get(first["next"]).json()
    keys = [row["id"] for row in first["results"] + second["results"]]
    assert keys == sorted(set(keys))
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.django_db(transaction=True)
def test_what_commits_out_of_order_is_not_missed(api, sponsor, stranger, portfolio):
    """A slow writer holds an older revision than one that is visible: the reader waits for it."""
    slow_has_written, may_commit = threading.Event(), threading.Event()
    other = Portfolio.objects.with_key("OTHER").get()
    Membership.objects.create(portfolio=other, user=sponsor, role="viewer")
    row = membership(sponsor, portfolio)

    def slow():
        try:
            with transaction.atomic():
                events.record(portfolio, Kind.ROLE_CHANGED, by=Actor(user=sponsor), touched=[row])
                slow_has_written.set()
                may_commit.wait(timeout=10)
        finally:
            connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    slow_has_written.wait(timeout=10)
    with transaction.atomic():
        events.record(other, Kind.PORTFOLIO_CHANGED, by=Actor(user=stranger))
    threading.Timer(0.3, may_commit.set).start()
    answer = api(sponsor).get(f"{HERE}?updated_since=0")
    writer.join(timeout=10)
    assert row.pk in [shown["id"] for shown in answer.json()["results"]]


class TestWhatAListTellsOfUseCases:
    """A row is told when anything in it changed, whoever changed it and wherever it is kept."""

    @pytest.fixture
    def told(self, api, viewer, portfolio):
        make.make_use_case(portfolio, title="Somebody else's")
        use_case = make.make_use_case(portfolio, stage="qualified")

        def changes(act) -> list[str]:
            since = Portfolio.objects.get(pk=portfolio.pk).revision
            act(use_case)
            rows = api(viewer).get(f"/api/v1/use-cases/?updated_since={since}").json()["results"]
            return [row["reference"] for row in rows]

        return changes

    def test_answers_and_ratings(self, told, act, contributor, portfolio):
        assert told(lambda row: answer_all(row, contributor)) == ["ACME-2"]
        assert told(lambda row: rate_both_axes(row, contributor, "4")) == []  # nothing follows yet
        assert told(lambda row: recompute(portfolio.pk, timezone.now())) == ["ACME-1", "ACME-2"]

    def test_a_lighthouse_and_its_owner(self, told, act, sponsor, owner, portfolio):
        now = timezone.now()
        named = {"owner": owner.email, "now": now}
        assert told(lambda row: draw_up(act(sponsor), row.pk, **named)) == ["ACME-2"]
        lighthouse = Lighthouse.objects.get()
        assert told(lambda row: name_owner(act(sponsor), lighthouse.pk, owner=sponsor.email)) == [
            "ACME-2"
        ]
        assert told(
            lambda row: move(act(sponsor), row.pk, Stage.PARKED, reason="Later.", now=now)
        ) == ["ACME-2"]

    def test_each_once_in_the_order_it_happened(self, told, api, act, contributor, viewer):
        def both(row):
            answer_all(row, contributor)
            edit_use_case(act(contributor), UseCase.objects.get(number=1).pk, {"title": "Wider"})
            edit_use_case(act(contributor), row.pk, {"title": "Renamed"})

        assert told(both) == ["ACME-1", "ACME-2"]
        address = "/api/v1/use-cases/?updated_since=0&page_size=1"
        assert [row["reference"] for row in everything(api(viewer), address)] == [
            "ACME-1", "ACME-2",
        ]  # fmt: skip


def test_a_draft_contract_follows_its_outcome_test(api, act, owner, viewer, contributor, portfolio):
    use_case = make.make_use_case(portfolio, stage="qualified")
    make.make_lighthouse(use_case, owner)
    since = Portfolio.objects.get(pk=portfolio.pk).revision
    answer_tests(act(contributor), use_case.pk, {"outcome": OUTCOME}, now=timezone.now())
    rows = api(viewer).get(f"/api/v1/lighthouses/?updated_since={since}").json()["results"]
    assert [row["contract"]["metric"] for row in rows] == ["first response time"]
