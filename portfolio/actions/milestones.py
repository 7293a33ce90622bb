"""The dated promises of a lighthouse: set, kept, changed, taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events
from portfolio.actions.lighthouses import expect_active, expect_believable, locked, shown, today_at
from portfolio.models import Lighthouse, Milestone
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.rights import Right


@transaction.atomic
def add_milestone(
    actor: Actor,
    lighthouse_id: int,
    *,
    title: str,
    due_on: date,
    done_on: date | None = None,
    now: datetime,
) -> Milestone:
    """A dated promise."""
    lighthouse = locked(actor, lighthouse_id, Right.RECORD)
    expect_active(lighthouse)
    _expect_near(due_on, lighthouse, now)
    milestone = Milestone(lighthouse=lighthouse, title=title.strip(), due_on=due_on)
    _set_done(actor, lighthouse, milestone, done_on, now)
    milestone.full_clean(exclude=["lighthouse", "done_by"])
    milestone.save(force_insert=True)
    _tell_milestone(actor, lighthouse, Kind.MILESTONE_SET, milestone)
    return milestone


@transaction.atomic
def change_milestone(
    actor: Actor,
    milestone_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
    now: datetime,
) -> Milestone:
    """Exactly the fields named: title, due_on, done_on (none: not done after all)."""
    lighthouse, milestone = _locked_milestone(actor, milestone_id)
    milestone.expect_version(seen_version)
    return change(actor, lighthouse, milestone, changes, now)


@transaction.atomic
def remove_milestone(
    actor: Actor, milestone_id: int, *, seen_version: int | None = None, now: datetime
) -> None:
    """Take a promise back; that there was one stays in the history."""
    lighthouse, milestone = _locked_milestone(actor, milestone_id)
    milestone.expect_version(seen_version)
    revision = _tell_milestone(actor, lighthouse, Kind.MILESTONE_REMOVED, milestone)
    events.bury(
        milestone,
        "milestone",
        portfolio_id=lighthouse.portfolio_id,
        parent_id=lighthouse.pk,
        revision=revision,
    )
    milestone.delete()


def _locked_milestone(actor: Actor, milestone_id: int) -> tuple[Lighthouse, Milestone]:
    found = Milestone.objects.visible_to(actor).get(pk=milestone_id)
    lighthouse = locked(actor, found.lighthouse_id, Right.RECORD)
    expect_active(lighthouse)
    return lighthouse, Milestone.objects.get_for_change(milestone_id)


def change(
    actor: Actor,
    lighthouse: Lighthouse,
    milestone: Milestone,
    changes: Mapping[str, Any],
    now: datetime,
) -> Milestone:
    """Set exactly these fields of a milestone of a locked lighthouse: its lock is theirs."""
    before = {name: getattr(milestone, name) for name in ("title", "due_on", "done_on")}
    asked = {**before, **changes}
    asked["title"] = str(asked["title"]).strip()
    if asked == before:
        return milestone
    if asked["due_on"] != before["due_on"]:
        _expect_near(asked["due_on"], lighthouse, now)
    milestone.title, milestone.due_on = asked["title"], asked["due_on"]
    if asked["done_on"] != before["done_on"]:
        _set_done(actor, lighthouse, milestone, asked["done_on"], now)
    milestone.full_clean(exclude=["lighthouse", "done_by"])
    milestone.save(update_fields=["title", "due_on", "done_on", "done_by"])
    is_reached = milestone.done_on is not None and before["done_on"] is None
    _tell_milestone(
        actor,
        lighthouse,
        Kind.MILESTONE_DONE if is_reached else Kind.MILESTONE_SET,
        milestone,
        changed={
            name: [shown(before[name]), shown(asked[name])]
            for name in before
            if asked[name] != before[name]
        },
    )
    return milestone


def _set_done(
    actor: Actor, lighthouse: Lighthouse, milestone: Milestone, day: date | None, now: datetime
) -> None:
    expect_believable("done_on", day)
    if day is not None and day > today_at(lighthouse, now):
        raise ValidationError({"done_on": "This day has not come yet."})
    milestone.done_on = day
    milestone.done_by = actor.user if day is not None else None


def _expect_near(day: date, lighthouse: Lighthouse, now: datetime) -> None:
    """Refuse a day that no promise of this lighthouse can lie on; without a start, of one today."""
    start = lighthouse.start_date or today_at(lighthouse, now)
    due = lighthouse.verdict_due or clock.verdict_due(start, lighthouse.planned_weeks)
    first, last = clock.first_and_last_promise(start, due)
    if not first <= day <= last:
        raise ValidationError(
            {
                "due_on": f"A milestone lies between {first:%-d %B %Y}, a year before the start, "
                f"and {last:%-d %B %Y}, two years after the verdict day."
            }
        )


def _tell_milestone(
    actor: Actor,
    lighthouse: Lighthouse,
    kind: Kind,
    milestone: Milestone,
    changed: dict[str, list] | None = None,
) -> int:
    return events.record(
        lighthouse,
        kind,
        by=actor,
        what={
            "lighthouse": lighthouse.pk,
            "title": milestone.title,
            "due_on": shown(milestone.due_on),
            **({"changed": changed} if changed else {}),
        },
        touched=[milestone],
    )


def open_ones(lighthouse: Lighthouse, wanted: Collection[int]) -> list[Milestone]:
    """Those of these milestones that are not reached yet, by the day they are due."""
    return [
        milestone
        for milestone in Milestone.objects.of(lighthouse.pk).open().by_due()
        if milestone.pk in wanted
    ]
