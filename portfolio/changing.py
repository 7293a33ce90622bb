"""Carries a bulk change through, and takes it back: one candidate a transaction.

The row of the bulk change is locked first, then what the action locks. A worker killed at any
moment leaves a candidate either changed and noted or neither, and the next one goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events
from portfolio.actions import candidates, delivery, pipeline
from portfolio.changes import UNDONE, NotAsItWas, Step, Wanted, way_of
from portfolio.errors import GateRefused, NotAllowed, RuleBroken
from portfolio.models import BulkChange, BulkChangeRow, Lighthouse, Portfolio, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Changing

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
FIELDS = (Changing.BUSINESS_UNIT, Changing.TASK_TYPE)
GONE = "Who began this may no longer see it."


@dataclass(frozen=True)
class Outcome:
    """What became of one row."""

    state: BulkChangeRow.State
    why: str = ""
    conditions: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def run(bulk_id: int, clock: Clock) -> None:
    """Bring it as far as a worker can. Safe twice, late, or beside itself."""
    while _advance(bulk_id, clock):
        pass


@transaction.atomic
def _advance(bulk_id: int, clock: Clock) -> bool:
    """Whether more is to do: changes or restores one row, or notes the end."""
    bulk = BulkChange.objects.claim(bulk_id)
    if bulk is None:
        return False
    rows = BulkChangeRow.objects.of(bulk_id)
    if bulk.state == BulkChange.State.UNDOING:
        row = rows.next_to_undo()
        if row is None:
            _end_undo(bulk)
            return False
        _note_undone(bulk, row, _tried(restore_row, _actor(bulk, bulk.undone_by), bulk, row, clock))
        return True
    row = rows.next_waiting()
    if row is None:
        _end(bulk, clock)
        return False
    bulk.started_at = bulk.started_at or clock()
    _note(bulk, row, _tried(change_row, _actor(bulk, bulk.by), bulk, row, clock))
    return True


def _actor(bulk: BulkChange, person: Any) -> Actor:
    """Who began it, with the rights they have by now."""
    return Actor(user=person, portfolio_id=bulk.portfolio_id)


Doing = Callable[[Actor, BulkChange, BulkChangeRow, datetime], Outcome]


def _tried(
    doing: Doing, actor: Actor, bulk: BulkChange, row: BulkChangeRow, clock: Clock
) -> Outcome:
    """What became of the row: a refusal is an outcome, and writes nothing of the change."""
    refused = BulkChangeRow.State.REFUSED
    try:
        with transaction.atomic():
            if not actor.person.is_active:
                return Outcome(refused, GONE)
            return doing(actor, bulk, row, clock())
    except GateRefused as refusal:
        conditions = [
            {"condition": one.condition, "why": one.why, "mend": str(one.mend)}
            for one in refusal.conditions
            if not one.holds
        ]
        return Outcome(refused, refusal.words, conditions)
    except (RuleBroken, NotAllowed) as refusal:
        return Outcome(refused, refusal.words)
    except ValidationError as refusal:
        return Outcome(refused, " ".join(refusal.messages))
    except UseCase.DoesNotExist:
        return Outcome(refused, GONE)


# --- Changing ---------------------------------------------------------------------------------


def change_row(actor: Actor, bulk: BulkChange, row: BulkChangeRow, now: datetime) -> Outcome:
    """Change one candidate by the action that a person would use."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(row.use_case_id)
    change = Changing(bulk.change)
    if way := way_of(change):
        step = way.change(actor, use_case.pk, _wanted(bulk), now)
        if step is None:
            return Outcome(BulkChangeRow.State.UNCHANGED)
        return Outcome(BulkChangeRow.State.CHANGED, before=step.before, after=step.after)
    if change in FIELDS:
        return _edit(actor, use_case, change.value, bulk.value)
    if change is Changing.OWNER:
        return _name_owner(actor, use_case, bulk.value, now)
    to = Stage.PARKED if change is Changing.PARK else Stage(bulk.value)
    if use_case.stage == to:
        return Outcome(BulkChangeRow.State.UNCHANGED)
    lighthouse = _active(use_case)
    before = {
        "stage": use_case.stage,
        "reason": use_case.stage_reason,
        "entered_at": use_case.stage_entered_at.isoformat(),
        "parked_from": use_case.parked_from,
        "lighthouse": lighthouse.pk if lighthouse else None,
    }
    moved = pipeline.move(actor, use_case.pk, to, reason=bulk.reason, now=now)
    after = {"stage": moved.stage, "entered_at": moved.stage_entered_at.isoformat()}
    return Outcome(BulkChangeRow.State.CHANGED, before=before, after=after)


def _wanted(bulk: BulkChange) -> Wanted:
    asked = bulk.asked.email if bulk.asked else ""
    return Wanted(Changing(bulk.change), bulk.value, bulk.reason, asked, bulk.due_on)


def _edit(actor: Actor, use_case: UseCase, name: str, value: str) -> Outcome:
    before = getattr(use_case, name)
    if before == value:
        return Outcome(BulkChangeRow.State.UNCHANGED)
    candidates.edit_use_case(actor, use_case.pk, {name: value})
    return Outcome(BulkChangeRow.State.CHANGED, before={name: before}, after={name: value})


