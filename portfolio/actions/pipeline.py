"""A use case on its way through the pipeline: moved, taken back, retired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, gates, rights
from portfolio.actions.contract import SEALING_STAGES, seal_contract
from portfolio.actions.delivery import default_start, mark_late_again
from portfolio.actions.lighthouses import expect_believable, shown
from portfolio.bells import Bell
from portfolio.errors import GateRefused, RuleBroken
from portfolio.models import GateOverride, Lighthouse, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.findings import Finding, passes
from portfolio.rules.pipeline import (
    CANDIDATE_STAGES,
    NEEDS_REASON,
    PATH,
    Stage,
    closes_lighthouse,
    is_forward,
    leaves_behind,
    what_moves,
)
from portfolio.rules.rights import Right, right_to_move
from portfolio.rules.words import Verdict


@transaction.atomic
def move(
    actor: Actor,
    use_case_id: int,
    to: Stage,
    *,
    reason: str = "",
    override: str = "",
    seen_version: int | None = None,
    now: datetime,
) -> UseCase:
    """The use case in its new stage. A gate that does not open refuses with its conditions.

    `override` is a sponsor's written reason to go on without them; it stays for good. Locks are
    taken in the order use case, lighthouse, portfolio.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    source, reason, override = Stage(use_case.stage), reason.strip(), override.strip()
    parked_from = Stage(use_case.parked_from) if use_case.parked_from else None
    rights.require(actor, right_to_move(source, to, parked_from=parked_from), use_case)
    use_case.expect_version(seen_version)
    lighthouse = _lighthouse_for_change(use_case)
    _expect_way(use_case, source, to, lighthouse)
    if to in NEEDS_REASON and not reason:
        raise ValidationError({"reason": f"Write why it is {to}: it is read when it comes back."})

    failed = _pass_gate(actor, use_case, source, to, override) if is_forward(source, to) else []
    if failed:
        _keep_override(actor, use_case, source, to, failed, override, now)

    rewinds = lighthouse is not None and _rewinds_clock(lighthouse, source, to, now)
    use_case.stage = to.value
    use_case.stage_entered_at = now
    use_case.stage_reason = reason
    use_case.parked_from = source.value if to is Stage.PARKED else ""
    use_case.save(update_fields=["stage", "stage_entered_at", "stage_reason", "parked_from"])
    what: dict[str, Any] = {"from": source.value, "to": to.value}
    if reason:
        what["reason"] = reason
    if failed:
        what["overridden"] = True
    if lighthouse is None:
        events.record(
            use_case, Kind.MOVED, by=actor, what=what, wants=Bell.RANK, touched=[use_case]
        )
    else:
        _carry_lighthouse(actor, lighthouse, source, to, now)
        if rewinds:
            _set_clock(actor, lighthouse, None)
        events.record(
            lighthouse,
            Kind.MOVED,
            by=actor,
            what=what,
            wants=(Bell.RANK, Bell.SETTLE),
            touched=[use_case],
        )
    return use_case


