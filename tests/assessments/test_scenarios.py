import re

import pytest
from django.core.exceptions import ValidationError

from assessments.actions.criteria import add_criterion, retire_criterion
from assessments.actions.scenarios import (
    EnoughScenarios,
    change_scenario,
    remove_scenario,
    save_scenario,
)
from assessments.models import Criterion, Scenario
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Portfolio
from portfolio.models.events import Kind
from tests.assessments.reading import form_of, order_of
from tests.make import NOW

SCENARIOS = "/portfolios/ACME/ranking/scenarios/"
API = "/api/v1/portfolios/ACME/scenarios/"
FIT = {"ai_fit": "90"}


@pytest.fixture
def kept(portfolio, contributor, act):
    return save_scenario(act(contributor), portfolio.pk, name="Fit first", weights=FIT, now=NOW)


@pytest.fixture
def shared(kept, contributor, act):
    return change_scenario(act(contributor), kept.pk, {"is_shared": True}, now=NOW)


def told() -> list[str]:
    rows = Event.objects.filter(kind__startswith="scenario_").order_by("pk")
    return list(rows.values_list("kind", flat=True))


# --- Keeping them -----------------------------------------------------------------------------


def test_a_private_one_is_its_authors_alone(kept, sponsor, viewer, contributor, signed_in, api):
    for person in (sponsor, viewer):
        client = signed_in(person)
        assert "Fit first" not in client.get(SCENARIOS).content.decode()
        assert client.get(f"{SCENARIOS}{kept.pk}/").status_code == 404
        assert client.get(f"{SCENARIOS}{kept.pk}/edit/").status_code in (403, 404)
        assert "Fit first" not in client.get(f"{SCENARIOS}compare/").content.decode()
        assert client.post(f"{SCENARIOS}{kept.pk}/removal/").status_code == 404
        assert api(person).get(API).json()["results"] == []
        assert api(person).get(f"{API}{kept.pk}/ranking/").status_code == 404
    assert told() == []
    assert "Fit first" in signed_in(contributor).get(SCENARIOS).content.decode()


def test_a_shared_one_is_seen_by_all_and_is_an_event(shared, viewer, signed_in):
    client = signed_in(viewer)
    assert "Fit first" in client.get(SCENARIOS).content.decode()
    html = client.get(f"{SCENARIOS}{shared.pk}/").content.decode()
    assert 'value="90"' in html
    assert "Save in" not in html
    assert told() == [Kind.SCENARIO_SHARED]
    assert (
        "shared the scenario “Fit first”"
        in client.get("/portfolios/ACME/activity/").content.decode()
    )


def test_only_its_author_changes_it_and_a_sponsor_may_take_it_away(
    shared, sponsor, owner, contributor, act
):
    for person in (sponsor, owner):
        with pytest.raises(NotAllowed):
            change_scenario(act(person), shared.pk, {"name": "Mine"}, now=NOW)
    with pytest.raises(NotAllowed):
        remove_scenario(act(owner), shared.pk)
    remove_scenario(act(sponsor), shared.pk)
    assert not Scenario.objects.exists()
    assert told() == [Kind.SCENARIO_SHARED, Kind.SCENARIO_REMOVED]


def test_a_viewer_keeps_none(portfolio, viewer, act):
    with pytest.raises(NotAllowed):
        save_scenario(act(viewer), portfolio.pk, name="Mine", weights={}, now=NOW)


def test_a_name_is_given_once_by_one_person(kept, contributor, owner, act, portfolio):
    with pytest.raises(ValidationError, match="of this name already"):
        save_scenario(act(contributor), portfolio.pk, name="FIT first", weights={}, now=NOW)
    save_scenario(act(owner), portfolio.pk, name="Fit first", weights={}, now=NOW)


def test_a_person_keeps_so_many(kept, contributor, act, portfolio):
    for number in range(2, 100):
        Scenario.objects.create(
            portfolio=portfolio, by=contributor, name=f"Number {number}", weights=kept.weights,
            changed_at=NOW,
        )  # fmt: skip
    save_scenario(act(contributor), portfolio.pk, name="The last", weights={}, now=NOW)
    with pytest.raises(EnoughScenarios):
        save_scenario(act(contributor), portfolio.pk, name="Another", weights={}, now=NOW)


