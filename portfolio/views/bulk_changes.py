"""Pages of bulk changes: choose what is to change, see how far it is, undo it."""

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from portfolio import rights
from portfolio.actions import changing_many
from portfolio.actions.changing_many import Chosen
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form, render_page
from portfolio.doors.paging import cut_page
from portfolio.errors import RuleBroken
from portfolio.forms.table import BulkChangeForm
from portfolio.models import BulkChange, BulkChangeRow, User
from portfolio.pages import table
from portfolio.pages.frame import mend_address, mend_words
from portfolio.rules.rights import Right
from portfolio.rules.table import read_view

REFUSALS_SHOWN = 200
CHANGES_A_PAGE = 50
NAMES_SHOWN = 12


@require_GET
def bulk_changes(request, key):
    """The changes of many that were made here, the latest first."""
    portfolio = portfolio_or_404(request, key)
    rows = BulkChange.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_people()
    try:
        page = cut_page(rows, ("-pk",), CHANGES_A_PAGE, request.GET.get("cursor"))
    except ValueError:
        return redirect(request.path)
    context = {
        "portfolio": portfolio,
        "changes": [(bulk, table.told_change(bulk)) for bulk in page.rows],
        "next_url": turn(page.next),
        "previous_url": turn(page.previous),
        "now": timezone.now(),
    }
    return render(request, "portfolio/bulk_changes.html", context)


def turn(cursor: str | None) -> str:
    return f"?{urlencode({'cursor': cursor})}" if cursor else ""


@require_http_methods(["GET", "POST"])
def new_bulk_change(request, key):
    """Say what is to change in the candidates that were chosen; it then begins.

    `choosing` marks a POST that only brings the choice: too many references for an address.
    """
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.CHANGE_MANY, portfolio)
    asked = request.POST if request.method == "POST" else request.GET
    is_said = request.method == "POST" and "choosing" not in request.POST
    query = asked.get("query", "")
    is_all = asked.get("all") == "1"
    view = read_view(table.pairs_of(query))
    references = [] if is_all else references_of(asked)
    status, refusal = 200, ""
    if not is_said:
        references, refusal = those_here(request.actor, portfolio, references)
    chosen = Chosen(view=view) if is_all else Chosen(references)
    people = list(User.objects.who_can_own(portfolio.pk))
    form = BulkChangeForm(request.POST if is_said else None, people=people)
    try:
        keys = changing_many.keys_of(request.actor, portfolio, chosen)
    except ValidationError as fault:
        keys, refusal = [], " ".join(fault.messages)
    if is_said:
        if keys and form.is_valid():
            try:
                bulk = changing_many.change_many(
                    request.actor, portfolio.pk, chosen, form.wanted(), now=timezone.now()
                )
            except (RuleBroken, ValidationError) as fault:
                refuse_change(form, fault)
            else:
                return redirect("portfolio:bulk_change", portfolio.key, bulk.pk)
        status = 422
    context = {
        "portfolio": portfolio,
        "form": form,
        "refusal": refusal,
        "count": len(keys),
        "is_all": is_all,
        "query": query,
        "words": " · ".join(table.told_choice(view)) if is_all else "",
        "references": references,
        "named": references[:NAMES_SHOWN],
        "others": len(references[NAMES_SHOWN:]),
    }
    return render(request, "portfolio/new_bulk_change.html", context, status=status)


def references_of(asked: QueryDict) -> list[str]:
    """The candidates ticked, once each; several may stand in one value, with commas between."""
    said = (one.strip().upper() for value in asked.getlist("reference") for one in value.split(","))
    return list(dict.fromkeys(one for one in said if one))


def those_here(actor, portfolio, references: list[str]) -> tuple[list[str], str]:
    """The candidates ticked as they are called now, and words about those that are not here."""
    here = changing_many.references_here(actor, portfolio, references)
    kept = list(dict.fromkeys(here[one] for one in references if one in here))
    gone = [one for one in references if one not in here]
    if not gone:
        return kept, ""
    named = f"{', '.join(one[:24] for one in gone[:NAMES_SHOWN])}{' …' * (len(gone) > NAMES_SHOWN)}"
    verb = "is" if len(gone) == 1 else "are"
    return kept, f"{named} {verb} not in this portfolio, and left out."


def refuse_change(form, refusal) -> None:
    """Put a refusal of the value at the field in which it was typed."""
    if isinstance(refusal, ValidationError) and hasattr(refusal, "error_dict"):
        at = form.cleaned_data.get("change", "")
        for field, errors in refusal.error_dict.items():
            place = at if field == "value" else field
            form.add_error(place if place in form.fields else None, errors)
    else:
        refuse_form(form, refusal)


@require_GET
def bulk_change(request, key, pk):
    """How far it is, what was refused and why, and the way to undo it."""
    portfolio, bulk = bulk_or_404(request, key, pk)
    rows = BulkChangeRow.objects.of(bulk.pk)
    is_theirs = bulk.by_id == request.actor.user_id or Right.UNDO_FOR_OTHERS in request.may
    may_act = Right.CHANGE_MANY in request.may and is_theirs
    context = {
        "portfolio": portfolio,
        "bulk": bulk,
        "words": table.told_change(bulk),
        "refusals": told_rows(rows.refused()[:REFUSALS_SHOWN]),
        "left": told_rows(rows.kept()[:REFUSALS_SHOWN]) if bulk.kept else (),
        "most": REFUSALS_SHOWN,
        "may_undo": may_act and bulk.may_be_undone,
        "may_stop": may_act and bulk.is_under_way and bulk.undone_by_id is None,
        "now": timezone.now(),
    }
    return render_page(request, "portfolio/bulk_change.html", context, fragment="state")


def told_rows(rows) -> list[dict]:
    """Each row that was refused, with the ways to mend what a gate still misses."""
    return [
        {
            "use_case": row.use_case,
            "why": row.why,
            "conditions": [
                {
                    "why": one["why"],
                    "url": mend_address(row.use_case.reference, one["mend"]),
                    "words": mend_words(one["mend"]),
                }
                for one in row.conditions
            ],
        }
        for row in rows
    ]


def bulk_or_404(request, key, pk):
    """The portfolio and the bulk change; a stranger gets 404."""
    portfolio = portfolio_or_404(request, key)
    rows = BulkChange.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_people()
    return portfolio, get_object_or_404(rows, pk=pk)


of_bulk_change = form_of("portfolio:bulk_change", "key", "pk", look_up=bulk_or_404)


@of_bulk_change
def bulk_change_stop(request, key, pk):
    """Stop after the row under way."""
    portfolio, bulk = bulk_or_404(request, key, pk)
    changing_many.stop_change(request.actor, bulk.pk, now=timezone.now())
    return redirect("portfolio:bulk_change", portfolio.key, bulk.pk)


@of_bulk_change
def bulk_change_undo(request, key, pk):
    """Take it back, once."""
    portfolio, bulk = bulk_or_404(request, key, pk)
    changing_many.undo_change(request.actor, bulk.pk, now=timezone.now())
    return redirect("portfolio:bulk_change", portfolio.key, bulk.pk)