@transaction.atomic
def take_back_move(
    actor: Actor, use_case_id: int, was: Mapping[str, Any], *, reason: str, now: datetime
) -> UseCase:
    """Move it back, and give it what the move took: why and since when it stood there, and the
    lighthouse that parking closed.

    `was` holds the `stage` of then, and of what was kept with it `reason`, `entered_at`,
    `parked_from` and `lighthouse` (its key, or none). Back to a candidate it goes as any other,
    through the gate. A delivery goes on where it stood: it had passed its gates, and no way leads
    there from parked.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    closed = Lighthouse.objects.get_for_change(was["lighthouse"]) if was.get("lighthouse") else None
    to = Stage(was["stage"])
    is_parked = use_case.stage == Stage.PARKED
    if is_parked and to in PATH and to not in CANDIDATE_STAGES:
        _unpark(actor, use_case, to, reason, now)
    else:
        if is_parked and to is not Stage.PROPOSED:
            move(actor, use_case_id, Stage.PROPOSED, reason=reason, now=now)
        use_case = move(actor, use_case_id, to, reason=reason, now=now)
    if "entered_at" in was:
        use_case.stage_reason, use_case.parked_from = was["reason"], was["parked_from"]
        use_case.stage_entered_at = datetime.fromisoformat(was["entered_at"])
        use_case.save(update_fields=["stage_reason", "parked_from", "stage_entered_at"])
    if closed is not None and closed.abandoned_at is not None and closed.declared_at is None:
        _reopen(actor, closed)
    return use_case


def _unpark(actor: Actor, use_case: UseCase, to: Stage, reason: str, now: datetime) -> None:
    """Put a locked use case back into the delivery that it was parked from."""
    rights.require(actor, right_to_move(Stage.PARKED, to, parked_from=to), use_case)
    use_case.stage, use_case.stage_entered_at = to.value, now
    use_case.stage_reason, use_case.parked_from = reason, ""
    use_case.save(update_fields=["stage", "stage_entered_at", "stage_reason", "parked_from"])
    events.record(
        use_case,
        Kind.MOVED,
        by=actor,
        what={"from": Stage.PARKED.value, "to": to.value, "reason": reason},
        wants=Bell.RANK,
        touched=[use_case],
    )


def _reopen(actor: Actor, lighthouse: Lighthouse) -> None:
    """Make a locked lighthouse active again, unless another one has become so since."""
    if Lighthouse.objects.of_use_case(lighthouse.use_case_id).active().first() is not None:
        return
    lighthouse.abandoned_at = lighthouse.left_behind_at = None
    lighthouse.save(update_fields=["abandoned_at", "left_behind_at"])
    events.record(
        lighthouse,
        Kind.PLAN_CHANGED,
        by=actor,
        what={"reopened": True, "lighthouse": lighthouse.pk},
        wants=Bell.SETTLE,
        touched=[lighthouse],
    )


@transaction.atomic
def retire_use_case(
    actor: Actor,
    use_case_id: int,
    retired_on: date,
    *,
    reason: str,
    seen_version: int | None = None,
    now: datetime,
) -> UseCase:
    """The decided use case with the day since which nobody uses it any more."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.RETIRE, use_case)
    use_case.expect_version(seen_version)
    if use_case.stage != Stage.DECIDED:
        raise RuleBroken("Only a decided use case is retired. Park or stop any other.")
    if not reason.strip():
        raise ValidationError({"reason": "Write why it was retired."})
    expect_believable("retired_on", retired_on)
    if retired_on > clock.today_in(use_case.portfolio.time_zone, now):
        raise ValidationError({"retired_on": "This day has not come yet."})
    use_case.retired_on = retired_on
    use_case.save(update_fields=["retired_on"])
    events.record(
        use_case,
        Kind.RETIRED,
        by=actor,
        what={"retired_on": retired_on.isoformat(), "reason": reason.strip()},
        touched=[use_case],
    )
    return use_case


def ways_of(use_case: UseCase, lighthouse: Lighthouse | None) -> tuple[Stage, ...]:
    """Where the use case may be moved to now, whoever asks: forward, back, out."""
    return what_moves(Stage(use_case.stage), verdict=gates.verdict_of(lighthouse))


def _lighthouse_for_change(use_case: UseCase) -> Lighthouse | None:
    """The lighthouse that the use case stands on now, locked, with its use case at hand."""
    newest = Lighthouse.objects.of_use_case(use_case.pk).of_this_attempt().newest_first().first()
    if newest is None:
        return None
    lighthouse = Lighthouse.objects.get_for_change(newest.pk)
    lighthouse.use_case = use_case
    return lighthouse


def _expect_way(use_case: UseCase, source: Stage, to: Stage, lighthouse: Lighthouse | None) -> None:
    """Refuse a move that does not exist, in words that say which do."""
    verdict = gates.verdict_of(lighthouse)
    is_undeclared = lighthouse is not None and lighthouse.is_active
    if source is Stage.DECIDED and is_undeclared and verdict is not Verdict.PENDING:
        raise RuleBroken("Declare the verdict first; then it can be tried again.")
    if to in ways_of(use_case, lighthouse):
        return
    if to is source:
        raise RuleBroken(f"{use_case.reference} is in {source} already.")
    if source is Stage.STOPPED:
        raise RuleBroken("Stopped is final. Propose it anew if the idea comes back.")
    if source is Stage.PARKED:
        raise RuleBroken("From parked it goes back to proposed, and on from there.")
    if source is Stage.DECIDED:
        raise RuleBroken("From decided it goes only back to proposed, for a retry.")
    if to is Stage.DECIDED and source is Stage.BUILDING:
        raise RuleBroken("Only a verdict of failure goes from building to decided.")
    step = ways_of(use_case, lighthouse)[0]
    raise RuleBroken(f"From {source} the next stage is {step}. Stages are not skipped.")


