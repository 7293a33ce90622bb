"""Requests: asking a member for an answer or a rating, and how that ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.models import Criterion, Ending, Request
from assessments.rules.four_tests import Test
from portfolio import events, rights
from portfolio.changes import UNDONE, NotAsItWas
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Portfolio, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.rights import Right

LONGEST = timedelta(days=365)
MOST_NOTE = 2_000


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
    asked = expect_askable(use_case.portfolio, tests, email=email, due_on=due_on, now=now)
    rated = _expect_criteria(use_case, criteria)
    if not tests and not criteria:
        raise ValidationError({"tests": ["Say what is asked: a test or a criterion."]})
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


def kept_of(row: Request) -> dict[str, Any]:
    """What a request holds, to be compared and given back."""
    return {
        "request": row.pk,
        "by": row.by_id,
        "note": row.note,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "made_at": row.made_at.isoformat(),
        "reminded_at": row.reminded_at.isoformat() if row.reminded_at else None,
    }


@transaction.atomic
def take_back(
    actor: Actor, after: dict[str, Any], before: dict[str, Any], *, now: datetime
) -> Request:
    """The request about a test that was open before (as `kept_of` told it), or the one withdrawn.

    Refused where the one asked since has ended, or was asked anew.
    """
    seen = Request.objects.visible_to(actor).get(pk=after["request"])
    use_case = UseCase.objects.visible_to(actor).get_for_change(seen.use_case_id)
    rights.require(actor, Right.ASK, use_case)
    keys = {after["request"], before.get("request", after["request"])}
    rows = Request.objects.of(use_case.pk).with_names().with_keys(keys).lock_in_order()
    locked = {row.pk: row for row in rows}
    row = locked[after["request"]]
    _expect_right_to_end(actor, row, use_case, Ending.WITHDRAWN)
    _expect_as_asked(row, after)
    if row.pk == before.get("request"):
        given_back = row
    else:
        row.ending, row.words, row.ended_at = Ending.WITHDRAWN, UNDONE, now
        row.save(update_fields=["ending", "words", "ended_at"])
        given_back = locked[before["request"]] if before else None
    if given_back is None:
        events.record(
            use_case,
            Kind.REQUEST_ENDED,
            by=actor,
            what={
                "about": row.subject, "asked": str(row.asked), "ending": row.ending,
                "words": row.words,
            },
            touched=[row],
        )  # fmt: skip
        return row
    _give_back(given_back, use_case, before)
    events.record(
        use_case,
        Kind.ASKED,
        by=actor,
        what={
            "asked": str(given_back.asked),
            "about": [given_back.subject],
            "note": given_back.note,
            "due_on": before["due_on"],
        },
        touched=list(locked.values()),
    )
    return given_back


def _expect_as_asked(row: Request, after: dict[str, Any]) -> None:
    if row.ended_at is not None:
        how = row.words or f"It was {row.ending or 'answered'}."
        raise NotAsItWas(f"The request to {row.asked} has ended since. {how} It stays so.")
    if kept_of(row)["made_at"] != after["made_at"]:
        raise NotAsItWas(f"{row.asked} was asked anew since. It stays so.")


def _give_back(row: Request, use_case: UseCase, before: dict[str, Any]) -> None:
    """The request as it was, open again."""
    if not User.objects.who_can_own(use_case.portfolio_id).contains(row.asked):
        raise NotAsItWas(f"{row.asked}, who was asked before, cannot answer any more.")
    day, reminded = before["due_on"], before["reminded_at"]
    row.by_id, row.note = before["by"], before["note"]
    row.due_on = date.fromisoformat(day) if day else None
    row.made_at = datetime.fromisoformat(before["made_at"])
    row.reminded_at = datetime.fromisoformat(reminded) if reminded else None
    row.ending, row.words, row.ended_at = "", "", None
    row.save()


def expect_askable(
    portfolio: Portfolio, tests: Sequence[str], *, email: str, due_on: date | None, now: datetime
) -> User:
    """Who is asked; refused where they cannot answer, or the day or a test is none."""
    asked = _expect_member(portfolio.pk, email)
    _expect_day(due_on, clock.today_in(portfolio.time_zone, now))
    unknown = [test for test in tests if test not in list(Test)]
    if unknown and not any(unknown):
        raise ValidationError({"tests": ["Choose a test."]})
    if unknown:
        raise ValidationError({"tests": [f"There is no test “{unknown[0][:40]}”."]})
    return asked


def _expect_member(portfolio_id: int, email: str) -> User:
    asked = User.objects.who_can_own_by_email(portfolio_id, email)
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
