from contextlib import nullcontext
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portfolio.actions import contract, delivery, milestones, readings, recording, verdicts
from portfolio.actions.readings import NewReading
from portfolio.actions.recording import WeeklyUpdate
from portfolio.actions.verdicts import Limit
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.models import (
    Amendment,
    Event,
    Forecast,
    Guardrail,
    Lighthouse,
    LighthouseStanding,
    Milestone,
    Reading,
    Tombstone,
)
from portfolio.rules.words import LimitKind, Verdict
from tests import make
from tests.portfolio.delivery.conftest import START


def kinds(use_case) -> list[str]:
    return [event.kind for event in Event.objects.about(use_case.pk).newest_first()]


def publish(lighthouse, verdict: str) -> None:
    """What a worker would publish, as of now."""
    lighthouse.refresh_from_db()
    standing = LighthouseStanding.objects.get(pk=lighthouse.pk)
    standing.verdict, standing.settle_done = verdict, lighthouse.settle_wanted
    standing.save()


class TestDrawingUp:
    @pytest.fixture
    def candidate(self, portfolio):
        return make.make_use_case(portfolio, stage="qualified")

    def draw(self, actor, use_case, now, **fields):
        return delivery.draw_up(
            actor, use_case.pk, **{"owner": "owner@acme.example", "now": now, **fields}
        )

    def test_a_sponsor_draws_up_and_the_owner_is_asked(self, act, sponsor, owner, candidate, now):
        lighthouse = self.draw(act(sponsor), candidate, now)
        assert (lighthouse.owner, lighthouse.acceptance) == (owner, "asked")
        assert (lighthouse.start_date, lighthouse.verdict_due) == (None, None)
        assert LighthouseStanding.objects.of(lighthouse.pk).verdict == "pending"
        event = Event.objects.about(candidate.pk).newest_first()[0]
        assert (event.kind, event.pk) == ("owner_named", lighthouse.revision)

    def test_nobody_else_draws_up(self, act, contributor, owner, viewer, candidate, now):
        for person in (contributor, viewer, owner):
            with pytest.raises(NotAllowed):
                self.draw(act(person), candidate, now)
        assert not Lighthouse.objects.exists()

    def test_a_proposal_has_no_lighthouse(self, act, sponsor, owner, portfolio, now):
        proposal = make.make_use_case(portfolio)
        with pytest.raises(RuleBroken, match="from qualified on"):
            self.draw(act(sponsor), proposal, now)

    @pytest.mark.parametrize("stage", ["decided", "parked", "stopped"])
    def test_what_is_over_gets_none(self, act, sponsor, owner, portfolio, now, stage):
        with pytest.raises(RuleBroken):
            self.draw(act(sponsor), make.make_use_case(portfolio, stage=stage), now)

    def test_only_one_is_active(self, act, sponsor, owner, candidate, now):
        self.draw(act(sponsor), candidate, now)
        with pytest.raises(RuleBroken, match="active lighthouse already"):
            self.draw(act(sponsor), candidate, now)

    def test_a_retry_gets_a_new_one_and_the_old_one_stays(
        self, act, sponsor, owner, candidate, now
    ):
        first = self.draw(act(sponsor), candidate, now)
        first.abandoned_at = now
        first.save(update_fields=["abandoned_at"])
        second = self.draw(act(sponsor), candidate, now)
        assert list(Lighthouse.objects.of_use_case(candidate.pk).newest_first()) == [second, first]

    def test_what_was_declared_is_not_followed_by_another_at_once(
        self, act, sponsor, lighthouse, use_case, now
    ):
        lighthouse.declared_at = now
        lighthouse.save(update_fields=["declared_at"])
        with pytest.raises(RuleBroken, match="move it to decided"):
            self.draw(act(sponsor), use_case, now)

    @pytest.mark.parametrize("email", ["viewer@acme.example", "stan@other.example", "no@body.org"])
    def test_the_owner_is_a_member_who_can_own(self, act, sponsor, viewer, candidate, now, email):
        make.make_user("stan@other.example")
        with pytest.raises(ValidationError) as refused:
            self.draw(act(sponsor), candidate, now, owner=email)
        assert "owner" in refused.value.message_dict

    def test_in_selected_the_clock_starts_on_the_day_of_the_move(
        self, act, sponsor, owner, portfolio, now
    ):
        selected = make.make_use_case(portfolio, stage="selected")
        lighthouse = self.draw(act(sponsor), selected, now)
        assert lighthouse.start_date == selected.stage_entered_at.date()

    @pytest.mark.parametrize(
        ("away", "is_fine"), [(14, True), (15, False), (-14, True), (-15, False)]
    )
    def test_a_start_more_than_14_days_away_needs_a_reason(
        self, act, sponsor, owner, candidate, now, away, is_fine
    ):
        start = now.date() + timedelta(days=away)
        if not is_fine:
            with pytest.raises(ValidationError, match="say why"):
                self.draw(act(sponsor), candidate, now, start_date=start)
        lighthouse = self.draw(
            act(sponsor), candidate, now, start_date=start, start_reason="" if is_fine else "Runs."
        )
        assert lighthouse.verdict_due == start + timedelta(days=16 * 7 - 1)

    @pytest.mark.parametrize("weeks", [7, 17])
    def test_it_runs_8_to_16_weeks(self, act, sponsor, owner, candidate, now, weeks):
        with pytest.raises(ValidationError, match="8 to 16 weeks"):
            self.draw(act(sponsor), candidate, now, planned_weeks=weeks)

    def test_a_year_that_cannot_be_meant_is_refused(self, act, sponsor, owner, candidate, now):
        with pytest.raises(ValidationError, match="cannot be meant"):
            self.draw(act(sponsor), candidate, now, start_date=date(9999, 12, 31))


