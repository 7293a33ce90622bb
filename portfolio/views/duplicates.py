"""Candidates that look the same, in pairs: told apart here, or merged."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolio.actions.duplicates import tell_apart
from portfolio.doors.html import form_of, portfolio_or_404, render_page
from portfolio.doors.paging import cut_page
from portfolio.models import Lookalike
from portfolio.rules import likeness
from portfolio.views.overview import older_url

PAIRS = 20
ORDER = ("-alike", "pk")


@dataclass(frozen=True)
class Shown:
    """One pair as the page lays it out."""

    pair: Lookalike
    words: str


@require_safe
def duplicates(request, key):
    """Pairs that look the same, the most alike first."""
    portfolio = portfolio_or_404(request, key)
    rows = Lookalike.objects.visible_to(request.actor).in_portfolio(portfolio.pk).open()
    try:
        page = cut_page(rows.with_both(), ORDER, PAIRS, request.GET.get("cursor"))
    except ValueError as fault:
        raise Http404 from fault
    context = {
        "portfolio": portfolio,
        "total": rows.count(),
        "pairs": [Shown(pair, likeness.in_words(pair.alike)) for pair in page.rows],
        "turns": older_url(request, page),
    }
    return render_page(request, "portfolio/duplicates.html", context, fragment="duplicates")


def pair_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    rows = Lookalike.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return portfolio, get_object_or_404(rows, pk=pk)


@form_of("portfolio:duplicates", "key", look_up=pair_or_404)
def duplicate(request, key, pk):
    """Remember that the two of a pair are different."""
    portfolio, pair = pair_or_404(request, key, pk)
    told = tell_apart(request.actor, pair.pk, now=timezone.now())
    messages.success(
        request, f"{told.first.reference} and {told.second.reference} are different candidates."
    )
    return redirect("portfolio:duplicates", portfolio.key)
