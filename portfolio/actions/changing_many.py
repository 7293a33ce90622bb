"""One change to many candidates: begun, stopped, undone. A worker carries it through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, rights
from portfolio.actions.delivery import person_to_own
from portfolio.bells import Bell, ring
from portfolio.changes import Wanted, way_of
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import BulkChange, BulkChangeRow, Portfolio, Standing, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import NEEDS_REASON, Stage
from portfolio.rules.rights import Right
from portfolio.rules.table import TableView
from portfolio.rules.words import Changing, TaskType

MOST_ROWS = 25_000


class BulkChangeNotThere(RuleBroken):
    """The bulk change is not at the point where this can be done."""

    code = "bulk_change_not_there"


@dataclass(frozen=True)
class Chosen:
    """Which candidates: by reference, or all that a view narrows to."""

    references: Sequence[str] = ()
    view: TableView | None = None


@transaction.atomic
def change_many(
    actor: Actor, portfolio_id: int, chosen: Chosen, wanted: Wanted, *, now: datetime
) -> BulkChange:
    """The change, to be carried through by a worker with this actor's rights to each row."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.CHANGE_MANY, portfolio)
    value = _checked(wanted, portfolio, now)
    keys = keys_of(actor, portfolio, chosen)
    if not keys:
        raise ValidationError({"references": "Choose at least one candidate."})
    bulk = BulkChange.objects.create(
        portfolio=portfolio,
        by=actor.person,
        change=wanted.change.value,
        value=value,
        reason=wanted.reason.strip(),
        asked=User.objects.with_email(wanted.asked) if wanted.asked else None,
        due_on=wanted.due_on,
        total=len(keys),
        created_at=now,
    )
    BulkChangeRow.objects.bulk_create(
        (
            BulkChangeRow(bulk=bulk, use_case_id=key, position=position)
            for position, key in enumerate(keys)
        ),
        batch_size=2_000,
    )
    events.record(
        portfolio,
        Kind.BULK_CHANGE_STARTED,
        by=actor,
        what={**_told(bulk), "total": bulk.total},
        wants=(),
        touched=[bulk],
    )
    ring(Bell.CHANGE_MANY, bulk.pk)
    return bulk


@transaction.atomic
def stop_change(actor: Actor, bulk_id: int, *, now: datetime) -> BulkChange:
    """The change ends after the row under way; what waited stays as it was."""
    bulk = _for_change(actor, bulk_id)
    if bulk.state not in (BulkChange.State.QUEUED, BulkChange.State.RUNNING):
        raise BulkChangeNotThere("It is at its end already.")
    bulk.state, bulk.finished_at = BulkChange.State.STOPPED, now
    bulk.message = f"Stopped by {actor.user}. What was left stays as it was."
    bulk.save(update_fields=["state", "finished_at", "message"])
    events.record(
        bulk.portfolio,
        Kind.BULK_CHANGE_FINISHED,
        by=actor,
        what={**_told(bulk), "changed": bulk.changed, "refused": bulk.refused},
        touched=[bulk],
    )
    return bulk


@transaction.atomic
def undo_change(actor: Actor, bulk_id: int, *, now: datetime) -> BulkChange:
    """The change, to be taken back row by row where nobody changed it since. Once only."""
    bulk = _for_change(actor, bulk_id)
    if bulk.undone_by_id is not None:
        raise BulkChangeNotThere("It was undone already; that can be done once.")
    if bulk.is_under_way:
        raise BulkChangeNotThere("It is still under way. Stop it first, or wait for its end.")
    if not bulk.changed:
        raise BulkChangeNotThere("It changed nothing, so there is nothing to undo.")
    bulk.state, bulk.undone_by, bulk.undone_at = BulkChange.State.UNDOING, actor.person, now
    bulk.save(update_fields=["state", "undone_by", "undone_at"])
    events.record(
        bulk.portfolio, Kind.BULK_CHANGE_UNDONE, by=actor, what=_told(bulk), touched=[bulk]
    )
    ring(Bell.CHANGE_MANY, bulk.pk)
    return bulk


