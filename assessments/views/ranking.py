"""The ranking: which next, and what would change it."""

from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from assessments.origins.case import Case
from assessments.origins.flips import flips_of
from assessments.pages import ranking as pages
from assessments.unknowns import due_from, to_find_out
from assessments.weighing import weightless_axes
from assessments.what_if import score_if_yes
from portfolio.doors.files import CONTENT_TYPES, ranking_file
from portfolio.doors.html import portfolio_or_404, render_page
from portfolio.doors.paging import RankingChanged, cut_page
from portfolio.models import SavedView, Standing, User
from portfolio.origins import Asked
from portfolio.pages import table
from portfolio.rules.clock import today_in
from portfolio.rules.rights import Right
from portfolio.rules.table import TableView, read_view

ROWS = 100
SCATTER = "components/scatter.html"
LABEL = "Impact and feasibility of each candidate"
MENUS = ("columns", "sort", "filter", "views")


@require_safe
def ranking(request, key):
    portfolio = portfolio_or_404(request, key)
    view = read_view(asked_pairs(request))
    state = f"{portfolio.revision}.{portfolio.ranking.done}.{portfolio.simulation.done}"
    if request.htmx and request.GET.get("seen") == state:
        return HttpResponse(status=204)  # a poll, and nothing is new
    rows = Standing.objects.visible_to(request.actor).in_portfolio(portfolio.pk).of_candidates()
    found = rows.seen_through(view, portfolio.time_zone)
    in_order, order = found.sorted_through(view)
    try:
        page = cut_page(in_order, order, ROWS, request.GET.get("cursor"), portfolio.ranking.done)
    except (RankingChanged, ValueError):
        return redirect(f"{request.path}{table.address(view)}")
    first_two = list(rows.in_part("ranked").in_rank_order().with_use_case()[:2])
    waiting = rows.best_not_ready() if first_two else None
    now = timezone.now()
    challenge = None
    if waiting and (score := score_if_yes(waiting, now)) is not None:
        number = rows.would_be_number(score)
        if number <= portfolio.shortlist_size:
            challenge = pages.Challenge(waiting, score, number)
    closest = None if first_two else rows.closest_to_ready()
    weightless = [] if first_two else weightless_axes(portfolio.pk)
    unknowns = ()
    if first_two and not portfolio.is_certainty_stale:
        unknowns = to_find_out(portfolio, request.actor, portfolio.simulation.unknowns)
    flips = ()
    if len(first_two) > 1 and portfolio.simulation.done == portfolio.ranking.done:
        case = Case(Asked(request.actor, first_two[0].use_case, now))
        flips = flips_of(case, portfolio, first_two)
    context = {
        "portfolio": portfolio,
        "ranking": portfolio.ranking,
        "is_stale": portfolio.is_ranking_stale,
        "is_certainty_stale": portfolio.is_certainty_stale,
        "answer": pages.answer(portfolio, first_two, challenge, closest, flips, weightless),
        **picture(portfolio, rows, state),
        "rows": pages.rows_of(page.rows, portfolio, view, weightless),
        **tools(request, portfolio, view),
        "view": view,
        "matching": found.count() if view.is_narrowed else None,
        "next_url": turn(view, page.next),
        "previous_url": turn(view, page.previous),
        "poll_url": poll_url(request, state),
        "unknowns": unknowns,
        "due_on": due_from(today_in(portfolio.time_zone, now)),
        "here": f"{request.path}{table.address(view)}".removesuffix("?"),
        "may": request.may,
        "now": now,
        "is_fragment": bool(request.htmx),
    }
    return render_page(request, "assessments/ranking.html", context, fragment="ranking")


@require_safe
def export(request, key, kind):
    """What the view shows, all its pages, as a file: csv, xlsx or json."""
    portfolio = portfolio_or_404(request, key)
    if kind not in CONTENT_TYPES:
        raise Http404
    return ranking_file(request.actor, portfolio, kind, read_view(asked_pairs(request)))


def tools(request, portfolio, view: TableView) -> dict:
    """What stands above the table: its heads and the ways to another view."""
    people = list(User.objects.members_of(portfolio.pk))
    saved = SavedView.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    views = list(saved.with_people().in_order())
    opened = "filter" if view.objections else request.GET.get("open", "")
    chosen = next((one for one in views if str(one.pk) == request.GET.get("view")), None)
    return {
        "heads": table.heads(view),
        "sort_keys": table.sort_keys(view),
        "sort_choices": table.sort_choices(view),
        "column_choices": table.column_choices(view),
        "frozen_choices": table.frozen_choices(view),
        "chips": table.chips(view, people),
        "filter_fields": table.filter_fields(view, people, dict(asked_pairs(request)))
        if opened == "filter"
        else (),
        "filter_url": table.address(view, **({} if opened == "filter" else {"open": "filter"})),
        "views": views,
        "chosen_view": chosen,
        "is_view_changed": chosen is not None and chosen.query != urlencode(view.parameters()),
        "query": urlencode(view.parameters()),
        "beside_search": kept(view, "q"),
        "beside_columns": kept(view, "columns", "frozen"),
        "beside_filters": table.unfiltered(view).parameters(),
        "all_url": table.address(view.everything()),
        "part_urls": part_urls(view),
        "kinds": [("csv", "CSV"), ("xlsx", "Excel workbook"), ("json", "JSON")],
        "opened": opened if opened in MENUS else "",
        "me": request.actor.user_id,
        "may_change": Right.CHANGE_MANY in request.may,
        "width": len(view.columns) + (Right.CHANGE_MANY in request.may),
    }


def asked_pairs(request) -> list[tuple[str, str]]:
    """Every parameter of the address, in its order."""
    return [(name, value) for name, values in request.GET.lists() for value in values]


def part_urls(view: TableView) -> list[tuple[str, str, bool]]:
    """(words, address, whether it is this one) of each part of the order."""
    parts = [("All", ""), ("Ranked", "ranked"), ("Not ready", "not_ready"),
             ("Disqualified", "disqualified")]  # fmt: skip
    return [(words, table.address(view.in_part(part)), view.part == part) for words, part in parts]


def kept(view: TableView, *names: str) -> list[tuple[str, str]]:
    """The parameters that a form of `names` leaves as they are."""
    return [(name, value) for name, value in view.parameters() if name not in names]


def picture(portfolio, rows, state: str) -> dict:
    """The picture as SVG and how many it shows, drawn once for each state of the portfolio.

    Two thousand bubbles take longer than all the rest of the page; every member sees the same.
    """
    key = f"ranking-picture-{portfolio.pk}"
    seen, shown = cache.get(key, (None, None))
    if seen != state:
        drawn = list(rows.with_score().in_rank_order().with_use_case()[: pages.MOST_BUBBLES])
        chart = pages.picture(drawn, portfolio)
        svg = render_to_string(SCATTER, {"chart": chart, "label": LABEL}) if chart else ""
        shown = {"picture": svg, "drawn": len(drawn)}
        cache.set(key, (state, shown), timeout=3_600)
    return shown


def turn(view: TableView, cursor: str | None) -> str:
    return table.address(view, cursor=cursor) if cursor else ""


def poll_url(request, state: str) -> str:
    query = [(name, value) for name, value in asked_pairs(request) if name != "seen"]
    key = request.resolver_match.kwargs["key"]
    return f"{reverse('assessments:ranking', args=[key])}?{urlencode([*query, ('seen', state)])}"
