"""The page or its fragment, and a refused form with its own words."""

from functools import wraps

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from portfolio import rights
from portfolio.errors import RuleBroken
from portfolio.models import Portfolio, UseCase


def render_page(request, template, context, *, fragment, status=200):
    """The whole page, or only its named fragment when htmx asks for a piece; None has none."""
    htmx = request.htmx
    wants_piece = htmx and not htmx.boosted and not htmx.history_restore_request
    name = f"{template}#{fragment}" if wants_piece and fragment else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def portfolio_or_404(request, key: str) -> Portfolio:
    """The portfolio, with `may` for templates; a stranger gets 404."""
    rows = Portfolio.objects.visible_to(request.actor).with_key(key.upper()).with_ranking()
    portfolio = get_object_or_404(rows)
    return _with_rights(request, portfolio, portfolio)


def use_case_or_404(request, reference: str) -> UseCase:
    """The use case with standing, metric and newest lighthouse; a stranger gets 404."""
    rows = UseCase.objects.visible_to(request.actor).with_reference(reference)
    use_case = get_object_or_404(rows.with_standing().with_metric().with_lighthouse())
    _with_rights(request, use_case, use_case.portfolio)
    return use_case


def use_case_key_or_404(request, reference: str) -> int:
    """The use case's key alone, for an action that reads the rest under its lock."""
    key = UseCase.objects.visible_to(request.actor).key_of(reference)
    if key is None:
        raise Http404
    return key


def form_of(page: str, *arguments: str, look_up, at: str = ""):
    """For a view that only takes a form: whoever opens its address is led to the form's page.

    The page is named with those of the view's arguments that it takes; `at` is where the form
    stands on it. `look_up` is that of the view itself: who gets 404 there gets it here.
    """

    def lead(view):
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def taken(request, **given):
            if request.method == "POST":
                return view(request, **given)
            look_up(request, **given)
            address = reverse(page, kwargs={name: given[name] for name in arguments})
            return redirect(address + at.format(**given))

        return taken

    return lead


def _with_rights(request, subject, portfolio):
    request.may = rights.held_as_read(request.actor, subject)
    request.portfolio = portfolio  # the frame shows where one is
    return subject


def refuse_form(form, refusal: RuleBroken | ValidationError) -> None:
    """Put the refusal's words into the form, at their field where they have one."""
    if isinstance(refusal, RuleBroken):
        form.add_error(None, refusal.words)
        return
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)
