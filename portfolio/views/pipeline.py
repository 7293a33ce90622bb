"""Pages of one use case: its overview, its history, and what changes it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from portfolio import gates, likening, rights
from portfolio.actions import candidates, pipeline
from portfolio.doors.html import (
    portfolio_or_404,
    refuse_form,
    render_page,
    use_case_key_or_404,
    use_case_or_404,
)
from portfolio.errors import EditedMeanwhile, GateRefused, RuleBroken
from portfolio.forms.pipeline import MoveForm, RetirementForm, UseCaseForm
from portfolio.models import Event, GateOverride, UseCase
from portfolio.pages import activity as told
from portfolio.pages import board as boards
from portfolio.pages import told_findings
from portfolio.pages import use_case as shown
from portfolio.rules import clock
from portfolio.rules.findings import passes
from portfolio.rules.pipeline import CANDIDATE_STAGES, NEEDS_REASON, Stage
from portfolio.rules.rights import Right, Role
from portfolio.views.overview import board_context, older_url, page_of_events


@require_GET
def use_case(request, reference):
    """Everything about one, and what is the next thing to do about it."""
    row = use_case_or_404(request, reference)
    now = timezone.now()
    lighthouse = shown.newest(row)
    to, findings = next_gate(row)
    ways = ways_of(request, row, lighthouse)
    today = clock.today_in(row.portfolio.time_zone, now)
    context = {
        "use_case": row,
        "lighthouse": lighthouse,
        "verdict": gates.verdict_of(lighthouse).value,
        "next": shown.next_step(row, lighthouse, to, findings, to in ways, today),
        "to": to,
        "findings": told_findings(row.reference, findings),
        "is_open": passes(findings),
        "moves": moves_of(row, ways),
        "overrides": GateOverride.objects.of(row.pk),
        "split_into": UseCase.objects.visible_to(request.actor).split_from(row.pk),
        "is_wide": shown.is_wide(row),
        "candidate_words": boards.candidate_words(row) if row.stage in CANDIDATE_STAGES else "",
        "today": today,
        "now": now,
    }
    return render(request, "portfolio/use_case.html", context)


@require_GET
def history(request, reference):
    """What happened to one use case, the latest first."""
    row = use_case_or_404(request, reference)
    page = page_of_events(request, Event.objects.about_reference(row.reference).with_names())
    today = clock.today_in(row.portfolio.time_zone, timezone.now())
    context = {
        "use_case": row,
        "chart": shown.rank_line(row, today) if not request.GET.get("cursor") else None,
        "days": told.by_day(page.rows, row.portfolio.time_zone),
        "older_url": older_url(request, page),
        "now": timezone.now(),
    }
    return render_page(request, "portfolio/history.html", context, fragment="events")


@require_http_methods(["GET", "POST"])
def new_use_case(request, key):
    """Propose a candidate."""
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.PROPOSE, portfolio)
    form = UseCaseForm(request.POST or None)
    alike = alike_to(request, portfolio) if form.is_bound else []
    if "look" in request.POST:
        context = {"portfolio": portfolio, "form": form, "alike": alike, "looked": True}
        return render_page(request, "portfolio/new_use_case.html", context, fragment="alike")
    seen = set(request.POST.getlist("seen_alike"))
    is_new = all(one.use_case.reference in seen for one in alike)
    if request.method == "POST" and form.is_valid() and is_new:
        try:
            made = candidates.propose_use_case(
                request.actor, portfolio.pk, form.fields_said(), now=timezone.now()
            )
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, f"{made.reference} is proposed. Answer its four tests next.")
            return redirect("portfolio:use_case", made.reference)
    status = 422 if form.is_bound else 200
    context = {"portfolio": portfolio, "form": form, "alike": alike, "asks": not is_new}
    return render(request, "portfolio/new_use_case.html", context, status=status)


def alike_to(request, portfolio) -> list[likening.Alike]:
    """What is there already and looks like the candidate that is being typed."""
    title, problem = request.POST.get("title", ""), request.POST.get("problem", "")
    return likening.like(request.actor, portfolio.pk, title[:250], problem)


@require_http_methods(["GET", "POST"])
def edit_use_case(request, reference):
    """Change what a candidate says of itself; who comes second sees both and chooses."""
    row = use_case_or_404(request, reference)
    rights.require(request.actor, Right.EDIT, row)
    context = {"use_case": row}
    status = 200
    if request.method == "POST":
        form = UseCaseForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                save_beside(request.actor, row.pk, form)
            except EditedMeanwhile as refusal:
                context["both"] = both_of(form, refusal.row)
                form = UseCaseForm.about(refusal.row, **form.touched())
                status = 409
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect("portfolio:use_case", row.reference)
    else:
        form = UseCaseForm.about(row)
    context["form"] = form
    return render(request, "portfolio/edit_use_case.html", context, status=status)


def save_beside(actor, use_case_id: int, form) -> None:
    """Save what was typed over. What others saved of other fields meanwhile stays; of the same
    ones, EditedMeanwhile."""
    seen = form.cleaned_data["seen"]
    while True:
        try:
            candidates.edit_use_case(actor, use_case_id, form.touched(), seen_version=seen)
        except EditedMeanwhile as meanwhile:
            if form.at_odds(meanwhile.row):
                raise
            seen = meanwhile.row.revision
        else:
            return


def both_of(form, row) -> list[dict]:
    """The fields in which what was typed differs from what somebody else saved meanwhile."""
    return [
        {
            "label": form.fields[name].label or name.replace("_", " ").capitalize(),
            "saved": getattr(row, name),
            "typed": typed,
        }
        for name, typed in form.at_odds(row).items()
    ]


def seen_version(given: str | None, row) -> int:
    """The version that the form was filled in upon; where it says no number, one no row has."""
    if not given:
        return row.revision
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else -1


@require_http_methods(["GET", "POST"])
def split_use_case(request, reference):
    """Make several narrow candidates out of a platform play, in one step."""
    row = use_case_or_404(request, reference)
    rights.require(request.actor, Right.EDIT, row)
    offered = shown.offered_parts(row)
    context = {
        "use_case": row,
        "offered": [(at, part, part.is_proposed) for at, part in enumerate(offered)],
    }
    status = 200
    if request.method == "POST":
        ticked = request.POST.getlist("part")
        chosen = {at for at in range(len(offered)) if str(at) in ticked}
        titles = {at: request.POST.get(f"title-{at}", "") for at in range(len(offered))}
        parts = [
            candidates.Part(titles[at], part.job, part.segment, part.success_metric)
            for at, part in enumerate(offered)
            if at in chosen
        ]
        try:
            made = candidates.split_use_case(
                request.actor,
                row.pk,
                parts,
                seen_version=seen_version(request.POST.get("seen"), row),
                now=timezone.now(),
            )
        except (RuleBroken, ValidationError) as refusal:
            context["refusal"] = words_of(refusal)
            context["offered"] = [
                (at, shown.OfferedPart(titles[at], part.job, part.segment, part.success_metric),
                 at in chosen)
                for at, part in enumerate(offered)
            ]  # fmt: skip
            status = 422
        else:
            born = ", ".join(new.reference for new in made[1:])
            messages.success(request, f"{row.reference} is narrow now; {born} came out of it.")
            return redirect("portfolio:use_case", row.reference)
    return render(request, "portfolio/split_use_case.html", context, status=status)


@require_http_methods(["GET", "POST"])
def retire_use_case(request, reference):
    """Record since when nobody uses a decided use case any more."""
    row = use_case_or_404(request, reference)
    rights.require(request.actor, Right.RETIRE, row)
    form = RetirementForm(request.POST or None, initial={"seen": row.revision})
    if request.method == "POST" and form.is_valid():
        try:
            pipeline.retire_use_case(
                request.actor,
                row.pk,
                form.cleaned_data["retired_on"],
                reason=form.cleaned_data["reason"],
                seen_version=form.cleaned_data["seen"],
                now=timezone.now(),
            )
        except EditedMeanwhile as meanwhile:
            refuse_form(form, meanwhile)
            form.data = {**form.data.dict(), "seen": meanwhile.row.revision}
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            return redirect("portfolio:use_case", row.reference)
    status = 422 if form.is_bound else 200
    context = {"use_case": row, "form": form}
    return render(request, "portfolio/retire_use_case.html", context, status=status)


@require_http_methods(["GET", "POST"])
def move(request, reference):
    """Move a use case. The board asks by htmx and gets itself back; a page is for everybody else.

    A refusal says what fails and how to mend it, and lets a sponsor go on in writing.
    """
    if request.method == "GET":
        return move_page(request, use_case_or_404(request, reference))
    pk = use_case_key_or_404(request, reference)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return move_refused(request, reference, "Choose a stage to move it to.", 422)
    asked = form.asked()
    try:
        moved = pipeline.move(request.actor, pk, **asked, now=timezone.now())
    except GateRefused as refusal:
        return move_refused(
            request, reference, refusal.words, 409, to=asked["to"], findings=refusal.conditions
        )
    except EditedMeanwhile as refusal:
        words = f"Somebody changed {refusal.row.reference} meanwhile. This is how it stands now."
        return move_refused(request, reference, words, 409, to=asked["to"])
    except (RuleBroken, ValidationError) as refusal:
        return move_refused(request, reference, words_of(refusal), 422, to=asked["to"])
    if request.htmx:
        return moved_board(request, moved.reference)
    messages.success(request, f"{moved.reference} is in {moved.stage} now.")
    if request.POST.get("back") == "use_case":
        return redirect("portfolio:use_case", moved.reference)
    return redirect("portfolio:board", portfolio_key(moved.reference))


def move_page(request, row, status: int = 200, **more):
    lighthouse = shown.newest(row)
    to, findings = next_gate(row)
    context = {
        "use_case": row,
        "moves": moves_of(row, ways_of(request, row, lighthouse)),
        "asks": chosen_way_out(request),
        "to": to,
        "findings": told_findings(row.reference, findings),
        "is_open": passes(findings),
        "back": request.POST.get("back", ""),
        **more,
    }
    return render_page(request, "portfolio/move.html", context, fragment="choices", status=status)


def move_refused(request, reference, words: str, status: int, *, to=None, findings=()):
    """Why not, on the board where htmx asked and on the move's page elsewhere."""
    row = use_case_or_404(request, reference)  # as it stands now
    refused = {
        "words": words,
        "findings": told_findings(row.reference, findings),
        "to": to.value if to else "",
        "use_case": row,
        "may_override": bool(findings) and Right.OVERRIDE in request.may,
    }
    if request.htmx:
        return moved_board(request, row.reference, status=422, refused=refused)
    return move_page(request, row, status, refused=refused, asks=to if to in NEEDS_REASON else None)


