"""Asks for a test of many candidates at once, and takes that back."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from assessments.actions import asking
from assessments.models import Request
from portfolio.changes import Step, Wanted, Way, changed_by
from portfolio.models import Portfolio, Standing
from portfolio.rights import Actor
from portfolio.rules.words import Answer, Changing


def register_all() -> None:
    changed_by(Changing.TEST, Way(check=check, change=ask_one, restore=take_back_one))


def check(portfolio: Portfolio, wanted: Wanted, now: datetime) -> None:
    """Refuse a test that there is not, and a person or a day of whom nothing can be asked."""
    try:
        asking.expect_askable(
            portfolio, [wanted.value], email=wanted.asked, due_on=wanted.due_on, now=now
        )
    except ValidationError as refusal:
        told = refusal.message_dict
        places = {"tests": "value", "asked": "asked", "due_on": "due_on"}
        raise ValidationError({places[name]: words for name, words in told.items()}) from refusal
    if len(wanted.reason.strip()) > asking.MOST_NOTE:
        raise ValidationError({"reason": f"A note holds at most {asking.MOST_NOTE:,} characters."})


def ask_one(actor: Actor, use_case_id: int, wanted: Wanted, now: datetime) -> Step | None:
    """What the request was before and is since; none where it is answered or asked just so."""
    if getattr(Standing.objects.get(pk=use_case_id), wanted.value) == Answer.YES:
        return None
    rows = Request.objects.of(use_case_id).not_ended().about_tests([wanted.value])
    before = rows.with_names().first()
    note = wanted.reason.strip()
    so = (wanted.asked, note, wanted.due_on)
    if before is not None and (before.asked.email, before.note, before.due_on) == so:
        return None
    kept = asking.kept_of(before) if before is not None else {}
    (row,) = asking.ask(
        actor, use_case_id, email=wanted.asked, tests=[wanted.value], note=note,
        due_on=wanted.due_on, now=now,
    )  # fmt: skip
    return Step(kept, asking.kept_of(row))


def take_back_one(actor: Actor, use_case_id: int, step: Step, now: datetime) -> None:
    """Leave the test with whom it was before, or with nobody."""
    asking.take_back(actor, step.after, step.before, now=now)