def keys_of(actor: Actor, portfolio: Portfolio, chosen: Chosen) -> list[int]:
    """The candidates' keys, in the order in which they are changed."""
    rows = Standing.objects.visible_to(actor).in_portfolio(portfolio.pk).of_candidates()
    if chosen.view is not None:
        keys = rows.seen_through(chosen.view, portfolio.time_zone).first_keys(MOST_ROWS + 1)
    else:
        keys = _keys_of_references(actor, portfolio, chosen.references)
    if len(keys) > MOST_ROWS:
        raise ValidationError({"references": f"At most {MOST_ROWS:,} at once."})
    return keys


def references_here(
    actor: Actor, portfolio: Portfolio, references: Sequence[str]
) -> dict[str, str]:
    """{reference: the reference now} of those that are use cases of the portfolio and seen."""
    asked = [reference for reference in references if "\x00" not in reference]
    rows = UseCase.objects.visible_to(actor).in_portfolio(portfolio.pk)
    return {old: row.reference for old, row in rows.by_reference(asked).items()}


def _keys_of_references(actor: Actor, portfolio: Portfolio, references: Sequence[str]) -> list[int]:
    asked = list(dict.fromkeys(reference.strip().upper() for reference in references))
    rows = UseCase.objects.visible_to(actor).in_portfolio(portfolio.pk)
    found = rows.by_reference(asked)
    missing = [reference for reference in asked if reference not in found]
    if missing:
        raise ValidationError({"references": f"“{missing[0][:40]}” is not in this portfolio."})
    return list(dict.fromkeys(found[reference].pk for reference in asked))


def _checked(wanted: Wanted, portfolio: Portfolio, now: datetime) -> str:
    """The value as the rows will take it; refused where none could."""
    value = wanted.value.strip()
    if wanted.change is not Changing.TEST and (wanted.asked or wanted.due_on):
        field = "asked" if wanted.asked else "due_on"
        raise ValidationError({field: "Somebody is asked, and by a day, for a test only."})
    if way := way_of(wanted.change):
        way.check(portfolio, wanted, now)
        return value
    if wanted.change is Changing.PARK:
        _expect_reason(wanted, "parked")
        return ""
    if wanted.change is Changing.STAGE:
        if value not in list(Stage):
            raise ValidationError({"value": f"Choose a stage: {', '.join(Stage)}."})
        if Stage(value) in NEEDS_REASON:
            _expect_reason(wanted, value)
    elif wanted.change is Changing.TASK_TYPE:
        if value and value not in list(TaskType):
            raise ValidationError({"value": f"Choose one of: {', '.join(TaskType)}."})
    elif wanted.change is Changing.OWNER:
        try:
            return person_to_own(portfolio.pk, value).email
        except ValidationError as refusal:
            raise ValidationError({"value": refusal.messages}) from refusal
    elif len(value) > 250:
        raise ValidationError({"value": "At most 250 characters."})
    return value


def _expect_reason(wanted: Wanted, stage: str) -> None:
    if not wanted.reason.strip():
        raise ValidationError(
            {"reason": f"Write why they are {stage}: it is read when they come back."}
        )


def _for_change(actor: Actor, bulk_id: int) -> BulkChange:
    """The bulk change, locked, for who began it or a sponsor."""
    bulk = BulkChange.objects.visible_to(actor).with_people().get_for_change(bulk_id)
    rights.require(actor, Right.CHANGE_MANY, bulk.portfolio)
    if bulk.by_id != actor.user_id and Right.UNDO_FOR_OTHERS not in rights.held(
        actor, bulk.portfolio
    ):
        raise NotAllowed("Who began it, or a sponsor, may stop or undo it.")
    return bulk


def _told(bulk: BulkChange) -> dict[str, object]:
    told = {"bulk_change": bulk.pk, "change": bulk.change, "value": bulk.value}
    return {**told, "asked": bulk.asked.email} if bulk.asked else told
