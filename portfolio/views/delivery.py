"""The lighthouse of a use case: one page, and a POST for everything that can be told on it."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolio import rights
from portfolio.actions import contract, delivery, recording, verdicts
from portfolio.actions.delivery import DELIVERY_STAGES
from portfolio.actions.milestones import add_milestone, change_milestone, remove_milestone
from portfolio.actions.readings import doubts_of, metrics_of, record_reading
from portfolio.doors.html import form_of, refuse_form, use_case_or_404
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.forms import delivery as forms
from portfolio.models import Lighthouse, Milestone, Reading, User
from portfolio.pages.lighthouse_pictures import after_reading
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right
from portfolio.views.lighthouse_page import Page, address, update_form


class SeeOther(HttpResponseRedirect):
    """After a POST: get the page."""

    status_code = 303


def find(request, reference: str, pk: int | None = None) -> Page:
    """The page of one lighthouse, or of the one that the use case has now; a stranger gets 404."""
    use_case = use_case_or_404(request, reference)
    rows = Lighthouse.objects.visible_to(request.actor).of_use_case(use_case.pk).with_everything()
    if pk is not None:
        found = get_object_or_404(rows, pk=pk)
    else:
        found = rows.newest_first().first()
        if found is not None and is_past(found, use_case):
            found = None
    if found is not None:
        request.may = rights.held_as_read(request.actor, found)
    return Page(request, use_case, found, is_only=pk is not None)


def find_milestone(request, reference: str, pk: int, milestone_pk: int) -> tuple[Page, Milestone]:
    page = find(request, reference, pk)
    rows = Milestone.objects.visible_to(request.actor).of(pk)
    return page, get_object_or_404(rows, pk=milestone_pk)


def find_reading(request, reference: str, pk: int, reading_pk: int) -> tuple[Page, Reading]:
    page = find(request, reference, pk)
    rows = Reading.objects.visible_to(request.actor).of(pk)
    return page, get_object_or_404(rows, pk=reading_pk)


of_lighthouse = partial(form_of, "portfolio:lighthouse", "reference", "pk")


def is_past(lighthouse: Lighthouse, use_case) -> bool:
    """Whether the use case went on without it: abandoned, or declared before a retry."""
    if lighthouse.is_active or use_case.stage not in DELIVERY_STAGES:
        return False
    if lighthouse.abandoned_at is not None or lighthouse.left_behind_at is not None:
        return True
    return use_case.stage in (Stage.QUALIFIED, Stage.SELECTED, Stage.MOBILISING)


def tell(page: Page, right: Right, name: str, form, act, *, said, place: str = ""):
    """Do what a form says and go back to the page, or show it again with why not.

    `said` is what the page says then: words, or a function of what was done.
    """
    request = page.request
    rights.require(request.actor, right, page.lighthouse or page.use_case)
    theirs = []
    if form.is_valid():
        try:
            done = act(form)
        except EditedMeanwhile as meanwhile:
            theirs = differences(form, meanwhile.row)
            form.data = form.data.copy()
            form.data[form.add_prefix("seen")] = meanwhile.row.revision
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, said(done) if callable(said) else said)
            here = address(page.use_case, page.lighthouse if page.is_closed else None)
            return SeeOther(here + place)
    return page.show(status=422, theirs=theirs, **{name: form})


def differences(form, row) -> list[tuple[str, object]]:
    """(label, what stands now) of every field that somebody else set otherwise."""
    return [
        (form.fields[name].label or name.replace("_", " "), getattr(row, name))
        for name in form.cleaned_data
        if name in form.fields
        and hasattr(row, name)
        and name != "owner"
        and getattr(row, name) != form.cleaned_data[name]
    ]


def ask_back(form, doubts: list[str]) -> None:
    """Refuse once, with what is doubtful; a tick says that it is meant."""
    if doubts and not form.cleaned_data["sure"]:
        raise ValidationError({"sure": doubts})


@require_safe
def lighthouse(request, reference, pk=None):
    """The delivery of a use case; with an id, an earlier one."""
    return find(request, reference, pk).show()


@form_of("portfolio:lighthouse", "reference", look_up=find, at="#draw-up")
def draw_up(request, reference):
    page = find(request, reference)
    people = User.objects.who_can_own(page.use_case.portfolio_id)
    return tell(
        page,
        Right.NAME_OWNER,
        "draw_up",
        forms.DrawUpForm(request.POST, people=people),
        lambda form: delivery.draw_up(
            request.actor, page.use_case.pk, **form.cleaned_data, now=timezone.now()
        ),
        said="Drawn up. The owner is asked to accept.",
    )


@of_lighthouse(look_up=find, at="#owner")
def name_owner(request, reference, pk):
    page = find(request, reference, pk)
    people = User.objects.who_can_own(page.use_case.portfolio_id)
    return tell(
        page,
        Right.NAME_OWNER,
        "owner",
        forms.OwnerForm(request.POST, people=people, auto_id="owner_%s"),
        lambda form: delivery.name_owner(
            request.actor,
            pk,
            owner=form.cleaned_data["owner"],
            seen_version=form.cleaned_data["seen"],
        ),
        said="The person named is asked to accept.",
        place="#owner",
    )


@of_lighthouse(look_up=find, at="#acceptance")
def answer_ownership(request, reference, pk):
    page = find(request, reference, pk)
    accept = request.POST.get("accept") == "yes"
    return tell(
        page,
        Right.ACCEPT_OWNERSHIP,
        "acceptance",
        forms.AnswerForm(request.POST),
        lambda form: delivery.answer_ownership(
            request.actor, pk, accept=accept, now=timezone.now(), **form.cleaned_data
        ),
        said="You own this lighthouse." if accept else "You declined; the sponsors see it.",
    )


@of_lighthouse(look_up=find, at="#contract")
def plan(request, reference, pk):
    page = find(request, reference, pk)
    form = forms.AgreedForm(
        request.POST, sets_start=Right.SET_START in request.may, auto_id="plan_%s"
    )
    return tell(
        page, Right.PLAN_LIGHTHOUSE, "plan", form, planned_by(request, pk),
        said="The plan is saved.", place="#contract",
    )  # fmt: skip


@of_lighthouse(look_up=find, at="#facts")
def facts(request, reference, pk):
    page = find(request, reference, pk)
    form = forms.FactsForm(request.POST, auto_id="facts_%s")
    return tell(
        page, Right.PLAN_LIGHTHOUSE, "facts", form, planned_by(request, pk),
        said="Saved.", place="#facts",
    )  # fmt: skip


def planned_by(request, pk):
    def act(form) -> None:
        changes = dict(form.cleaned_data)
        seen = changes.pop("seen")
        delivery.plan(request.actor, pk, changes, seen_version=seen, now=timezone.now())

    return act


@of_lighthouse(look_up=find, at="#contract")
def seal(request, reference, pk):
    page = find(request, reference, pk)
    rights.require(request.actor, Right.MOVE_DELIVERY, page.lighthouse)
    contract.seal(request.actor, pk, now=timezone.now())
    messages.success(request, "The success contract is sealed.")
    return SeeOther(address(page.use_case) + "#contract")


@of_lighthouse(look_up=find, at="#update")
def week_update(request, reference, pk):
    page = find(request, reference, pk)
    form = update_form(
        page.lighthouse,
        metrics_of(page.lighthouse),
        list(Milestone.objects.of(pk).by_due()),
        request.POST,
        page.today,
    )

    def act(form) -> list[Reading]:
        update = form.update()
        ask_back(
            form, [words for new in update.readings for words in doubts_of(page.lighthouse, new)]
        )
        return recording.post_update(request.actor, pk, update, now=timezone.now())

    return tell(
        page, Right.RECORD, "update", form, act, said=lambda read: after_reading(
            "This week is told.", page.lighthouse, read, page.today
        ),
    )  # fmt: skip


@of_lighthouse(look_up=find, at="#facts")
def ship_date(request, reference, pk):
    """Record the day, or take it back: that is a button of its own."""
    page = find(request, reference, pk)
    form = forms.ShipForm(request.POST, auto_id="ship_%s")
    is_taken_back = request.POST.get("do") == "take_back"
    if is_taken_back:
        form.fields["shipped_on"].required = False
    said = "The ship date is recorded."

    def act(form) -> None:
        day = None if is_taken_back else form.cleaned_data["shipped_on"]
        if not is_taken_back:
            ask_back(form, recording.doubts_of_ship_date(page.lighthouse, day))
        recording.record_ship_date(
            request.actor,
            pk,
            shipped_on=day,
            seen_version=form.cleaned_data["seen"],
            now=timezone.now(),
        )

    if is_taken_back:
        said = "The ship date is taken back: it is not in production, and no reading counts."
    return tell(page, Right.RECORD, "ship", form, act, said=said, place="#facts")


@of_lighthouse(look_up=find, at="#milestones")
def milestones(request, reference, pk):
    page = find(request, reference, pk)

    def act(form) -> None:
        add_milestone(
            request.actor,
            pk,
            title=form.cleaned_data["title"],
            due_on=form.cleaned_data["due_on"],
            now=timezone.now(),
        )

    form = forms.MilestoneForm(request.POST, auto_id="milestone_%s")
    return tell(page, Right.RECORD, "milestone", form, act, said="Promised.", place="#milestones")


@of_lighthouse(look_up=find_milestone, at="#milestones")
def milestone(request, reference, pk, milestone_pk):
    """Save it, or say that it is done, not done after all, or taken back."""
    page, row = find_milestone(request, reference, pk, milestone_pk)
    rights.require(request.actor, Right.RECORD, page.lighthouse)
    here = SeeOther(address(page.use_case) + "#milestones")
    now = timezone.now()
    do = request.POST.get("do", "save")
    if do == "remove":
        remove_milestone(request.actor, row.pk, now=now)
        messages.success(request, f"“{row.title}” is taken back; the history keeps it.")
        return here
    if do in ("done", "undone"):
        done_on = page.today if do == "done" else None
        change_milestone(request.actor, row.pk, {"done_on": done_on}, now=now)
        return here
    form = forms.MilestoneForm(request.POST, auto_id=f"m{row.pk}_%s")
    page.edited = (row.pk, form)

    def act(form) -> None:
        changes = dict(form.cleaned_data)
        seen = changes.pop("seen")
        change_milestone(request.actor, row.pk, changes, seen_version=seen, now=now)

    return tell(
        page, Right.RECORD, "edited_milestone", form, act, said="Saved.", place="#milestones"
    )


@of_lighthouse(look_up=find_reading, at="?correct={reading_pk}#readings")
def correction(request, reference, pk, reading_pk):
    page, row = find_reading(request, reference, pk, reading_pk)
    page.corrects = row.pk

    def act(form) -> list[Reading]:
        new = form.reading(row.metric)
        ask_back(form, doubts_of(page.lighthouse, new, supersedes=row.pk))
        return [record_reading(request.actor, pk, new, supersedes=row.pk, now=timezone.now())]

    form = forms.CorrectionForm(request.POST, auto_id="correction_%s")
    return tell(
        page, Right.RECORD, "correction", form, act,
        said=lambda read: after_reading(
            "Corrected. The first value stays in sight.", page.lighthouse, read, page.today
        ),
        place="#readings",
    )  # fmt: skip


@of_lighthouse(look_up=find, at="#retrospective")
def retrospective(request, reference, pk):
    page = find(request, reference, pk)
    return tell(
        page,
        Right.RECORD,
        "retrospective",
        forms.RetrospectiveForm(request.POST, auto_id="back_%s"),
        lambda form: recording.write_retrospective(
            request.actor,
            pk,
            retrospective=form.cleaned_data["retrospective"],
            seen_version=form.cleaned_data["seen"],
        ),
        said="The retrospective is saved.",
        place="#retrospective",
    )


@of_lighthouse(look_up=find, at="#contract")
def amendments(request, reference, pk):
    page = find(request, reference, pk)
    rights.require(request.actor, Right.AMEND, page.lighthouse)
    if not page.lighthouse.is_sealed:
        raise RuleBroken("Nothing is sealed yet: change the plan and the outcome test instead.")
    form = forms.AmendForm(request.POST, contract=page.lighthouse.contract, auto_id="amend_%s")

    def act(form) -> None:
        changes, now = form.changes(), timezone.now()
        ask_back(form, verdicts.doubts_of_amendment(page.lighthouse, changes, now))
        verdicts.amend(
            request.actor,
            pk,
            changes,
            reason=form.cleaned_data["reason"],
            seen_version=form.cleaned_data["seen"],
            now=now,
        )

    return tell(
        page,
        Right.AMEND,
        "amendment",
        form,
        act,
        said="The contract is amended. The reason stands beside the verdict for good.",
        place="#contract",
    )


@of_lighthouse(look_up=find, at="#verdict")
def declaration(request, reference, pk):
    page = find(request, reference, pk)
    form = forms.DeclareForm(
        request.POST, computed=page.lighthouse.standing.verdict, auto_id="declare_%s"
    )
    return tell(
        page,
        Right.DECLARE,
        "declaration",
        form,
        lambda form: verdicts.declare(
            request.actor,
            pk,
            verdict=form.cleaned_data["verdict"],
            reason=form.cleaned_data["reason"],
            seen_version=form.cleaned_data["seen"],
            now=timezone.now(),
        ),
        said="The verdict is declared.",
        place="#verdict",
    )
