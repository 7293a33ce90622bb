"""One candidate across the criteria: one's own ratings, others' beside, and the score explained."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments import pages
from assessments.actions.rating import rate
from assessments.forms.rating import RatingForm
from assessments.models import Criterion, Rating
from assessments.ranking import Sheet
from assessments.rules import scoring
from portfolio import rights
from portfolio.doors.html import refuse_form, use_case_or_404
from portfolio.errors import RuleBroken
from portfolio.rules.pipeline import Right


@require_http_methods(["GET", "HEAD", "POST"])
def ratings(request, reference):
    use_case = use_case_or_404(request, reference)
    criteria = list(Criterion.objects.in_portfolio(use_case.portfolio_id).in_force())
    by_hand = [row for row in criteria if not row.is_derived]
    may_rate = Right.RATE in request.may
    everyone = defaultdict(list)
    for row in Rating.objects.of(use_case.pk).of_criteria_in_force().with_names().in_order():
        everyone[row.criterion_id].append(row)
    mine = {
        pk: row
        for pk, rows in everyone.items()
        for row in rows
        if row.assessor_id == request.user.pk
    }
    form = None
    status = 200
    if request.method == "POST":
        rights.require(request.actor, Right.RATE, use_case)
        form = RatingForm(request.POST, criteria=by_hand, mine=mine)
        if form.is_valid():
            try:
                rate(request.actor, use_case.pk, form.judgements(), now=timezone.now())
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect("assessments:ratings", use_case.reference)
        status = 422
    elif may_rate:
        form = RatingForm(criteria=by_hand, mine=mine)
    read = Sheet.read(use_case.portfolio_id, use_case.pk)
    explained = {}
    if len(read.sheet.ids):
        explained = {part.slug: part for part in scoring.explain(read.sheet, 0)}
    context = {
        "use_case": use_case,
        "portfolio": use_case.portfolio,
        "standing": use_case.standing,
        "place": pages.place_of(use_case.standing, use_case.portfolio.shortlist_size),
        "is_stale": use_case.portfolio.is_ranking_stale,
        "axes": pages.axes(criteria, explained, everyone, mine, form, may_rate),
        "form": form,
        "version": max((row.revision for row in mine.values()), default=0),
        "rated": len(mine),
        "to_rate": len(by_hand),
        "assessors": len({row.assessor_id for rows in everyone.values() for row in rows}),
        "economics_url": pages.address_of("economics:economics", use_case.reference),
        "may": request.may,
        "now": timezone.now(),
    }
    return render(request, "assessments/ratings.html", context, status=status)
