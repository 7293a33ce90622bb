"""Pages that look over many use cases: my work, overview, board, activity."""

from urllib.parse import urlencode, urlsplit

from django.http import Http404, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from portfolio.doors.html import portfolio_or_404, render_page
from portfolio.doors.paging import Cursor, cut_page
from portfolio.filters import EventFilter, UseCaseFilter
from portfolio.models import Event, Portfolio, UseCase, User
from portfolio.models.events import Kind
from portfolio.pages import activity as told
from portfolio.pages import board as boards
from portfolio.pages.status import status_of
from portfolio.pages.work import work_of
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Role

EVENTS_A_PAGE = 50


@require_GET
def work(request):
    """What waits for me now, over all my portfolios."""
    portfolios = list(Portfolio.objects.visible_to(request.actor).by_name())
    if len(portfolios) == 1:
        request.portfolio = portfolios[0]  # who is in one portfolio never leaves it
    now = timezone.now()
    context = {
        "work": work_of(request.actor, portfolios, now),
        "portfolios": portfolios,
        "may_open": request.user.may_open_portfolios,
        "now": now,
    }
    return render(request, "portfolio/work.html", context)


@require_GET
def overview(request, key):
    """How the portfolio is doing."""
    portfolio = portfolio_or_404(request, key)
    now = timezone.now()
    context = {"portfolio": portfolio, "status": status_of(portfolio, now), "now": now}
    return render(request, "portfolio/overview.html", context)


@require_GET
def board(request, key):
    """Every stage as a column; with `stage` and `cursor`, more cards of one."""
    portfolio = portfolio_or_404(request, key)
    stage = request.GET.get("stage", "")
    if stage in list(Stage):
        return more_cards(request, portfolio, Stage(stage))
    return render_page(
        request, "portfolio/board.html", board_context(request, portfolio), fragment="board"
    )


def board_context(request, portfolio, **more) -> dict:
    """The board as it stands now, narrowed as the page that asks is."""
    asked = board_filter(request)
    narrowed = UseCaseFilter(
        asked, UseCase.objects.in_portfolio(portfolio.pk).alive(), request=request
    )
    rows = (
        narrowed.qs if narrowed.is_valid() else UseCase.objects.in_portfolio(portfolio.pk).alive()
    )
    now = timezone.now()
    columns = boards.columns(
        list(rows.heads(boards.COLUMNS, boards.CARDS_A_COLUMN)),
        rows.count_by_stage(),
        viewer_of(request, portfolio),
        portfolio.time_zone,
        now,
    )
    for column in columns:
        if column.last is not None and column.count > len(column.cards):
            values = [column.last.standing.order, column.last.pk]
            column.more_url = more_url(portfolio, column.stage, Cursor(values).written(), asked)
    return {
        "portfolio": portfolio,
        "columns": columns,
        "total": sum(column.count for column in columns),
        "asked": asked,
        "people": User.objects.members_of(portfolio.pk),
        **more,
    }


def more_cards(request, portfolio, stage: Stage):
    """One column from a card on: appended where htmx asks, a page of its own elsewhere."""
    asked = board_filter(request)
    narrowed = UseCaseFilter(
        asked, UseCase.objects.in_portfolio(portfolio.pk).alive(), request=request
    )
    rows = (
        narrowed.qs if narrowed.is_valid() else UseCase.objects.in_portfolio(portfolio.pk).alive()
    )
    try:
        page = cut_page(
            rows.in_stage(stage).with_standing(),
            ("standing__order", "pk"),
            boards.CARDS_A_COLUMN,
            request.GET.get("cursor"),
        )
    except ValueError as fault:
        raise Http404 from fault
    viewer = viewer_of(request, portfolio)
    cards = boards.cards(page.rows, viewer, portfolio.time_zone, timezone.now())
    column = boards.Column(stage, rows.in_stage(stage).count(), cards)
    if page.next:
        column.more_url = more_url(portfolio, stage, page.next, asked)
    context = {"portfolio": portfolio, "column": column, "asked": asked}
    return render_page(request, "portfolio/column.html", context, fragment="cards")


def board_filter(request) -> QueryDict:
    """What the board is narrowed to: its own query, or for a move that of the page it came from."""
    if request.method == "GET":
        return request.GET
    here = request.htmx.current_url if request.htmx else None
    return QueryDict(urlsplit(here or "").query)


def more_url(portfolio, stage: Stage, cursor: str, asked: QueryDict) -> str:
    kept = {name: asked[name] for name in ("q", "owner") if asked.get(name)}
    query = urlencode({**kept, "stage": stage.value, "cursor": cursor})
    return f"{reverse('portfolio:board', args=[portfolio.key])}?{query}"


def viewer_of(request, portfolio) -> boards.Viewer:
    return boards.Viewer(request.actor.user_id, Role(request.actor.roles[portfolio.pk]))


@require_GET
def activity(request, key):
    """Who did what, the latest first."""
    portfolio = portfolio_or_404(request, key)
    rows = Event.objects.in_portfolio(portfolio.pk).with_names()
    asked = EventFilter(request.GET, rows, request=request)
    status = 200 if asked.is_valid() else 422
    found = asked.qs if asked.is_valid() else rows.none()
    if not request.GET.get("kind"):
        found = found.without(told.QUIET)
    page = page_of_events(request, found)
    context = {
        "portfolio": portfolio,
        "days": told.by_day(page.rows, portfolio.time_zone),
        "page": page,
        "older_url": older_url(request, page),
        "form": asked.form,
        "asked": request.GET,
        "nothing": "Nothing that happened is like that." if request.GET else "",
        "kinds": Kind.choices,
        "people": User.objects.members_of(portfolio.pk),
        "now": timezone.now(),
    }
    return render_page(
        request, "portfolio/activity.html", context, fragment="events", status=status
    )


def page_of_events(request, rows):
    try:
        return cut_page(rows, ("-pk",), EVENTS_A_PAGE, request.GET.get("cursor"))
    except ValueError as fault:
        raise Http404 from fault


def older_url(request, page) -> dict[str, str]:
    """The addresses of the pages beside this one, with the same filter."""

    def address(cursor):
        if not cursor:
            return ""
        asked = request.GET.copy()
        asked["cursor"] = cursor
        return f"{request.path}?{asked.urlencode()}"

    return {"next": address(page.next), "previous": address(page.previous)}
