"""Where the worth of one criterion comes from: what people said, or what it is derived from."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse

from assessments.models import Criterion, DataSource, FourTests, Rating
from assessments.origins.case import CRITERION, ECONOMICS, RATINGS, TESTS, Case
from assessments.rules import ageing, four_tests, scoring
from assessments.rules.criteria import Derivation
from assessments.standing import source_of
from portfolio.origins import Origin, Part, named, page
from portfolio.rules.age import as_old_as
from portfolio.rules.clock import today_in
from portfolio.templatetags.words import money_whole, number

READINESS = (
    "5 × the mean over required sources of usable (1, ½ or 0) × (½ + ¼ if the schema is consistent"
    " + ¼ if clean), halved while access is not cleared; low and high lie 1 below and above"
)
ON_THE_SCALE = (
    "the annual net value on the portfolio’s value scale, straight lines between its steps"
)


def of_criterion(case: Case, slug: str) -> Origin | None:
    """What one criterion is worth in this candidate, and from whom."""
    found = next((one for one in case.criteria if one.slug == slug), None)
    if found is None or slug not in case.explained:
        return None
    worth = case.explained[slug]
    as_of = case.as_of(found)
    shared: dict[str, Any] = {
        "number": f"{CRITERION}{slug}",
        "title": found.name,
        "words": number(worth.expected),
        "value": worth.expected,
        "at": case.ranking.computed_at,
        "as_of": as_of,
        "is_stale": case.asked.is_stale(as_of),
    }
    if found.derived_from == Derivation.ANNUAL_VALUE:
        return _annual_value(case, found, shared)
    if found.derived_from == Derivation.DATA_READINESS:
        return _data_readiness(case, found, shared)
    given = case.ratings[found.pk]
    people = {row.assessor_id for row in given}
    may_see = case.may_see_others(case.asked.use_case.pk, slug, people)
    shown = given if may_see else []
    notes = [found.question]
    if len(shown) < len(given):
        hidden = len(given) - len(shown)
        notes.append(f"{hidden} more by others: shown once your own is saved.")
    return Origin(
        **shared,
        formula="the mean over assessors of (low + 4 × likely + high) ÷ 6"
        if given
        else "2.5, the middle, as nobody has rated it",
        parts=[_rating(case, row) for row in shown],
        notes=notes,
        url=page(RATINGS, case.reference, slug),
        url_words="Rate it",
    )


def _rating(case: Case, row: Rating) -> Part:
    is_stale, age = case.asked.is_stale(row.rated_at), _age(case, row)
    note = f"“{row.evidence}”" if row.evidence else ""
    if is_stale:
        note = f"{_aged(age)} {note}".strip()
    if row.widened_by:
        note = f"{_widened(row)} {note}".strip()
    if row.after_seeing:
        note = f"given after seeing the others’. {note}".strip()
    return Part(
        named(row.assessor),
        f"{number(row.low)}, {number(row.likely)}, {number(row.high)}"
        f" → {number(_counts(row, age))}",
        at=row.rated_at,
        note=note,
        url=_calibration(case, row) if row.widened_by else "",
        is_stale=is_stale,
    )


def _counts(row: Rating, age: ageing.Age) -> Decimal:
    """What one rating counts by now: the expected value between its ends as widened and aged."""
    ends = row.counts_low, row.counts_high
    added = ageing.added_to_mean(Fraction(sum(ends)), age.periods)
    return scoring.expected_value(ends[0], row.likely, ends[1], added)


def _calibration(case: Case, row: Rating) -> str:
    """Why the ranges of this person count as wider."""
    portfolio = case.asked.use_case.portfolio
    return reverse("assessments:calibration_of", args=[portfolio.key, row.assessor_id])


def _widened(row: Rating) -> str:
    ends = f"{number(row.counts_low)} to {number(row.counts_high)}"
    return f"widened ×{row.widened_by}, as calibration says: counts as {ends}."


def _age(case: Case, row: Rating) -> ageing.Age:
    """The ends as they count by now, those of a fresh rating as they were widened."""
    portfolio = case.asked.use_case.portfolio
    zone = portfolio.time_zone
    given, today = today_in(zone, row.rated_at), today_in(zone, case.asked.now)
    return ageing.age_of(given, today, portfolio.fresh_days, row.counts_low, row.counts_high)


def _aged(age: ageing.Age) -> str:
    if not age.is_wider:
        return "stale, not wider yet."
    return f"stale: counts as {number(age.low)} to {number(age.high)} by now."


def _annual_value(case: Case, criterion: Criterion, shared: dict[str, Any]) -> Origin:
    portfolio = case.asked.use_case.portfolio
    value = case.standing.annual_net_value
    steps = " · ".join(
        f"{rank}: {money_whole(amount, portfolio.currency)}"
        for rank, amount in enumerate(portfolio.value_scale)
    )
    parts = [Part("The scale", steps, url=reverse("portfolio:settings", args=[portfolio.key]))]
    if value is not None:
        told = money_whole(value, portfolio.currency)
        parts.insert(0, Part("Annual net value", told, number="annual_net_value"))
    return Origin(
        **shared,
        formula=ON_THE_SCALE if value is not None else "2.5, as the economics are not known",
        parts=parts,
        notes=[criterion.question, *_drifted(case, shared["as_of"])],
        url=page(ECONOMICS, case.reference),
        url_words="The unit economics",
    )


def _data_readiness(case: Case, criterion: Criterion, shared: dict[str, Any]) -> Origin:
    sources = DataSource.objects.of(case.asked.use_case.pk).with_people().in_order()
    tests = FourTests.objects.of(case.asked.use_case.pk).with_people().first()
    confirmed = tests.data_confirmed_at if tests else None
    notes = [criterion.question, *_drifted(case, shared["as_of"])]
    if tests and confirmed:
        notes.append(f"Confirmed by {tests.data_confirmed_by}.")
    return Origin(
        **shared,
        formula=READINESS
        if case.standing.data_readiness_likely is not None
        else "2.5, as a required source is not answered for",
        parts=[_source(case, row, confirmed) for row in sources if row.required],
        notes=notes,
        url=page(TESTS, case.reference, "data"),
        url_words="The data test",
    )


def _source(case: Case, row: DataSource, confirmed: datetime | None) -> Part:
    alone = four_tests.data_readiness([source_of(row)])
    at = as_old_as([row.answered_at], confirmed)
    said = [
        f"usable: {row.get_usable_display() or 'not answered'}",
        "schema consistent" if row.schema_consistent else "schema not consistent",
        "clean" if row.is_clean else "not clean",
        "access cleared" if row.access_cleared else "access not cleared",
    ]
    return Part(
        row.name,
        "not answered" if alone is None else number(alone.likely),
        by=named(row.answered_by),
        at=row.answered_at,
        note=", ".join(said),
        is_stale=case.asked.is_stale(at),
    )


def _drifted(case: Case, as_of: datetime | None) -> list[str]:
    if not case.asked.is_stale(as_of):
        return []
    return ["It is stale: with every 30 days more its range widens towards 0 and 5."]
