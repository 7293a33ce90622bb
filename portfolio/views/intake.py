"""Pages that bring candidates in from a file."""

import csv
from itertools import chain

from django.core.exceptions import ValidationError
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portfolio import rights
from portfolio.actions.importing import (
    Meaning,
    NotNow,
    Sent,
    read_again,
    say_what_it_means,
    send_file,
    start_import,
    stop_import,
)
from portfolio.doors.html import portfolio_or_404, refuse_form, render_page
from portfolio.errors import RuleBroken
from portfolio.forms.intake import ColumnsForm, FileForm, ReadingForm, StagesForm
from portfolio.importing.delimited import DELIMITER_NAMES, ENCODINGS
from portfolio.importing.looking import stages_of, table_of
from portfolio.importing.problems import mended_file
from portfolio.importing.refusals import FileRefused
from portfolio.importing.tables import Reading, column_letter
from portfolio.models import Import, ImportProblem
from portfolio.rules.rights import Right

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else
IMPORTS_SHOWN = 50
PROBLEMS_SHOWN = 50
ROWS_SHOWN = 5
COLUMNS_SHOWN = 24
UNDER_WAY = {Import.State.LOOKING, Import.State.QUEUED, Import.State.RUNNING}


@require_http_methods(["GET", "POST"])
def imports(request, key):
    """Send a file, and see those that were sent."""
    portfolio = portfolio_or_404(request, key)
    form = FileForm()
    status = 200
    if request.method == "POST":
        rights.require(request.actor, Right.IMPORT, portfolio)
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                running = send_file(request.actor, portfolio, Sent(file, file.name), timezone.now())
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect("portfolio:import_page", portfolio.key, running.pk)
        status = 422
    sent = Import.objects.visible_to(request.actor).in_portfolio(portfolio.pk).newest_first()
    context = {
        "portfolio": portfolio,
        "form": form,
        "imports": sent[:IMPORTS_SHOWN],
        "now": timezone.now(),
    }
    return render_page(
        request, "portfolio/imports.html", context, fragment="imports", status=status
    )


@require_GET
def import_page(request, key, import_id):
    """Where an import stands: looked at, tried, running, done."""
    portfolio, running = import_or_404(request, key, import_id)
    if running.state == Import.State.UPLOADED and not request.htmx:
        return redirect("portfolio:import_columns", portfolio.key, running.pk)
    problems = ImportProblem.objects.of(running.pk).by_row()
    told = list(problems[: PROBLEMS_SHOWN + 1])
    context = {
        "portfolio": portfolio,
        "running": running,
        "is_under_way": running.state in UNDER_WAY,
        "problems": told[:PROBLEMS_SHOWN],
        "more_problems": len(told) > PROBLEMS_SHOWN,
        "duplicates": [
            {**twin, "reference": "" if twin["like"].startswith("row ") else twin["like"]}
            for twin in running.duplicates
        ],
        "coming": running.created + running.updated,
        "now": timezone.now(),
    }
    response = render_page(request, "portfolio/import_page.html", context, fragment="state")
    if request.htmx and running.state == Import.State.UPLOADED:
        # Looked at: the next question has a page of its own.
        response["HX-Redirect"] = reverse(
            "portfolio:import_columns", args=[portfolio.key, running.pk]
        )
    return response


@require_http_methods(["GET", "POST"])
def import_columns(request, key, import_id):
    """Say what the columns are."""
    portfolio, running = import_or_404(request, key, import_id)
    if not can_be_said(running):
        return redirect("portfolio:import_page", portfolio.key, running.pk)
    form = ColumnsForm(request.POST or None, running=running)
    status = 200
    if request.method == "POST":
        rights.require(request.actor, Right.IMPORT, portfolio)
        if form.is_valid():
            try:
                say_what_it_means(request.actor, running.pk, Meaning(mapping=form.mapping))
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect("portfolio:import_stages", portfolio.key, running.pk)
        status = 422
    context = {
        "portfolio": portfolio,
        "running": running,
        "form": form,
        "reading": ReadingForm(running=running),
        **shown_file(running),
    }
    return render_page(
        request, "portfolio/import_columns.html", context, fragment="columns", status=status
    )


@require_POST
def import_reading(request, key, import_id):
    """Have the file read differently."""
    portfolio, running = import_or_404(request, key, import_id)
    rights.require(request.actor, Right.IMPORT, portfolio)
    form = ReadingForm(request.POST, running=running)
    if form.is_valid():
        given = form.cleaned_data
        reading = Reading(
            encoding=given.get("encoding") or None,
            delimiter=given.get("delimiter") or None,
            sheet=given.get("sheet") or None,
            heading_row=given["heading_row"],
        )
        try:
            read_again(request.actor, running.pk, reading)
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            return redirect("portfolio:import_page", portfolio.key, running.pk)
    context = {
        "portfolio": portfolio,
        "running": running,
        "form": ColumnsForm(running=running),
        "reading": form,
        **shown_file(running),
    }
    return render_page(
        request, "portfolio/import_columns.html", context, fragment="columns", status=422
    )