def _name_owner(actor: Actor, use_case: UseCase, email: str, now: datetime) -> Outcome:
    """Ask the person to own its lighthouse; one is drawn up where there is none."""
    lighthouse = _active(use_case)
    if lighthouse is None:
        drawn = delivery.draw_up(actor, use_case.pk, owner=email, now=now)
        after = {"owner": email, "lighthouse": drawn.pk}
        return Outcome(BulkChangeRow.State.CHANGED, before={"owner": ""}, after=after)
    before = {
        "owner": lighthouse.owner.email,
        "acceptance": lighthouse.acceptance,
        "answered_at": lighthouse.answered_at.isoformat() if lighthouse.answered_at else None,
        "decline_reason": lighthouse.decline_reason,
    }
    named = delivery.name_owner(actor, lighthouse.pk, owner=email)
    if named.revision == lighthouse.revision:
        return Outcome(BulkChangeRow.State.UNCHANGED)
    after = {"owner": email, "lighthouse": lighthouse.pk}
    return Outcome(BulkChangeRow.State.CHANGED, before=before, after=after)


def _active(use_case: UseCase) -> Lighthouse | None:
    rows = Lighthouse.objects.of_use_case(use_case.pk).active().newest_first()
    return rows.with_everything().first()


def _note(bulk: BulkChange, row: BulkChangeRow, outcome: Outcome) -> None:
    row.state, row.why, row.conditions = outcome.state, outcome.why, outcome.conditions
    row.before, row.after = outcome.before, outcome.after
    row.save(update_fields=["state", "why", "conditions", "before", "after"])
    bulk.state = BulkChange.State.RUNNING
    bulk.done += 1
    bulk.changed += outcome.state == BulkChangeRow.State.CHANGED
    bulk.unchanged += outcome.state == BulkChangeRow.State.UNCHANGED
    bulk.refused += outcome.state == BulkChangeRow.State.REFUSED
    bulk.save(update_fields=["state", "done", "changed", "unchanged", "refused", "started_at"])


def _end(bulk: BulkChange, clock: Clock) -> None:
    bulk.state, bulk.finished_at = BulkChange.State.DONE, clock()
    bulk.save(update_fields=["state", "finished_at"])
    events.record(
        Portfolio(pk=bulk.portfolio_id),
        Kind.BULK_CHANGE_FINISHED,
        by=Actor(user=bulk.by),
        what={
            "bulk_change": bulk.pk,
            "change": bulk.change,
            "value": bulk.value,
            "changed": bulk.changed,
            "refused": bulk.refused,
        },
        touched=[bulk],
    )
    log.info(
        "bulk change finished bulk=%s changed=%s unchanged=%s refused=%s",
        bulk.pk, bulk.changed, bulk.unchanged, bulk.refused,
    )  # fmt: skip


# --- Undoing ----------------------------------------------------------------------------------


def restore_row(actor: Actor, bulk: BulkChange, row: BulkChangeRow, now: datetime) -> Outcome:
    """Give one candidate back what it had, where it still has what the change gave it."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(row.use_case_id)
    change = Changing(bulk.change)
    if way := way_of(change):
        way.restore(actor, use_case.pk, Step(row.before, row.after), now)
    elif change in FIELDS:
        name = change.value
        _expect_same(getattr(use_case, name), row.after[name], name)
        candidates.edit_use_case(actor, use_case.pk, {name: row.before[name]})
    elif change is Changing.OWNER:
        _restore_owner(actor, use_case, row)
    else:
        _expect_same(use_case.stage, row.after["stage"], "stage")
        entered = use_case.stage_entered_at.isoformat()
        if row.after.get("entered_at", entered) != entered:
            raise NotAsItWas("It was moved away and back since. It stays so.")
        pipeline.take_back_move(actor, use_case.pk, row.before, reason=UNDONE, now=now)
    return Outcome(BulkChangeRow.State.UNDONE)


def _expect_same(now: str, then: str, name: str) -> None:
    if now != then:
        words = name.replace("_", " ")
        raise NotAsItWas(f"Its {words} was changed since, to “{now or 'nothing'}”. It stays so.")


def _restore_owner(actor: Actor, use_case: UseCase, row: BulkChangeRow) -> None:
    lighthouse = _active(use_case)
    if lighthouse is None or lighthouse.pk != row.after["lighthouse"]:
        raise NotAsItWas("It has another lighthouse by now. It stays so.")
    _expect_same(lighthouse.owner.email, row.after["owner"], "owner")
    if not row.before["owner"]:
        raise NotAsItWas("Its lighthouse was drawn up with this owner; name another one there.")
    delivery.take_back_owner(actor, lighthouse.pk, row.before)


def _note_undone(bulk: BulkChange, row: BulkChangeRow, outcome: Outcome) -> None:
    if outcome.state == BulkChangeRow.State.UNDONE:
        row.state = BulkChangeRow.State.UNDONE
        bulk.undone += 1
    else:
        row.state, row.why = BulkChangeRow.State.KEPT, outcome.why
        row.conditions = outcome.conditions
        bulk.kept += 1
    row.save(update_fields=["state", "why", "conditions"])
    bulk.save(update_fields=["undone", "kept"])


def _end_undo(bulk: BulkChange) -> None:
    bulk.state = BulkChange.State.UNDONE
    bulk.save(update_fields=["state"])
    events.note(bulk.portfolio_id, touched=[bulk])
    log.info("bulk change undone bulk=%s undone=%s kept=%s", bulk.pk, bulk.undone, bulk.kept)
