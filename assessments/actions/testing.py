"""The four tests: answering them, putting one's name to the data, saying no and taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field, Model

from assessments import standing
from assessments.actions.asking import answer_requests
from assessments.models import AnswerDraft, DataSource, FourTests, PersonsNo
from assessments.rules.four_tests import Outputs, Test
from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.models import Guardrail, Standing, SuccessMetric, UseCase, User
from portfolio.models.base import Versioned
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.clock import has_ended, today_in
from portfolio.rules.rights import Right
from portfolio.rules.words import Answer

Given = Mapping[str, Mapping[str, Any]]

OUTCOME = (
    "statement", "metric", "unit", "direction", "baseline", "target", "segment", "other_metrics",
)  # fmt: skip
REVIEW = ("reviewer", "outputs", "sampled_percent", "decision", "feedback")
SOURCE = (
    "position", "name", "system", "use", "required", "schema_consistent", "is_clean",
    "access_cleared", "usable",
)  # fmt: skip
ANSWERS = SOURCE[2:]  # what is said of a source; its name and its place in the table age nothing
GUARDRAIL = ("metric", "unit", "kind", "limit")
MOST_SOURCES = MOST_GUARDRAILS = 50


@transaction.atomic
def answer_tests(
    actor: Actor,
    use_case_id: int,
    given: Given,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> FourTests:
    """The tests after this answer: exactly the parts and fields in `given` are written.

    `given` has a mapping for each test answered. `answer` in it is a person's "no", or None to
    withdraw that; `data` may hold `sources`, which replace those there are, and `confirmed_by`, the
    address of a member. An answer that changes nothing leaves no event.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.ANSWER_TESTS, use_case)
    before = standing.gather([use_case_id])[use_case_id]
    tests = before.tests
    tests.expect_version(seen_version)
    change = _Change(use_case, actor, now)
    if "outcome" in given:
        change.answer_outcome(before.metric, given["outcome"])
    if "data" in given:
        change.answer_data(tests, before.sources, given["data"])
    if "review" in given:
        change.answer_review(tests, given["review"])
    for test in Test:
        if test in given:
            change.give_evidence(tests, test, given[test])
            change.say(test, before.noes.get(test), given[test])
    if change.is_empty():
        return tests
    change.save(tests)
    after = standing.gather([use_case_id])[use_case_id]
    published = standing.publish_tests(after)
    answers = after.states()
    said = [test for test in Test if test in given and answers[test].answer is not Answer.UNKNOWN]
    ended = answer_requests(use_case_id, now, tests=said)
    events.record(
        use_case,
        Kind.TESTS_ANSWERED,
        by=actor,
        what={
            "changed": change.told,
            "answers": {test.value: state.answer.word for test, state in answers.items()},
            **({"data_as_of": _told_age(published)} if "data" in given else {}),
        },
        wants=Bell.RANK,
        touched=[tests, published, *change.touched, *ended],
    )
    if actor.user_id is not None:
        AnswerDraft.objects.mine(actor.user_id, use_case_id).of_parts(given).delete()
    return tests


def _told_age(row: Standing) -> str | None:
    """How old the answers about the data are, as the event keeps it."""
    return row.data_as_of.isoformat() if row.data_as_of else None


def confirm_data(actor: Actor, use_case_id: int, *, now: datetime) -> FourTests:
    """The tests with the actor's name put to the data sources."""
    address = actor.user.email if actor.user else None
    return answer_tests(actor, use_case_id, {"data": {"confirmed_by": address}}, now=now)


def say_no(actor: Actor, use_case_id: int, test: Test, reason: str, *, now: datetime) -> FourTests:
    """The tests with a person's no, whatever is derived, until it is withdrawn."""
    given = {test.value: {"answer": "no", "reason": reason}}
    return answer_tests(actor, use_case_id, given, now=now)


def withdraw_no(actor: Actor, use_case_id: int, test: Test, *, now: datetime) -> FourTests:
    """The tests as derived again: the person's no is withdrawn."""
    return answer_tests(actor, use_case_id, {test.value: {"answer": None}}, now=now)


