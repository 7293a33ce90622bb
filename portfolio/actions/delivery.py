"""Lighthouses: drawn up, owned and planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, rights
from portfolio.actions.contract import SEALING_STAGES
from portfolio.actions.lighthouses import expect_active, expect_believable, locked, shown, today_at
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Event, Lighthouse, LighthouseStanding, Reading, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock, verdicts
from portfolio.rules.clock import FEWEST_WEEKS, MOST_WEEKS
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right
from portfolio.rules.words import Acceptance

RELATIONS = ["use_case", "portfolio", "owner", "declared_by"]
DELIVERY_STAGES = (
    Stage.QUALIFIED,
    Stage.SELECTED,
    Stage.MOBILISING,
    Stage.BUILDING,
    Stage.LIVE,
)
START = ("start_date", "start_reason")
AGREED = (
    "planned_weeks",
    "how_measured",
    "smallest_sample",
    "last_readings",
    "no_guardrails",
)
FACTS = ("production_environment", "reading_plan", "review_working_on")
PLAN = (*START, *AGREED, *FACTS)


@transaction.atomic
def draw_up(
    actor: Actor,
    use_case_id: int,
    *,
    owner: str,
    start_date: date | None = None,
    start_reason: str = "",
    planned_weeks: int = MOST_WEEKS,
    now: datetime,
) -> Lighthouse:
    """A lighthouse for this use case; the person at `owner`, an e-mail address, is asked."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.NAME_OWNER, use_case)
    if use_case.stage not in DELIVERY_STAGES:
        raise RuleBroken("A lighthouse is drawn up from qualified on, and before it is decided.")
    if use_case.lighthouses.active().exists():
        raise RuleBroken("This use case has an active lighthouse already.")
    declared = use_case.lighthouses.declared().of_this_attempt()
    if use_case.stage in SEALING_STAGES and declared.exists():
        raise RuleBroken("The verdict is declared: move it to decided; a retry begins afresh.")
    lighthouse = Lighthouse(
        use_case=use_case,
        portfolio=use_case.portfolio,
        owner=person_to_own(use_case.portfolio_id, owner),
        created_at=now,
        planned_weeks=planned_weeks,
    )
    default = default_start(lighthouse, now)
    if start_date is None and use_case.stage != Stage.QUALIFIED:
        start_date = default
    _set_start(lighthouse, start_date, start_reason, default)
    _save_new(lighthouse)
    LighthouseStanding.objects.create(lighthouse=lighthouse)
    events.record(
        lighthouse,
        Kind.OWNER_NAMED,
        by=actor,
        what={"owner": str(lighthouse.owner), "lighthouse": lighthouse.pk},
        wants=Bell.SETTLE,
        touched=[lighthouse],
    )
    return lighthouse


def _save_new(lighthouse: Lighthouse) -> None:
    _refuse_weeks(lighthouse)
    lighthouse.verdict_due = _due(lighthouse)
    lighthouse.full_clean(exclude=RELATIONS)
    lighthouse.save(force_insert=True)


def person_to_own(portfolio_id: int, email: str) -> User:
    """The member with this address whose role can own; the same words for anybody else."""
    person = User.objects.with_email(email)
    if person is None or not person.is_active or not rights.can_own_in(person, portfolio_id):
        raise ValidationError(
            {"owner": "Name a contributor or sponsor of this portfolio by e-mail address."}
        )
    return person


@transaction.atomic
def name_owner(
    actor: Actor, lighthouse_id: int, *, owner: str, seen_version: int | None = None
) -> Lighthouse:
    """Ask another person to own it; nobody owns it until they accept."""
    lighthouse = locked(actor, lighthouse_id, Right.NAME_OWNER, seen_version)
    ask_to_own(actor, lighthouse, owner)
    return lighthouse


@transaction.atomic
def take_back_owner(actor: Actor, lighthouse_id: int, was: Mapping[str, Any]) -> Lighthouse:
    """Give it back the owner it had, with what they had answered: nobody is asked twice.

    `was` holds `owner` (an address), and `acceptance`, `answered_at` and `decline_reason` of then.
    """
    lighthouse = locked(actor, lighthouse_id, Right.NAME_OWNER)
    ask_to_own(actor, lighthouse, was["owner"])
    if "acceptance" in was:
        answered = was["answered_at"]
        lighthouse.acceptance = was["acceptance"]
        lighthouse.answered_at = datetime.fromisoformat(answered) if answered else None
        lighthouse.decline_reason = was["decline_reason"]
        lighthouse.save(update_fields=["acceptance", "answered_at", "decline_reason"])
    return lighthouse


def ask_to_own(actor: Actor, lighthouse: Lighthouse, email: str) -> None:
    """Name this person as owner of a locked lighthouse."""
    rights.require(actor, Right.NAME_OWNER, lighthouse)
    expect_active(lighthouse)
    person = person_to_own(lighthouse.portfolio_id, email)
    if person.pk == lighthouse.owner_id and lighthouse.acceptance != Acceptance.DECLINED:
        return
    lighthouse.owner = person
    lighthouse.acceptance = Acceptance.ASKED.value
    lighthouse.answered_at = None
    lighthouse.decline_reason = ""
    lighthouse.save(update_fields=["owner", "acceptance", "answered_at", "decline_reason"])
    events.record(
        lighthouse,
        Kind.OWNER_NAMED,
        by=actor,
        what={"owner": str(person), "lighthouse": lighthouse.pk},
        touched=[lighthouse],
    )


