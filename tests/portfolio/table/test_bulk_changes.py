"""Many candidates changed at once: row by row, by the actions, and taken back once."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portfolio import changing, sweeping
from portfolio.actions import changing_many, members
from portfolio.actions.candidates import edit_use_case
from portfolio.actions.changing_many import BulkChangeNotThere, Chosen, Wanted
from portfolio.actions.pipeline import move
from portfolio.bells import Bell
from portfolio.errors import NotAllowed
from portfolio.models import BulkChange, Event, Lighthouse, Membership, UseCase
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.rules.table import read_view
from portfolio.rules.words import Changing
from tests.assessments.making import answer_all
from tests.make import NOW, make_lighthouse, make_ready, make_sealed, make_use_case

CLOCK = timezone.now
PAGES = "/portfolios/ACME/bulk-changes/"
API = "/api/v1/portfolios/ACME/bulk-changes/"


@pytest.fixture
def candidates(portfolio):
    return [make_use_case(portfolio, title=f"Candidate {n}") for n in range(3)]


@pytest.fixture
def begin(portfolio, candidates, sponsor):
    def begun(change: str, value: str = "", reason: str = "", *, by=None, rows=None) -> BulkChange:
        chosen = Chosen([row.reference for row in rows or candidates])
        wanted = Wanted(Changing(change), value, reason)
        actor = Actor(user=by or sponsor)
        return changing_many.change_many(actor, portfolio.pk, chosen, wanted, now=NOW)

    return begun


@pytest.fixture
def carried(begin):
    def through(*arguments, **options) -> BulkChange:
        bulk = begin(*arguments, **options)
        changing.run(bulk.pk, CLOCK)
        bulk.refresh_from_db()
        return bulk

    return through


def undone(bulk: BulkChange, by) -> BulkChange:
    changing_many.undo_change(Actor(user=by), bulk.pk, now=NOW)
    changing.run(bulk.pk, CLOCK)
    bulk.refresh_from_db()
    return bulk


def units(rows) -> list[str]:
    return [UseCase.objects.get(pk=row.pk).business_unit for row in rows]


def counts(bulk: BulkChange) -> tuple:
    return bulk.state, bulk.total, bulk.done, bulk.changed, bulk.unchanged, bulk.refused


def test_a_field_is_changed_where_it_differs_and_undone(candidates, carried, sponsor):
    edit_use_case(Actor(user=sponsor), candidates[1].pk, {"business_unit": "Legal"})
    bulk = carried("business_unit", "Legal")
    assert units(candidates) == ["Legal"] * 3
    assert counts(bulk) == ("done", 3, 3, 2, 1, 0)
    assert Event.objects.of_kinds(["use_case_edited"]).count() == 3
    bulk = undone(bulk, sponsor)
    assert (bulk.state, bulk.undone, bulk.kept) == ("undone", 2, 0)
    assert units(candidates) == ["Care", "Legal", "Care"]


def test_an_undo_leaves_what_was_changed_since_and_says_so(candidates, carried, sponsor):
    bulk = carried("business_unit", "Legal")
    edit_use_case(Actor(user=sponsor), candidates[0].pk, {"business_unit": "Sales"})
    bulk = undone(bulk, sponsor)
    assert units(candidates) == ["Sales", "Care", "Care"]
    assert (bulk.undone, bulk.kept) == (2, 1)
    assert "changed since, to “Sales”" in bulk.rows.get(state="kept").why


def test_a_change_is_undone_once(candidates, carried, sponsor):
    bulk = undone(carried("business_unit", "Legal"), sponsor)
    with pytest.raises(BulkChangeNotThere, match="once"):
        changing_many.undo_change(Actor(user=sponsor), bulk.pk, now=NOW)


def test_a_gate_refuses_with_its_conditions(candidates, carried, sponsor):
    make_ready(candidates[0])
    bulk = carried("stage", "qualified")
    assert bulk.refused == 3 - bulk.changed
    row = bulk.rows.refused()[0]
    assert "cannot enter qualified yet" in row.why
    assert row.conditions
    assert {"condition", "why", "mend"} == set(row.conditions[0])


def test_parking_asks_why_and_comes_back(candidates, carried, begin, sponsor):
    with pytest.raises(ValidationError, match="Write why"):
        begin("park")
    bulk = carried("park", reason="Budget is frozen.")
    stages = {UseCase.objects.get(pk=row.pk).stage for row in candidates}
    assert stages == {"parked"}
    assert UseCase.objects.get(pk=candidates[0].pk).stage_reason == "Budget is frozen."
    undone(bulk, sponsor)
    stages = {UseCase.objects.get(pk=row.pk).stage for row in candidates}
    assert stages == {"proposed"}


def test_who_parked_it_again_since_keeps_it_parked(candidates, carried, sponsor):
    bulk = carried("park", reason="Budget is frozen.")
    moved = candidates[0].pk
    for to, why in ((Stage.PROPOSED, ""), (Stage.PARKED, "Legal forbade it.")):
        move(Actor(user=sponsor), moved, to, reason=why, now=timezone.now())
    bulk = undone(bulk, sponsor)
    assert (bulk.undone, bulk.kept) == (2, 1)
    row = UseCase.objects.get(pk=moved)
    assert (row.stage, row.stage_reason) == ("parked", "Legal forbade it.")
    assert "moved away and back" in bulk.rows.get(state="kept").why


def test_the_end_of_an_undo_reaches_who_keeps_a_copy(api, candidates, carried, portfolio, sponsor):
    address = f"/api/v1/portfolios/{portfolio.key}/bulk-changes/"
    bulk = carried("park", reason="Budget is frozen.")
    client = api(sponsor)
    changing_many.undo_change(Actor(user=sponsor), bulk.pk, now=NOW)
    before = client.get(address)
    since = before.json()["results"][0]["revision"]
    changing.run(bulk.pk, CLOCK)
    now = client.get(address, headers={"If-None-Match": before["ETag"]})
    assert (now.status_code, now.json()["results"][0]["state"]) == (200, "undone")
    told = client.get(f"{address}?updated_since={since}").json()["results"]
    assert [row["state"] for row in told] == ["undone"]


def test_parking_is_taken_back_with_the_lighthouse_that_it_closed(
    portfolio, carried, owner, sponsor, contributor
):
    held = make_use_case(portfolio, stage="qualified")
    answer_all(held, contributor)
    lighthouse = make_lighthouse(held, owner, planned_weeks=12)
    entered = held.stage_entered_at
    bulk = carried("park", reason="Budget is frozen.", rows=[held])
    lighthouse.refresh_from_db()
    assert lighthouse.abandoned_at is not None
    bulk = undone(bulk, sponsor)
    assert (bulk.undone, bulk.kept) == (1, 0)
    held.refresh_from_db()
    lighthouse.refresh_from_db()
    assert (held.stage, held.stage_reason, held.stage_entered_at) == ("qualified", "", entered)
    assert (lighthouse.is_active, lighthouse.left_behind_at) == (True, None)
    assert (lighthouse.owner_id, lighthouse.acceptance) == (owner.pk, "accepted")


def test_a_delivery_that_was_parked_by_mistake_goes_on_where_it_stood(
    portfolio, carried, owner, sponsor
):
    building = make_use_case(portfolio, stage="building")
    lighthouse = make_sealed(building, owner, start=NOW.date())
    entered = building.stage_entered_at
    bulk = carried("park", rows=[building], reason="The wrong tick.")
    lighthouse.refresh_from_db()
    assert lighthouse.abandoned_at is not None
    assert undone(bulk, sponsor).undone == 1
    building.refresh_from_db()
    lighthouse.refresh_from_db()
    assert (building.stage, building.stage_reason) == ("building", "")
    assert (building.stage_entered_at, building.parked_from) == (entered, "")
    assert (lighthouse.is_active, lighthouse.verdict_due is not None) == (True, True)


def test_what_was_parked_stays_parked_for_its_own_reason(portfolio, carried, sponsor):
    row = make_use_case(portfolio)
    move(Actor(user=sponsor), row.pk, Stage.PARKED, reason="Until spring.", now=NOW)
    bulk = carried("stage", "proposed", rows=[row])
    assert (bulk.changed, undone(bulk, sponsor).undone) == (1, 1)
    row.refresh_from_db()
    assert (row.stage, row.stage_reason, row.parked_from) == ("parked", "Until spring.", "proposed")
    assert row.stage_entered_at == NOW


def test_an_owner_is_asked_and_one_is_drawn_up_where_there_is_none(
    portfolio, candidates, carried, owner, contributor, sponsor
):
    ready = make_use_case(portfolio, stage="qualified")
    held = make_use_case(portfolio, stage="qualified")
    make_lighthouse(held, contributor)
    bulk = carried("owner", owner.email, rows=[candidates[0], ready, held])
    assert (bulk.changed, bulk.refused) == (2, 1)
    assert {row.owner_id for row in Lighthouse.objects.all()} == {owner.pk}
    bulk = undone(bulk, sponsor)
    assert (bulk.undone, bulk.kept) == (1, 1)
    given_back = Lighthouse.objects.of_use_case(held.pk).get()
    assert (given_back.owner_id, given_back.acceptance) == (contributor.pk, "accepted")
    assert given_back.answered_at == NOW
    assert "drawn up" in bulk.rows.get(state="kept").why


@pytest.mark.parametrize(
    ("change", "value", "reason"),
    [
        ("stage", "nonsense", ""), ("stage", "stopped", ""), ("task_type", "x", ""),
        ("owner", "nobody@acme.example", ""), ("business_unit", "x" * 251, ""),
    ],
)  # fmt: skip
def test_a_value_that_no_row_takes_is_refused_at_once(begin, change, value, reason):
    with pytest.raises(ValidationError):
        begin(change, value, reason)
    assert not BulkChange.objects.exists()


def test_a_viewer_and_a_stranger(begin, viewer, stranger):
    with pytest.raises(NotAllowed):
        begin("business_unit", "Legal", by=viewer)
    from portfolio.models import Portfolio

    with pytest.raises(Portfolio.DoesNotExist):
        begin("business_unit", "Legal", by=stranger)


def test_rights_are_asked_again_by_the_worker(candidates, begin, contributor, sponsor, portfolio):
    bulk = begin("business_unit", "Legal", by=contributor)
    membership = Membership.objects.of(contributor.pk, portfolio.pk).get()
    members.remove_member(Actor(user=sponsor), membership.pk)
    changing.run(bulk.pk, CLOCK)
    bulk.refresh_from_db()
    assert counts(bulk) == ("done", 3, 3, 0, 0, 3)
    assert units(candidates) == ["Care"] * 3


def test_a_worker_that_stops_half_way_is_gone_on_from_and_nothing_is_done_twice(
    candidates, begin, rung
):
    bulk = begin("business_unit", "Legal")
    assert changing._advance(bulk.pk, CLOCK)  # and then it is killed
    bulk.refresh_from_db()
    assert (bulk.done, bulk.state) == (1, "running")
    assert (Bell.CHANGE_MANY, bulk.pk) in sweeping.waiting(timezone.now())
    changing.run(bulk.pk, CLOCK)
    changing.run(bulk.pk, CLOCK)
    bulk.refresh_from_db()
    assert counts(bulk) == ("done", 3, 3, 3, 0, 0)
    assert Event.objects.of_kinds(["use_case_edited"]).count() == 3
    assert Event.objects.of_kinds(["bulk_change_finished"]).count() == 1
    assert (Bell.CHANGE_MANY, bulk.pk) not in sweeping.waiting(timezone.now())


def test_a_stopped_one_leaves_the_rest_and_can_be_undone(candidates, begin, sponsor):
    bulk = begin("business_unit", "Legal")
    changing._advance(bulk.pk, CLOCK)
    changing_many.stop_change(Actor(user=sponsor), bulk.pk, now=NOW)
    changing.run(bulk.pk, CLOCK)
    assert units(candidates) == ["Legal", "Care", "Care"]
    bulk = undone(bulk, sponsor)
    assert units(candidates) == ["Care"] * 3


def test_all_that_match_a_view(portfolio, candidates, sponsor):
    make_use_case(portfolio, title="Elsewhere", business_unit="Legal")
    view = read_view([("business_unit", "care"), ("title", "candidate")])
    bulk = changing_many.change_many(
        Actor(user=sponsor), portfolio.pk, Chosen(view=view),
        Wanted(Changing.TASK_TYPE, "routine"), now=NOW,
    )  # fmt: skip
    assert bulk.total == 3


# --- Doors ----------------------------------------------------------------------------------------


def test_rows_are_ticked_changed_and_undone_by_forms(candidates, client, sponsor):
    client.force_login(sponsor)
    html = client.get("/portfolios/ACME/ranking/").content.decode()
    assert html.count("data-tick ") == 3
    chosen = [candidates[0].reference, candidates[2].reference]
    html = client.get(f"{PAGES}new/", {"reference": chosen}).content.decode()
    assert "Change 2 candidates" in html
    said = {"reference": chosen, "change": "business_unit", "business_unit": "Legal"}
    begun = client.post(f"{PAGES}new/", said)
    bulk = BulkChange.objects.get()
    assert begun.headers["Location"] == f"{PAGES}{bulk.pk}/"
    assert "Waiting for a worker" in client.get(f"{PAGES}{bulk.pk}/").content.decode()
    changing.run(bulk.pk, CLOCK)
    page = client.get(f"{PAGES}{bulk.pk}/").content.decode()
    assert "2 candidates were changed" in page
    assert "Undo for 2" in page
    client.post(f"{PAGES}{bulk.pk}/undo/")
    changing.run(bulk.pk, CLOCK)
    page = client.get(f"{PAGES}{bulk.pk}/").content.decode()
    assert "2 candidates have back what they had" in page
    assert "Set business unit to Legal" in client.get(PAGES).content.decode()


def test_what_is_ticked_on_many_pages_comes_in_one_value(candidates, client, sponsor):
    client.force_login(sponsor)
    names = [row.reference for row in candidates]
    many = {"reference": [f"{names[0]},{names[2]}", names[0]]}
    for answer in (
        client.get(f"{PAGES}new/", many),
        client.post(f"{PAGES}new/", {**many, "choosing": "1"}),
    ):
        assert answer.status_code == 200
        assert "Change 2 candidates" in answer.content.decode()
        assert f'name="reference" value="{names[0]},{names[2]}"' in answer.content.decode()
    said = {"reference": ",".join(names), "change": "business_unit", "business_unit": "Legal"}
    client.post(f"{PAGES}new/", said)
    assert BulkChange.objects.get().total == 3


def test_what_is_gone_since_it_was_ticked_is_left_out_and_said(candidates, client, sponsor):
    client.force_login(sponsor)
    chosen = {"reference": f"{candidates[0].reference},ACME-99,OTHER-1"}
    page = client.get(f"{PAGES}new/", chosen).content.decode()
    assert "ACME-99, OTHER-1 are not in this portfolio, and left out." in page
    assert "Change 1 candidate" in page
    page = client.get(f"{PAGES}new/", {"reference": "ACME-99"}).content.decode()
    assert "ACME-99 is not in this portfolio, and left out." in page
    assert "Nothing is ticked" in page


def test_a_form_that_lacks_something_keeps_what_was_typed(candidates, client, sponsor):
    client.force_login(sponsor)
    said = {"reference": candidates[0].reference, "change": "park", "business_unit": "kept"}
    answer = client.post(f"{PAGES}new/", said)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Write why they are parked" in html
    assert 'value="kept"' in html
    assert f'value="{candidates[0].reference}"' in html
    for said in ({"reference": "OTHER-1", "change": "stage", "stage": "proposed"}, {}):
        assert client.post(f"{PAGES}new/", said).status_code == 422
    assert not BulkChange.objects.exists()


def test_the_viewer_sees_and_ticks_nothing(candidates, carried, client, viewer, stranger):
    bulk = carried("business_unit", "Legal")
    client.force_login(viewer)
    assert "data-tick " not in client.get("/portfolios/ACME/ranking/").content.decode()
    page = client.get(f"{PAGES}{bulk.pk}/").content.decode()
    assert "3 candidates were changed" in page
    assert "Undo" not in page
    assert client.post(f"{PAGES}{bulk.pk}/undo/").status_code == 403
    client.force_login(stranger)
    assert client.get(f"{PAGES}{bulk.pk}/").status_code == 404


def test_the_api_changes_many_tells_how_far_and_undoes(candidates, api, sponsor):
    client = api(sponsor)
    body = {"change": "business_unit", "value": "Legal", "query": "title=candidate"}
    answer = client.post(API, body, format="json")
    assert answer.status_code == 202
    address = answer.headers["Location"]
    assert (answer.json()["state"], answer.json()["total"]) == ("queued", 3)
    changing.run(answer.json()["id"], CLOCK)
    told = client.get(address).json()
    assert (told["state"], told["changed"], told["refusals"]) == ("done", 3, [])
    assert client.post(f"{address}undo/").status_code == 202
    assert client.post(f"{address}undo/").status_code == 409
    assert client.post(f"{address}stop/").status_code == 409
    assert client.get(API).json()["results"][0]["state"] == "undoing"


@pytest.mark.parametrize(
    "body",
    [
        {"change": "business_unit", "value": "x"},
        {"change": "business_unit", "value": "x", "query": "", "references": []},
        {"change": "business_unit", "value": "x", "references": ["OTHER-1"]},
        {"change": "business_unit", "value": "x", "query": "nonsense=1"},
        {"change": "title", "value": "x", "query": ""},
        {"change": "stage", "value": "x", "query": ""},
    ],
)
def test_the_api_refuses_what_cannot_be_meant(candidates, api, sponsor, body):
    assert api(sponsor).post(API, body, format="json").status_code == 400
