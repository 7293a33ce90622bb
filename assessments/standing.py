"""Publishes what people's judgement of one use case comes to: answers, readiness, disqualifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from assessments.models import DataSource, Disqualifier, FourTests, PersonsNo
from assessments.rules import four_tests
from assessments.rules.four_tests import Disqualification, Test, TestState
from portfolio import events, standing
from portfolio.bells import Bell
from portfolio.models import Standing, SuccessMetric, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.age import as_old_as
from portfolio.rules.words import Direction


@dataclass(frozen=True)
class Answers:
    """Everything that the four tests of one use case are derived from."""

    use_case: UseCase
    tests: FourTests
    metric: SuccessMetric
    sources: Sequence[DataSource]
    noes: Mapping[str, PersonsNo] = field(default_factory=dict)
    net_per_month: Decimal | None = None

    def states(self) -> dict[Test, TestState]:
        """Each test as it is answered, with what is missing."""
        return {
            Test.OUTCOME: four_tests.judge_outcome(
                outcome_of(self.metric), persons_no=self._no(Test.OUTCOME)
            ),
            Test.DATA: four_tests.judge_data(
                [source_of(row) for row in self.sources], persons_no=self._no(Test.DATA)
            ),
            Test.REVIEW: four_tests.judge_review(
                review_of(self.tests), persons_no=self._no(Test.REVIEW)
            ),
            Test.ECONOMICS: four_tests.judge_economics(
                self.net_per_month, persons_no=self._no(Test.ECONOMICS)
            ),
        }

    @property
    def data_as_of(self) -> datetime | None:
        """How old the answers about the required sources are."""
        given = [row.answered_at for row in self.sources if row.required]
        return as_old_as(given, self.tests.data_confirmed_at)

    def _no(self, test: Test) -> str | None:
        row = self.noes.get(test)
        return row.reason if row else None


def outcome_of(row: SuccessMetric) -> four_tests.Outcome:
    return four_tests.Outcome(
        statement=row.statement,
        metric=row.metric,
        unit=row.unit,
        direction=Direction(row.direction) if row.direction else None,
        baseline=row.baseline,
        target=row.target,
        segment=row.segment,
    )


def source_of(row: DataSource) -> four_tests.Source:
    return four_tests.Source(
        name=row.name,
        required=row.required,
        schema_consistent=row.schema_consistent,
        clean=row.is_clean,
        access_cleared=row.access_cleared,
        usable=four_tests.Usable(row.usable) if row.usable else None,
    )


def review_of(row: FourTests) -> four_tests.Review:
    return four_tests.Review(
        reviewer=row.reviewer,
        outputs=row.outputs,
        sampled_percent=row.sampled_percent,
        decision=row.decision,
        feedback=row.feedback,
    )


def gather(use_case_ids: Iterable[int]) -> dict[int, Answers]:
    """What was answered for each of these use cases, in four queries however many they are."""
    ids = list(use_case_ids)
    tests = {row.pk: row for row in FourTests.objects.for_use_cases(ids).with_people()}
    use_cases = {row.pk: row for row in UseCase.objects.to_judge(ids)}
    sources: dict[int, list[DataSource]] = defaultdict(list)
    for source in DataSource.objects.for_use_cases(ids).in_order():
        sources[source.use_case_id].append(source)
    noes: dict[int, dict[str, PersonsNo]] = defaultdict(dict)
    for no in PersonsNo.objects.for_use_cases(ids).standing().with_people():
        noes[no.use_case_id][no.test] = no
    return {
        pk: Answers(
            use_case=use_cases[pk],
            tests=tests.get(pk) or FourTests(use_case_id=pk),
            metric=getattr(use_cases[pk], "success_metric", None) or SuccessMetric(use_case_id=pk),
            sources=sources[pk],
            noes=noes[pk],
            net_per_month=use_cases[pk].standing.net_per_month,
        )
        for pk in ids
    }


def tests_of(answers: Answers) -> standing.PublishedTests:
    """What the answers publish."""
    states = answers.states()
    ready = four_tests.data_readiness([source_of(row) for row in answers.sources])
    return standing.PublishedTests(
        outcome=states[Test.OUTCOME].answer.value,
        data=states[Test.DATA].answer.value,
        review=states[Test.REVIEW].answer.value,
        economics_overruled=Test.ECONOMICS in answers.noes,
        data_readiness=(ready.low, ready.likely, ready.high) if ready else None,
        data_as_of=answers.data_as_of if ready else None,
    )


def publish_tests(answers: Answers) -> Standing:
    """The standing after these answers; the caller records the event."""
    return standing.publish_tests(answers.use_case.pk, tests_of(answers))


def bits_of(kinds: Iterable[str]) -> int:
    """The published number of these open disqualifiers."""
    return sum({Disqualification(kind).bit for kind in kinds})


def publish_disqualified(use_case_id: int) -> Standing:
    """The standing after the disqualifiers that are open now; the caller records the event."""
    rows = Disqualifier.objects.of(use_case_id).open()
    return standing.publish_disqualified(use_case_id, bits_of(row.kind for row in rows))


def is_too_wide(use_case: UseCase) -> bool:
    """Whether the scope makes it a platform play."""
    return four_tests.is_platform_play(
        len(use_case.jobs), len(use_case.segments), len(use_case.success_metrics)
    )


@dataclass(frozen=True)
class Difference:
    """A published column that is not what follows from the answers now."""

    use_case_id: int
    column: str
    published: object
    derived: object


def differences(use_case_ids: Iterable[int]) -> list[Difference]:
    """What is published of tests and disqualifiers and would be derived otherwise now."""
    ids = list(use_case_ids)
    answers = gather(ids)
    kinds: dict[int, list[str]] = defaultdict(list)
    for row in Disqualifier.objects.for_use_cases(ids).open():
        kinds[row.use_case_id].append(row.kind)
    published = Standing.objects.in_bulk(ids)
    found = []
    for pk in ids:
        tests = tests_of(answers[pk])
        low, likely, high = tests.data_readiness or (None, None, None)
        derived = {
            "outcome": tests.outcome,
            "data": tests.data,
            "review": tests.review,
            "economics": answers[pk].states()[Test.ECONOMICS].answer.value,
            "economics_overruled": tests.economics_overruled,
            "data_readiness_low": low,
            "data_readiness_likely": likely,
            "data_readiness_high": high,
            "data_as_of": tests.data_as_of,
            "disqualified": bits_of(kinds[pk]),
        }
        for column, value in derived.items():
            before = getattr(published[pk], column)
            if before != value:
                found.append(Difference(pk, column, before, value))
    return found


@transaction.atomic
def rebuild(use_case_id: int) -> None:
    """Publish tests and disqualifiers of one use case anew. Safe to repeat."""
    use_case = UseCase.objects.get_for_change(use_case_id)
    publish_disqualified(use_case_id)
    row = publish_tests(gather([use_case_id])[use_case_id])
    events.record(
        use_case,
        Kind.TESTS_ANSWERED,
        by=Actor.system(),
        what={"rebuilt": True},
        wants=Bell.RANK,
        touched=[row],
    )
