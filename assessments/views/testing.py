"""The four tests of a use case, and what disqualifies it."""

import hashlib
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import standing
from assessments.actions import disqualifying, testing
from assessments.forms.testing import (
    DataForm,
    DisqualifierForm,
    GuardrailSet,
    OutcomeForm,
    ReviewForm,
    SourceSet,
)
from assessments.models import AnswerDraft, Disqualifier, Request
from assessments.pages import testing as pages
from assessments.pages.links import address_of
from assessments.rules.four_tests import Test
from portfolio import rights
from portfolio.doors.html import form_of, refuse_form, render_page, use_case_or_404
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.models import Guardrail
from portfolio.rules import age, clock
from portfolio.rules.rights import Right

FORMED = {Test.OUTCOME: OutcomeForm, Test.DATA: DataForm, Test.REVIEW: ReviewForm}
MOST_TYPED = 100_000
TRIES = 3


@dataclass
class Typed:
    """One test's form with its table of rows, where it has one."""

    form: object
    table: object = None

    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        return valid and (self.table is None or self.table.is_valid())

    def given(self, part: Test) -> dict:
        """What the action takes."""
        given = dict(self.form.cleaned_data)
        if part is Test.OUTCOME:
            given["guardrails"] = [row for row in self.table.cleaned_data if row.get("metric")]
        if part is Test.DATA:
            given["sources"] = [row for row in self.table.cleaned_data if row.get("name")]
        return given


def stored(part: Test, answers) -> tuple[dict, list[dict]]:
    """What is saved of a test, as its form and its table show it."""
    tests, metric = answers.tests, answers.metric
    evidence = {"evidence": getattr(tests, f"{part}_evidence")}
    if part is Test.OUTCOME:
        rows = Guardrail.objects.of(answers.use_case.pk).in_force()
        table = [{name: getattr(row, name) for name in testing.GUARDRAIL} for row in rows]
        return {name: getattr(metric, name) for name in testing.OUTCOME} | evidence, table
    if part is Test.DATA:
        names = testing.SOURCE[1:]
        return evidence, [{name: getattr(row, name) for name in names} for row in answers.sources]
    return {name: getattr(tests, name) for name in testing.REVIEW} | evidence, []


def typed(part: Test, answers, posted=None, draft=None) -> Typed:
    """A test's form: as posted, else as in the draft, else as saved."""
    values, table = stored(part, answers)
    source = posted if posted is not None else draft
    form = FORMED[part](source, initial=values, prefix=part.value, use_required_attribute=False)
    kind = {Test.OUTCOME: GuardrailSet, Test.DATA: SourceSet}.get(part)
    if kind is None:
        return Typed(form)
    return Typed(form, kind(source, initial=table, prefix=f"{part}-rows"))


@require_safe
def tests(request, reference):
    use_case = use_case_or_404(request, reference)
    return show(request, use_case)


def formed_or_404(request, reference, part):
    return use_case_or_404(request, reference), part_or_404(part, FORMED)


def any_or_404(request, reference, part):
    return use_case_or_404(request, reference), part_or_404(part, Test)


def disqualifier_or_404(request, reference, pk):
    use_case = use_case_or_404(request, reference)
    rows = Disqualifier.objects.visible_to(request.actor).of(use_case.pk)
    return use_case, get_object_or_404(rows, pk=pk)


of_tests = partial(form_of, "assessments:tests", "reference")


@of_tests(look_up=formed_or_404, at="#{part}")
def test(request, reference, part):
    """Saves one test. Refused, the page comes back with all that was typed."""
    use_case, test = formed_or_404(request, reference, part)
    rights.require(request.actor, Right.ANSWER_TESTS, use_case)
    answers = standing.gather([use_case.pk])[use_case.pk]
    given = typed(test, answers, request.POST)
    if not given.is_valid():
        return show(request, use_case, refused={test: given}, status=422)
    theirs = {}
    try:
        theirs = save(request, use_case, test, given)
    except (RuleBroken, ValidationError) as refusal:
        refuse(given, refusal, test)
        return show(request, use_case, refused={test: given}, status=422)
    if theirs:
        return show(request, use_case, refused={test: given}, theirs={test: theirs}, status=422)
    if request.htmx:
        return show(request, use_case, part=test)
    return redirect(f"{reverse('assessments:tests', args=[use_case.reference])}#{test}")


