"""Candidates and their way through the pipeline: propose, edit, split, move, retire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, gates, rights
from portfolio.actions.delivery import seal_contract
from portfolio.bells import Bell
from portfolio.errors import GateRefused, RuleBroken
from portfolio.models import GateOverride, Lighthouse, Portfolio, Standing, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.findings import Finding, passes
from portfolio.rules.pipeline import (
    NEEDS_REASON,
    Stage,
    closes_lighthouse,
    is_forward,
    leaves_behind,
    what_moves,
)
from portfolio.rules.rights import Right, right_to_move
from portfolio.rules.words import Verdict

SCOPE = ("jobs", "segments", "success_metrics")
EDITABLE = (
    "title", "problem", *SCOPE, "business_unit", "external_key", "task_type", "customer_facing",
)  # fmt: skip
RELATIONS = ("portfolio", "proposed_by", "split_from")
SEALING_STAGES = (Stage.MOBILISING, Stage.BUILDING, Stage.LIVE)


@transaction.atomic
def propose_use_case(
    actor: Actor, portfolio_id: int, fields: Mapping[str, Any], *, now: datetime
) -> UseCase:
    """A new candidate in `proposed`, with a number that is never given again."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.PROPOSE, portfolio)
    use_case, standing = _lay_down(portfolio, fields, proposed_by=actor.user, now=now)
    events.record(
        use_case,
        Kind.USE_CASE_PROPOSED,
        by=actor,
        what={"title": use_case.title},
        wants=Bell.RANK,
        touched=[use_case, standing],
    )
    return use_case


@transaction.atomic
def edit_use_case(
    actor: Actor,
    use_case_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
) -> UseCase:
    """The use case with exactly these fields replaced; nothing is written where nothing differs."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.EDIT, use_case)
    use_case.expect_version(seen_version)
    changed = _apply(use_case, changes)
    if changed:
        use_case.save(update_fields=list(changed))
        events.record(
            use_case,
            Kind.USE_CASE_EDITED,
            by=actor,
            what={"changed": changed},
            wants=Bell.RANK if changed.keys() & set(SCOPE) else (),
            touched=[use_case],
        )
    return use_case


@dataclass(frozen=True)
class Part:
    """One narrow candidate that a platform play is split into; blank where its list is empty."""

    title: str
    job: str = ""
    segment: str = ""
    success_metric: str = ""

    def scope(self) -> dict[str, list[str]]:
        return {
            "jobs": [self.job] if self.job else [],
            "segments": [self.segment] if self.segment else [],
            "success_metrics": [self.success_metric] if self.success_metric else [],
        }


@transaction.atomic
def split_use_case(
    actor: Actor,
    use_case_id: int,
    parts: Sequence[Part],
    *,
    now: datetime,
    seen_version: int | None = None,
) -> list[UseCase]:
    """The candidates that a platform play became: the first is the original, narrowed.

    It keeps its number, ratings and history; the others start open and say where they came from.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.EDIT, use_case)
    rights.require(actor, Right.PROPOSE, use_case)
    use_case.expect_version(seen_version)
    _expect_split(use_case, parts)
    first, *others = parts
    changed = _apply(use_case, {"title": first.title, **first.scope()})
    use_case.save(update_fields=list(changed))
    born = [
        _lay_down(
            use_case.portfolio,
            {**_inherited(use_case), "title": part.title, **part.scope()},
            proposed_by=actor.user,
            now=now,
            split_from=use_case,
        )
        for part in others
    ]
    for new, standing in born:
        events.record(
            new,
            Kind.USE_CASE_PROPOSED,
            by=actor,
            what={"title": new.title, "split_from": use_case.reference},
            touched=[new, standing],
        )
    events.record(
        use_case,
        Kind.USE_CASE_SPLIT,
        by=actor,
        what={"changed": changed, "into": [new.reference for new, _ in born]},
        wants=Bell.RANK,
        touched=[use_case],
    )
    return [use_case, *(new for new, _ in born)]


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
    `parked_from` and `lighthouse` (its key, or none). From parked the way leads by proposed, and
    on through the gate.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    closed = Lighthouse.objects.get_for_change(was["lighthouse"]) if was.get("lighthouse") else None
    to = Stage(was["stage"])
    if use_case.stage == Stage.PARKED and to is not Stage.PROPOSED:
        move(actor, use_case_id, Stage.PROPOSED, reason=reason, now=now)
    use_case = move(actor, use_case_id, to, reason=reason, now=now)
    if "entered_at" in was:
        use_case.stage_reason, use_case.parked_from = was["reason"], was["parked_from"]
        use_case.stage_entered_at = datetime.fromisoformat(was["entered_at"])
        use_case.save(update_fields=["stage_reason", "parked_from", "stage_entered_at"])
    if closed is not None and closed.abandoned_at is not None and closed.declared_at is None:
        _reopen(actor, closed)
    return use_case


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