class TestOwnership:
    @pytest.fixture
    def asked(self, portfolio, owner):
        return make.make_lighthouse(
            make.make_use_case(portfolio, stage="qualified"), owner, acceptance="asked"
        )

    def test_the_person_named_accepts(self, act, owner, asked, now):
        answered = delivery.answer_ownership(act(owner), asked.pk, accept=True, now=now)
        assert (answered.acceptance, answered.answered_at) == ("accepted", now)
        assert kinds(asked.use_case)[0] == "owner_accepted"

    def test_the_person_named_declines_with_a_reason(self, act, owner, asked, now):
        delivery.answer_ownership(act(owner), asked.pk, accept=False, reason="On leave", now=now)
        asked.refresh_from_db()
        assert (asked.acceptance, asked.decline_reason) == ("declined", "On leave")

    def test_nobody_accepts_for_them(self, act, sponsor, contributor, asked, now):
        for person in (sponsor, contributor):
            with pytest.raises(NotAllowed):
                delivery.answer_ownership(act(person), asked.pk, accept=True, now=now)

    def test_a_stranger_does_not_find_it(self, act, stranger, asked, now):
        with pytest.raises(Lighthouse.DoesNotExist):
            delivery.answer_ownership(act(stranger), asked.pk, accept=True, now=now)

    def test_another_owner_is_asked_afresh(self, act, sponsor, contributor, lighthouse):
        renamed = delivery.name_owner(act(sponsor), lighthouse.pk, owner=contributor.email)
        assert (renamed.owner, renamed.acceptance) == (contributor, "asked")

    def test_an_owner_names_no_other(self, act, owner, contributor, lighthouse):
        with pytest.raises(NotAllowed):
            delivery.name_owner(act(owner), lighthouse.pk, owner=contributor.email)