class _Change:
    """What one answer changes: rows to save, told field by field as [before, after]."""

    def __init__(self, use_case: UseCase, actor: Actor, now: datetime) -> None:
        self.use_case, self.actor, self.now = use_case, actor, now
        self.told: dict[str, list] = {}
        self.touched: list[Versioned] = []
        self.faults: dict[str, list[str]] = {}
        self.doomed: list[DataSource] = []

    def is_empty(self) -> bool:
        return not self.told and not self.faults

    def answer_outcome(self, metric: SuccessMetric, given: Mapping[str, Any]) -> None:
        metric.use_case = self.use_case
        if self._apply("outcome", metric, OUTCOME, given):
            self._check("outcome", metric, {"use_case"})
            self.touched.append(metric)
        if "guardrails" in given:
            self._replace_guardrails(given["guardrails"])

    def _replace_guardrails(self, given: Sequence[Mapping[str, Any]]) -> None:
        there = {
            row.metric.casefold(): row for row in Guardrail.objects.of(self.use_case.pk).in_force()
        }
        before = [_plain(row, GUARDRAIL) for row in there.values()]
        kept: list[Guardrail] = []
        if len(given) > MOST_GUARDRAILS:
            self.faults["outcome.guardrails"] = [f"At most {MOST_GUARDRAILS}."]
            return
        names = [str(one.get("metric", "")).strip().casefold() for one in given]
        for place, one in enumerate(given):
            path = f"outcome.guardrails.{place}"
            if names[place] in names[:place]:
                self.faults[f"{path}.metric"] = ["This metric has a guardrail already."]
                continue
            row = there.pop(names[place], None) or Guardrail(use_case=self.use_case)
            if self._apply(path, row, GUARDRAIL, one, tell=False) or row.pk is None:
                self._check(path, row, {"use_case"})
                self.touched.append(row)
            kept.append(row)
        for row in there.values():
            row.removed_at = self.now
            self.touched.append(row)
        after = [_plain(row, GUARDRAIL) for row in kept]
        if sorted(before, key=str) != sorted(after, key=str):
            self.told["outcome.guardrails"] = [before, after]

    def answer_data(
        self, tests: FourTests, sources: Sequence[DataSource], given: Mapping[str, Any]
    ) -> None:
        changed = "sources" in given and self._replace_sources(sources, given["sources"])
        if "confirmed_by" in given:
            self._confirm(tests, given["confirmed_by"])
        elif changed and tests.data_confirmed_by_id is not None:
            # Nobody put their name to these sources.
            self._leave_standing(tests, sources)
            self._confirm(tests, None)

    def _replace_sources(
        self, sources: Sequence[DataSource], given: Sequence[Mapping[str, Any]]
    ) -> bool:
        there = {row.name.casefold(): row for row in sources}
        before = [_plain(row, SOURCE[1:]) for row in sources]
        if len(given) > MOST_SOURCES:
            self.faults["data.sources"] = [f"At most {MOST_SOURCES}."]
            return False
        names = [str(one.get("name", "")).strip().casefold() for one in given]
        after: list[DataSource] = []
        blank = {name: _column(DataSource, name).get_default() for name in SOURCE}
        for place, one in enumerate(given):
            path = f"data.sources.{place}"
            if names[place] in names[:place]:
                self.faults[f"{path}.name"] = ["A source of this name is there already."]
                continue
            row = there.pop(names[place], None) or DataSource(use_case=self.use_case)
            whole = {**blank, **one, "position": place}
            answers = [getattr(row, name) for name in ANSWERS]
            if self._apply(path, row, SOURCE, whole, tell=False) or row.pk is None:
                if row.pk is None or answers != [getattr(row, name) for name in ANSWERS]:
                    row.answered_by, row.answered_at = self.actor.user, self.now
                self._check(path, row, {"use_case"})
                self.touched.append(row)
            after.append(row)
        self.doomed = list(there.values())
        plain = [_plain(row, SOURCE[1:]) for row in after]
        if before == plain:
            return False
        self.told["data.sources"] = [before, plain]
        return True

    def _confirm(self, tests: FourTests, address: str | None) -> None:
        person = None
        if address:
            members = User.objects.members_of(self.use_case.portfolio_id)
            person = members.filter(pk=getattr(User.objects.with_email(address), "pk", 0)).first()
            if person is None:
                self.faults["data.confirmed_by"] = ["Nobody in this portfolio has this address."]
                return
        if tests.data_confirmed_by_id == (person.pk if person else None) and not self._is_new_day(
            tests.data_confirmed_at
        ):
            return
        before = tests.data_confirmed_by
        tests.data_confirmed_by = person
        tests.data_confirmed_at = self.now if person else None
        self.told["data.confirmed_by"] = [
            before.email if before else None, person.email if person else None,
        ]  # fmt: skip

    def _is_new_day(self, since: datetime | None) -> bool:
        """Whether a day has begun in the portfolio since then: the same name may be put anew."""
        zone = self.use_case.portfolio.time_zone
        return since is not None and has_ended(today_in(zone, since), zone, self.now)

    def _leave_standing(self, tests: FourTests, sources: Sequence[DataSource]) -> None:
        """Who confirmed the data stood by each source as it was: those that stay are no older."""
        confirmed_at = tests.data_confirmed_at
        gone = {row.pk for row in self.doomed}
        for row in sources:
            if row.pk in gone or confirmed_at is None or row.answered_at >= confirmed_at:
                continue
            row.answered_by, row.answered_at = tests.data_confirmed_by, confirmed_at
            if row not in self.touched:
                self.touched.append(row)

    def answer_review(self, tests: FourTests, given: Mapping[str, Any]) -> None:
        given = dict(given)
        if "outputs" in given and given["outputs"] != Outputs.SAMPLED:
            given["sampled_percent"] = None
        self._apply("review", tests, REVIEW, given)

    def give_evidence(self, tests: FourTests, test: Test, given: Mapping[str, Any]) -> None:
        if "evidence" in given:
            name = f"{test}_evidence"
            self._apply(test.value, tests, (name,), {name: given["evidence"]})

    def say(self, test: Test, there: PersonsNo | None, given: Mapping[str, Any]) -> None:
        if "answer" not in given:
            return
        answer = given["answer"]
        if answer not in ("no", None):
            self.faults[f"{test}.answer"] = [
                "A yes is derived from the answers, never given. A person may answer no, "
                "or null to withdraw it."
            ]
            return
        reason = str(given.get("reason") or "").strip()
        if answer is None and there is not None:
            there.withdrawn_by, there.withdrawn_at = self.actor.user, self.now
            self.touched.append(there)
            self.told[f"{test}.answer"] = ["no", None]
        elif answer == "no" and (there is None or ("reason" in given and there.reason != reason)):
            row = there or PersonsNo(use_case=self.use_case, test=test.value)
            row.by, row.at, row.reason = self.actor.user, self.now, reason
            self.touched.append(row)
            self.told[f"{test}.answer"] = [None, f"no: {reason}" if reason else "no"]

    def save(self, tests: FourTests) -> None:
        tests.use_case = self.use_case
        for name, messages in _faults_of(tests, {"use_case"}).items():
            for test in Test:
                if _belongs(name, test):
                    self.faults.setdefault(_place(test.value, name), messages)
        if self.faults:
            raise ValidationError(self.faults)
        tests.save(force_insert=tests._state.adding)
        for source in self.doomed:
            source.delete()
        for row in self.touched:
            row.save(force_insert=row._state.adding)

    def _apply(
        self,
        path: str,
        row: Model,
        names: Iterable[str],
        given: Mapping[str, Any],
        *,
        tell: bool = True,
    ) -> bool:
        """Whether a field changed. What cannot be read as its field's kind becomes a fault."""
        changed = False
        for name in names:
            if name not in given:
                continue
            before = getattr(row, name)
            try:
                after = _column(row, name).to_python(given[name])
            except ValidationError as fault:
                self.faults[f"{path}.{name}"] = fault.messages
                continue
            if isinstance(after, str):
                after = after.strip()
            elif isinstance(after, list):
                after = [part.strip() for part in after if part.strip()]
            if after == before:
                continue
            setattr(row, name, after)
            changed = True
            if tell:
                self.told[f"{path}.{name.removeprefix(f'{path}_')}"] = [
                    _told(before), _told(after)
                ]  # fmt: skip
        return changed

    def _check(self, path: str, row: Model, without: set[str]) -> None:
        for name, messages in _faults_of(row, without).items():
            self.faults.setdefault(_place(path, name), messages)


def _faults_of(row: Model, without: set[str]) -> dict[str, list[str]]:
    """What keeps a row from being saved, by column; `__all__` for what no single one does."""
    try:
        row.full_clean(exclude=without)
    except ValidationError as fault:
        return fault.message_dict
    return {}


def _place(path: str, name: str) -> str:
    """The field at fault, as it is named to who sent it."""
    return path if name == "__all__" else f"{path}.{name.removeprefix(f'{path}_')}"


def _belongs(name: str, test: Test) -> bool:
    """Whether a column of the four tests is a part of this test."""
    if test is Test.REVIEW:
        return name in REVIEW or name == "__all__" or name == "review_evidence"
    return name.startswith(test.value)


def _plain(row: Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: _told(getattr(row, name)) for name in names}


def _told(value: Any) -> Any:
    """A value as an event keeps it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def _column(model: Model | type[Model], name: str) -> Field:
    """A column of the table by name; these names are all columns, none a relation back."""
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is not a column")
    return field
