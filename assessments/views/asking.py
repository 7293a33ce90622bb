"""Requests of one use case: who was asked what, asking somebody, and how each ended."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from assessments.actions import asking
from assessments.duties import address_of
from assessments.forms.asking import AskForm, EndForm
from assessments.models import Criterion, Request
from assessments.unknowns import due_from
from portfolio import rights
from portfolio.doors.html import form_of, refuse_form, use_case_or_404
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import User
from portfolio.rules import clock
from portfolio.rules.rights import Right

MOST_ENDED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def requests(request, reference):
    use_case = use_case_or_404(request, reference)
    if request.method != "POST":
        return show(request, use_case)
    rights.require(request.actor, Right.ASK, use_case)
    form = AskForm(request.POST, **choices_of(use_case))
    if form.is_valid():
        try:
            asked = asking.ask(
                request.actor,
                use_case.pk,
                email=form.cleaned_data["asked"],
                tests=form.of_kind("test"),
                criteria=form.of_kind("criterion"),
                note=form.cleaned_data["note"],
                due_on=form.cleaned_data["due_on"],
                now=timezone.now(),
            )
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, f"{asked[0].asked} is asked. It is in their work list.")
            return redirect(back(request, use_case))
    return show(request, use_case, form, status=422)


def choices_of(use_case) -> dict:
    """What may be asked about, and who may be asked."""
    return {
        "criteria": Criterion.objects.in_portfolio(use_case.portfolio_id).in_force().by_hand(),
        "members": User.objects.who_can_own(use_case.portfolio_id),
    }


def show(request, use_case, form=None, *, status=200):
    """The page; `form` is one that was refused."""
    today = clock.today_in(use_case.portfolio.time_zone, timezone.now())
    if form is None and Right.ASK in request.may:
        form = AskForm(
            initial={
                "about": request.GET.getlist("about"),
                "asked": request.GET.get("asked", ""),
                "due_on": due_from(today),
            },
            **choices_of(use_case),
        )
    rows = Request.objects.of(use_case.pk).with_names()
    context = {
        "use_case": use_case,
        "form": form,
        "open": [shown(request, row) for row in rows.open().most_urgent_first()],
        "ended": rows.ended().newest_first()[:MOST_ENDED],
        "today": today,
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "may": request.may,
        "now": timezone.now(),
    }
    return render(request, "assessments/requests.html", context, status=status)


def shown(request, row: Request) -> dict:
    """An open request, and what the reader may do about it."""
    is_mine = row.asked_id == request.user.pk
    may_end = Right.ASK in request.may
    is_its_asker = row.by_id == request.user.pk or Right.MANAGE_SETTINGS in request.may
    return {
        "row": row,
        "url": address_of(row),
        "may_answer": is_mine and may_end,
        "may_withdraw": is_its_asker and may_end,
    }


def request_or_404(request, reference, pk):
    use_case = use_case_or_404(request, reference)
    return use_case, get_object_or_404(Request.objects.of(use_case.pk), pk=pk)


@form_of("assessments:requests", "reference", look_up=request_or_404)
def request_ending(request, reference, pk):
    """Answers, declines or withdraws it; refused, the page says why."""
    use_case, row = request_or_404(request, reference, pk)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            asking.end_request(
                request.actor, row.pk, form.cleaned_data["ending"], form.cleaned_data["words"],
                now=timezone.now(),
            )  # fmt: skip
        except ValidationError as fault:
            messages.error(request, " ".join(fault.messages))
        except RuleBroken as refusal:
            messages.error(request, refusal.words)
        else:
            return redirect("assessments:requests", use_case.reference)
    else:
        rights.require(request.actor, Right.ASK, use_case)
        if row.asked_id != request.user.pk:
            raise NotAllowed("Only who was asked answers or declines a request.")
        messages.error(request, "Say whether it is answered, declined or withdrawn.")
    return show(request, use_case, status=422)


def back(request, use_case) -> str:
    """Where the reader came from, within Pharos; else the requests of the use case."""
    came_from = request.POST.get("back", "")
    is_here = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    if came_from.startswith("/") and is_here:  # else Django takes a word for the name of a page
        return came_from
    return reverse("assessments:requests", args=[use_case.reference])
