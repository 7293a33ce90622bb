"""Proposing, editing and splitting candidates."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from portfolio.actions.candidates import Part, edit_use_case, propose_use_case, split_use_case
from portfolio.actions.pipeline import retire_use_case
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.models import Event, Portfolio, UseCase
from tests.make import NOW, make_lighthouse, make_use_case

TRIAGE = {"title": " Support triage ", "jobs": ["triage tickets", "", " triage  tickets "]}


def test_a_candidate_gets_the_next_number_and_an_open_standing(portfolio, contributor, act):
    use_case = propose_use_case(act(contributor), portfolio.pk, TRIAGE, now=NOW)
    assert (use_case.reference, use_case.stage) == ("ACME-1", "proposed")
    assert (use_case.title, use_case.jobs) == ("Support triage", ["triage tickets"])
    assert use_case.standing.missing == ["outcome", "data", "review", "economics"]
    event = Event.objects.about(use_case.pk).get()
    assert (event.kind, event.pk, event.by) == (
        "use_case_proposed", use_case.revision, contributor,
    )  # fmt: skip


def test_a_viewer_proposes_nothing(portfolio, viewer, act):
    with pytest.raises(NotAllowed):
        propose_use_case(act(viewer), portfolio.pk, TRIAGE, now=NOW)
    assert not UseCase.objects.exists()


def test_a_stranger_finds_no_portfolio_to_propose_to(portfolio, stranger, act):
    with pytest.raises(Portfolio.DoesNotExist):
        propose_use_case(act(stranger), portfolio.pk, TRIAGE, now=NOW)


def test_a_candidate_needs_a_title(portfolio, contributor, act):
    with pytest.raises(ValidationError) as refused:
        propose_use_case(act(contributor), portfolio.pk, {"title": "  "}, now=NOW)
    assert "title" in refused.value.message_dict
    portfolio.refresh_from_db()
    assert portfolio.last_number == 0


def test_an_edit_tells_what_it_changed(portfolio, contributor, act):
    use_case = make_use_case(portfolio)
    edited = edit_use_case(act(contributor), use_case.pk, {"business_unit": "Sales"})
    event = Event.objects.about(use_case.pk).newest_first().first()
    assert event.what == {"changed": {"business_unit": ["Care", "Sales"]}}
    assert edited.revision == event.pk > use_case.revision


def test_an_edit_that_changes_nothing_leaves_no_trace(portfolio, contributor, act):
    use_case = make_use_case(portfolio)
    edited = edit_use_case(act(contributor), use_case.pk, {"business_unit": " Care "})
    assert edited.revision == use_case.revision


def test_an_edit_of_what_was_changed_meanwhile_is_refused(portfolio, contributor, act):
    use_case = make_use_case(portfolio)
    edit_use_case(act(contributor), use_case.pk, {"title": "One"})
    with pytest.raises(EditedMeanwhile) as refused:
        edit_use_case(
            act(contributor), use_case.pk, {"title": "Two"}, seen_version=use_case.revision
        )
    assert refused.value.row.title == "One"


def test_a_contributor_edits_candidates_only(portfolio, contributor, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="selected")
    make_lighthouse(use_case, owner)
    with pytest.raises(NotAllowed):
        edit_use_case(act(contributor), use_case.pk, {"title": "Mine"})
    assert edit_use_case(act(owner), use_case.pk, {"title": "Owner's"}).title == "Owner's"
    assert edit_use_case(act(sponsor), use_case.pk, {"title": "Sam's"}).title == "Sam's"


@pytest.mark.django_db(transaction=True)
def test_a_new_scope_asks_for_a_ranking_and_a_new_title_does_not(portfolio, contributor, act, rung):
    use_case = make_use_case(portfolio)
    before = len(rung())
    edit_use_case(act(contributor), use_case.pk, {"title": "Other"})
    assert len(rung()) == before
    edit_use_case(act(contributor), use_case.pk, {"jobs": ["one", "two"]})
    assert rung()[before:] == [("assessments.recompute_ranking", (portfolio.pk,))]


PARTS = [
    Part("Triage of tickets", "triage", "agents", "first response time"),
    Part("Drafts for agents", "draft", "agents", "first response time"),
    Part("Drafts for leads", "draft", "leads", "first response time"),
]


@pytest.fixture
def platform_play(portfolio):
    return make_use_case(portfolio, jobs=["triage", "draft"], segments=["agents", "leads"])


def test_a_platform_play_is_split_in_one_step(platform_play, contributor, act):
    first, *others = split_use_case(act(contributor), platform_play.pk, PARTS, now=NOW)
    assert (first.reference, first.jobs, first.segments) == ("ACME-1", ["triage"], ["agents"])
    assert [(new.reference, new.split_from_id, new.stage) for new in others] == [
        ("ACME-2", first.pk, "proposed"),
        ("ACME-3", first.pk, "proposed"),
    ]
    assert others[1].segments == ["leads"]
    assert others[0].problem == first.problem
    told = Event.objects.about(first.pk).newest_first().first()
    assert (told.kind, told.what["into"]) == ("use_case_split", ["ACME-2", "ACME-3"])


@pytest.mark.parametrize(
    "parts",
    [
        PARTS[:1],
        [PARTS[0], PARTS[0]],
        [PARTS[0], Part("Else", "invented", "agents", "first response time")],
        [PARTS[0], Part("No segment", "draft", "", "first response time")],
    ],
)
def test_parts_come_from_the_scope(platform_play, contributor, act, parts):
    with pytest.raises(ValidationError):
        split_use_case(act(contributor), platform_play.pk, parts, now=NOW)
    assert UseCase.objects.count() == 1


def test_retirement_is_a_dated_fact_of_a_decided_use_case(portfolio, sponsor, owner, act):
    decided = make_use_case(portfolio, stage="decided")
    retired = retire_use_case(
        act(sponsor), decided.pk, NOW.date(), reason="The product it served is gone.", now=NOW
    )
    assert (retired.retired_on, retired.stage) == (NOW.date(), "decided")
    with pytest.raises(NotAllowed):
        retire_use_case(act(owner), decided.pk, NOW.date(), reason="No.", now=NOW)
    for day in (date(1900, 1, 1), NOW.date() + timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            retire_use_case(act(sponsor), decided.pk, day, reason="Gone.", now=NOW)
        assert "retired_on" in refused.value.message_dict


def test_only_what_is_decided_is_retired(portfolio, sponsor, act):
    with pytest.raises(RuleBroken):
        retire_use_case(
            act(sponsor), make_use_case(portfolio, stage="live").pk, NOW.date(),
            reason="Too early.", now=NOW,
        )  # fmt: skip


def test_retirement_has_a_reason_and_a_day_that_has_come(portfolio, sponsor, act):
    decided = make_use_case(portfolio, stage="decided")
    for day, reason in ((NOW.date().replace(year=2027), "Later."), (NOW.date(), " ")):
        with pytest.raises(ValidationError):
            retire_use_case(act(sponsor), decided.pk, day, reason=reason, now=NOW)