class TestPlan:
    @pytest.fixture
    def draft(self, portfolio, owner):
        return make.make_lighthouse(make.make_use_case(portfolio, stage="selected"), owner)

    def test_the_owner_plans(self, act, owner, draft, now):
        delivery.plan(act(owner), draft.pk, {"planned_weeks": 12, "how_measured": "BI"}, now=now)
        draft.refresh_from_db()
        assert (draft.planned_weeks, draft.how_measured) == (12, "BI")
        assert Event.objects.about(draft.use_case_id).newest_first()[0].what["changed"] == {
            "planned_weeks": [16, 12],
            "how_measured": ["", "BI"],
        }

    def test_the_start_is_a_sponsor_s(self, act, owner, sponsor, draft):
        now = draft.use_case.stage_entered_at
        with pytest.raises(NotAllowed):
            delivery.plan(act(owner), draft.pk, {"start_date": START}, now=now)
        delivery.plan(act(sponsor), draft.pk, {"start_date": START}, now=now)
        draft.refresh_from_db()
        assert draft.verdict_due == date(2026, 6, 21)

    def test_a_plan_that_changes_nothing_leaves_no_trace(self, act, owner, draft, now):
        before = kinds(draft.use_case)
        delivery.plan(act(owner), draft.pk, {"planned_weeks": 16}, now=now)
        assert kinds(draft.use_case) == before

    def test_what_is_sealed_is_not_planned(self, act, sponsor, lighthouse, now):
        with pytest.raises(RuleBroken, match="amend"):
            delivery.plan(act(sponsor), lighthouse.pk, {"planned_weeks": 12}, now=now)

    def test_facts_are_recorded_after_sealing_too(self, act, owner, lighthouse, now):
        delivery.plan(act(owner), lighthouse.pk, {"reading_plan": "Olga, weekly"}, now=now)
        lighthouse.refresh_from_db()
        assert lighthouse.reading_plan == "Olga, weekly"

    def test_the_second_of_two_editors_is_told(self, act, owner, sponsor, draft, now):
        seen = draft.revision
        delivery.plan(act(owner), draft.pk, {"how_measured": "BI"}, now=now, seen_version=seen)
        with pytest.raises(EditedMeanwhile):
            delivery.plan(
                act(sponsor), draft.pk, {"how_measured": "logs"}, now=now, seen_version=seen
            )

    def test_a_contributor_who_does_not_own_it_plans_nothing(self, act, contributor, draft, now):
        with pytest.raises(NotAllowed):
            delivery.plan(act(contributor), draft.pk, {"how_measured": "BI"}, now=now)


class TestSealing:
    def test_the_contract_is_a_copy(self, lighthouse, use_case):
        use_case.success_metric.target = Decimal(4)
        use_case.success_metric.save()
        use_case.guardrails.update(limit=1)
        lighthouse = Lighthouse.objects.get(pk=lighthouse.pk)
        assert lighthouse.contract.target == Decimal("0.5")
        assert lighthouse.contract.guardrails == [
            {
                "id": use_case.guardrails.get().pk,
                "metric": "CSAT",
                "unit": "points",
                "kind": "at_least",
                "limit": "4.2",
            }
        ]

    def test_sealing_again_returns_the_first(self, lighthouse, act, sponsor, now):
        assert contract.seal_contract(lighthouse, act(sponsor), now) == lighthouse.contract

    def test_what_is_not_complete_is_not_sealed(self, portfolio, owner, act, now):
        open_one = make.make_lighthouse(make.make_use_case(portfolio, stage="mobilising"), owner)
        with pytest.raises(RuleBroken, match="Missing: the metric"):
            contract.seal(act(owner), open_one.pk, now=now)

    def test_it_is_sealed_later_where_the_gate_was_overridden(self, portfolio, owner, act, now):
        use_case = make.make_use_case(portfolio, stage="mobilising")
        make.make_metric(use_case)
        late = make.make_lighthouse(
            use_case, owner, start_date=START, how_measured="BI", smallest_sample=100
        )
        contract.seal(act(owner), late.pk, now=now)
        assert Lighthouse.objects.get(pk=late.pk).is_sealed

    def test_before_mobilising_nothing_is_sealed_by_hand(self, portfolio, owner, act, now):
        early = make.make_lighthouse(make.make_use_case(portfolio, stage="selected"), owner)
        with pytest.raises(RuleBroken, match="moves to mobilising"):
            contract.seal(act(owner), early.pk, now=now)


