"""What this room knows to wait for a person: the requests that they are asked to answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.urls import reverse

from assessments.models import Rating, Request
from assessments.rules import ageing
from portfolio.duties import TEST_WORDS, Duty, Group
from portfolio.models import Portfolio
from portfolio.rights import Actor

MOST_STALE = 20


def asked_for(actor: Actor, today: Mapping[int, date]) -> Group:
    """The actor's open requests, most urgent first; one query."""
    rows = Request.objects.visible_to(actor).to_person(actor.user_id).open()
    rows = rows.of_candidates_in_work().with_names().most_urgent_first()
    return Group("You are asked", [_duty(row) for row in rows])


def fresh_looks(actor: Actor, today: Mapping[int, date]) -> Group:
    """Candidates of which the actor's ratings are stale; two queries."""
    begins = {}
    for row in Portfolio.objects.visible_to(actor).by_name():
        since = ageing.oldest_fresh_day(today[row.pk], row.fresh_days)
        begins[row.pk] = datetime.combine(since, time.min, ZoneInfo(row.time_zone))
    rows = Rating.objects.visible_to(actor).stale_of(actor.user_id, begins)[:MOST_STALE]
    return Group(
        "Ratings to look at again",
        [
            Duty(
                words=f"{row['ratings']} of your ratings {'are' if row['ratings'] > 1 else 'is'} "
                "stale: do they still hold?",
                url=reverse("assessments:ratings", args=[row["use_case__reference"]]),
                act="Look again",
                reference=row["use_case__reference"],
                title=row["use_case__title"],
            )
            for row in rows
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
