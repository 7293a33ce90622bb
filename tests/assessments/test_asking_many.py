"""A test asked of many candidates at once: by a worker, in the work list, and taken back once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.actions.asking import ask, end_request
from assessments.actions.testing import answer_tests
from assessments.models import Ending, Request
from portfolio import changing
from portfolio.actions import changing_many
from portfolio.actions.changing_many import Chosen
from portfolio.changes import Wanted
from portfolio.models import BulkChange, Event, Membership
from portfolio.rights import Actor
from portfolio.rules.words import Changing
from tests.assessments.making import OUTCOME
from tests.make import make_use_case

PAGES = "/portfolios/ACME/bulk-changes/"
API = "/api/v1/portfolios/ACME/bulk-changes/"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def soon(now):
    return now.date() + timedelta(days=9)


@pytest.fixture
def candidates(portfolio):
    return [make_use_case(portfolio, title=f"Candidate {n}") for n in range(3)]


@pytest.fixture
def carried(portfolio, candidates, sponsor, owner, soon):
    """The bulk change, done: `carried()` asks the owner for the outcome of all three."""

    def through(**said) -> BulkChange:
        wanted = {"value": "outcome", "asked": owner.email, "due_on": soon, **said}
        bulk = changing_many.change_many(
            Actor(user=sponsor), portfolio.pk, Chosen([row.reference for row in candidates]),
            Wanted(Changing.TEST, **wanted), now=timezone.now(),
        )  # fmt: skip
        changing.run(bulk.pk, timezone.now)
        bulk.refresh_from_db()
        return bulk

    return through


def undone(bulk: BulkChange, by) -> BulkChange:
    changing_many.undo_change(Actor(user=by), bulk.pk, now=timezone.now())
    changing.run(bulk.pk, timezone.now)
    bulk.refresh_from_db()
    return bulk


def asked_for(use_case) -> list[tuple[str, str]]:
    rows = Request.objects.of(use_case.pk).open().with_names()
    return [(row.asked.email, row.test) for row in rows]


def why(bulk: BulkChange) -> str:
    return bulk.rows.get(state="kept").why


def test_it_stands_in_the_work_list_and_is_taken_back(
    candidates, carried, client, sponsor, owner, soon
):
    bulk = carried(reason="Legal wants to know.")
    assert (bulk.state, bulk.changed, bulk.refused) == ("done", 3, 0)
    rows = list(Request.objects.of(candidates[0].pk))
    assert [(row.note, row.due_on) for row in rows] == [("Legal wants to know.", soon)]
    client.force_login(owner)
    words = "asks you to answer the outcome: Legal wants to know."
    assert client.get("/").content.decode().count(words) == 3
    bulk = undone(bulk, sponsor)
    assert (bulk.state, bulk.undone, bulk.kept) == ("undone", 3, 0)
    assert words not in client.get("/").content.decode()
    row = Request.objects.get(pk=rows[0].pk)
    assert (row.ending, row.words) == (Ending.WITHDRAWN, "Undone with the change of many.")
    assert Event.objects.of_kinds(["asked"]).count() == 3
    assert Event.objects.of_kinds(["request_ended"]).count() == 3
    assert row.revision <= Event.objects.order_by("-pk").first().pk


def test_what_is_answered_or_asked_just_so_is_left_as_it_was(
    act, candidates, carried, sponsor, owner, soon, now
):
    answer_tests(act(sponsor), candidates[0].pk, {"outcome": OUTCOME}, now=now)
    ask(act(sponsor), candidates[1].pk, email=owner.email, tests=["outcome"], due_on=soon, now=now)
    bulk = carried()
    assert (bulk.changed, bulk.unchanged) == (1, 2)
    assert asked_for(candidates[0]) == []


def test_an_undo_gives_the_test_back_to_who_had_it(
    act, candidates, carried, sponsor, contributor, owner, now
):
    (before,) = ask(
        act(sponsor), candidates[0].pk, email=contributor.email, tests=["outcome"],
        note="Which metric?", now=now,
    )  # fmt: skip
    bulk = carried()
    assert asked_for(candidates[0]) == [(owner.email, "outcome")]
    bulk = undone(bulk, sponsor)
    assert bulk.undone == 3
    assert asked_for(candidates[0]) == [(contributor.email, "outcome")]
    kept = Request.objects.get(pk=before.pk)
    assert (kept.note, kept.due_on, kept.words) == ("Which metric?", None, "")


def test_an_undo_gives_back_the_day_and_the_note(
    act, candidates, carried, sponsor, owner, now, soon
):
    late = soon + timedelta(days=30)
    (before,) = ask(
        act(owner), candidates[0].pk, email=owner.email, tests=["outcome"], note="Mine",
        due_on=late, now=now,
    )  # fmt: skip
    bulk = carried()
    assert Request.objects.get(pk=before.pk).due_on == soon
    undone(bulk, sponsor)
    row = Request.objects.get(pk=before.pk)
    assert (row.note, row.due_on, row.by_id) == ("Mine", late, owner.pk)
    assert (row.made_at, row.ended_at) == (now, None)


def test_an_undo_leaves_what_ended_since(act, candidates, carried, sponsor, owner, now):
    bulk = carried()
    row = Request.objects.of(candidates[1].pk).get()
    end_request(act(owner), row.pk, Ending.DECLINED, "Ask Carl.", now=now)
    bulk = undone(bulk, sponsor)
    assert (bulk.undone, bulk.kept) == (2, 1)
    assert "has ended since. Ask Carl." in why(bulk)


def test_an_undo_leaves_what_was_asked_anew(act, candidates, carried, sponsor, owner, now):
    bulk = carried()
    ask(act(sponsor), candidates[1].pk, email=owner.email, tests=["outcome"], now=timezone.now())
    bulk = undone(bulk, sponsor)
    assert (bulk.undone, bulk.kept) == (2, 1)
    assert "asked anew since" in why(bulk)


def test_an_undo_asks_nobody_who_left(
    act, portfolio, candidates, carried, sponsor, contributor, owner, now
):
    ask(act(sponsor), candidates[0].pk, email=contributor.email, tests=["outcome"], now=now)
    bulk = carried()
    Membership.objects.of(contributor.pk, portfolio.pk).delete()
    bulk = undone(bulk, sponsor)
    assert bulk.kept == 1
    assert "cannot answer any more" in why(bulk)
    assert asked_for(candidates[0]) == [(owner.email, "outcome")]


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({"value": ""}, "value"), ({"value": "nonsense"}, "value"), ({"asked": ""}, "asked"),
        ({"asked": "nobody@acme.example"}, "asked"), ({"asked": "viewer@acme.example"}, "asked"),
        ({"reason": "x" * 2_001}, "reason"),
    ],
)  # fmt: skip
def test_what_no_candidate_takes_is_refused_at_once(carried, viewer, said, at):
    with pytest.raises(ValidationError) as refusal:
        carried(**said)
    assert set(refusal.value.message_dict) == {at}
    assert not BulkChange.objects.exists()


@pytest.mark.parametrize("days", [-1, 366])
def test_a_day_out_of_reach_is_refused_at_once(carried, now, days):
    with pytest.raises(ValidationError, match="within a year"):
        carried(due_on=now.date() + timedelta(days=days))


# --- Doors ----------------------------------------------------------------------------------------


def test_the_form_asks_and_keeps_what_was_typed(candidates, client, sponsor, owner, soon):
    client.force_login(sponsor)
    said = {
        "reference": [row.reference for row in candidates], "change": "test", "test": "data",
        "reason": "May we use it?", "due_on": soon.isoformat(),
    }  # fmt: skip
    refused = client.post(f"{PAGES}new/", said)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "Name a contributor or sponsor" in html
    assert "May we use it?" in html
    assert f'value="{soon.isoformat()}"' in html
    begun = client.post(f"{PAGES}new/", {**said, "asked": owner.email})
    bulk = BulkChange.objects.get()
    assert begun.headers["Location"] == f"{PAGES}{bulk.pk}/"
    changing.run(bulk.pk, timezone.now)
    page = client.get(f"{PAGES}{bulk.pk}/").content.decode()
    assert f"Ask Olga Owner for the data, by {soon:%-d %B %Y}" in page
    assert "Undo for 3" in page
    assert "Ask Olga Owner for the data" in client.get(PAGES).content.decode()


def test_the_api_asks_many(candidates, api, sponsor, owner, soon):
    client = api(sponsor)
    body = {
        "change": "test", "value": "review", "asked": owner.email, "due_on": soon.isoformat(),
        "references": [candidates[0].reference],
    }  # fmt: skip
    answer = client.post(API, body, format="json")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["asked"], told["due_on"]) == (owner.email, soon.isoformat())
    changing.run(told["id"], timezone.now)
    assert asked_for(candidates[0]) == [(owner.email, "review")]


@pytest.mark.parametrize(
    "more",
    [
        {"change": "test", "value": "review"},
        {"change": "test", "value": "review", "asked": "x"},
        {"change": "test", "value": "review", "asked": "owner@acme.example", "due_on": "9999-99-9"},
        {"change": "business_unit", "value": "Care", "asked": "owner@acme.example"},
        {"change": "park", "reason": "Later.", "due_on": "2030-01-01"},
    ],
)
def test_the_api_refuses_what_cannot_be_meant(candidates, api, sponsor, owner, more):
    answer = api(sponsor).post(API, {"query": "", **more}, format="json")
    assert answer.status_code == 400
    assert not BulkChange.objects.exists()
