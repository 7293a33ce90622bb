"""Making one use case of two: what will happen is shown, then done."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portfolio import rights
from portfolio.actions.merging import foretell_merge, merge_use_cases
from portfolio.doors.html import refuse_form, use_case_or_404
from portfolio.errors import RuleBroken
from portfolio.forms.merging import MergeForm
from portfolio.models import Lookalike, UseCase
from portfolio.rules.rights import Right

MOST_OFFERED = 8


@require_http_methods(["GET", "POST"])
def merge_use_case(request, reference):
    """Choose what it goes into, read what will happen, and do it."""
    row = use_case_or_404(request, reference)
    rights.require(request.actor, Right.MERGE, row)
    now = timezone.now()
    said = request.POST if request.method == "POST" else request.GET
    form = MergeForm(said) if "into" in said else MergeForm(initial={"seen": row.revision})
    into = None
    if form.is_bound and form.is_valid():
        seen = UseCase.objects.visible_to(request.actor).in_portfolio(row.portfolio_id)
        into = seen.key_known_as(form.cleaned_data["into"].strip())
        if into is None:
            form.add_error("into", "There is no use case with this reference in the portfolio.")
    if into is not None and request.method == "POST":
        try:
            survivor = merge_use_cases(
                request.actor, row.pk, into, now=now, seen_version=form.cleaned_data["seen"]
            )
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(
                request, f"{row.reference} is part of {survivor.reference} now, and leads to it."
            )
            return redirect("portfolio:use_case", survivor.reference)
    foretold = None
    if into is not None:
        foretold = foretell_merge(request.actor, row.pk, into, now=now)
    context = {
        "use_case": row,
        "form": form,
        "foretold": foretold,
        "offered": [] if foretold else offered(row),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "portfolio/merge_use_case.html", context, status=status)


def offered(row) -> list[UseCase]:
    """What looks like it, the most alike first."""
    pairs = Lookalike.objects.of(row.pk).open().with_both().most_alike_first()[:MOST_OFFERED]
    return [pair.second if pair.first_id == row.pk else pair.first for pair in pairs]