def save(request, use_case, part: Test, given: Typed) -> list:
    """Saves, unless this very test was changed after it was read: then what stands now.

    The version is that of all four tests; an edit of another one does not stand in the way.
    """
    seen = request.POST.get("seen", "")
    for _ in range(TRIES):
        answers = standing.gather([use_case.pk])[use_case.pk]
        if seen and seen != fingerprint(part, answers):
            return differences(part, answers, given)
        try:
            testing.answer_tests(
                request.actor,
                use_case.pk,
                {part.value: given.given(part)},
                now=timezone.now(),
                seen_version=answers.tests.revision,
            )
        except EditedMeanwhile:
            continue
        return []
    raise EditedMeanwhile(use_case)


def fingerprint(part: Test, answers) -> str:
    """What tells one saved state of a test from another."""
    return hashlib.sha256(repr(stored(part, answers)).encode()).hexdigest()[:16]


def differences(part: Test, answers, given: Typed) -> list:
    """(label, what stands now) of each answer that somebody set otherwise meanwhile."""
    values, table = stored(part, answers)
    found = [
        (given.form[name].label, value)
        for name, value in values.items()
        if name in given.form.cleaned_data and given.form.cleaned_data[name] != value
    ]
    if given.table is not None:
        key = "metric" if part is Test.OUTCOME else "name"
        mine = [row for row in given.table.cleaned_data if row.get(key)]
        if [row[key] for row in mine] != [row[key] for row in table]:
            what = "Guardrails" if part is Test.OUTCOME else "Sources"
            found.append((what, ", ".join(row[key] for row in table) or "none"))
    return found or [("This test", "was saved by somebody else")]


def refuse(given: Typed, refusal, part: Test) -> None:
    """Put the refusal's words at their fields: `outcome.baseline`, `data.sources.1.name`."""
    if not hasattr(refusal, "error_dict"):
        refuse_form(given.form, refusal)
        return
    for path, messages in refusal.message_dict.items():
        names = path.split(".")[1:]
        if len(names) == 3 and given.table is not None and int(names[1]) < len(given.table.forms):
            row = given.table.forms[int(names[1])]
            for message in messages:
                row.add_error(names[2] if names[2] in row.fields else None, message)
            continue
        field = names[0] if names and names[0] in given.form.fields else None
        for message in messages:
            given.form.add_error(field, message)


@of_tests(look_up=formed_or_404, at="#{part}")
def draft(request, reference, part):
    """Keeps what is being typed for its author; 204, and no form of another's is touched."""
    use_case, test = formed_or_404(request, reference, part)
    rights.require(request.actor, Right.ANSWER_TESTS, use_case)
    rows = AnswerDraft.objects
    if request.POST.get("discard"):
        rows.mine(request.user.pk, use_case.pk).of_parts([test.value]).delete()
        return redirect(f"{reverse('assessments:tests', args=[use_case.reference])}#{test}")
    typed = {
        name: values
        for name, values in request.POST.lists()
        if name.startswith(test.value) or name == "seen"
    }
    if len(str(typed)) > MOST_TYPED:
        return HttpResponse(status=413)
    rows.keep(request.user.pk, use_case.pk, test.value, typed, timezone.now())
    return HttpResponse(status=204)


@of_tests(look_up=any_or_404, at="#{part}")
def no(request, reference, part):
    """Answers no to a test, or takes that back."""
    use_case, test = any_or_404(request, reference, part)
    now = timezone.now()
    if request.POST.get("withdraw"):
        testing.withdraw_no(request.actor, use_case.pk, test, now=now)
    else:
        reason = request.POST.get("reason", "")[:5_000]
        if not reason.strip():
            raise ValidationError("Say why the answer is no.")
        testing.say_no(request.actor, use_case.pk, test, reason, now=now)
    return redirect(f"{reverse('assessments:tests', args=[use_case.reference])}#{test}")


@of_tests(look_up=use_case_or_404, at="#data")
def confirmation(request, reference):
    """Puts one's name to the data, or takes it away."""
    use_case = use_case_or_404(request, reference)
    if request.POST.get("withdraw"):
        given = {"data": {"confirmed_by": None}}
        testing.answer_tests(request.actor, use_case.pk, given, now=timezone.now())
    else:
        testing.confirm_data(request.actor, use_case.pk, now=timezone.now())
    return redirect(f"{reverse('assessments:tests', args=[use_case.reference])}#data")