@transaction.atomic
def answer_ownership(
    actor: Actor, lighthouse_id: int, *, accept: bool, reason: str = "", now: datetime
) -> Lighthouse:
    """The person named says yes, or no; nobody can say it for them."""
    lighthouse = locked(actor, lighthouse_id, Right.ACCEPT_OWNERSHIP)
    expect_active(lighthouse)
    lighthouse.acceptance = (Acceptance.ACCEPTED if accept else Acceptance.DECLINED).value
    lighthouse.answered_at = now
    lighthouse.decline_reason = "" if accept else reason.strip()
    lighthouse.save(update_fields=["acceptance", "answered_at", "decline_reason"])
    events.record(
        lighthouse,
        Kind.OWNER_ACCEPTED if accept else Kind.OWNER_DECLINED,
        by=actor,
        what={"lighthouse": lighthouse.pk, "reason": lighthouse.decline_reason},
        touched=[lighthouse],
    )
    return lighthouse


@transaction.atomic
def plan(
    actor: Actor,
    lighthouse_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    now: datetime,
) -> Lighthouse:
    """Exactly the fields of PLAN named; what the contract seals is free until it is sealed."""
    lighthouse = locked(actor, lighthouse_id, Right.PLAN_LIGHTHOUSE, seen_version)
    set_plan(actor, lighthouse, changes, now)
    return lighthouse


def set_plan(actor: Actor, lighthouse: Lighthouse, asked: Mapping[str, Any], now: datetime) -> None:
    """Change the plan of a locked lighthouse."""
    before = {name: getattr(lighthouse, name) for name in PLAN}
    changed = [name for name in PLAN if name in asked and asked[name] != before[name]]
    if not changed:
        return
    rights.require(actor, Right.PLAN_LIGHTHOUSE, lighthouse)
    if any(name in START for name in changed):
        rights.require(actor, Right.SET_START, lighthouse)
    expect_active(lighthouse)
    if lighthouse.is_sealed and any(name not in FACTS for name in changed):
        raise RuleBroken("The success contract is sealed; a sponsor can amend it with a reason.")
    for name in changed:
        setattr(lighthouse, name, asked[name])
    if any(name in START for name in changed):
        _set_start(
            lighthouse,
            lighthouse.start_date,
            lighthouse.start_reason,
            default_start(lighthouse, now),
        )
    _refuse_weeks(lighthouse)
    expect_believable("review_working_on", lighthouse.review_working_on)
    if lighthouse.review_working_on and lighthouse.review_working_on > today_at(lighthouse, now):
        raise ValidationError({"review_working_on": "This day has not come yet."})
    due_before, lighthouse.verdict_due = lighthouse.verdict_due, _due(lighthouse)
    lighthouse.full_clean(exclude=RELATIONS)
    lighthouse.save(update_fields=[*changed, "verdict_due"])
    moved = due_before != lighthouse.verdict_due
    marked = mark_late_again(lighthouse) if moved else []
    events.record(
        lighthouse,
        Kind.PLAN_CHANGED,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "changed": {
                name: [shown(before[name]), shown(getattr(lighthouse, name))] for name in changed
            },
        },
        wants=Bell.SETTLE if moved else (),
        touched=[lighthouse, *marked],
    )


def default_start(lighthouse: Lighthouse, now: datetime) -> date:
    """The day `selected` was entered; before that, today."""
    use_case = lighthouse.use_case
    if use_case.stage in (Stage.PROPOSED, Stage.QUALIFIED):
        return today_at(lighthouse, now)
    if use_case.stage == Stage.SELECTED:
        return today_at(lighthouse, use_case.stage_entered_at)
    moves = Event.objects.about(use_case.pk).entered_stage(Stage.SELECTED)
    last = moves.newest_first().first()
    return today_at(lighthouse, last.at if last else use_case.stage_entered_at)


def _set_start(lighthouse: Lighthouse, start: date | None, reason: str, default: date) -> None:
    expect_believable("start_date", start)
    lighthouse.start_date = start
    lighthouse.start_reason = reason.strip()
    if start is None or not clock.start_needs_reason(start, default):
        return
    if not lighthouse.start_reason:
        raise ValidationError(
            {
                "start_reason": f"More than 14 days from {default:%-d %B %Y}, when the clock "
                "would start: say why."
            }
        )


def _refuse_weeks(lighthouse: Lighthouse) -> None:
    weeks = lighthouse.planned_weeks
    if weeks is None or not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise ValidationError({"planned_weeks": "A lighthouse runs 8 to 16 weeks."})


def _due(lighthouse: Lighthouse) -> date | None:
    if lighthouse.start_date is None:
        return None
    return clock.verdict_due(lighthouse.start_date, lighthouse.planned_weeks)


def mark_late_again(lighthouse: Lighthouse) -> list[Reading]:
    """The readings whose late mark changed with a verdict day that moved, marked anew."""
    changed = []
    for reading in Reading.objects.of(lighthouse.pk).in_order():
        entered_on = today_at(lighthouse, reading.entered_at)
        is_late = lighthouse.verdict_due is not None and verdicts.is_late(
            entered_on, reading.measured_on, lighthouse.verdict_due
        )
        if is_late != reading.is_late:
            reading.is_late = is_late
            reading.save(update_fields=["is_late"])
            changed.append(reading)
    return changed