def tidy(lines: Sequence[str]) -> list[str]:
    """The lines of a scope list without blanks and repetitions, in their order."""
    return list(dict.fromkeys(stripped for line in lines if (stripped := " ".join(line.split()))))


# --- candidates -----------------------------------------------------------------------------------


def _lay_down(
    portfolio: Portfolio,
    fields: Mapping[str, Any],
    *,
    proposed_by: User | None,
    now: datetime,
    split_from: UseCase | None = None,
) -> tuple[UseCase, Standing]:
    number = Portfolio.objects.take_numbers(portfolio.pk, 1)
    use_case = UseCase(
        portfolio=portfolio,
        number=number,
        reference=f"{portfolio.key}-{number}",
        stage=Stage.PROPOSED.value,
        stage_entered_at=now,
        created_at=now,
        proposed_by=proposed_by,
        split_from=split_from,
    )
    _apply(use_case, fields)
    use_case.save(force_insert=True)
    standing = Standing.objects.create(use_case=use_case, portfolio=portfolio, number=number)
    return use_case, standing


def _apply(use_case: UseCase, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set these fields and check them; what differs as {field: [before, after]}."""
    changed = {}
    for name in EDITABLE:
        if name not in changes:
            continue
        before, after = getattr(use_case, name), changes[name]
        if name in SCOPE:
            after = tidy(after)
        elif name == "title":
            after = " ".join(after.split())  # one line, as lists and letters show it
        elif isinstance(after, str):
            after = after.strip()
        setattr(use_case, name, after)
        if before != after:
            changed[name] = [before, after]
    use_case.full_clean(exclude=RELATIONS, validate_unique=False, validate_constraints=False)
    return changed


def _inherited(use_case: UseCase) -> dict[str, Any]:
    return {
        name: getattr(use_case, name)
        for name in ("problem", "business_unit", "task_type", "customer_facing")
    }


def _expect_split(use_case: UseCase, parts: Sequence[Part]) -> None:
    """Refuse parts that are fewer than two, alike, or not taken from the scope."""
    if len(parts) < 2:
        raise ValidationError({"parts": "Choose at least two parts: the first stays here."})
    if len({tuple(map(tuple, part.scope().values())) for part in parts}) < len(parts):
        raise ValidationError({"parts": "Two of the parts have the same scope."})
    for part in parts:
        for name, chosen in part.scope().items():
            offered = getattr(use_case, name)
            if chosen and chosen[0] not in offered:
                raise ValidationError({"parts": f"“{chosen[0]}” is not in the scope."})
            if offered and not chosen:
                raise ValidationError(
                    {"parts": f"Each part needs one of the {name.replace('_', ' ')}."}
                )


# --- moves ----------------------------------------------------------------------------------------


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
        start = clock.today_in(lighthouse.portfolio.time_zone, now)
        lighthouse.start_date = start
        lighthouse.verdict_due = clock.verdict_due(start, lighthouse.planned_weeks)
        lighthouse.save(update_fields=["start_date", "verdict_due"])
        events.record(
            lighthouse,
            Kind.PLAN_CHANGED,
            by=actor,
            what={"changed": {"start_date": [None, start.isoformat()]}},
            touched=[lighthouse],
        )
    elif to in SEALING_STAGES and is_forward(source, to) and not lighthouse.is_sealed:
        # An override may let it in with a contract that cannot be sealed yet: then nothing is
        # sealed, and the next forward move tries again.
        seal_contract(lighthouse, actor, now)
