"""Moving through the pipeline: gates, overrides, and what a move means for the delivery."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from portfolio import gates, settling
from portfolio.actions.delivery import draw_up
from portfolio.actions.pipeline import move
from portfolio.errors import EditedMeanwhile, GateRefused, NotAllowed, RuleBroken
from portfolio.models import Event, GateOverride, Lighthouse, UseCase
from portfolio.pages import board
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Role
from tests.make import NOW, make_lighthouse, make_use_case


def kinds_of(use_case) -> list[str]:
    return [event.kind for event in Event.objects.about(use_case.pk).in_key_order()]


def test_a_gate_refuses_with_every_condition(portfolio, sponsor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    with pytest.raises(GateRefused) as refused:
        move(act(sponsor), use_case.pk, Stage.SELECTED, now=NOW)
    named = {finding.condition: finding for finding in refused.value.conditions}
    assert not named["An owner is named"].holds
    assert named["An owner is named"].mend == "lighthouse"
    assert "cannot enter selected yet" in refused.value.words
    use_case.refresh_from_db()
    assert use_case.stage == "qualified"
    assert kinds_of(use_case) == ["use_case_proposed"]


def test_a_sponsor_overrides_in_writing_and_it_stays(portfolio, sponsor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    moved = move(
        act(sponsor), use_case.pk, Stage.SELECTED, override="The board asked for it.", now=NOW
    )
    assert (moved.stage, moved.stage_entered_at) == ("selected", NOW)
    kept = GateOverride.objects.get()
    assert (kept.from_stage, kept.to_stage, kept.by) == ("qualified", "selected", sponsor)
    assert "An owner is named" in [condition["condition"] for condition in kept.conditions]
    assert kinds_of(use_case)[-2:] == ["gate_overridden", "moved"]


def test_an_owner_overrides_nothing(portfolio, owner, act):
    use_case = make_use_case(portfolio, stage="mobilising")
    make_lighthouse(use_case, owner)
    with pytest.raises(NotAllowed):
        move(act(owner), use_case.pk, Stage.BUILDING, override="I know better.", now=NOW)
    assert not GateOverride.objects.exists()


def test_an_owner_moves_forward_through_an_open_gate(portfolio, owner, act):
    use_case = make_use_case(portfolio, stage="mobilising")
    make_lighthouse(use_case, owner, production_environment="eu-west")
    assert move(act(owner), use_case.pk, Stage.BUILDING, now=NOW).stage == "building"
    assert not GateOverride.objects.exists()


@pytest.mark.parametrize("to", [Stage.PROPOSED, Stage.QUALIFIED, Stage.PARKED, Stage.STOPPED])
def test_what_rewinds_or_ends_a_delivery_is_a_sponsors(portfolio, owner, sponsor, act, to):
    use_case = make_use_case(portfolio, stage="selected")
    make_lighthouse(use_case, owner)
    with pytest.raises(NotAllowed):
        move(act(owner), use_case.pk, to, reason="It does not fit.", now=NOW)
    assert move(act(sponsor), use_case.pk, to, reason="It does not fit.", now=NOW).stage == to


def test_a_viewer_moves_nothing(portfolio, viewer, act):
    use_case = make_use_case(portfolio, stage="qualified")
    with pytest.raises(NotAllowed):
        move(act(viewer), use_case.pk, Stage.PROPOSED, now=NOW)


def test_a_stranger_finds_nothing_to_move(portfolio, stranger, act):
    use_case = make_use_case(portfolio)
    with pytest.raises(UseCase.DoesNotExist):
        move(act(stranger), use_case.pk, Stage.PARKED, reason="Why not?", now=NOW)


@pytest.mark.parametrize(
    ("stage", "to"),
    [
        ("proposed", Stage.SELECTED),
        ("qualified", Stage.QUALIFIED),
        ("building", Stage.DECIDED),
        ("parked", Stage.QUALIFIED),
        ("stopped", Stage.PROPOSED),
        ("decided", Stage.LIVE),
    ],
)
def test_ways_that_do_not_exist_are_refused_whoever_asks(portfolio, sponsor, act, stage, to):
    use_case = make_use_case(portfolio, stage=stage)
    with pytest.raises(RuleBroken):
        move(act(sponsor), use_case.pk, to, reason="Try.", override="Try.", now=NOW)


@pytest.mark.parametrize("to", [Stage.PARKED, Stage.STOPPED])
def test_a_way_out_needs_a_reason(portfolio, sponsor, act, to):
    use_case = make_use_case(portfolio)
    with pytest.raises(ValidationError) as refused:
        move(act(sponsor), use_case.pk, to, now=NOW)
    assert list(refused.value.message_dict) == ["reason"]


def test_parked_remembers_where_from_and_comes_back_to_proposed(portfolio, contributor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    parked = move(act(contributor), use_case.pk, Stage.PARKED, reason="No budget.", now=NOW)
    assert (parked.parked_from, parked.stage_reason) == ("qualified", "No budget.")
    back = move(act(contributor), use_case.pk, Stage.PROPOSED, now=NOW)
    assert (back.stage, back.parked_from, back.stage_reason) == ("proposed", "", "")


def test_what_was_parked_from_delivery_is_brought_back_by_a_sponsor(
    portfolio, contributor, sponsor, act
):
    use_case = make_use_case(portfolio, stage="building")
    move(act(sponsor), use_case.pk, Stage.PARKED, reason="Reorganisation.", now=NOW)
    with pytest.raises(NotAllowed):
        move(act(contributor), use_case.pk, Stage.PROPOSED, now=NOW)
    assert move(act(sponsor), use_case.pk, Stage.PROPOSED, now=NOW).stage == "proposed"


@pytest.mark.parametrize("to", [Stage.PARKED, Stage.STOPPED])
def test_a_way_out_abandons_the_lighthouse(portfolio, owner, sponsor, act, to):
    use_case = make_use_case(portfolio, stage="building")
    lighthouse = make_lighthouse(use_case, owner)
    move(act(sponsor), use_case.pk, to, reason="Reorganisation.", now=NOW)
    lighthouse.refresh_from_db()
    assert (lighthouse.abandoned_at, lighthouse.is_active) == (NOW, False)
    assert "lighthouse_abandoned" in kinds_of(use_case)


def test_selection_starts_the_clock_on_the_day_of_the_portfolio(portfolio, owner, sponsor, act):
    portfolio.time_zone = "Pacific/Auckland"
    portfolio.save(update_fields=["time_zone"])
    use_case = make_use_case(portfolio, stage="qualified")
    lighthouse = make_lighthouse(use_case, owner, planned_weeks=12)
    late = NOW.replace(hour=23)
    move(act(sponsor), use_case.pk, Stage.SELECTED, override="Go.", now=late)
    lighthouse.refresh_from_db()
    assert lighthouse.start_date == date(2026, 3, 4)
    assert lighthouse.verdict_due == date(2026, 5, 26)


def test_a_start_date_set_before_is_kept(portfolio, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    lighthouse = make_lighthouse(use_case, owner, start_date=date(2026, 3, 9))
    move(act(sponsor), use_case.pk, Stage.SELECTED, override="Go.", now=NOW)
    lighthouse.refresh_from_db()
    assert lighthouse.start_date == date(2026, 3, 9)


def test_the_clock_starts_anew_when_it_is_selected_anew(portfolio, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    lighthouse = make_lighthouse(use_case, owner)
    move(act(sponsor), use_case.pk, Stage.SELECTED, override="Go.", now=NOW)
    much_later = NOW + timedelta(days=110)
    move(act(sponsor), use_case.pk, Stage.QUALIFIED, now=much_later)
    lighthouse.refresh_from_db()
    assert (lighthouse.start_date, lighthouse.verdict_due) == (None, None)
    move(act(sponsor), use_case.pk, Stage.SELECTED, override="Again.", now=much_later)
    lighthouse.refresh_from_db()
    assert lighthouse.start_date == much_later.date()
    settling.settle(lighthouse.pk, much_later)
    assert lighthouse.standing.verdict == "pending"


def test_a_start_date_that_a_sponsor_set_survives_every_move(portfolio, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="qualified")
    lighthouse = make_lighthouse(use_case, owner, start_date=date(2026, 3, 9))
    for to in (Stage.SELECTED, Stage.QUALIFIED, Stage.SELECTED):
        move(act(sponsor), use_case.pk, to, override="Go.", now=NOW)
    lighthouse.refresh_from_db()
    assert lighthouse.start_date == date(2026, 3, 9)


def declare(lighthouse: Lighthouse, verdict: str) -> None:
    lighthouse.declared_verdict, lighthouse.declared_at = verdict, NOW
    lighthouse.retrospective = "We learnt to ask for the data first."
    lighthouse.save()


@pytest.mark.parametrize("stage", ["building", "live"])
def test_a_failure_enters_decided_from_building_and_live(portfolio, owner, act, stage):
    use_case = make_use_case(portfolio, stage=stage)
    declare(make_lighthouse(use_case, owner), "failure")
    assert move(act(owner), use_case.pk, Stage.DECIDED, now=NOW).stage == "decided"


def test_a_retry_leaves_the_declared_lighthouse_as_it_is(portfolio, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="decided")
    lighthouse = make_lighthouse(use_case, owner)
    declare(lighthouse, "failure")
    assert move(act(sponsor), use_case.pk, Stage.PROPOSED, now=NOW).stage == "proposed"
    lighthouse.refresh_from_db()
    assert (lighthouse.abandoned_at, lighthouse.declared_verdict) == (None, "failure")
    use_case.stage = "qualified"
    use_case.save(update_fields=["stage"])
    with pytest.raises(GateRefused) as refused:
        move(act(sponsor), use_case.pk, Stage.SELECTED, now=NOW)
    named = {finding.condition: finding.holds for finding in refused.value.conditions}
    assert not named["An owner is named"], "a retry names its owner anew"


@pytest.fixture
def retried(portfolio, owner, sponsor, act) -> UseCase:
    """Failed, decided, and moved to `building` again by overrides, without a new lighthouse."""
    use_case = make_use_case(portfolio, stage="building")
    old = make_lighthouse(
        use_case, owner, production_environment="eu-west", shipped_on=NOW.date(),
        review_working_on=NOW.date(), reading_plan="Weekly, by the BI team.",
    )  # fmt: skip
    declare(old, "failure")
    move(act(owner), use_case.pk, Stage.DECIDED, now=NOW)
    move(act(sponsor), use_case.pk, Stage.PROPOSED, now=NOW)
    for to in ("qualified", "selected", "mobilising", "building"):
        move(act(sponsor), use_case.pk, Stage(to), override="Once more.", now=NOW)
    use_case.refresh_from_db()
    return use_case


def test_an_old_failure_decides_no_retry(retried, sponsor, act):
    with pytest.raises(RuleBroken, match="Only a verdict of failure"):
        move(act(sponsor), retried.pk, Stage.DECIDED, override="Again.", now=NOW)


def test_an_old_lighthouse_opens_no_gate_of_a_retry(retried, portfolio, sponsor, act):
    for stage in (Stage.BUILDING, Stage.LIVE, Stage.DECIDED):
        findings = gates.look(stage, [retried.pk])[retried.pk]
        assert not any(finding.holds for finding in findings), stage
    move(act(sponsor), retried.pk, Stage.LIVE, override="On.", now=NOW)
    with pytest.raises(GateRefused):
        move(act(sponsor), retried.pk, Stage.DECIDED, now=NOW)


def test_an_old_verdict_closes_no_retry(retried, owner, sponsor, act):
    new = draw_up(act(sponsor), retried.pk, owner=owner.email, now=NOW)
    assert new.is_active
    old = Lighthouse.objects.of_use_case(retried.pk).declared().get()
    assert (old.declared_verdict, old.abandoned_at) == ("failure", None)


def test_its_old_owner_moves_no_retry(retried, owner, act):
    with pytest.raises(NotAllowed):
        move(act(owner), retried.pk, Stage.LIVE, now=NOW)


def test_lists_show_no_retry_as_its_old_owners(retried, owner, act):
    [row] = UseCase.objects.listed().filter(pk=retried.pk)
    assert not row["newest"]
    assert not UseCase.objects.owned_by_address(owner.email).filter(pk=retried.pk).exists()
    assert not UseCase.objects.with_ownership(act(owner)).get(pk=retried.pk).actor_owns
    assert not Lighthouse.objects.in_the_open().filter(use_case=retried).exists()


def test_a_card_offers_what_the_retry_may_do(retried, sponsor):
    [card] = board.cards(
        [UseCase.objects.with_standing().get(pk=retried.pk)],
        board.Viewer(sponsor.pk, Role.SPONSOR), "UTC", NOW,
    )  # fmt: skip
    assert "decided" not in card.moves
    assert card.owner is None or not card.owner


def test_an_undeclared_verdict_is_declared_before_a_retry(portfolio, owner, sponsor, act):
    use_case = make_use_case(portfolio, stage="decided")
    lighthouse = make_lighthouse(use_case, owner)
    lighthouse.standing.verdict = "victory"
    lighthouse.standing.save()
    with pytest.raises(RuleBroken, match="Declare the verdict first"):
        move(act(sponsor), use_case.pk, Stage.PROPOSED, now=NOW)


def test_a_move_of_what_was_changed_meanwhile_is_refused(portfolio, contributor, act):
    use_case = make_use_case(portfolio)
    with pytest.raises(EditedMeanwhile):
        move(
            act(contributor), use_case.pk, Stage.PARKED, reason="Later.",
            seen_version=use_case.revision - 1, now=NOW,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_move_asks_for_a_ranking_and_a_settlement(portfolio, owner, sponsor, act, rung):
    use_case = make_use_case(portfolio, stage="building")
    lighthouse = make_lighthouse(use_case, owner)
    before = len(rung())
    move(act(sponsor), use_case.pk, Stage.SELECTED, now=NOW)
    assert set(rung()[before:]) == {
        ("assessments.recompute_ranking", (portfolio.pk,)),
        ("portfolio.settle", (lighthouse.pk,)),
    }
    lighthouse.refresh_from_db()
    portfolio.refresh_from_db()
    assert lighthouse.settle_wanted == portfolio.ranking_wanted == portfolio.revision
