"""Sends a reminder to who was asked something, the day before it is due."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse

from assessments.models import Request
from assessments.rules.asking import is_reminder_due
from portfolio.bells import Bell
from portfolio.sweeping import is_post_round

log = logging.getLogger(__name__)


def waiting(now: datetime) -> list[tuple[Bell, int]]:
    """The reminders to be sent by now."""
    if not is_post_round(now):
        return []
    rows = Request.objects.unreminded(_latest(now))
    return [(Bell.REMIND, row.pk) for row in rows if _is_due(row, now)]


def send_reminder(request_id: int, now: datetime) -> bool:
    """Whether an e-mail went out: once for each request, however often this is called.

    All that the person is to be reminded of by now goes into one e-mail. The rows stay locked
    while it is handed over. A mail server that refuses leaves them unreminded, and the sweep asks
    again.
    """
    with transaction.atomic():
        row = Request.objects.claim_unreminded(request_id, _latest(now))
        if row is None or not _is_due(row, now):
            return False
        held = Request.objects.claim_unreminded_of(row.asked_id, _latest(now))
        rows = [one for one in held if _is_due(one, now)]
        letter(rows).send()
        for one in rows:
            one.reminded_at = now
        Request.objects.bulk_update(rows, ["reminded_at"])
    log.info("reminder sent request=%s requests=%s", request_id, len(rows))
    return True


def letter(rows: list[Request]) -> EmailMessage:
    """The e-mail to who was asked these: who asks what, until when, and where to answer."""
    first = rows[0]
    if len(rows) == 1:
        about = f"{_what(first)} of {first.use_case.title}"
    else:
        about = f"{len(rows)} answers that you are asked for"
    last = "If somebody else would know, decline it there and say who.\n"
    askers = list(dict.fromkeys(row.by.email for row in rows if row.by))
    return EmailMessage(
        subject=f"Due on {first.due_on:%-d %B}: {about}",
        body="\n".join([*(_told(row) for row in rows), last]),
        to=[first.asked.email],
        reply_to=askers[:1] if len(askers) == 1 else [],
    )


def _told(row: Request) -> str:
    use_case = row.use_case
    place = "assessments:ratings" if row.criterion else "assessments:tests"
    url = f"{settings.BASE_URL.rstrip('/')}{reverse(place, args=[use_case.reference])}"
    note = f"\n{row.by or 'They'} wrote: {row.note}\n" if row.note else ""
    return (
        f"{row.by or 'Somebody'} asked you about {_what(row)} of {use_case.title} "
        f"({use_case.reference}), due on {row.due_on:%-d %B %Y}.\n{note}\n"
        f"Answer it here:\n{url}#{row.subject}\n"
    )


def _what(row: Request) -> str:
    return row.criterion.name if row.criterion else f"the {row.get_test_display()} test"


def _latest(now: datetime) -> date:
    """A day by which everything is due that anybody is reminded of now, wherever they are."""
    return now.date() + timedelta(days=2)


def _is_due(row: Request, now: datetime) -> bool:
    zone = ZoneInfo(row.use_case.portfolio.time_zone)
    asked_on = row.made_at.astimezone(zone).date()
    return row.due_on is not None and is_reminder_due(row.due_on, asked_on, now.astimezone(zone))
