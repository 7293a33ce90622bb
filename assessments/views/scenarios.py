"""Sets of weights with a name: kept, opened by their address, compared, taken away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from assessments import supposing
from assessments.actions import scenarios as actions
from assessments.forms.scenarios import ScenarioForm
from assessments.forms.what_if import WhatIfForm, written
from assessments.models import Scenario
from assessments.rules.what_if import difference
from assessments.views.what_if import ROWS, in_force, more_url, names_of, show, whole, written_out
from assessments.what_if import Supposed, saved_weights
from portfolio import rights
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.rules.rights import Right

SAVED = "saved"
MOST_LISTED = 200


@require_safe
def scenarios(request, key):
    """One's own and the shared ones."""
    portfolio = portfolio_or_404(request, key)
    rows = seen(request, portfolio)
    context = {
        "portfolio": portfolio,
        "rows": rows,
        "may_save": Right.SAVE_SCENARIOS in request.may,
        "compare_url": compare_url(portfolio, SAVED, rows[0].pk) if rows else "",
    }
    return render(request, "assessments/scenarios.html", context)


def seen(request, portfolio) -> list[Scenario]:
    rows = Scenario.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return list(rows.with_author().by_name()[:MOST_LISTED])


def scenario_or_404(request, portfolio, pk: int) -> Scenario:
    rows = Scenario.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return get_object_or_404(rows.with_author(), pk=pk)


def compare_url(portfolio, one, other) -> str:
    address = reverse("assessments:compare_scenarios", args=[portfolio.key])
    return f"{address}?{urlencode({'one': one, 'other': other})}"


@require_safe
def scenario(request, key, pk):
    """The what-if page with the weights of this scenario."""
    portfolio = portfolio_or_404(request, key)
    return show(request, portfolio, scenario=scenario_or_404(request, portfolio, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def new_scenario(request, key):
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.SAVE_SCENARIOS, portfolio)
    criteria = in_force(portfolio)
    starting = saved_weights(criteria)
    form = ScenarioForm(request.POST or None, criteria=criteria, starting=starting)
    if request.method == "POST":
        if form.is_valid():
            try:
                row = actions.save_scenario(
                    request.actor, portfolio.pk, name=form.cleaned_data["name"],
                    weights=form.weights(), is_shared=form.cleaned_data["is_shared"],
                    now=timezone.now(),
                )  # fmt: skip
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"{row.name} is saved.")
                return redirect("assessments:scenario", portfolio.key, row.pk)
    else:
        asked = WhatIfForm.asked(request.GET, criteria=criteria, starting=starting)
        if asked.errors:
            address = reverse("assessments:what_if", args=[portfolio.key])
            return redirect(f"{address}?{request.GET.urlencode()}")
        form = ScenarioForm(criteria=criteria, starting=starting, initial=written(asked.weights()))
    return show_form(request, portfolio, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_scenario(request, key, pk):
    """Renames it, shares it or keeps it to oneself, and sets its weights."""
    portfolio = portfolio_or_404(request, key)
    row = scenario_or_404(request, portfolio, pk)
    rights.require(request.actor, Right.SAVE_SCENARIOS, portfolio)
    criteria = in_force(portfolio)
    starting = row.over(saved_weights(criteria))
    theirs = None
    form = ScenarioForm(request.POST or None, criteria=criteria, starting=starting)
    if request.method == "POST":
        if form.is_valid():
            changes = {
                "name": form.cleaned_data["name"],
                "is_shared": form.cleaned_data["is_shared"],
                "weights": form.weights(),
            }
            try:
                actions.change_scenario(
                    request.actor, row.pk, changes, now=timezone.now(),
                    seen_version=form.cleaned_data["seen"],
                )  # fmt: skip
            except EditedMeanwhile as meanwhile:
                theirs = meanwhile.row
                form.add_error(None, meanwhile.words)
                form.data = {**form.data.dict(), "seen": theirs.revision}
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"{changes['name']} is saved.")
                return redirect("assessments:scenario", portfolio.key, row.pk)
    else:
        asked = WhatIfForm.asked(request.GET, criteria=criteria, starting=starting)
        kept = {"name": row.name, "is_shared": row.is_shared, "seen": row.revision}
        form = ScenarioForm(
            criteria=criteria, starting=starting, initial={**written(asked.weights()), **kept}
        )
    return show_form(request, portfolio, form, row=row, theirs=theirs)


def show_form(request, portfolio, form, *, row=None, theirs=None):
    context = {
        "portfolio": portfolio,
        "form": form,
        "row": row,
        "theirs": theirs,
        "weights": [form[f"w.{one.slug}"] for one in form.criteria],
    }
    status = 422 if form.is_bound else 200
    return render(request, "assessments/edit_scenario.html", context, status=status)


def one_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    return portfolio, scenario_or_404(request, portfolio, pk)


@form_of("assessments:scenario", "key", "pk", look_up=one_or_404)
def remove_scenario(request, key, pk):
    portfolio, row = one_or_404(request, key, pk)
    actions.remove_scenario(request.actor, row.pk)
    messages.success(request, f"{row.name} is removed.")
    return redirect("assessments:scenarios", portfolio.key)


@require_safe
def compare_scenarios(request, key):
    """Two sets of weights side by side: what differs, and where each candidate moves."""
    portfolio = portfolio_or_404(request, key)
    rows = seen(request, portfolio)
    criteria = in_force(portfolio)
    saved = saved_weights(criteria)
    choices = {SAVED: ("the saved weights", saved)}
    choices |= {str(row.pk): (row.name, row.over(saved)) for row in rows}
    one = request.GET.get("one", SAVED)
    one = one if one in choices else SAVED
    other = request.GET.get("other", "")
    other = other if other in choices else next((key for key in choices if key != one), one)
    (left, first), (right, second) = choices[one], choices[other]
    supposed = Supposed.of(portfolio.pk, timezone.now(), second, first)
    now, before = supposed.orders
    told = difference(now, before, portfolio.shortlist_size)
    after = whole(request.GET.get("after"))
    shown = now.columns[after : after + ROWS].tolist()
    spoken_of = supposing.columns_of(told)
    named = names_of(request, portfolio, supposed.ids([*shown, *spoken_of]))
    people = supposing.candidates(supposed, spoken_of, named, portfolio.shortlist_size)
    context = {
        "portfolio": portfolio,
        "choices": [(value, words) for value, (words, _) in choices.items()],
        "left_weights": written_out(first, saved),
        "right_weights": written_out(second, saved),
        "one": one,
        "other": other,
        "left": left,
        "right": right,
        "answer": supposing.answer(told, people, is_saved=False),
        "weights": [
            {"criterion": row, "left": first[row.slug], "right": second[row.slug]}
            for row in criteria
            if first[row.slug] != second[row.slug]
        ],
        "rows": supposing.candidates(supposed, shown, named, portfolio.shortlist_size),
        "after": after,
        "last": after + len(shown),
        "total": len(now.columns),
        "more_url": more_url(request, after, len(now.columns)),
        "is_alone": len(choices) == 1,
    }
    return render(request, "assessments/compare_scenarios.html", context)