class TestAmending:
    def amend(self, actor, lighthouse, now, reason="The BI export was late.", **changes):
        return verdicts.amend(actor, lighthouse.pk, changes, reason=reason, now=now)

    def test_an_amendment_keeps_before_and_after(self, act, sponsor, lighthouse, now):
        amendment = self.amend(act(sponsor), lighthouse, now, target=Decimal("0.6"))
        assert amendment.changes == {"target": ["0.5", "0.6"]}
        assert Lighthouse.objects.get(pk=lighthouse.pk).contract.target == Decimal("0.6")

    def test_it_moves_the_verdict_day(self, act, sponsor, lighthouse, now):
        self.amend(act(sponsor), lighthouse, now, planned_weeks=12)
        lighthouse.refresh_from_db()
        assert (lighthouse.planned_weeks, lighthouse.verdict_due) == (12, date(2026, 5, 24))

    def test_never_past_16_weeks_however_often(self, act, sponsor, lighthouse, now):
        later = START + timedelta(days=28)
        with pytest.raises(ValidationError, match="16 weeks after the sealed start"):
            self.amend(act(sponsor), lighthouse, now, start_date=later)
        self.amend(act(sponsor), lighthouse, now, start_date=later, planned_weeks=12)
        with pytest.raises(ValidationError, match="16 weeks after the sealed start"):
            self.amend(act(sponsor), lighthouse, now, planned_weeks=13)

    def test_it_needs_a_reason(self, act, sponsor, lighthouse, now):
        with pytest.raises(ValidationError) as refused:
            self.amend(act(sponsor), lighthouse, now, reason=" ", target=Decimal("0.6"))
        assert "reason" in refused.value.message_dict

    def test_it_is_a_sponsor_s(self, act, owner, lighthouse, now):
        with pytest.raises(NotAllowed):
            self.amend(act(owner), lighthouse, now, target=Decimal("0.6"))

    def test_the_target_stays_better_than_the_baseline(self, act, sponsor, lighthouse, now):
        with pytest.raises(ValidationError) as refused:
            self.amend(act(sponsor), lighthouse, now, target=Decimal(9))
        assert "target" in refused.value.message_dict

    def test_nothing_changed_is_no_amendment(self, act, sponsor, lighthouse, now):
        with pytest.raises(ValidationError, match="Nothing would change"):
            self.amend(act(sponsor), lighthouse, now, target=Decimal("0.50"))

    def test_guardrails_keep_their_rows_and_new_ones_get_theirs(
        self, act, sponsor, lighthouse, use_case, now
    ):
        csat = use_case.guardrails.get()
        limits = [
            Limit("csat", "points", LimitKind.AT_LEAST, Decimal(4)),
            Limit("escalations", "%", LimitKind.AT_MOST, Decimal(3)),
        ]
        self.amend(act(sponsor), lighthouse, now, guardrails=limits)
        sealed = Lighthouse.objects.get(pk=lighthouse.pk).contract.guardrails
        assert sealed[0]["id"] == csat.pk
        assert list(Guardrail.objects.of(use_case.pk).in_force()) == [csat]
        readings.record_reading(
            act(sponsor), lighthouse.pk, NewReading("Escalations", Decimal(2), START), now=now
        )
        assert Reading.objects.get().guardrail_id == sealed[1]["id"]

    def test_unsealed_there_is_nothing_to_amend(self, act, sponsor, portfolio, owner, now):
        draft = make.make_lighthouse(make.make_use_case(portfolio, stage="selected"), owner)
        with pytest.raises(RuleBroken, match="Nothing is sealed"):
            self.amend(act(sponsor), draft, now, planned_weeks=12)

    def test_late_marks_follow_the_verdict_day(self, act, sponsor, lighthouse, now):
        for weeks, is_late in ((8, True), (16, False)):
            self.amend(act(sponsor), lighthouse, now, planned_weeks=12)
            ended = now.replace(month=5, day=1)
            if weeks == 8:
                readings.record_reading(
                    act(sponsor),
                    lighthouse.pk,
                    NewReading("CSAT", Decimal(4), date(2026, 4, 20)),
                    now=ended,
                )
            self.amend(act(sponsor), lighthouse, now, planned_weeks=weeks)
            assert Reading.objects.get().is_late is is_late


