"""The economics tab of a use case, and the models whose prices are known."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from economics import pages
from economics.actions import confirm_economics, set_economics
from economics.forms import EconomicsForm, StepForm
from economics.models import UnitEconomics
from economics.rules import prices
from economics.rules.inputs import MOST_STEPS
from portfolio import rights
from portfolio.doors.html import form_of, render_page, use_case_or_404
from portfolio.errors import EditedMeanwhile
from portfolio.rules import age, clock
from portfolio.rules.rights import Right

MOST_MODELS = 60


@require_http_methods(["GET", "HEAD", "POST"])
def economics(request, reference):
    """What one interaction costs and returns, and the form that asks for it."""
    use_case = use_case_or_404(request, reference)
    if request.method != "POST":
        return _page(request, use_case, UnitEconomics.objects.case_of(use_case))
    rights.require(request.actor, Right.ANSWER_TESTS, use_case)
    if request.POST.get("do") == "add_step":
        return _with_one_more_step(request, use_case)
    case = UnitEconomics.objects.case_of(use_case)
    form = _form(case, request.POST)
    if not form.is_valid():
        return _page(request, use_case, case, form, status=422)
    try:
        set_economics(
            request.actor,
            use_case.pk,
            form.judgement(),
            now=timezone.now(),
            seen_version=form.cleaned_data["seen"],
        )
    except EditedMeanwhile:
        return _both(request, use_case)
    except ValidationError as refusal:
        form.refuse(
            refusal.message_dict
            if hasattr(refusal, "error_dict")
            else {"__all__": refusal.messages}
        )
        return _page(request, use_case, case, form, status=422)
    messages.success(request, "Saved. The ranking follows.")
    return redirect("economics:economics", use_case.reference)


@form_of("economics:economics", "reference", look_up=use_case_or_404)
def confirmation(request, reference):
    """Puts one's name to it that the numbers still hold."""
    use_case = use_case_or_404(request, reference)
    confirm_economics(request.actor, use_case.pk, now=timezone.now())
    messages.success(request, "They count as of today. The ranking follows.")
    return redirect("economics:economics", use_case.reference)


def _form(case, typed=None) -> EconomicsForm:
    return EconomicsForm(
        typed,
        row=case,
        assumptions=case.assumptions.all(),
        steps=list(case.steps.all()),
        currency=case.use_case.portfolio.currency,
    )


def _with_one_more_step(request, use_case):
    """What was typed, unsaved, with room for another model."""
    case = UnitEconomics.objects.case_of(use_case)
    typed = request.POST.copy()
    typed["rows"] = str(min(MOST_STEPS, len(_form(case, typed).steps) + 1))
    return _page(request, use_case, case, _form(case, typed))


def _both(request, use_case):
    """Somebody saved meanwhile: what was typed and what stands now, side by side."""
    case = UnitEconomics.objects.case_of(use_case)
    typed = request.POST.copy()
    typed["seen"] = str(case.revision)
    form = _form(case, typed)
    form.is_valid()
    conflicts = pages.conflicts(form.judgement(), case)
    return _page(request, use_case, case, form, conflicts=conflicts, status=409)


def _page(request, use_case, case, form=None, *, conflicts=(), status=200):
    may_answer = Right.ANSWER_TESTS in request.may
    portfolio, now = use_case.portfolio, timezone.now()
    currency = portfolio.currency
    context = {
        "use_case": use_case,
        "may": request.may,
        "portfolio": portfolio,
        "currency": currency,
        "case": case,
        "steps": list(case.steps.all()),
        "form": (form or _form(case)) if may_answer else None,
        "conflicts": conflicts,
        "providers": prices.known_providers() if may_answer else (),
        "figures": pages.figures(case),
        "waits_for": pages.named(case.missing_inputs),
        "inputs": pages.inputs(case),
        "is_empty": not case.revision,
        "is_overruled": use_case.standing.economics_overruled,
        "relabelled": case.currency != currency,
        "is_stale": age.is_out_of_date(
            use_case.standing.value_as_of, portfolio.time_zone, now, portfolio.fresh_days
        ),
        "now": now,
        "today": clock.today_in(portfolio.time_zone, now),
    }
    return render(request, "economics/economics.html", context, status=status)


@require_GET
def models(request):
    """The models that the price table knows, with what a million of their tokens cost.

    A piece of the route's form asks for names only, under the form's own field names.
    """
    step = request.GET.get("step", "")
    typed = StepForm(request.GET, prefix=f"steps-{step}") if step.isdigit() else None
    if typed is not None:
        typed.is_valid()
        asked = typed.cleaned_data.get("model", "")
        provider = typed.cleaned_data.get("provider", "")
    else:
        asked, provider = request.GET.get("q", ""), request.GET.get("provider", "")
    today = timezone.now().date()
    found = prices.offers(asked[:120], provider[:60], today, MOST_MODELS + 1)
    context = {
        "asked": asked,
        "provider": provider,
        "step": step if typed is not None else "0",
        "offers": found[:MOST_MODELS],
        "has_more": len(found) > MOST_MODELS,
        "providers": prices.known_providers(),
        "priced_by": prices.PRICED_BY,
        "today": today,
    }
    return render_page(request, "economics/models.html", context, fragment="names")