@pytest.mark.parametrize(
    "weight", ["-1", "NaN", "Infinity", "1.234", "10000", "x", None, "1e999999"]
)
def test_a_weight_that_does_not_fit_is_refused(portfolio, sponsor, act, weight):
    with pytest.raises(ValidationError) as refused:
        save_scenario(act(sponsor), portfolio.pk, name="S", weights={"ai_fit": weight}, now=NOW)
    assert list(refused.value.message_dict) == ["weights.ai_fit"]
    assert not Scenario.objects.exists()


def test_two_windows_do_not_overwrite_each_other(kept, contributor, act):
    change_scenario(act(contributor), kept.pk, {"name": "A"}, now=NOW, seen_version=kept.revision)
    with pytest.raises(EditedMeanwhile):
        change_scenario(
            act(contributor), kept.pk, {"name": "B"}, now=NOW, seen_version=kept.revision
        )


def test_it_moves_nobodys_ranking(kept, portfolio):
    wanted = Portfolio.objects.ranking_wanted(portfolio.pk)
    assert Portfolio.objects.get(pk=portfolio.pk).revision == kept.revision > wanted
    assert Portfolio.objects.get(pk=portfolio.pk).weights["ai_fit"] == "3"


def test_criteria_that_came_or_went_later_do_it_no_harm(kept, portfolio, sponsor, act, api):
    row = Criterion.objects.in_portfolio(portfolio.pk).get(slug="ai_fit")
    retire_criterion(act(sponsor), row.pk, now=NOW)
    add_criterion(act(sponsor), portfolio.pk, slug="speed", name="Speed", axis="impact", weight=7,
                  question="How fast?")  # fmt: skip
    criteria = Criterion.objects.in_portfolio(portfolio.pk).in_force()
    over = kept.over({one.slug: one.weight for one in criteria})
    assert over["speed"] == 7
    assert "ai_fit" not in over


# --- The pages --------------------------------------------------------------------------------


def test_weights_that_were_tried_are_kept_under_a_name(rivals, contributor, signed_in):
    client = signed_in(contributor)
    html = client.get(f"{SCENARIOS}new/?w.ai_fit=90").content.decode()
    fields = form_of(html)
    answer = client.post(f"{SCENARIOS}new/", {**fields, "name": "Fit first"})
    row = Scenario.objects.get()
    assert (row.weights["ai_fit"], row.is_shared, row.by) == ("90", False, contributor)
    assert answer.url == f"{SCENARIOS}{row.pk}/"
    html = client.get(answer.url).content.decode()
    assert order_of(html)[0] == ("ACME-2", "up 1", "2")
    moved = client.get(f"{answer.url}?w.ai_fit=3").content.decode()
    assert order_of(moved)[0][0] == "ACME-1"
    edit = form_of(client.get(f"{SCENARIOS}{row.pk}/edit/?w.ai_fit=12").content.decode())
    assert (edit["w.ai_fit"], edit["name"]) == ("12", "Fit first")
    client.post(f"{SCENARIOS}{row.pk}/edit/", {**edit, "is_shared": "on"})
    row.refresh_from_db()
    assert (row.weights["ai_fit"], row.is_shared) == ("12", True)
    stale = client.post(f"{SCENARIOS}{row.pk}/edit/", {**edit, "name": "Other"})
    assert stale.status_code == 422
    assert 'value="Other"' in stale.content.decode()
    assert client.post(f"{SCENARIOS}{row.pk}/removal/").url == SCENARIOS
    assert not Scenario.objects.exists()


def test_a_form_without_a_name_is_told(portfolio, contributor, signed_in):
    answer = signed_in(contributor).post(f"{SCENARIOS}new/", {"w.ai_fit": "5"})
    assert answer.status_code == 422
    assert 'value="5"' in answer.content.decode()


def test_two_sets_are_compared_side_by_side(rivals, shared, viewer, signed_in):
    html = (
        signed_in(viewer).get(f"{SCENARIOS}compare/?one=saved&other={shared.pk}").content.decode()
    )
    words = re.search(r'<p class="answer">(.*?)</p>', html, re.S)[1]
    assert re.sub(r"<[^>]+>", "", words) == (
        "With the saved weights, Candidate 0 leads; with Fit first, Candidate 1. "
        "2 of 2 ranked candidates stand elsewhere."
    )
    rows = re.findall(r"<tr data-item[^>]*data-differs>.*?</tr>", html, re.S)
    assert len(rows) == 2
    assert "up 1" in rows[0]
    assert '<th scope="row">Fit for AI</th><td class="n">3</td><td class="n">90</td>' in html
    same = signed_in(viewer).get(f"{SCENARIOS}compare/?one=saved&other=saved").content.decode()
    assert "Every ranked candidate keeps its place." in same


