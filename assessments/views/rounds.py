"""Blind rounds: the list, opening one, and one with its progress or its spread."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions import rounds as actions
from assessments.closing import asked_of
from assessments.forms.rounds import RoundForm
from assessments.models import Criterion, Round
from assessments.pages import rounds as pages
from assessments.rules.rounds import APART, FAR_APART
from portfolio import rights
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.doors.paging import cut_page
from portfolio.errors import RuleBroken
from portfolio.models import UseCase, User
from portfolio.rules import clock
from portfolio.rules.rights import Right

ROUNDS_A_PAGE = 30
CANDIDATES_A_PAGE = 5
OFFERED = 40
USUAL_LENGTH = timedelta(days=7)


def round_or_404(request, portfolio, pk: int) -> Round:
    rows = Round.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return get_object_or_404(rows.with_choices(), pk=pk)


def page_or_404(request, rows, order, size):
    try:
        return cut_page(rows, order, size, request.GET.get("cursor"))
    except ValueError as fault:
        raise Http404 from fault


def turns(request, page) -> dict[str, str]:
    """The addresses of the pages beside this one."""
    return {
        "next": f"{request.path}?cursor={page.next}" if page.next else "",
        "previous": f"{request.path}?cursor={page.previous}" if page.previous else "",
    }


@require_safe
def rounds(request, key):
    """Every round of the portfolio, the latest first."""
    portfolio = portfolio_or_404(request, key)
    rows = Round.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_choices()
    page = page_or_404(request, rows, ("-pk",), ROUNDS_A_PAGE)
    now = timezone.now()
    context = {
        "portfolio": portfolio,
        "lines": pages.lines_of(page.rows, request.user.pk),
        "turns": turns(request, page),
        "may_open": Right.MANAGE_ROUNDS in request.may,
        "today": clock.today_in(portfolio.time_zone, now),
        "now": now,
    }
    return render(request, "assessments/rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_round(request, key):
    """Open a round for chosen candidates, criteria and assessors."""
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_ROUNDS, portfolio)
    now = timezone.now()
    offered = UseCase.objects.in_portfolio(portfolio.pk).candidates().with_standing()
    by_hand = [
        row for row in Criterion.objects.in_portfolio(portfolio.pk).in_force() if not row.is_derived
    ]
    choices = {
        "candidates": list(offered.ranked()[:OFFERED]),
        "criteria": by_hand,
        "assessors": list(User.objects.who_may_rate(portfolio.pk)),
    }
    if request.method == "POST":
        form = RoundForm(request.POST, **choices)
        if form.is_valid():
            try:
                made = actions.open_round(request.actor, portfolio.pk, form.asked(), now=now)
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"“{made}” is open. Its assessors find it in their work.")
                return redirect("assessments:round", portfolio.key, made.pk)
    else:
        begun = {
            "criteria": [row.slug for row in by_hand],
            "assessors": [user.email for user in choices["assessors"]],
            "due_on": clock.today_in(portfolio.time_zone, now) + USUAL_LENGTH,
        }
        form = RoundForm(initial=begun, **choices)
    context = {"portfolio": portfolio, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "assessments/new_round.html", context, status=status)


@require_safe
def one_round(request, key, pk):
    """One round: while it is open who is how far, and after the close what everybody said."""
    portfolio = portfolio_or_404(request, key)
    return show(request, portfolio, round_or_404(request, portfolio, pk))


def show(request, portfolio, row, *, refusal: str = "", status: int = 200):
    now = timezone.now()
    people = pages.people_of(row)
    mine = next((one for one in people if one.assessor.pk == request.user.pk), None)
    manages = Right.MANAGE_ROUNDS in request.may
    context = {
        "portfolio": portfolio,
        "round": row,
        "criteria": asked_of(row),
        "people": people if manages or not row.is_open else [],
        "given": sum(one.given for one in people),
        "asked": sum(one.asked for one in people),
        "owed": sum(one.owed for one in people),
        "may_close": manages and row.is_open,
        "refusal": refusal,
        "today": clock.today_in(portfolio.time_zone, now),
        "until": pages.until_words(row, now),
        "far_apart": FAR_APART,
        "apart": APART,
        "now": now,
    }
    if row.is_open:
        if mine is not None and Right.RATE in request.may:
            context |= {"mine": mine, "waiting": pages.waiting_of(row, request.user.pk)}
    else:
        page = page_or_404(request, row.candidates.all(), ("number", "pk"), CANDIDATES_A_PAGE)
        context |= {
            "spread": pages.spread_of(row, page.rows),
            "turns": turns(request, page),
            "may_rate": Right.RATE in request.may,
        }
    return render(request, "assessments/round.html", context, status=status)


def one_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    return portfolio, round_or_404(request, portfolio, pk)


@form_of("assessments:round", "key", "pk", look_up=one_or_404)
def closing(request, key, pk):
    """Close it now, with what is there."""
    portfolio, row = one_or_404(request, key, pk)
    rights.require(request.actor, Right.MANAGE_ROUNDS, portfolio)
    try:
        actions.close_round(request.actor, row.pk, now=timezone.now())
    except RuleBroken as refusal:
        current = round_or_404(request, portfolio, pk)
        return show(request, portfolio, current, refusal=refusal.words, status=422)
    messages.success(request, "The round is closed: its ratings count, and everybody sees them.")
    return redirect("assessments:round", portfolio.key, row.pk)
