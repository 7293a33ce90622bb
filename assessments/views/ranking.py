"""The ranking: which next, and what would change it."""

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from assessments import pages
from assessments.unknowns import due_from, to_find_out
from portfolio.doors.html import portfolio_or_404, render_page
from portfolio.doors.paging import RankingChanged, cut_page
from portfolio.models import Standing
from portfolio.rules.clock import today_in

ROWS = 100
SORTS = {
    "rank": ("order", "pk"),
    "title": ("sort_title", "pk"),
    "impact": ("-sort_impact", "pk"),
    "feasibility": ("-sort_feasibility", "pk"),
    "score": ("-sort_score", "pk"),
    "first": ("-sort_first", "pk"),
    "value": ("-sort_value", "pk"),
}
COLUMNS = (
    ("rank", "#", "n", ""),
    ("title", "Candidate", "", ""),
    ("impact", "Impact", "n", "impact"),
    ("feasibility", "Feasib.", "n", "feasibility"),
    ("score", "Score", "n", "score"),
    ("first", "Best", "n", "first"),
    ("value", "Value a year", "n", "value"),
)
SCATTER = "components/scatter.html"
LABEL = "Impact and feasibility of each candidate"
FILTERS = ("q", "show", "sort", "way")


@require_safe
def ranking(request, key):
    portfolio = portfolio_or_404(request, key)
    asked = {name: request.GET.get(name, "")[:200] for name in FILTERS}
    asked = {name: value for name, value in asked.items() if value}
    sort = asked.get("sort") if asked.get("sort") in SORTS else "rank"
    state = f"{portfolio.revision}.{portfolio.ranking.done}.{portfolio.simulation.done}"
    if request.htmx and request.GET.get("seen") == state:
        return HttpResponse(status=204)  # a poll, and nothing is new
    rows = Standing.objects.visible_to(request.actor).in_portfolio(portfolio.pk).of_candidates()
    found = rows
    if asked.get("q"):
        found = found.matching(asked["q"])
    if asked.get("show"):
        found = found.in_part(asked["show"])
    order = SORTS[sort]
    if asked.get("way") == "up":
        order = tuple(turned(name) for name in order)
    try:
        page = cut_page(
            found.sortable().with_use_case(), order, ROWS, request.GET.get("cursor"),
            portfolio.ranking.done,
        )  # fmt: skip
    except (RankingChanged, ValueError):
        return redirect(f"{request.path}?{urlencode(asked)}")
    first_two = list(rows.in_part("ranked").in_rank_order().with_use_case()[:2])
    waiting = rows.best_not_ready() if first_two else None
    would_be = rows.would_be_number(waiting.score) if waiting else 0
    if would_be > portfolio.shortlist_size:
        waiting = None
    closest = None if first_two else rows.closest_to_ready()
    now = timezone.now()
    unknowns = ()
    if first_two and not portfolio.is_certainty_stale:
        unknowns = to_find_out(portfolio, request.actor, portfolio.simulation.unknowns)
    context = {
        "portfolio": portfolio,
        "ranking": portfolio.ranking,
        "is_stale": portfolio.is_ranking_stale,
        "is_certainty_stale": portfolio.is_certainty_stale,
        "answer": pages.answer(portfolio, first_two, waiting, would_be, closest),
        **picture(portfolio, rows, state),
        "rows": pages.rows_of(page.rows, portfolio, in_order=sort == "rank" and "way" not in asked),
        "heads": heads(asked, sort),
        "asked": asked,
        "is_narrowed": "q" in asked or "show" in asked,
        "next_url": turn(request, asked, page.next),
        "previous_url": turn(request, asked, page.previous),
        "poll_url": poll_url(request, state),
        "unknowns": unknowns,
        "due_on": due_from(today_in(portfolio.time_zone, now)),
        "here": f"{request.path}?{urlencode(asked)}" if asked else request.path,
        "may": request.may,
        "now": now,
        "is_fragment": bool(request.htmx),
    }
    return render_page(request, "assessments/ranking.html", context, fragment="ranking")


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


def turned(name: str) -> str:
    if name == "pk":
        return name
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def heads(asked: dict, sort: str) -> list[dict]:
    """The table's heads: each a link that sorts by it, and turns the order when it does already."""
    shown = []
    kept = {name: value for name, value in asked.items() if name in ("q", "show")}
    for name, words, kind, column in COLUMNS:
        is_sorted = name == sort
        is_up = is_sorted and asked.get("way") == "up"
        query = {**kept, "sort": name} if name != "rank" else dict(kept)
        if is_sorted and not is_up:
            query["way"] = "up"
        falls = SORTS[name][0].startswith("-") != is_up
        shown.append(
            {
                "name": name,
                "words": words,
                "kind": kind,
                "column": column,
                "url": f"?{urlencode(query)}",
                "sorted": ("descending" if falls else "ascending") if is_sorted else "",
            }
        )
    return shown


def turn(request, asked: dict, cursor: str | None) -> str:
    return f"{request.path}?{urlencode({**asked, 'cursor': cursor})}" if cursor else ""


def poll_url(request, state: str) -> str:
    query = {name: value for name, value in request.GET.items() if name != "seen"}
    key = request.resolver_match.kwargs["key"]
    return f"{reverse('assessments:ranking', args=[key])}?{urlencode({**query, 'seen': state})}"