@require_http_methods(["GET", "POST"])
def import_stages(request, key, import_id):
    """Say what the stages are and what a row is known by; then it is tried."""
    portfolio, running = import_or_404(request, key, import_id)
    if not can_be_said(running):
        return redirect("portfolio:import_page", portfolio.key, running.pk)
    form = StagesForm(
        request.POST or None,
        running=running,
        stages=stages_of(running),
        may_override=Right.OVERRIDE in request.may,
    )
    status = 200
    if request.method == "POST":
        rights.require(request.actor, Right.IMPORT, portfolio)
        if form.is_valid():
            meaning = Meaning(
                stages=form.chosen,
                key_columns=form.cleaned_data["key_columns"],
                already_there=form.cleaned_data.get("already_there", False),
                override_reason=form.cleaned_data.get("override_reason", ""),
            )
            try:
                say_what_it_means(request.actor, running.pk, meaning)
                start_import(request.actor, running.pk, timezone.now(), dry_run=True)
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect("portfolio:import_page", portfolio.key, running.pk)
        status = 422
    context = {
        "portfolio": portfolio,
        "running": running,
        "form": form,
        "identical_rows": running.survey.get("identical_rows", 0),
        "proposed_key": running.survey.get("key", []),
    }
    return render_page(
        request, "portfolio/import_stages.html", context, fragment="stages", status=status
    )


@require_POST
def import_start(request, key, import_id):
    """Bring the rows in."""
    portfolio, running = import_or_404(request, key, import_id)
    start_import(request.actor, running.pk, timezone.now(), dry_run=False)
    return redirect("portfolio:import_page", portfolio.key, running.pk)


@require_POST
def import_stop(request, key, import_id):
    """Stop after the batch under way."""
    portfolio, running = import_or_404(request, key, import_id)
    stop_import(request.actor, running.pk, timezone.now())
    return redirect("portfolio:import_page", portfolio.key, running.pk)


@require_GET
def import_problems(request, key, import_id):
    """The rows that did not come in, as a file to be mended and sent again."""
    _portfolio, running = import_or_404(request, key, import_id)
    try:
        heading = running.survey.get("heading") or table_of(running).heading
    except (FileRefused, FileNotFoundError) as gone:
        raise NotNow("The file is no longer here, so its rows cannot be listed.") from gone
    rows = mended_file(heading, ImportProblem.objects.of(running.pk).by_row().iterator())
    writer = csv.writer(Echo())
    lines = chain([BYTE_ORDER_MARK], (writer.writerow(row) for row in rows))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="to-mend-{running.pk}.csv"'
    return response


class Echo:
    """A file that hands on what is written to it."""

    def write(self, text):
        return text


def import_or_404(request, key, import_id):
    """The portfolio and the import; a stranger gets 404."""
    portfolio = portfolio_or_404(request, key)
    rows = Import.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_people()
    return portfolio, get_object_or_404(rows, pk=import_id)


def can_be_said(running: Import) -> bool:
    """Whether its columns and stages are still to be said, or can be said anew."""
    if not running.survey or not running.file or running.state in UNDER_WAY:
        return False
    return running.state != Import.State.DONE or running.dry_run


def shown_file(running: Import) -> dict:
    """The first rows as they stand in the file, and how it was read, in words."""
    try:
        table = table_of(running)
    except (FileRefused, FileNotFoundError) as fault:
        raise NotNow("The file cannot be read any more. Send it again.") from fault
    width = min(max(len(table.heading), 1), COLUMNS_SHOWN)

    def cut(cells):
        cells = [*cells[:width], *[""] * (width - len(cells))]
        return [f"{cell[:48]}…" if len(cell) > 50 else cell for cell in cells]

    return {
        "letters": [column_letter(place) for place in range(width)],
        "above": [(row.number, cut(row.cells)) for row in table.above[-2:]],
        "heading": (running.header_row, cut(table.heading)),
        "rows": [(row.number, cut(row.cells)) for row in table.first_rows[:ROWS_SHOWN]],
        "columns_left_out": max(0, len(table.heading) - width),
        "encoding": ENCODINGS.get(running.encoding, running.encoding),
        "delimiter": DELIMITER_NAMES.get(running.delimiter, ""),
        "notes": running.survey.get("notes", []),
    }
