"""Pages of saved views: the list, one's stable address, and what changes it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from portfolio import rights
from portfolio.actions import saving_views
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.errors import RuleBroken
from portfolio.forms.table import ViewChangeForm, ViewForm
from portfolio.models import SavedView
from portfolio.pages import table
from portfolio.rules.rights import Right
from portfolio.rules.table import read_view


@require_http_methods(["GET", "POST"])
def saved_views(request, key):
    """The views of the ranking, and the one at hand under a name."""
    portfolio = portfolio_or_404(request, key)
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    at_hand = read_view(asked)
    form = ViewForm(request.POST or None, initial={"query": urlencode(at_hand.parameters())})
    status = 200
    if request.method == "POST":
        rights.require(request.actor, Right.SAVE_VIEW, portfolio)
        form = ViewForm(request.POST)
        if form.is_valid():
            try:
                view = saving_views.save_view(
                    request.actor, portfolio.pk, **form.cleaned_data, now=timezone.now()
                )
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"“{view.name}” is saved.")
                return redirect("portfolio:saved_view", portfolio.key, view.pk)
        status = 422
    return render(
        request, "portfolio/saved_views.html", listed(request, portfolio, form), status=status
    )


@require_http_methods(["GET", "POST"])
def saved_view(request, key, pk):
    """A view's stable address leads to the ranking as it says; a POST changes the view."""
    portfolio, view = view_or_404(request, key, pk)
    if request.method == "GET":
        return redirect(ranking_of(portfolio, view))
    form = ViewChangeForm(request.POST)
    if form.is_valid():
        try:
            view = saving_views.change_view(request.actor, view.pk, form.changes())
        except (RuleBroken, ValidationError) as refusal:
            words = refusal.words if isinstance(refusal, RuleBroken) else " ".join(refusal.messages)
        else:
            messages.success(request, f"“{view.name}” is saved.")
            if "query" in request.POST:
                return redirect(ranking_of(portfolio, view))
            return redirect("portfolio:saved_views", portfolio.key)
    else:
        words = "Write a name of at most 80 characters."
    context = listed(request, portfolio, ViewForm())
    context |= {"refused": view.pk, "refusal": words, "typed": request.POST.get("name", "")}
    return render(request, "portfolio/saved_views.html", context, status=422)


def view_or_404(request, key, pk):
    """The portfolio and the view; who may not see either gets 404."""
    portfolio = portfolio_or_404(request, key)
    rows = SavedView.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_people()
    return portfolio, get_object_or_404(rows, pk=pk)


@form_of("portfolio:saved_views", "key", look_up=view_or_404)
def view_deletion(request, key, pk):
    """Delete a view: one's own, or as a sponsor a shared one."""
    portfolio, view = view_or_404(request, key, pk)
    saving_views.delete_view(request.actor, view.pk)
    messages.success(request, f"“{view.name}” is deleted.")
    return redirect("portfolio:saved_views", portfolio.key)


def ranking_of(portfolio, view: SavedView) -> str:
    query = f"{view.query}&" if view.query else ""
    return f"{reverse('assessments:ranking', args=[portfolio.key])}?{query}view={view.pk}"


def listed(request, portfolio, form) -> dict:
    rows = SavedView.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    me = request.actor.user_id
    views = [
        {
            "row": row,
            "is_mine": row.owner_id == me,
            "may_delete": row.owner_id == me or Right.REMOVE_SHARED_VIEW in request.may,
            "words": table.told_view(read_view(table.pairs_of(row.query))),
        }
        for row in rows.with_people().in_order()
    ]
    at_hand = form.data.get("query", "") if form.is_bound else form.initial.get("query", "")
    return {
        "portfolio": portfolio,
        "form": form,
        "views": views,
        "at_hand": table.told_view(read_view(table.pairs_of(at_hand))),
        "query": at_hand,
    }