class TestRecording:
    def test_a_milestone_is_set_kept_and_taken_back(self, act, owner, lighthouse, use_case, now):
        milestone = milestones.add_milestone(
            act(owner), lighthouse.pk, title="Set frozen", due_on=date(2026, 4, 3), now=now
        )
        done = milestones.change_milestone(
            act(owner), milestone.pk, {"done_on": now.date()}, now=now
        )
        assert (done.done_on, done.done_by) == (now.date(), owner)
        undone = milestones.change_milestone(act(owner), milestone.pk, {"done_on": None}, now=now)
        assert (undone.done_on, undone.done_by) == (None, None)
        milestones.remove_milestone(act(owner), milestone.pk, now=now)
        stone = Tombstone.objects.get()
        assert (stone.kind, stone.row_id, stone.parent_id) == (
            "milestone", milestone.pk, lighthouse.pk,
        )  # fmt: skip
        assert kinds(use_case)[:4] == [
            "milestone_removed", "milestone_set", "milestone_done", "milestone_set",
        ]  # fmt: skip

    def test_who_takes_back_a_milestone_that_another_took_back_finds_none(
        self, act, owner, lighthouse, now
    ):
        milestone = milestones.add_milestone(
            act(owner), lighthouse.pk, title="Set frozen", due_on=date(2026, 4, 3), now=now
        )
        for refused in (nullcontext(), pytest.raises(Milestone.DoesNotExist)):
            with refused:
                milestones.remove_milestone(act(owner), milestone.pk, now=now)
        assert Tombstone.objects.count() == 1

    @pytest.mark.parametrize("day", [date(2025, 3, 1), date(1999, 1, 1), date(2028, 6, 21)])
    def test_a_milestone_lies_near_its_lighthouse(self, act, owner, lighthouse, now, day):
        kept = milestones.add_milestone(
            act(owner), lighthouse.pk, title="Set frozen", due_on=date(2025, 3, 2), now=now
        )
        words = "between 2 March 2025, a year before the start, and 20 June 2028"
        with pytest.raises(ValidationError, match=words):
            milestones.add_milestone(
                act(owner), lighthouse.pk, title="First users", due_on=day, now=now
            )
        with pytest.raises(ValidationError, match=words):
            milestones.change_milestone(act(owner), kept.pk, {"due_on": day}, now=now)

    def test_a_milestone_that_lies_far_off_already_can_still_be_done(
        self, act, owner, lighthouse, now
    ):
        far = Milestone.objects.create(
            lighthouse=lighthouse, title="Set frozen", due_on=date(1999, 1, 1)
        )
        done = milestones.change_milestone(act(owner), far.pk, {"done_on": now.date()}, now=now)
        assert done.done_on == now.date()

    def test_a_milestone_is_not_done_tomorrow(self, act, owner, lighthouse, now):
        milestone = milestones.add_milestone(
            act(owner), lighthouse.pk, title="Set frozen", due_on=date(2026, 4, 3), now=now
        )
        with pytest.raises(ValidationError) as refused:
            milestones.change_milestone(
                act(owner), milestone.pk, {"done_on": now.date() + timedelta(days=1)}, now=now
            )
        assert "done_on" in refused.value.message_dict

    def test_forecasts_pile_up(self, act, owner, lighthouse, now):
        for day in (date(2026, 5, 1), date(2026, 5, 20)):
            recording.give_forecast(act(owner), lighthouse.pk, ships_on=day, now=now)
        assert [row.ships_on for row in Forecast.objects.of(lighthouse.pk).in_order()] == [
            date(2026, 5, 1),
            date(2026, 5, 20),
        ]

    def test_a_forecast_looks_ahead(self, act, owner, lighthouse, now):
        with pytest.raises(ValidationError):
            recording.give_forecast(
                act(owner), lighthouse.pk, ships_on=now.date() - timedelta(days=1), now=now
            )

    def test_what_shipped_is_not_forecast(self, act, owner, lighthouse, now):
        recording.record_ship_date(act(owner), lighthouse.pk, shipped_on=now.date(), now=now)
        with pytest.raises(RuleBroken):
            recording.give_forecast(act(owner), lighthouse.pk, ships_on=now.date(), now=now)

    def read(self, actor, lighthouse, now, value="0.6", metric="First response time", **more):
        day = more.pop("measured_on", now.date())
        return readings.record_reading(
            actor, lighthouse.pk, NewReading(metric, Decimal(value), day), now=now, **more
        )

    def test_a_metric_is_found_by_name(self, act, owner, lighthouse, use_case, now):
        assert self.read(act(owner), lighthouse, now).guardrail is None
        assert self.read(act(owner), lighthouse, now, metric="csat").guardrail == (
            use_case.guardrails.get()
        )
        with pytest.raises(ValidationError, match="Known: first response time, CSAT"):
            self.read(act(owner), lighthouse, now, metric="churn")

    def test_no_reading_lies_after_today(self, act, owner, lighthouse, portfolio, now):
        tomorrow = now.date() + timedelta(days=1)
        with pytest.raises(ValidationError):
            self.read(act(owner), lighthouse, now, measured_on=tomorrow)
        portfolio.time_zone = "Pacific/Kiritimati"
        portfolio.save(update_fields=["time_zone"])
        self.read(act(owner), lighthouse, now, measured_on=tomorrow)

    def test_a_correction_supersedes_once(self, act, owner, lighthouse, now):
        wrong = self.read(act(owner), lighthouse, now, "6")
        right = self.read(act(owner), lighthouse, now, "0.6", supersedes=wrong.pk)
        wrong.refresh_from_db()
        assert (right.supersedes, wrong.value) == (wrong, 6)
        assert wrong.revision == right.revision
        with pytest.raises(RuleBroken, match="corrected already"):
            self.read(act(owner), lighthouse, now, "0.7", supersedes=wrong.pk)
        with pytest.raises(ValidationError, match="same metric"):
            self.read(act(owner), lighthouse, now, "4", metric="CSAT", supersedes=right.pk)

    def test_a_correction_is_of_this_lighthouse(self, act, owner, lighthouse, portfolio, now):
        other = make.make_sealed(make.make_use_case(portfolio, stage="live"), owner, start=START)
        foreign = self.read(act(owner), other, now)
        with pytest.raises(ValidationError):
            self.read(act(owner), lighthouse, now, supersedes=foreign.pk)

    @pytest.mark.django_db(transaction=True)
    def test_readings_and_ship_date_ask_for_a_settlement(self, act, owner, lighthouse, now, rung):
        self.read(act(owner), lighthouse, now)
        recording.record_ship_date(act(owner), lighthouse.pk, shipped_on=START, now=now)
        assert rung().count(("portfolio.settle", (lighthouse.pk,))) == 2

    def test_no_ship_date_lies_after_today(self, act, owner, lighthouse, now):
        with pytest.raises(ValidationError):
            recording.record_ship_date(
                act(owner), lighthouse.pk, shipped_on=now.date() + timedelta(days=1), now=now
            )

    def test_others_record_nothing(self, act, contributor, viewer, lighthouse, now):
        for person in (contributor, viewer):
            with pytest.raises(NotAllowed):
                self.read(act(person), lighthouse, now)
            with pytest.raises(NotAllowed):
                recording.post_update(
                    act(person), lighthouse.pk, WeeklyUpdate(ships_on=now.date()), now=now
                )

    def test_what_was_abandoned_stays_as_it_was(self, act, sponsor, lighthouse, now):
        lighthouse.abandoned_at = now
        lighthouse.save(update_fields=["abandoned_at"])
        with pytest.raises(RuleBroken, match="abandoned"):
            self.read(act(sponsor), lighthouse, now)


