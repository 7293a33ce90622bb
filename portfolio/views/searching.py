"""Search from anywhere: a page of its own, and the list that the palette shows."""

from django.views.decorators.http import require_safe

from portfolio.doors.html import render_page
from portfolio.pages import searching as pages

IN_PALETTE, ON_PAGE = 6, 50


@require_safe
def search(request):
    """What one sees that fits: use cases, actions, pages and people, over all portfolios."""
    words = request.GET.get("q", "")[:200]
    most = IN_PALETTE if request.htmx else ON_PAGE
    groups = pages.search(request.actor, words, most, may_open=request.user.may_open_portfolios)
    context = {"words": words, "groups": groups, "found": sum(len(one.hits) for one in groups)}
    return render_page(request, "portfolio/search.html", context, fragment="found")
