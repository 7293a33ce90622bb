"""How far what people said held: by person and kind, and whose ranges are widened for it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import calibrating
from assessments.actions import calibrating as actions
from assessments.forms.calibration import WideningForm
from assessments.pages import calibration as pages
from assessments.rules.calibration import LEAST, Finding, Kind
from portfolio import rights
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.rules import clock
from portfolio.rules.rights import Right


@require_safe
def calibration(request, key):
    """Everybody of whom something came true, with what may be claimed of it."""
    portfolio = portfolio_or_404(request, key)
    people = calibrating.people(portfolio, timezone.now())
    context = {
        "portfolio": portfolio,
        "answer": pages.answer(people),
        "lines": pages.lines(people),
        "kinds": list(Kind),
        "least": LEAST,
    }
    return render(request, "assessments/calibration.html", context)


@require_safe
def calibration_of(request, key, person):
    """One person: each case, what was said and what came true."""
    portfolio = portfolio_or_404(request, key)
    return show(request, portfolio, person_or_404(portfolio, person))


def one_or_404(request, key, person):
    portfolio = portfolio_or_404(request, key)
    return portfolio, person_or_404(portfolio, person)


@form_of("assessments:calibration_of", "key", "person", look_up=one_or_404)
def widening(request, key, person):
    """Has the person's ratings widened by a factor, or takes them as said again."""
    portfolio, found = one_or_404(request, key, person)
    rights.require(request.actor, Right.WIDEN_RANGES, portfolio)
    name = found.user
    if request.POST.get("remove"):
        actions.take_as_said(request.actor, portfolio.pk, found.user.pk)
        messages.success(request, f"The ratings of {name} count as they are said again.")
        return redirect("assessments:calibration_of", portfolio.key, found.user.pk)
    form = WideningForm(request.POST)
    if form.is_valid():
        try:
            row = actions.widen(
                request.actor, portfolio.pk, found.user.pk, form.cleaned_data["factor"],
                now=timezone.now(), seen_version=form.cleaned_data["seen"],
            )  # fmt: skip
        except EditedMeanwhile as meanwhile:
            form.add_error(None, meanwhile.words)
            form.data = {**form.data.dict(), "seen": meanwhile.row.revision}
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            words = f"The ratings of {name} are widened by {row.factor}; the ranking follows."
            messages.success(request, words)
            return redirect("assessments:calibration_of", portfolio.key, found.user.pk)
    return show(request, portfolio, found, form=form, status=422)


def person_or_404(portfolio, pk: int) -> calibrating.Person:
    """Somebody of whom something came true here, or whose ranges are widened."""
    found = calibrating.person(portfolio, pk, timezone.now())
    if found is None:
        raise Http404
    return found


def show(request, portfolio, person, *, form=None, status=200):
    now = timezone.now()
    ranges = person.ranges
    row = person.widening
    may_widen = Right.WIDEN_RANGES in request.may and ranges.finding is Finding.OVERCONFIDENT
    if form is None and may_widen:
        suggested = row.factor if row else ranges.factor
        form = WideningForm(initial={"factor": suggested, "seen": row.revision if row else 0})
    context = {
        "portfolio": portfolio,
        "person": person,
        "answer": pages.answer_of(person),
        "ranges": pages.cell_of(ranges),
        "sections": pages.sections(person),
        "form": form,
        "may_widen": may_widen,
        "may_remove": Right.WIDEN_RANGES in request.may and row is not None,
        "today": clock.today_in(portfolio.time_zone, now),
        "now": now,
    }
    return render(request, "assessments/calibration_of.html", context, status=status)
