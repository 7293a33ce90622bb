"""One cell of the table, changed in its place: the editor, and the value as it stands."""

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portfolio import rights
from portfolio.actions import candidates, pipeline
from portfolio.doors.html import use_case_or_404
from portfolio.errors import EditedMeanwhile, GateRefused, RuleBroken
from portfolio.forms.table import CellForm
from portfolio.pages import board as boards
from portfolio.pages import table
from portfolio.pages import use_case as shown_of
from portfolio.rules.pipeline import NEEDS_REASON, Stage
from portfolio.rules.rights import Right, Role

TEMPLATE = "portfolio/cell.html"


@require_http_methods(["GET", "POST"])
def cell(request, reference, name):
    """Change a value in the table: htmx gets the cell, everybody else the page that edits it."""
    row = use_case_or_404(request, reference)
    if name not in table.EDITABLE:
        raise Http404
    require_edit(request, row, name)
    if request.method == "GET":
        if not request.htmx:
            return redirect("portfolio:move" if name == "stage" else "portfolio:edit_use_case",
                            row.reference)  # fmt: skip
        if request.GET.get("shown"):
            return shown(request, row, name)
        return editor(request, row, name, table.cell_value(row, name))
    form = CellForm(request.POST)
    typed = request.POST.get("value", "")[:5_000]
    if not form.is_valid():
        words = " ".join(error for errors in form.errors.values() for error in errors)
        return editor(request, row, name, typed, status=422, error=words)
    return changed(request, row, name, form.cleaned_data)


def changed(request, row, name: str, said: dict):
    """The cell with its new value, or the editor with what stands in the way."""
    typed, refused = said["value"], {"typed": said["value"], "status": 422}
    try:
        if name == "stage":
            if typed not in list(Stage):
                raise ValidationError("Choose one of the stages.")
            row = pipeline.move(
                request.actor, row.pk, Stage(typed), reason=said["reason"],
                seen_version=said["seen"], now=timezone.now(),
            )  # fmt: skip
        else:
            row = candidates.edit_use_case(
                request.actor, row.pk, {name: typed}, seen_version=said["seen"]
            )
    except EditedMeanwhile:
        row = use_case_or_404(request, row.reference)  # as it stands now
        now = table.cell_value(row, name)
        both = {"both": now or "nothing"} if now != typed else {}
        return editor(request, row, name, reason=said["reason"], **both, **refused)
    except GateRefused as refusal:
        mend = reverse("portfolio:move", args=[row.reference])
        return editor(request, row, name, error=refusal.words, mend_url=mend, **refused)
    except (RuleBroken, ValidationError) as refusal:
        words = refusal.words if isinstance(refusal, RuleBroken) else " ".join(refusal.messages)
        return editor(request, row, name, error=words, reason=said["reason"], **refused)
    if not request.htmx:
        return redirect("assessments:ranking", row.portfolio.key)
    response = shown(request, row, name)
    # The rows may stand in another order now: the table asks for itself.
    response["HX-Trigger-After-Settle"] = '{"seen": {"target": "#ranking"}}'
    return response


def require_edit(request, row, name: str) -> None:
    """403 where the person may not change this of it; a move asks for its own right besides."""
    rights.require(request.actor, Right.CHANGE_MANY if name == "stage" else Right.EDIT, row)


def shown(request, row, name: str):
    context = {
        "use_case": row,
        "name": name,
        "words": table.cell_value(row, name) or table.NOTHING,
        "url": reverse("assessments:ratings", args=[row.reference]),
    }
    return render(request, f"{TEMPLATE}#shown", context)


def editor(request, row, name: str, typed: str, *, status: int = 200, **more):
    choices = table.cell_choices(name)
    if name == "stage":
        viewer = boards.Viewer(request.actor.user_id, Role(request.actor.roles[row.portfolio_id]))
        ways = boards.ways_of(row, shown_of.newest(row), viewer)
        choices = [(row.stage, row.stage), *((way.value, way.value) for way in ways)]
    context = {
        "use_case": row,
        "name": name,
        "heading": table.heading_of(name),
        "typed": typed,
        "seen": row.revision,
        "choices": choices,
        "asks_reason": name == "stage" and typed in list(NEEDS_REASON),
        **more,
    }
    return render(request, f"{TEMPLATE}#editor", context, status=status)
