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

    The row stays locked while the mail is handed over. A mail server that refuses leaves the row
    unreminded, and the sweep asks again.
    """
    with transaction.atomic():
        row = Request.objects.claim_unreminded(request_id, _latest(now))
        if row is None or not _is_due(row, now):
            return False
        letter(row).send()
        row.reminded_at = now
        row.save(update_fields=["reminded_at"])
    log.info("reminder sent request=%s use_case=%s", request_id, row.use_case_id)
    return True


def letter(row: Request) -> EmailMessage:
    """The e-mail: who asks what, until when, and where to answer."""
    use_case = row.use_case
    what = row.criterion.name if row.criterion else f"the {row.get_test_display()} test"
    place = "assessments:ratings" if row.criterion else "assessments:tests"
    url = f"{settings.BASE_URL.rstrip('/')}{reverse(place, args=[use_case.reference])}"
    note = f"\n{row.by or 'They'} wrote: {row.note}\n" if row.note else ""
    body = (
        f"{row.by or 'Somebody'} asked you about {what} of {use_case.title} "
        f"({use_case.reference}), due on {row.due_on:%-d %B %Y}.\n{note}\n"
        f"Answer it here:\n{url}#{row.subject}\n\n"
        "If somebody else would know, decline it there and say who.\n"
    )
    return EmailMessage(
        subject=f"Due on {row.due_on:%-d %B}: {what} of {use_case.title}",
        body=body,
        to=[row.asked.email],
        reply_to=[row.by.email] if row.by else [],
    )


def _latest(now: datetime) -> date:
    """A day by which everything is due that anybody is reminded of now, wherever they are."""
    return now.date() + timedelta(days=2)


def _is_due(row: Request, now: datetime) -> bool:
    zone = ZoneInfo(row.use_case.portfolio.time_zone)
    asked_on = row.made_at.astimezone(zone).date()
    return row.due_on is not None and is_reminder_due(row.due_on, asked_on, now.astimezone(zone))
