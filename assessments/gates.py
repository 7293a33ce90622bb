"""Gathers what this room knows of use cases before a gate, for all of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from assessments import standing
from assessments.models import Disqualifier, FourTests
from assessments.rules.gates import (
    MobilisingFacts,
    QualifiedFacts,
    Scope,
    SelectedFacts,
    TestResult,
    judge_mobilising,
    judge_qualified,
    judge_selected,
)
from portfolio.gates import Gathering, register
from portfolio.models import Standing
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Place


def qualified_facts(ids: Sequence[int]) -> dict[int, QualifiedFacts]:
    """The four tests, what disqualifies, and how wide the scope is."""
    answers = standing.gather(ids)
    open_ones: dict[int, list[str]] = defaultdict(list)
    for row in Disqualifier.objects.for_use_cases(ids).open().oldest_first():
        open_ones[row.use_case_id].append(row.words)
    return {
        pk: QualifiedFacts(
            tests=tuple(
                TestResult(test.value, state.answer, state.why)
                for test, state in answers[pk].states().items()
            ),
            open_disqualifiers=tuple(open_ones[pk]),
            scope=Scope(
                len(answers[pk].use_case.jobs),
                len(answers[pk].use_case.segments),
                len(answers[pk].use_case.success_metrics),
            ),
        )
        for pk in ids
    }


def place_of(row: Standing | None) -> Place | None:
    """Where the published ranking has it, unless something keeps it out since; none where that is
    over and the ranking does not know yet."""
    if row is None or not row.place:
        return None
    published = Place(row.place)
    if row.disqualified or standing.is_too_wide(row.use_case):
        return Place.DISQUALIFIED
    if published is Place.DISQUALIFIED:
        return None
    return published if row.ready else Place.NOT_READY


def selected_facts(ids: Sequence[int]) -> dict[int, SelectedFacts]:
    """Where each stands in the ranking."""
    rows = Standing.objects.with_use_case().in_bulk(list(ids))
    return {
        pk: SelectedFacts(
            place=place_of(rows.get(pk)),
            rank=rows[pk].rank if pk in rows else None,
            is_ready=pk in rows and rows[pk].ready,
        )
        for pk in ids
    }


def mobilising_facts(ids: Sequence[int]) -> dict[int, MobilisingFacts]:
    """Who put their name to the data."""
    rows = {row.pk: row for row in FourTests.objects.for_use_cases(ids).with_people()}
    return {
        pk: MobilisingFacts(
            str(rows[pk].data_confirmed_by) if pk in rows and rows[pk].data_confirmed_by else ""
        )
        for pk in ids
    }


def register_all() -> None:
    register(Stage.QUALIFIED, Gathering(qualified_facts, judge_qualified))
    register(Stage.SELECTED, Gathering(selected_facts, judge_selected))
    register(Stage.MOBILISING, Gathering(mobilising_facts, judge_mobilising))