def test_without_a_scenario_there_is_nothing_to_compare(portfolio, viewer, signed_in):
    client = signed_in(viewer)
    assert (
        "Compare what with what?"
        in client.get(f"{SCENARIOS}compare/?one=9&other=x").content.decode()
    )
    assert "Which weights would you like" in client.get(SCENARIOS).content.decode()


# --- The API ----------------------------------------------------------------------------------


def test_a_script_keeps_reads_changes_and_removes_one(rivals, contributor, api):
    client = api(contributor)
    made = client.post(API, {"name": "Fit first", "weights": FIT, "shared": True}, format="json")
    assert made.status_code == 201, made.content
    address = f"{API}{made.json()['id']}/"
    assert made["Location"] == address
    assert client.get(address).json() == made.json()
    assert client.get(API).json()["results"] == [made.json()]
    changed = client.patch(address, {"weights": {"ai_fit": "1"}}, format="json",
                           headers={"If-Match": made["ETag"]})  # fmt: skip
    assert changed.json()["weights"] == {"ai_fit": "1"}
    late = client.patch(address, {"name": "x"}, format="json", headers={"If-Match": made["ETag"]})
    assert (late.status_code, late.json()["current"]["weights"]) == (412, {"ai_fit": "1"})
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_a_copy_kept_in_step_learns_what_went(kept, contributor, viewer, api, act):
    mine, theirs = f"{API}?updated_since=0", f"{API}?updated_since={kept.revision}"
    change_scenario(act(contributor), kept.pk, {"is_shared": True}, now=NOW)
    assert [row["name"] for row in api(viewer).get(theirs).json()["results"]] == ["Fit first"]
    change_scenario(act(contributor), kept.pk, {"is_shared": False}, now=NOW)
    gone = api(viewer).get(theirs).json()["results"]
    assert [(row["id"], "deleted_at" in row) for row in gone] == [(kept.pk, True)]
    assert [row["name"] for row in api(contributor).get(mine).json()["results"]] == ["Fit first"]
    change_scenario(act(contributor), kept.pk, {"name": "Mine"}, now=NOW)
    since = Portfolio.objects.get(key="ACME").revision
    remove_scenario(act(contributor), kept.pk)
    late = f"{API}?updated_since={since}"
    assert api(viewer).get(late).json()["results"] == []
    assert [row["id"] for row in api(contributor).get(late).json()["results"]] == [kept.pk]


def test_a_ranking_with_other_weights_comes_in_pages_and_writes_nothing(
    rivals, shared, viewer, api
):
    client, before = api(viewer), Portfolio.objects.get(key="ACME").revision
    whole = client.get(f"{API}{shared.pk}/ranking/").json()
    assert [row["rank"] for row in whole["results"]] == [1, 2, 3, 4]
    first = whole["results"][0]
    assert (first["reference"], first["rank"], first["saved_rank"], first["place"]) == (
        "ACME-2", 1, 2, "ranked",
    )  # fmt: skip
    asked = {"weights": FIT}
    answer = client.post("/api/v1/portfolios/ACME/what-if/?page_size=3", asked, format="json")
    assert answer.json()["results"] == whole["results"][:3]
    rest = client.post(answer.json()["next"], asked, format="json").json()
    assert rest["results"] == whole["results"][3:]
    assert rest["next"] is None
    assert rest["previous"]
    assert Portfolio.objects.get(key="ACME").revision == before


def test_a_cursor_of_a_ranking_that_was_replaced_is_refused(rivals, shared, contributor, api, act):
    following = api(contributor).get(f"{API}{shared.pk}/ranking/?page_size=1").json()["next"]
    change_scenario(act(contributor), shared.pk, {"weights": {"ai_fit": "2"}}, now=NOW)
    answer = api(contributor).get(following)
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:pharos:problem:ranking_changed",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "weights"), ({"weights": {"nothing": "1"}}, "weights.nothing"),
        ({"weights": {"ai_fit": "-1"}}, "weights.ai_fit"), ({"weights": [1]}, "weights"),
        ({"weights": {"ai_fit": "NaN"}}, "weights.ai_fit"), ({"weights": {}, "x": 1}, "x"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_name_their_field(portfolio, viewer, api, body, field):
    answer = api(viewer).post("/api/v1/portfolios/ACME/what-if/", body, format="json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
