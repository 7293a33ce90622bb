"""Criteria, weights and the value scale: a portfolio's settings, changed by sponsors."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assessments.actions import criteria as actions
from assessments.forms.rating import CriterionForm, NewCriterionForm, ScaleForm, WeightsForm
from assessments.models import Criterion
from portfolio import rights
from portfolio.actions.portfolios import change_portfolio
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.rules.rights import Right


@require_safe
def criteria(request, key):
    return show(request, portfolio_or_404(request, key))


@form_of("assessments:criteria", "key", look_up=portfolio_or_404)
def weights(request, key):
    """Saves all weights together."""
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_WEIGHTS, portfolio)
    form = WeightsForm(request.POST, criteria=in_force(portfolio))
    if form.is_valid():
        try:
            changed = actions.change_weights(
                request.actor, portfolio.pk, form.weights(), seen=form.seen()
            )
        except EditedMeanwhile as meanwhile:
            row = meanwhile.row
            words = f"Somebody set it to {row.weight.normalize():f}. Save again to keep yours."
            form.add_error(f"weight-{row.slug}", words)
            form.data = form.data.copy()
            for criterion in in_force(portfolio):
                form.data[f"seen-{criterion.slug}"] = criterion.revision
        except (RuleBroken, ValidationError) as refusal:
            refuse_weights(form, refusal)
        else:
            if changed:
                messages.success(request, "The weights are saved; the ranking follows.")
            return redirect("assessments:criteria", portfolio.key)
    return show(request, portfolio, weights=form, status=422)


def refuse_weights(form, refusal) -> None:
    if not hasattr(refusal, "error_dict"):
        refuse_form(form, refusal)
        return
    for slug, words in refusal.message_dict.items():
        name = f"weight-{slug}"
        form.add_error(name if name in form.fields else None, words)


@form_of("assessments:criteria", "key", look_up=portfolio_or_404)
def scale(request, key):
    """Saves the value scale; saving it confirms it."""
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_SETTINGS, portfolio)
    form = ScaleForm(request.POST, scale=portfolio.value_scale)
    if form.is_valid():
        changes = {"value_scale": form.amounts(), "is_value_scale_confirmed": True}
        try:
            change_portfolio(request.actor, portfolio.pk, changes)
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, "The value scale is confirmed; the ranking follows.")
            return redirect("assessments:criteria", portfolio.key)
    return show(request, portfolio, scale=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def new_criterion(request, key):
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_CRITERIA, portfolio)
    form = NewCriterionForm(request.POST or None, initial={"weight": 1, "axis": "impact"})
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        try:
            row = actions.add_criterion(request.actor, portfolio.pk, **given)
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, f"{row.name} is added. Every candidate stands at 2.5 on it.")
            return redirect("assessments:criteria", portfolio.key)
    context = {"portfolio": portfolio, "form": form, "tab": "criteria", "row": None}
    status = 422 if form.is_bound else 200
    return render(request, "assessments/criterion.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def criterion(request, key, slug):
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_CRITERIA, portfolio)
    row = criterion_or_404(request, portfolio, slug)
    theirs = []
    if request.method == "POST":
        form = CriterionForm(request.POST)
        if form.is_valid():
            given = dict(form.cleaned_data)
            seen = given.pop("seen")
            try:
                actions.edit_criterion(request.actor, row.pk, given, seen_version=seen)
            except EditedMeanwhile as meanwhile:
                now = meanwhile.row
                theirs = [
                    (form[name].label, getattr(now, name))
                    for name in given
                    if getattr(now, name) != given[name]
                ]
                form.add_error(None, meanwhile.words)
                form.data = {**form.data.dict(), "seen": now.revision}
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"{given['name']} is saved.")
                return redirect("assessments:criteria", portfolio.key)
    else:
        values = {name: getattr(row, name) for name in CriterionForm.base_fields if name != "seen"}
        values["weight"] = f"{row.weight.normalize():f}"
        form = CriterionForm(initial={**values, "seen": row.revision})
    context = {
        "portfolio": portfolio, "form": form, "tab": "criteria", "row": row, "theirs": theirs,
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    return render(request, "assessments/criterion.html", context, status=status)


def one_or_404(request, key, slug):
    portfolio = portfolio_or_404(request, key)
    return portfolio, criterion_or_404(request, portfolio, slug)


@form_of("assessments:criteria", "key", look_up=one_or_404)
def retirement(request, key, slug):
    """Retires a criterion, or brings it back."""
    portfolio, row = one_or_404(request, key, slug)
    if request.POST.get("bring_back"):
        actions.bring_back_criterion(request.actor, row.pk)
    else:
        actions.retire_criterion(request.actor, row.pk, now=timezone.now())
    return redirect("assessments:criteria", portfolio.key)


def criterion_or_404(request, portfolio, slug: str) -> Criterion:
    if len(slug) > 40:
        raise Http404
    rows = Criterion.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return get_object_or_404(rows.with_slug(slug))


def in_force(portfolio) -> list[Criterion]:
    return list(Criterion.objects.in_portfolio(portfolio.pk).in_force())


def show(request, portfolio, *, weights=None, scale=None, status=200):
    rows = in_force(portfolio)
    may_change = Right.MANAGE_WEIGHTS in request.may
    weights = weights or WeightsForm(criteria=rows)
    totals = {axis: sum(row.weight for row in rows if row.axis == axis) for axis in AXES}
    context = {
        "portfolio": portfolio,
        "tab": "criteria",
        "axes": [
            (
                axis,
                totals[axis],
                [
                    (row, weights[f"weight-{row.slug}"], weights[f"seen-{row.slug}"])
                    for row in rows
                    if row.axis == axis
                ],
            )
            for axis in AXES
        ],
        "retired": Criterion.objects.in_portfolio(portfolio.pk).retired(),
        "weights": weights,
        "scale": scale or ScaleForm(scale=portfolio.value_scale),
        "may_change": may_change,
    }
    return render(request, "assessments/criteria.html", context, status=status)


AXES = ("impact", "feasibility")
