"""What would swap the first two, as it is told to who reads it, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from assessments.models import Rating
from assessments.origins.case import RATINGS, Case
from assessments.pages.ranking import Flip
from assessments.rules import scoring
from assessments.rules.criteria import TOP
from portfolio.models import Portfolio, Standing, UseCase, User
from portfolio.origins import Origin, Part, page
from portfolio.templatetags.words import number, score

Told = Mapping[str, Any]  # as the simulation publishes it


@dataclass(frozen=True)
class Single:
    """The one rating that swaps them by the smallest change alone."""

    slug: str
    use_case_id: int
    assessor: User | None  # none: it would be the first of what nobody rated
    now: Decimal
    to: Decimal


def by_one_rating(case: Case, flips: Told) -> Single | None:
    """That rating; none where none can, where it was not worked out, or where the reader may not
    see what others said."""
    told = flips.get("rating")
    if told is None or not _may_see(case, told):
        return None
    assessor = None
    if told["assessor"] is not None:
        assessor = User.objects.with_ids([told["assessor"]])[told["assessor"]]
    now, to = Decimal(told["now"]), Decimal(told["to"])
    return Single(told["slug"], told["use_case"], assessor, now, to)


def is_beyond_one(case: Case, flips: Told) -> bool:
    """Whether no single rating can, as far as the reader may see that."""
    if flips.get("value") is None or flips.get("rating", ...) is not None:
        return False
    return _may_see(case, flips["value"])


def _may_see(case: Case, told: Told) -> bool:
    rows = Rating.objects.of(told["use_case"]).of_slug(told["slug"])
    # Where nobody has rated yet there is nobody to be led by, but for who rates it blind.
    people = rows.assessors() or {case.asked.actor.user_id or 0}
    return case.may_see_others(told["use_case"], told["slug"], people)


def flips_of(case: Case, portfolio: Portfolio, first_two: Sequence[Standing]) -> list[Flip]:
    """The simulation's answer in words; a criterion or candidate that has gone is left out."""
    told = portfolio.simulation.flips
    names = {row.slug: row.name for row in case.criteria}
    cases = {row.pk: row.use_case for row in first_two}
    found = []
    weight, value = told.get("weight"), told.get("value")
    if weight is not None and weight["slug"] in names:
        url = reverse("assessments:criteria", args=[portfolio.key])
        now, to = Decimal(weight["now"]), Decimal(weight["to"])
        found.append(Flip(names[weight["slug"]], now, to, url))
    if value is None or value["slug"] not in names or value["use_case"] not in cases:
        return found
    single = by_one_rating(case, told)
    if single is None or single.slug not in names or single.use_case_id not in cases:
        of = cases[value["use_case"]]
        now, to = Decimal(value["now"]), Decimal(value["to"])
        beyond = is_beyond_one(case, told)
        url = page(RATINGS, of.reference, value["slug"])
        return [
            *found, Flip(names[value["slug"]], now, to, url, of.title, is_beyond_one=beyond)
        ]  # fmt: skip
    of = cases[single.use_case_id]
    by = str(single.assessor) if single.assessor else ""
    url = page(RATINGS, of.reference, single.slug)
    flip = Flip(names[single.slug], single.now, single.to, url, of.title, by, not by)
    return [*found, flip]


def of_flip(case: Case, which: str) -> Origin | None:
    """The smallest change of one weight, or of one value, that swaps the first two."""
    told = case.run.flips.get(which) if case.run and case.is_first else None
    if case.run is None or not isinstance(told, dict):
        return None
    slug = str(told["slug"])
    now, to = Decimal(str(told["now"])), Decimal(str(told["to"]))
    return Origin(
        number=f"flip_{which}",
        title=f"What would swap the first two: {case.name_of(slug)}",
        words=f"{number(to)}, not {number(now)}",
        value=to,
        formula="the smallest change of one "
        + ("weight" if which == "weight" else "criterion of one of the two")
        + " alone after which the second stands before the first",
        at=case.run.computed_at,
        parts=[
            Part("Score", score(case.standing.score), number="score"),
            *(_alone(case, told, to - now) if which == "value" else []),
        ],
        notes=_about_one(case) if which == "value" else [],
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )


def _about_one(case: Case) -> list[str]:
    said = "What a criterion is worth is the mean of its ratings: one alone has further to go."
    if case.run is not None and is_beyond_one(case, case.run.flips):
        return [said, "No single rating swaps them, even at 0 or 5."]
    return [said]


def of_rating(case: Case) -> Origin | None:
    """The smallest change of one rating alone that swaps the first two."""
    if case.run is None or not case.is_first:
        return None
    single = by_one_rating(case, case.run.flips)
    if single is None:
        return None
    of = UseCase.objects.get(pk=single.use_case_id)
    who = str(single.assessor) if single.assessor else "A first rating"
    return Origin(
        number="flip_rating",
        title=f"What would swap the first two: {case.name_of(single.slug)} of {of.title}",
        words=f"{number(single.to)}, not {number(single.now)}",
        value=single.to,
        formula="the smallest change of one rating of either of the two, all others as they are,"
        " after which the second stands before the first; a rating counts as its expected value,"
        " (low + 4 × likely + high) ÷ 6, as it is by its age",
        at=case.run.computed_at,
        parts=[
            Part("Score", score(case.standing.score), number="score"),
            Part(who, f"{number(single.now)} → {number(single.to)}, if all others stay"),
        ],
        url=page(RATINGS, of.reference, single.slug),
        url_words="Its ratings",
    )


def _alone(case: Case, told: Mapping[str, object], change: Decimal) -> list[Part]:
    """How far each rating would have to move if it moved alone; none that the reader may not see
    yet, and none that the scale has no room for."""
    rows = list(Rating.objects.of(int(str(told["use_case"]))).of_slug(str(told["slug"])))
    people = {row.assessor_id for row in rows}
    if not case.may_see_others(int(str(told["use_case"])), str(told["slug"]), people):
        return []
    names = User.objects.with_ids(people)
    found = []
    for row in rows:
        now = scoring.expected_value(row.low, row.likely, row.high)
        to = now + change * len(rows)
        if 0 <= to <= TOP:
            words = f"{score(now)} → {score(to)}, if all others stay"
            found.append(Part(str(names[row.assessor_id]), words, at=row.rated_at))
    return found
