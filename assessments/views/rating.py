"""One candidate across the criteria: one's own ratings, others' beside, and the score explained."""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments import pages, round_pages
from assessments.actions.rating import mine_of, rate
from assessments.forms.rating import RatingForm
from assessments.models import Criterion, Rating, Round
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
    rounds = list(Round.objects.open_to(use_case.pk, request.user.pk)) if may_rate else []
    cells = {criterion.pk: row for row in rounds for criterion in row.criteria.all()}
    mine = mine_of(use_case.pk, request.user.pk, {pk: row.pk for pk, row in cells.items()})
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
    read = Sheet.read(use_case.portfolio_id, timezone.now(), use_case.pk)
    explained = {}
    if len(read.sheet.ids):
        explained = {part.slug: part for part in scoring.explain(read.sheet, 0)}
    context = {
        "use_case": use_case,
        "portfolio": use_case.portfolio,
        "standing": use_case.standing,
        "place": pages.place_of(use_case.standing, use_case.portfolio.shortlist_size),
        "is_stale": use_case.portfolio.is_ranking_stale,
        "axes": pages.axes(
            criteria, explained, everyone, mine, cells, form, may_rate, request.user.pk
        ),
        "form": form,
        "version": max((row.revision for row in mine.values()), default=0),
        "rated": sum(pk in mine for pk in (row.pk for row in by_hand)),
        "rounds": [(row, round_pages.until_words(row, timezone.now())) for row in rounds],
        "sealed": sum(row.pk in cells for row in by_hand),
        "to_rate": len(by_hand),
        "assessors": len({row.assessor_id for rows in everyone.values() for row in rows}),
        "economics_url": pages.address_of("economics:economics", use_case.reference),
        "may": request.may,
        "now": timezone.now(),
    }
    return render(request, "assessments/ratings.html", context, status=status)