class TestTheWeek:
    @pytest.fixture
    def milestone(self, act, owner, lighthouse, now):
        return milestones.add_milestone(
            act(owner), lighthouse.pk, title="Set frozen", due_on=date(2026, 4, 3), now=now
        )

    def test_one_post_tells_all(self, act, owner, lighthouse, milestone, now):
        update = WeeklyUpdate(
            readings=(NewReading("CSAT", Decimal("4.4"), now.date(), "BI", 120),),
            reached=(milestone.pk,),
            ships_on=date(2026, 5, 20),
            note="The data owner changed.",
        )
        recording.post_update(act(owner), lighthouse.pk, update, now=now)
        milestone.refresh_from_db()
        assert milestone.done_on == now.date()
        assert Forecast.objects.get().note == "The data owner changed."
        assert Reading.objects.get().value == Decimal("4.4")

    def test_a_part_that_is_refused_takes_all_with_it(self, act, owner, lighthouse, milestone, now):
        update = WeeklyUpdate(
            readings=(NewReading("CSAT", Decimal("4.4"), now.date() + timedelta(days=1)),),
            reached=(milestone.pk,),
            ships_on=date(2026, 5, 20),
        )
        with pytest.raises(ValidationError):
            recording.post_update(act(owner), lighthouse.pk, update, now=now)
        milestone.refresh_from_db()
        assert (milestone.done_on, Forecast.objects.count()) == (None, 0)

    def test_what_is_empty_is_skipped_and_all_empty_is_told(
        self, act, owner, lighthouse, milestone, now
    ):
        recording.post_update(
            act(owner), lighthouse.pk, WeeklyUpdate(reached=(milestone.pk,)), now=now
        )
        assert not Reading.objects.exists()
        with pytest.raises(ValidationError, match="Nothing to save"):
            recording.post_update(act(owner), lighthouse.pk, WeeklyUpdate(), now=now)

    def test_a_milestone_of_another_lighthouse_is_not_ticked(
        self, act, owner, portfolio, milestone, now
    ):
        other = make.make_sealed(make.make_use_case(portfolio, stage="live"), owner, start=START)
        update = WeeklyUpdate(reached=(milestone.pk,))
        recording.post_update(act(owner), other.pk, update, now=now)
        assert Milestone.objects.get().done_on is None


