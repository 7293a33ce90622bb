"""What this room knows to wait for a person: the requests that they are asked to answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.urls import reverse

from assessments.models import DataSource, Rating, Request
from portfolio.duties import MOST_STALE, TEST_WORDS, Duty, Group, fresh_since, look_again
from portfolio.rights import Actor


def asked_for(actor: Actor, today: Mapping[int, date]) -> Group:
    """The actor's open requests, most urgent first; one query."""
    rows = Request.objects.visible_to(actor).to_person(actor.user_id).open()
    rows = rows.of_candidates_in_work().with_names().most_urgent_first()
    return Group("You are asked", [_duty(row) for row in rows])


def fresh_looks(actor: Actor, today: Mapping[int, date]) -> Group:
    """Candidates of which the actor's ratings or data answers are stale; three queries."""
    begins = fresh_since(actor, today)
    ratings = Rating.objects.visible_to(actor).stale_of(actor.user_id, begins)
    sources = DataSource.objects.visible_to(actor).stale_of(actor.user_id, begins)
    return Group(
        "Judgements to look at again",
        [
            *look_again("rating", ratings[:MOST_STALE], "assessments:ratings"),
            *look_again("data source", sources[:MOST_STALE], "assessments:tests"),
        ],
    )


def _duty(row: Request) -> Duty:
    what = f"rate {row.criterion.name}" if row.criterion else f"answer {TEST_WORDS[row.test]}"
    note = f": {row.note}" if row.note else "."
    return Duty(
        words=f"{row.by or 'Somebody'} asks you to {what}{note}",
        url=address_of(row),
        act="Rate it" if row.criterion else "Answer",
        reference=row.use_case.reference,
        title=row.use_case.title,
        due=row.due_on,
    )


def address_of(row: Request) -> str:
    """Where the request is answered."""
    page = "assessments:ratings" if row.criterion_id else "assessments:tests"
    return f"{reverse(page, args=[row.use_case.reference])}#{row.subject}"
