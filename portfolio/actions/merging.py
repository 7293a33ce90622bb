"""Making one use case of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portfolio import events, merging, rights
from portfolio.bells import Bell
from portfolio.errors import MergedAway, RuleBroken
from portfolio.models import Lighthouse, UseCase
from portfolio.models.base import Versioned
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import PATH, Stage
from portfolio.rules.rights import Right

TOO_FAR = PATH[PATH.index(Stage.SELECTED) :]


@dataclass(frozen=True)
class Foretold:
    """What a merge would do, in sentences; `refusal` where it would not be done."""

    survivor: UseCase
    gone: UseCase
    words: Sequence[str] = ()
    warnings: Sequence[str] = ()
    refusal: str = ""


def foretell_merge(actor: Actor, use_case_id: int, into_id: int, *, now: datetime) -> Foretold:
    """What would go along and what would stay; nothing is written."""
    rows = UseCase.objects.visible_to(actor).in_bulk([use_case_id, into_id])
    gone, survivor = rows[use_case_id], rows[into_id]
    rights.require(actor, Right.MERGE, gone)
    refusal = objection(survivor, gone)
    if refusal:
        return Foretold(survivor, gone, refusal=refusal)
    carried = merging.plans(survivor, gone, now)
    refusal = " ".join(carry.refusal for carry in carried if carry.refusal)
    if refusal:
        return Foretold(survivor, gone, refusal=refusal)
    return Foretold(
        survivor,
        gone,
        [sentence for carry in carried for sentence in carry.words],
        [sentence for carry in carried for sentence in carry.warnings],
    )


@transaction.atomic
def merge_use_cases(
    actor: Actor,
    use_case_id: int,
    into_id: int,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> UseCase:
    """The use case that stays, with what the other one had; the other's reference leads to it.

    Both are locked in the order of their keys, so that two merges of the same two follow each
    other: the second finds that one is gone.
    """
    rows = UseCase.objects.visible_to(actor).lock_both(use_case_id, into_id)
    for pk in (use_case_id, into_id):
        if pk not in rows:
            _tell_where_it_went(pk)
    gone, survivor = rows[use_case_id], rows[into_id]
    rights.require(actor, Right.MERGE, gone)
    gone.expect_version(seen_version)
    refusal = objection(survivor, gone)
    if refusal:
        raise RuleBroken(refusal)
    touched: list[Versioned] = []
    told: dict[str, Any] = {}
    carried = merging.plans(survivor, gone, now)
    for carry in carried:
        if carry.refusal:
            raise RuleBroken(carry.refusal)
    for carry in carried:
        touched += carry.write()
        told |= carry.told
    source = gone.stage
    gone.merged_into, gone.merged_at = survivor, now
    gone.stage, gone.stage_entered_at = Stage.STOPPED.value, now
    gone.stage_reason = f"Merged into {survivor.reference}."
    gone.save(
        update_fields=["merged_into", "merged_at", "stage", "stage_entered_at", "stage_reason"]
    )
    revision = events.record(
        gone,
        Kind.USE_CASES_MERGED,
        by=actor,
        what={"into": survivor.reference, "title": survivor.title, "stage": source},
        touched=[gone],
    )
    events.bury(gone, "use_case", portfolio_id=gone.portfolio_id, parent_id=None, revision=revision)
    events.record(
        survivor,
        Kind.USE_CASES_MERGED,
        by=actor,
        what={"from": gone.reference, "from_title": gone.title, **told},
        wants=Bell.RANK,
        touched=[survivor, *touched],
    )
    return survivor


def objection(survivor: UseCase, gone: UseCase) -> str:
    """Why these two are not merged this way; empty where they may be."""
    if survivor.pk == gone.pk:
        return "A use case is not merged into itself. Name another one."
    if survivor.portfolio_id != gone.portfolio_id:
        return "They are in two portfolios, which are ranked apart; merge within one."
    if gone.stage in TOO_FAR:
        return (
            f"{gone.reference} is in {gone.stage}: from selected on a use case stays itself. Merge "
            f"{survivor.reference} into it instead, or move it back first."
        )
    if survivor.stage == Stage.STOPPED:
        return f"{survivor.reference} is stopped for good. Merge it into {gone.reference} instead."
    for one in (gone, survivor):
        if Lighthouse.objects.of_use_case(one.pk).not_abandoned().first():
            return (
                f"{one.reference} has a lighthouse, whose contract and verdict are its own. Only "
                "candidates without one are merged."
            )
    return ""


def _tell_where_it_went(pk: int) -> None:
    gone = UseCase.objects.get(pk=pk)
    if gone.merged_into is None:
        raise UseCase.DoesNotExist
    raise MergedAway(gone.reference, gone.merged_into.reference)
