"""Ratings: one assessor's judgement of a candidate, criterion by criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.actions.asking import answer_requests
from assessments.models import Criterion, Rating
from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.models import UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Right


@dataclass(frozen=True)
class Judgement:
    """What an assessor says of one criterion, named by its slug."""

    criterion: str
    low: Decimal
    likely: Decimal
    high: Decimal
    evidence: str = ""


class DerivedIsNotRated(RuleBroken):
    """The value follows from something else and is never typed."""

    code = "derived_is_not_rated"


@transaction.atomic
def rate(
    actor: Actor,
    use_case_id: int,
    judgements: Sequence[Judgement],
    *,
    now: datetime,
    seen_version: int | None = None,
) -> list[Rating]:
    """The actor's ratings named here, as they are now; the ranking follows.

    Ratings of other criteria stay. One that says what it said before is not a change.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.RATE, use_case)
    if actor.user is None:
        raise NotAllowed("A rating is a person's.")
    criteria = _criteria(use_case, judgements)
    mine = {
        row.criterion_id: row for row in Rating.objects.of(use_case_id).by_person(actor.user.pk)
    }
    version = max((row.revision for row in mine.values()), default=0)
    if seen_version is not None and seen_version != version:
        raise EditedMeanwhile(use_case)
    changed: list[Rating] = []
    told: list[dict[str, object]] = []
    faults: dict[str, list[str]] = {}
    is_new = False
    for place, judgement in enumerate(judgements):
        criterion = criteria[judgement.criterion]
        row = mine.get(criterion.pk)
        before = _points(row) if row else None
        after = [f"{point:.1f}" for point in (judgement.low, judgement.likely, judgement.high)]
        evidence = judgement.evidence.strip()
        if row is not None and before == after and row.evidence == evidence:
            continue
        is_new = is_new or row is None
        row = row or Rating(use_case=use_case, criterion=criterion, assessor=actor.user)
        row.low, row.likely, row.high = judgement.low, judgement.likely, judgement.high
        row.evidence, row.rated_at = evidence, now
        mine[criterion.pk] = row
        try:
            # The constraint has the words; it is asked only where it would object, as each look
            # costs three statements. That there is one row each is known from `mine`.
            row.full_clean(
                exclude=["use_case", "criterion", "assessor"],
                validate_constraints=not _rises(judgement),
            )
        except ValidationError as fault:
            for name, messages in fault.message_dict.items():
                faults[f"{place}" if name == "__all__" else f"{place}.{name}"] = messages
            continue
        changed.append(row)
        told.append(
            {"criterion": criterion.slug, "before": before, "after": after, "evidence": evidence}
        )
    if faults:
        raise ValidationError(faults)
    if changed:
        for row in changed:
            if row.pk is not None:
                row.save(update_fields=["low", "likely", "high", "evidence", "rated_at"])
        Rating.objects.bulk_create([row for row in changed if row.pk is None])
        rated = [row.criterion_id for row in changed]
        ended = answer_requests(use_case_id, now, criteria=rated, by_id=actor.user.pk)
        events.record(
            use_case,
            Kind.RATED if is_new else Kind.RATING_REVISED,
            by=actor,
            what={"ratings": told},
            wants=Bell.RANK,
            touched=[*changed, *ended],
        )
    return [mine[criteria[judgement.criterion].pk] for judgement in judgements]


def _criteria(use_case: UseCase, judgements: Sequence[Judgement]) -> dict[str, Criterion]:
    """The criteria named, by slug; each is in force and rated by hand."""
    slugs = [judgement.criterion for judgement in judgements]
    in_force = Criterion.objects.in_portfolio(use_case.portfolio_id).in_force()
    found = {row.slug: row for row in in_force.with_slugs(slugs)}
    faults = {}
    for place, slug in enumerate(slugs):
        if slug not in found:
            faults[f"{place}.criterion"] = [f"There is no criterion “{slug}” here."]
        elif slug in slugs[:place]:
            faults[f"{place}.criterion"] = [f"“{slug}” is rated twice in this list."]
    if faults:
        raise ValidationError(faults)
    derived = [row.name for row in found.values() if row.is_derived]
    if derived:
        raise DerivedIsNotRated(
            f"{' and '.join(derived)} is derived, never rated by hand: change what it comes from."
        )
    return found


def _rises(judgement: Judgement) -> bool:
    points = (judgement.low, judgement.likely, judgement.high)
    return all(point.is_finite() for point in points) and (
        0 <= judgement.low <= judgement.likely <= judgement.high <= 5
    )


def _points(row: Rating) -> list[str]:
    return [f"{point:.1f}" for point in (row.low, row.likely, row.high)]
