"""Where the worth of one criterion on an earlier day came from, and the value behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from assessments.origins.case import CRITERION
from assessments.origins.criteria import ON_THE_SCALE, READINESS
from assessments.origins.past_case import Answered, PastCase
from assessments.rules import four_tests
from assessments.rules.criteria import Derivation
from assessments.rules.past import Opinion
from portfolio.origins import Origin, Part, page
from portfolio.rules.clock import today_in
from portfolio.templatetags.words import day_year, money_whole, number

VALUE = "annual_net_value"
CENT = Decimal("0.01")


def published(old: PastCase) -> str:
    """When the ranking said it."""
    return f"As the ranking last said it up to then, on {day_year(old.kept.day)}."


def age_then(old: PastCase, at: datetime | None) -> str:
    if at is None:
        return ""
    days = (old.day - today_in(old.portfolio.time_zone, at)).days
    return "given that day" if days == 0 else f"{days} day{'' if days == 1 else 's'} old then"


def of_criterion(old: PastCase, slug: str) -> Origin | None:
    """What one criterion was worth in this candidate, and from whom."""
    found = old.standard(slug)
    if found is None:
        return None
    worth = old.explained[slug]
    notes = [found.question, *old.doubts([slug])]
    parts: Sequence[Part]
    if found.derived_from == Derivation.ANNUAL_VALUE:
        formula = ON_THE_SCALE if worth.is_rated else "2.5, as the economics were not known"
        parts = _value_parts(old)
    elif found.derived_from == Derivation.DATA_READINESS:
        formula = READINESS if worth.is_rated else "2.5, as a required source was not answered for"
        parts = [_source(old, one) for one in old.sources]
        if old.confirmed is not None:
            notes.append(f"Confirmed by {old.confirmed[0]} on {day_year(old.confirmed[1])}.")
    else:
        given = old.then.of(slug)
        shown = given if old.may_see_others(slug) else {}
        formula = (
            "the mean over assessors of (low + 4 × likely + high) ÷ 6"
            if given
            else "2.5, the middle, as nobody had rated it"
        )
        parts = [_rating(old, who, one) for who, one in shown.items()]
        if len(shown) < len(given):
            notes.append(f"{len(given)} more by others: shown once your own is saved.")
    at = old.then.as_of(found)
    return Origin(
        number=f"{CRITERION}{slug}",
        title=f"{found.name} on {day_year(old.day)}",
        words=number(worth.expected),
        value=worth.expected,
        formula=formula,
        as_of=at,
        is_stale=old.then.is_stale(at),
        parts=parts,
        notes=notes,
        url=page("portfolio:history", old.case.reference),
        url_words="What happened to it since",
    )


def _rating(old: PastCase, who: int, one: Opinion) -> Part:
    age = old.then.age(who, one)
    factor = old.then.factors.get(who)
    said = [age_then(old, one.given_at)]
    if one.after_seeing:
        said.append("given after seeing the others’")
    if factor is not None:
        low, high = one.ends(factor)
        said.append(f"widened ×{factor}: counted as {number(low)} to {number(high)}")
    if age.is_wider:
        said.append(f"stale: counted as {number(age.low)} to {number(age.high)} by then")
    if one.evidence:
        said.append(f"“{one.evidence}”")
    points = ", ".join(number(point) for point in one.points)
    return Part(
        old.names[who],
        f"{points} → {number(old.then.counted(who, one))}",
        at=one.given_at,
        note="; ".join(said),
        is_stale=age.is_stale,
    )


def _value_parts(old: PastCase) -> list[Part]:
    currency = old.portfolio.currency
    steps = " · ".join(
        f"{rank}: {money_whole(amount, currency)}" for rank, amount in enumerate(old.then.scale)
    )
    parts = [Part("The scale", steps)]
    if old.kept.annual_net_value is not None:
        words = money_whole(old.kept.annual_net_value, currency)
        parts.insert(0, Part("Annual net value", words, number=VALUE))
    return parts


def of_value(old: PastCase) -> Origin:
    """The annual net value, and who last changed what it follows from."""
    value, currency = old.kept.annual_net_value, old.portfolio.currency
    event = old.net_told
    told = event.what["net_per_month"][1] if event is not None else None
    parts, notes = [], [published(old)]
    if event is not None and told is not None:
        by = str(event.by) if event.by else ""
        words = money_whole(Decimal(told), currency)
        parts = [Part("Net a month", words, by=by, at=event.at, note="as last changed by then")]
    if told is None or value is None or abs(12 * Decimal(told) - value) > CENT:
        notes.insert(0, "The history does not say which net a month gave it.")
    at, _ = old.value_age
    return Origin(
        number=VALUE,
        title=f"Annual net value on {day_year(old.day)}",
        words=money_whole(value, currency),
        value=value,
        formula="12 × net a month, in the likely case",
        as_of=at,
        is_stale=old.then.is_stale(at),
        parts=parts,
        notes=notes,
        url=page("portfolio:history", old.case.reference),
        url_words="What happened to it since",
    )


def _source(old: PastCase, one: Answered) -> Part:
    alone = four_tests.data_readiness([one.source])
    said = [
        f"usable: {one.source.usable.replace('_', ' ') if one.source.usable else 'not answered'}",
        "schema consistent" if one.source.schema_consistent else "schema not consistent",
        "clean" if one.source.clean else "not clean",
        "access cleared" if one.source.access_cleared else "access not cleared",
    ]
    return Part(
        one.source.name,
        "not answered" if alone is None else number(alone.likely),
        by=one.by,
        at=one.at,
        note=", ".join(said),
    )
