"""Requests: asking a member for an answer or a rating, and how that ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.models import Criterion, Ending, Request
from assessments.rules.four_tests import Test
from portfolio import events, rights
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.pipeline import Right

LONGEST = timedelta(days=365)


class RequestEnded(RuleBroken):
    """It has come to its end before."""

    code = "request_ended"


@transaction.atomic
def ask(
    actor: Actor,
    use_case_id: int,
    *,
    email: str,
    tests: Sequence[str] = (),
    criteria: Sequence[str] = (),
    note: str = "",
    due_on: date | None = None,
    now: datetime,
) -> list[Request]:
    """A request to this member for each test and each criterion named, tests first.

    A test is assigned to one person: asking another takes it over. Asking the same person again
    changes the note and the day.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.ASK, use_case)
    today = clock.today_in(use_case.portfolio.time_zone, now)
    asked = _expect_member(use_case, email)
    _expect_day(due_on, today)
    rated = _expect_criteria(use_case, criteria)
    if not tests and not criteria:
        raise ValidationError({"tests": ["Say what is asked: a test or a criterion."]})
    unknown = [test for test in tests if test not in list(Test)]
    if unknown:
        raise ValidationError({"tests": [f"There is no test “{unknown[0]}”."]})
    before = list(Request.objects.of(use_case_id).not_ended().lock_in_order())
    taken = [row for row in before if row.test in tests and row.asked_id != asked.pk]
    for row in taken:
        row.ending, row.ended_at = Ending.WITHDRAWN, now
        row.words = f"{asked} was asked instead."
        row.save(update_fields=["ending", "ended_at", "words"])
    mine = {row.subject_key: row for row in before if row.asked_id == asked.pk}
    rows = []
    for test, criterion in [*((test, None) for test in tests), *(("", row) for row in rated)]:
        row = mine.get((test, criterion and criterion.pk)) or Request(
            use_case=use_case, test=test, criterion=criterion, asked=asked
        )
        row.by, row.note, row.due_on = actor.user, note.strip(), due_on
        row.made_at, row.reminded_at = now, None
        row.full_clean(exclude=["use_case", "asked", "by", "criterion"])
        row.save()
        rows.append(row)
    events.record(
        use_case,
        Kind.ASKED,
        by=actor,
        what={
            "asked": str(asked),
            "about": [row.subject for row in rows],
            "note": note.strip(),
            "due_on": due_on.isoformat() if due_on else None,
        },
        touched=[*taken, *rows],
    )
    return rows


@transaction.atomic
def end_request(
    actor: Actor,
    request_id: int,
    ending: str,
    words: str,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> Request:
    """The request at its end: answered or declined by who was asked, or withdrawn."""
    seen = Request.objects.visible_to(actor).get(pk=request_id)
    use_case = UseCase.objects.visible_to(actor).get_for_change(seen.use_case_id)
    rights.require(actor, Right.ASK, use_case)
    row = Request.objects.with_names().get_for_change(request_id)
    row.expect_version(seen_version)
    _expect_right_to_end(actor, row, use_case, ending)
    if row.ended_at is not None:
        raise RequestEnded("It has come to its end already. Ask again if it is still open.")
    if ending != Ending.WITHDRAWN and not words.strip():
        what = "what you found out" if ending == Ending.ANSWERED else "why, or who would know"
        raise ValidationError({"words": [f"Say {what}."]})
    row.ending, row.words, row.ended_at = Ending(ending), words.strip(), now
    row.full_clean(exclude=["use_case", "asked", "by", "criterion"])
    row.save(update_fields=["ending", "words", "ended_at"])
    events.record(
        use_case,
        Kind.REQUEST_ENDED,
        by=actor,
        what={"about": row.subject, "asked": str(row.asked), "ending": ending, "words": row.words},
        touched=[row],
    )
    return row


def answer_requests(
    use_case_id: int,
    now: datetime,
    *,
    tests: Iterable[str] = (),
    criteria: Iterable[int] = (),
    by_id: int | None = None,
) -> list[Request]:
    """The requests that this answer ends, for the event that tells of the answer.

    Anybody's answer to a test ends the request about it; a rating ends its own assessor's.
    """
    here = Request.objects.of(use_case_id).not_ended()
    rows = list(here.about_tests(tests).lock_in_order()) if tests else []
    if criteria:
        rows += here.about_criteria(criteria).to_person(by_id).lock_in_order()
    for row in rows:
        row.ending, row.ended_at = Ending.ANSWERED, now
        row.save(update_fields=["ending", "ended_at"])
    return rows


def _expect_member(use_case: UseCase, email: str) -> User:
    asked = User.objects.who_can_own_by_email(use_case.portfolio_id, email)
    if asked is None:
        raise ValidationError(
            {"asked": ["Name a contributor or sponsor of this portfolio: a viewer cannot answer."]}
        )
    return asked


def _expect_day(due_on: date | None, today: date) -> None:
    if due_on is not None and not today <= due_on <= today + LONGEST:
        raise ValidationError({"due_on": ["Give a day from today on, within a year."]})


def _expect_criteria(use_case: UseCase, slugs: Sequence[str]) -> list[Criterion]:
    rows = Criterion.objects.in_portfolio(use_case.portfolio_id).in_force().with_slugs(slugs)
    found = {row.slug: row for row in rows}
    for slug in slugs:
        if slug not in found:
            raise ValidationError({"criteria": [f"There is no criterion “{slug}” here."]})
        if found[slug].is_derived:
            name = found[slug].name
            raise ValidationError({"criteria": [f"{name} is derived: ask for what it comes from."]})
    return [found[slug] for slug in dict.fromkeys(slugs)]


def _expect_right_to_end(actor: Actor, row: Request, use_case: UseCase, ending: str) -> None:
    if ending == Ending.WITHDRAWN:
        is_sponsor = Right.MANAGE_SETTINGS in rights.held(actor, use_case.portfolio)
        if row.by_id != actor.user_id and not is_sponsor:
            raise NotAllowed("Only who asked, or a sponsor, withdraws a request.")
    elif row.asked_id != actor.user_id:
        raise NotAllowed("Only who was asked answers or declines a request.")