def moved_board(request, reference: str, status: int = 200, **more):
    portfolio = portfolio_or_404(request, portfolio_key(reference))
    context = board_context(request, portfolio, moved=reference, **more)
    return render_page(request, "portfolio/board.html", context, fragment="board", status=status)


def portfolio_key(reference: str) -> str:
    """The key of the portfolio that a reference begins with."""
    return reference.rpartition("-")[0]


def chosen_way_out(request) -> Stage | None:
    """The way out that the page was opened for: its reason is asked at once."""
    to = request.GET.get("to", "")
    return Stage(to) if to in list(NEEDS_REASON) else None


def next_gate(row):
    """The next stage and what its gate says; nothing where there is none."""
    to = boards.next_stage(Stage(row.stage))
    return to, gates.look(to, [row.pk])[row.pk] if to else []


def ways_of(request, row, lighthouse):
    viewer = boards.Viewer(request.actor.user_id, Role(request.actor.roles[row.portfolio_id]))
    return boards.ways_of(row, lighthouse, viewer)


def moves_of(row, ways) -> list[dict]:
    """The choices of the move menu; a way out leads to where its reason is written."""
    page = reverse("portfolio:move", args=[row.reference])
    source = Stage(row.stage)
    return [
        {
            "to": to.value,
            "words": boards.move_words(source, to),
            "url": f"{page}?to={to}" if to in NEEDS_REASON else "",
        }
        for to in ways
    ]


def words_of(refusal: RuleBroken | ValidationError) -> str:
    return refusal.words if isinstance(refusal, RuleBroken) else " ".join(refusal.messages)