@of_tests(look_up=use_case_or_404, at="#disqualifiers")
def disqualifiers(request, reference):
    """Raises a disqualifier."""
    use_case = use_case_or_404(request, reference)
    rights.require(request.actor, Right.RAISE_DISQUALIFIER, use_case)
    form = DisqualifierForm(request.POST)
    if form.is_valid():
        try:
            disqualifying.raise_disqualifier(
                request.actor, use_case.pk, **form.cleaned_data, now=timezone.now()
            )
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            address = reverse("assessments:tests", args=[use_case.reference])
            return redirect(f"{address}#disqualifiers")
    return show(request, use_case, raising=form, status=422)


@of_tests(look_up=disqualifier_or_404, at="#disqualifiers")
def disqualifier(request, reference, pk):
    """Resolves a disqualifier, or overrules it as a sponsor."""
    use_case, row = disqualifier_or_404(request, reference, pk)
    end = (
        disqualifying.overrule_disqualifier
        if request.POST.get("overrule")
        else disqualifying.resolve_disqualifier
    )
    end(request.actor, row.pk, request.POST.get("words", "")[:5_000], now=timezone.now())
    return redirect(f"{reverse('assessments:tests', args=[use_case.reference])}#disqualifiers")


def part_or_404(part: str, parts) -> Test:
    if part not in list(Test) or Test(part) not in parts:
        raise Http404
    return Test(part)


def show(
    request, use_case, *, part=None, refused=None, theirs=None, raising=None, status=200
) -> HttpResponse:
    """The page; `refused` holds forms that were not saved, with what was typed."""
    answers = standing.gather([use_case.pk])[use_case.pk]
    states = answers.states()
    may_answer = Right.ANSWER_TESTS in request.may
    kept = AnswerDraft.objects.mine(request.user.pk, use_case.pk) if may_answer else []
    drafts = {row.part: row for row in kept}
    assigned = {row.test: row for row in Request.objects.of(use_case.pk).open().with_names()}
    portfolio, now = use_case.portfolio, timezone.now()
    today = clock.today_in(portfolio.time_zone, now)
    sections = {}
    for test, state in states.items():
        kept_draft = drafts.get(test.value)
        form = (refused or {}).get(test)
        if form is None and may_answer and test in FORMED:
            source = pages.as_posted(kept_draft.typed) if kept_draft else None
            form = typed(test, answers, draft=source)
        sections[test.value] = {
            "test": test.value,
            "name": pages.TEST_NAMES[test],
            "state": state,
            "no": answers.noes.get(test),
            "typed": form,
            "seen": seen_of(test, answers, kept_draft),
            "draft": kept_draft if not (refused or {}).get(test) else None,
            "theirs": (theirs or {}).get(test, []),
            "evidence": getattr(answers.tests, f"{test}_evidence"),
            "assigned": assigned.get(test.value),
            "may_ask": Right.ASK in request.may,
            "today": today,
        }
    rows = Disqualifier.objects.of(use_case.pk).with_people().oldest_first()
    context = {
        "use_case": use_case,
        "may": request.may,
        "may_answer": may_answer,
        "sections": sections,
        "answers": answers,
        "yes": sum(state.answer.word == "yes" for state in states.values()),
        "next": pages.next_question(states),
        "guardrails": Guardrail.objects.of(use_case.pk).in_force(),
        "disqualifiers": rows,
        "is_too_wide": standing.is_too_wide(use_case),
        "is_kept_out": standing.is_too_wide(use_case) or any(row.is_open for row in rows),
        "raising": raising or DisqualifierForm(),
        "currency": portfolio.currency,
        "data_is_stale": age.is_out_of_date(
            use_case.standing.data_as_of, portfolio.time_zone, now, portfolio.fresh_days
        ),
        "economics_url": address_of("economics:economics", use_case.reference),
        "split_url": address_of("portfolio:split_use_case", use_case.reference),
        "now": now,
        "is_fragment": bool(request.htmx),
    }
    fragment = part.value if part else (next(iter(refused)).value if refused else None)
    return render_page(request, "assessments/tests.html", context, fragment=fragment, status=status)


def seen_of(test: Test, answers, kept: AnswerDraft | None) -> str:
    """The state of a test that its form was begun from; a draft's may be an older one."""
    if test not in FORMED:
        return ""
    begun = kept.typed.get("seen", []) if kept else []
    return begun[0] if begun else fingerprint(test, answers)
