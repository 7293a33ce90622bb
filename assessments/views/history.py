"""Rank over time: who led when, what moved it, and the ranking of a past day."""

from datetime import date, timedelta

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from assessments.pages import history as pages
from portfolio.doors.html import portfolio_or_404, render_page
from portfolio.doors.paging import Page, RankingChanged, cut_page
from portfolio.models import Event, PastPlace, Standing
from portfolio.pages import activity as told
from portfolio.rules import clock

ROWS = 50
MOST_EVENTS = 30
USUAL_DAYS = 90


@require_safe
def ranking_history(request, key):
    portfolio = portfolio_or_404(request, key)
    now = timezone.now()
    today = clock.today_in(portfolio.time_zone, now)
    kept_since = PastPlace.objects.first_day(portfolio.pk)
    begins = kept_since or today
    last = min(day_of(request.GET.get("to")) or today, today)
    last = max(last, begins)
    usual = max(begins, last - timedelta(days=USUAL_DAYS))
    first = min(max(day_of(request.GET.get("from")) or usual, begins), last)
    asked = request.GET.get("who", "")[:400]
    days = {"from": first.isoformat(), "to": last.isoformat()}
    if asked:
        days["who"] = asked
    is_now = last == today and kept_since is not None
    try:
        page = page_of_day(request, portfolio, None if is_now else last)
    except (ValueError, RankingChanged):
        return redirect(f"{request.path}?{urlencode(days)}")
    shown = pages.gather(request.actor, portfolio, first, last, asked)
    events = Event.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    events = events.of_kinds(pages.INPUTS).with_names().newest_first()
    events = events.since(clock.midnight(portfolio.time_zone, first))
    ended = clock.midnight(portfolio.time_zone, last + timedelta(days=1))
    events = list(events.until(ended)[: MOST_EVENTS + 1])
    context = {
        "portfolio": portfolio,
        "shown": shown,
        "begins": begins,
        "first": first,
        "last": last,
        "today": today,
        "asked": asked,
        "rows": page.rows,
        "as_of": "" if is_now else f"as_of={last.isoformat()}",
        "is_now": is_now,
        "days": told.by_day(events[:MOST_EVENTS], portfolio.time_zone),
        "has_more": len(events) > MOST_EVENTS,
        "activity_url": f"{reverse('portfolio:activity', args=[portfolio.key])}?"
        + urlencode({"since": first.isoformat(), "until": last.isoformat()}),
        "next_url": turn(request, days, page.next),
        "previous_url": turn(request, days, page.previous),
        "now": now,
    }
    return render_page(request, "assessments/ranking_history.html", context, fragment="places")


def page_of_day(request, portfolio, day: date | None) -> Page:
    """A page of the ranking as it stood at the end of this day; without one, as it stands."""
    cursor = request.GET.get("cursor")
    if day is not None:
        rows = PastPlace.objects.visible_to(request.actor).as_of(portfolio.pk, day)
        return cut_page(rows.with_use_case(), ("rank", "pk"), ROWS, cursor)
    rows = Standing.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    rows = rows.of_candidates().with_use_case()
    return cut_page(rows, ("order", "pk"), ROWS, cursor, portfolio.ranking.done)


def day_of(raw: str | None) -> date | None:
    """The day that this text names; none where it names none."""
    try:
        return date.fromisoformat(raw or "")
    except ValueError:
        return None


def turn(request, days: dict[str, str], cursor: str | None) -> str:
    return f"{request.path}?{urlencode({**days, 'cursor': cursor})}" if cursor else ""
