"""Where rank, score and its two axes come from."""

from __future__ import annotations

from decimal import Decimal

from assessments.models import Criterion
from assessments.origins.case import CRITERION, RATINGS, TESTS, Case
from assessments.rules.criteria import Axis
from portfolio.origins import Origin, Part, named, page
from portfolio.rules.words import Place
from portfolio.templatetags.words import number, score

IN_ORDER = "ranked candidates by score; ties by feasibility, then by the lower number"


def of_rank(case: Case) -> Origin | None:
    row = case.standing
    if row.rank is None:
        return None
    parts = []
    if row.score is not None:
        parts = [
            Part("Score", score(row.score), number="score"),
            Part("Feasibility", score(row.feasibility), number="feasibility"),
        ]
    is_ranked = row.place == Place.RANKED
    return Origin(
        number="rank",
        title="Rank",
        words=f"{row.rank:,} of {case.ranking.candidates:,}",
        value=row.rank,
        formula=IN_ORDER
        if is_ranked
        else f"{IN_ORDER}; behind them those that are not ready, then those disqualified",
        at=case.ranking.computed_at,
        as_of=case.oldest(list(Axis)),
        is_stale=case.asked.is_stale(case.oldest(list(Axis))),
        parts=parts,
        notes=[] if is_ranked else ["It is not ranked, so this is only its place in the list."],
        url=page(TESTS, case.reference),
        url_words="Its four tests",
    )


def of_score(case: Case) -> Origin | None:
    impact, feasibility = (case.axis_value(axis) for axis in Axis)
    value = case.standing.score
    if value is None or impact is None or feasibility is None:
        return None
    if case.asked.weights:
        value = (impact * feasibility).quantize(Decimal("0.0001"))
    as_of = case.oldest(list(Axis))
    return Origin(
        number="score",
        title="Score",
        words=score(value),
        value=value,
        formula="impact × feasibility, so 0 to 100",
        at=case.ranking.computed_at,
        as_of=as_of,
        is_stale=case.asked.is_stale(as_of),
        parts=[
            Part("Impact", score(impact), number="impact"),
            Part("Feasibility", score(feasibility), number="feasibility"),
        ],
        notes=case.supposing(),
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )


def of_axis(case: Case, axis: Axis) -> Origin | None:
    """Impact or feasibility."""
    mine = [one for one in case.criteria if one.axis == axis and one.slug in case.explained]
    value = case.axis_value(axis)
    if value is None:
        return None
    total = sum((case.weight(one) for one in mine), Decimal(0))
    as_of = case.oldest([axis])
    return Origin(
        number=axis.value,
        title=axis.value.capitalize(),
        words=score(value),
        value=value,
        formula="2 × the weighted mean of what its criteria are worth, so 0 to 10; a criterion"
        " that nobody rated stands at 2.5",
        at=case.ranking.computed_at,
        as_of=as_of,
        is_stale=case.asked.is_stale(as_of),
        parts=[_share_of(case, one, total) for one in mine if case.weight(one) > 0],
        notes=case.supposing(),
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )


def _share_of(case: Case, criterion: Criterion, total: Decimal) -> Part:
    part = case.explained[criterion.slug]
    at = case.as_of(criterion)
    who = ", ".join(named(row.assessor) for row in case.ratings.get(criterion.pk, ()))
    nothing = "rated by nobody"
    if criterion.is_derived:
        who, nothing = "derived", "nothing to derive it from yet"
    return Part(
        criterion.name,
        f"{number(part.expected)} × {number(case.weight(criterion))} of {number(total)}"
        f" → {number(part.points)}",
        by=who if part.is_rated else "",
        at=at,
        note="" if part.is_rated else f"{nothing}: 2.5",
        number=f"{CRITERION}{criterion.slug}",
        is_stale=case.asked.is_stale(at),
    )


def of_count(case: Case, name: str, title: str, formula: str) -> Origin:
    """How many criteria are unrated, or stale: which they are."""
    mine = [one for one in case.criteria if case.weight(one) > 0 and one.slug in case.explained]
    if name == "unrated":
        mine = [one for one in mine if not case.explained[one.slug].is_rated]
    else:
        mine = [one for one in mine if case.asked.is_stale(case.as_of(one))]
    value = getattr(case.standing, name)
    return Origin(
        number=name,
        title=title,
        words=str(value),
        value=value,
        formula=formula,
        at=case.ranking.computed_at,
        parts=[
            Part(one.name, number(case.explained[one.slug].expected), at=case.as_of(one),
                 number=f"{CRITERION}{one.slug}")
            for one in mine
        ],
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )  # fmt: skip
