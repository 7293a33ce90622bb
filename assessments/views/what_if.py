"""What if the weights were others: a ranking that is looked at and not saved."""

import orjson
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from assessments import supposing
from assessments.actions.criteria import change_weights
from assessments.forms.rating import WeightsForm
from assessments.forms.what_if import WhatIfForm
from assessments.models import Criterion
from assessments.rules.criteria import WEIGHTLESS, Axis
from assessments.rules.what_if import difference
from assessments.views.criteria import refuse_weights
from assessments.what_if import Supposed, saved_weights, sheet_of, state_of
from portfolio import rights
from portfolio.doors.html import portfolio_or_404
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.models import Standing
from portfolio.rules.rights import Right

ROWS = 100


@require_safe
def what_if(request, key):
    """The ranking with the weights that the address names, beside the one that is saved."""
    return show(request, portfolio_or_404(request, key))


def show(request, portfolio, scenario=None):
    """The page, beginning with the weights of a scenario or with the saved ones."""
    criteria = in_force(portfolio)
    saved = saved_weights(criteria)
    starting = scenario.over(saved) if scenario else saved
    form = WhatIfForm.asked(request.GET, criteria=criteria, starting=starting)
    weights = form.weights()
    supposed = Supposed.of(portfolio.pk, timezone.now(), weights, {})
    now, before = supposed.orders
    told = difference(now, before, portfolio.shortlist_size)
    after = whole(request.GET.get("after"))
    shown = now.columns[after : after + ROWS].tolist()
    spoken_of = supposing.columns_of(told)
    named = names_of(request, portfolio, supposed.ids([*shown, *spoken_of]))
    rows = supposing.candidates(supposed, shown, named, portfolio.shortlist_size)
    people = supposing.candidates(supposed, spoken_of, named, portfolio.shortlist_size)
    axes = axes_of(form)
    chart = supposing.picture(rows)
    context = {
        "portfolio": portfolio,
        "form": form,
        "axes": axes,
        "answer": supposing.answer(told, people, is_saved=weights == saved),
        "weightless": WEIGHTLESS if any_weightless(axes) else "",
        "weightless_words": WEIGHTLESS,
        "rows": rows,
        "supposed": written_out(weights, saved),
        "chart": chart,
        "frame": supposing.frame_of(chart, rows),
        "total": len(now.columns),
        "after": after,
        "last": after + len(rows),
        "more_url": more_url(request, after, len(now.columns)),
        "scenario": scenario,
        "is_mine": scenario is not None and scenario.by_id == request.actor.user_id,
        "may_save": Right.MANAGE_WEIGHTS in request.may,
        "may_keep": Right.SAVE_SCENARIOS in request.may,
        "ratings_url": reverse("assessments:ratings", args=["-"]),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "assessments/what_if.html", context, status=status)


def any_weightless(axes) -> bool:
    """Whether an axis of the form has no weight at all."""
    return any(not sum(row["weight"] for row in of_axis) for _, of_axis in axes)


def written_out(weights, saved) -> str:
    """The weights that are not the saved ones, as the address of a number takes them."""
    return urlencode({f"w.{slug}": weight for slug, weight in weights.items()
                      if weight != saved.get(slug)})  # fmt: skip


def in_force(portfolio) -> list[Criterion]:
    return list(Criterion.objects.in_portfolio(portfolio.pk).in_force())


def axes_of(form) -> list[tuple[str, list[dict]]]:
    rows = form.rows()
    return [(axis.value, [row for row in rows if row["criterion"].axis == axis]) for axis in Axis]


def names_of(request, portfolio, ids) -> dict[int, Standing]:
    """The candidates of these ids that the actor sees, by id."""
    rows = Standing.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return {row.pk: row for row in rows.for_use_cases(ids).with_use_case()}


def whole(raw: str | None) -> int:
    """How many rows the address skips; 0 where it names no number."""
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 8 else 0


def more_url(request, after: int, total: int) -> str:
    """Where the rows after these are; empty where there are none."""
    if after + ROWS >= total:
        return ""
    query = {name: value for name, value in request.GET.items() if name != "after"}
    return f"{request.path}?{urlencode({**query, 'after': after + ROWS})}"


@require_safe
def what_if_sheet(request, key):
    """All that the page ranks from, for its script; the same as long as no input changes."""
    portfolio = portfolio_or_404(request, key)
    etag = f'"{portfolio.pk}.{request.user.pk}.{state_of(portfolio)}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(
            orjson.dumps(sheet_of(portfolio, timezone.now())), content_type="application/json"
        )
    answer["ETag"] = etag
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def save_weights(request, key):
    """Shows what saving these weights changes, and saves them for everybody."""
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_WEIGHTS, portfolio)
    criteria = in_force(portfolio)
    status = 200
    if request.method == "POST":
        form = WeightsForm(request.POST, criteria=criteria)
        if form.is_valid():
            try:
                change_weights(request.actor, portfolio.pk, form.weights(), seen=form.seen())
            except EditedMeanwhile as meanwhile:
                row = meanwhile.row
                words = (
                    f"Somebody set {row.name} to {row.weight.normalize():f} while you were looking."
                    " Both stand below. Save again to keep yours."
                )
                form.add_error(None, words)
                criteria = in_force(portfolio)
                form.data = form.data.copy()
                for criterion in criteria:
                    form.data[f"seen-{criterion.slug}"] = criterion.revision
            except (RuleBroken, ValidationError) as refusal:
                refuse_weights(form, refusal)
            else:
                messages.success(request, "The weights are saved; the ranking follows.")
                return redirect("assessments:ranking", portfolio.key)
        status = 422
    else:
        asked = WhatIfForm.asked(request.GET, criteria=criteria, starting=saved_weights(criteria))
        if not asked.is_bound or asked.errors:
            address = reverse("assessments:what_if", args=[portfolio.key])
            return redirect(f"{address}?{request.GET.urlencode()}")
        weights = asked.weights()
        form = WeightsForm(
            criteria=criteria,
            initial={
                f"weight-{slug}": f"{weight.normalize():f}" for slug, weight in weights.items()
            },
        )
    typed = {row.slug: form[f"weight-{row.slug}"].value() for row in criteria}
    context = {
        "portfolio": portfolio,
        "form": form,
        "rows": [
            {
                "criterion": row,
                "field": form[f"weight-{row.slug}"],
                "differs": str(typed[row.slug]) != f"{row.weight.normalize():f}",
            }
            for row in criteria
        ],
        "back": f"{reverse('assessments:what_if', args=[portfolio.key])}?"
        + urlencode({f"w.{slug}": value for slug, value in typed.items() if value is not None}),
    }
    return render(request, "assessments/save_weights.html", context, status=status)