def _pass_gate(
    actor: Actor, use_case: UseCase, source: Stage, to: Stage, override: str
) -> list[Finding]:
    """The conditions that failed and are overridden; refuses where nobody overrides them."""
    findings = gates.look(to, [use_case.pk])[use_case.pk]
    if passes(findings):
        return []
    if not override:
        held = sum(finding.holds for finding in findings)
        raise GateRefused(
            f"{use_case.reference} cannot enter {to} yet: "
            f"{held} of {len(findings)} conditions hold.",
            findings,
        )
    rights.require(actor, Right.OVERRIDE, use_case)
    return [finding for finding in findings if not finding.holds]


def _keep_override(
    actor: Actor,
    use_case: UseCase,
    source: Stage,
    to: Stage,
    failed: Sequence[Finding],
    reason: str,
    now: datetime,
) -> None:
    conditions = [{"condition": finding.condition, "why": finding.why} for finding in failed]
    GateOverride.objects.create(
        use_case=use_case,
        from_stage=source.value,
        to_stage=to.value,
        conditions=conditions,
        reason=reason,
        by=actor.user,
        at=now,
    )
    events.record(
        use_case,
        Kind.GATE_OVERRIDDEN,
        by=actor,
        what={
            "from": source.value,
            "to": to.value,
            "reason": reason,
            "conditions": [finding.condition for finding in failed],
        },
    )


def _carry_lighthouse(
    actor: Actor, lighthouse: Lighthouse, source: Stage, to: Stage, now: datetime
) -> None:
    """What a move means for the delivery: left behind, abandoned, started, or sealed."""
    if not lighthouse.is_active:
        if leaves_behind(to):
            lighthouse.left_behind_at = now
            lighthouse.save(update_fields=["left_behind_at"])
        return
    if closes_lighthouse(source, to) or source is Stage.DECIDED:
        lighthouse.abandoned_at = now
        lighthouse.save(update_fields=["abandoned_at"])
        events.record(
            lighthouse,
            Kind.LIGHTHOUSE_ABANDONED,
            by=actor,
            what={"stage": source.value},
            touched=[lighthouse],
        )
    elif to is Stage.SELECTED and is_forward(source, to) and lighthouse.start_date is None:
        _set_clock(actor, lighthouse, clock.today_in(lighthouse.portfolio.time_zone, now))
    elif to in SEALING_STAGES and is_forward(source, to) and not lighthouse.is_sealed:
        # An override may let it in with a contract that cannot be sealed yet: then nothing is
        # sealed, and the next forward move tries again.
        seal_contract(lighthouse, actor, now)


def _rewinds_clock(lighthouse: Lighthouse, source: Stage, to: Stage, now: datetime) -> bool:
    """Whether the clock starts anew when it is selected again: it had started by itself, and
    nothing is sealed that says otherwise. Asked before the use case is moved."""
    if not lighthouse.is_active or lighthouse.is_sealed or source not in PATH:
        return False
    if to not in CANDIDATE_STAGES or source in CANDIDATE_STAGES or lighthouse.start_date is None:
        return False
    return lighthouse.start_date == default_start(lighthouse, now)


def _set_clock(actor: Actor, lighthouse: Lighthouse, start: date | None) -> None:
    before, lighthouse.start_date = lighthouse.start_date, start
    lighthouse.verdict_due = clock.verdict_due(start, lighthouse.planned_weeks) if start else None
    lighthouse.save(update_fields=["start_date", "verdict_due"])
    events.record(
        lighthouse,
        Kind.PLAN_CHANGED,
        by=actor,
        what={"changed": {"start_date": [shown(before), shown(start)]}},
        touched=[lighthouse, *mark_late_again(lighthouse)],
    )