class TestDeclaring:
    def declare(self, actor, lighthouse, now, verdict=Verdict.FAILURE, reason=""):
        return verdicts.declare(actor, lighthouse.pk, verdict=verdict, reason=reason, now=now)

    def test_a_sponsor_confirms_and_then_it_is_fixed(self, act, sponsor, lighthouse, now):
        publish(lighthouse, "failure")
        declared = self.declare(act(sponsor), lighthouse, now)
        assert (declared.declared_verdict, declared.computed_at_declaration) == (
            "failure", "failure",
        )  # fmt: skip
        assert not declared.is_active
        with pytest.raises(verdicts.VerdictAlreadyGiven):
            self.declare(act(sponsor), lighthouse, now, Verdict.VICTORY, "Second thoughts")
        with pytest.raises(verdicts.VerdictAlreadyGiven):
            verdicts.amend(
                act(sponsor), lighthouse.pk, {"planned_weeks": 8}, reason="Late", now=now
            )
        assert not Amendment.objects.exists()

    def test_overruling_needs_a_reason_and_keeps_both(self, act, sponsor, lighthouse, now):
        publish(lighthouse, "failure")
        with pytest.raises(ValidationError) as refused:
            self.declare(act(sponsor), lighthouse, now, Verdict.VICTORY)
        assert "reason" in refused.value.message_dict
        declared = self.declare(act(sponsor), lighthouse, now, Verdict.VICTORY, "One outlier.")
        assert (declared.declared_verdict, declared.computed_at_declaration) == (
            "victory", "failure",
        )  # fmt: skip

    def test_pending_is_not_declared(self, act, sponsor, lighthouse, now):
        publish(lighthouse, "pending")
        with pytest.raises(RuleBroken, match="pending until"):
            self.declare(act(sponsor), lighthouse, now)

    def test_what_is_being_computed_is_not_declared(self, act, sponsor, lighthouse, now):
        publish(lighthouse, "failure")
        recording.record_ship_date(act(sponsor), lighthouse.pk, shipped_on=START, now=now)
        with pytest.raises(RuleBroken, match="being computed"):
            self.declare(act(sponsor), lighthouse, now)

    def test_an_owner_declares_nothing(self, act, owner, lighthouse, now):
        publish(lighthouse, "victory")
        with pytest.raises(NotAllowed):
            self.declare(act(owner), lighthouse, now, Verdict.VICTORY)

    def test_a_later_correction_would_now_read(self, act, sponsor, lighthouse, now):
        publish(lighthouse, "failure")
        self.declare(act(sponsor), lighthouse, now)
        assert Lighthouse.objects.get(pk=lighthouse.pk).would_now_read is None
        publish(lighthouse, "victory")
        assert Lighthouse.objects.get(pk=lighthouse.pk).would_now_read == "victory"
