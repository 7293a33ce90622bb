"""Judges when somebody who was asked something is reminded of it."""

from datetime import date, datetime, time, timedelta

FROM = time(8, 0)  # nobody is reminded at night
_DAY = timedelta(days=1)


def reminded_on(due_on: date, asked_on: date) -> date:
    """The day before it is due, but never the day on which it was asked."""
    return max(due_on - _DAY, asked_on + _DAY)


def is_reminder_due(due_on: date, asked_on: date, here: datetime) -> bool:
    """Whether the reminder is to be sent by now; `here` is the portfolio's own clock."""
    return here.replace(tzinfo=None) >= datetime.combine(reminded_on(due_on, asked_on), FROM)
