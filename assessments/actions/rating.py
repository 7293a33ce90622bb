"""Ratings: one assessor's judgement of a candidate, criterion by criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.actions.asking import answer_requests
from assessments.models import Criterion, Rating, Request, Round, SealedRating
from portfolio import events, rights
from portfolio.bells import Bell, ring
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.models import UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

Judged = TypeVar("Judged", Rating, SealedRating)


@dataclass(frozen=True)
class Judgement:
    """What an assessor says of one criterion, named by its slug."""

    criterion: str
    low: Decimal
    likely: Decimal
    high: Decimal
    evidence: str = ""
    still_holds: bool = False  # said anew, so that it is fresh again


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
) -> list[Rating | SealedRating]:
    """The actor's ratings named here, as they are now; the ranking follows.

    Ratings of other criteria stay. One that says what it said before is a change only where it is
    told that it still holds: then it is as fresh as one that was just given. What the actor rates
    in an open blind round is sealed: it is kept apart, counts for nothing and is seen by nobody
    else until the round closes.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.RATE, use_case)
    if actor.user is None:
        raise NotAllowed("A rating is a person's.")
    criteria = _criteria(use_case, judgements)
    # No round can close before this transaction ends: what is sealed here is in its close.
    rounds = Round.objects.hold_cells(use_case_id, actor.user.pk)
    mine = mine_of(use_case_id, actor.user.pk, rounds)
    version = max((row.revision for row in mine.values()), default=0)
    if seen_version is not None and seen_version != version:
        raise EditedMeanwhile(use_case)
    blind: set[int] | None = None
    ratings: list[Rating] = []
    sealed: list[SealedRating] = []
    told: list[dict[str, object]] = []
    faults: dict[str, list[str]] = {}
    is_new = False
    for place, judgement in enumerate(judgements):
        criterion = criteria[judgement.criterion]
        row = mine.get(criterion.pk)
        before = row.points if row else None
        after = [f"{point:.1f}" for point in (judgement.low, judgement.likely, judgement.high)]
        evidence = judgement.evidence.strip()
        is_said = row is not None and before == after and row.evidence == evidence
        is_renewed = is_said and judgement.still_holds and isinstance(row, Rating)
        if is_said and not is_renewed:
            continue
        if row is None:
            row = _blank(use_case, criterion, actor, rounds.get(criterion.pk))
        row.low, row.likely, row.high = judgement.low, judgement.likely, judgement.high
        row.evidence, row.rated_at = evidence, now
        mine[criterion.pk] = row
        try:
            # The constraint has the words; it is asked only where it would object, as each look
            # costs three statements. That there is one row each is known from `mine`.
            row.full_clean(
                exclude=["round", "use_case", "criterion", "assessor"],
                validate_constraints=not _rises(judgement),
            )
        except ValidationError as fault:
            for name, messages in fault.message_dict.items():
                faults[f"{place}" if name == "__all__" else f"{place}.{name}"] = messages
            continue
        if isinstance(row, SealedRating):
            sealed.append(row)
            continue
        is_new = is_new or before is None
        if before != after:
            if blind is None:
                blind = Round.objects.rated_blind(use_case_id, actor.user.pk)
            row.after_seeing = criterion.pk in blind
        ratings.append(row)
        told.append(_told(criterion, row, before, is_renewed))
    if faults:
        raise ValidationError(faults)
    _keep(SealedRating, sealed, SAID)
    _keep(Rating, ratings, (*SAID, "after_seeing"))
    said = [*(row.criterion_id for row in sealed), *(row.criterion_id for row in ratings)]
    ended = answer_requests(use_case_id, now, criteria=said, by_id=actor.user.pk)
    for key in sorted({row.round_id for row in sealed}):
        _tell_sealed(actor, Round.objects.get(pk=key), sealed, ended)
    if ratings:
        events.record(
            use_case,
            Kind.RATED if is_new else Kind.RATING_REVISED,
            by=actor,
            what={"ratings": told},
            wants=Bell.RANK,
            touched=[*ratings, *ended],
        )
    return [mine[criteria[judgement.criterion].pk] for judgement in judgements]


def mine_of(
    use_case_id: int, user_id: int, rounds: Mapping[int, int]
) -> dict[int, Rating | SealedRating]:
    """One's own ratings of a candidate by criterion: in `rounds` ({criterion: round}) the sealed
    ones alone, so that what was said before a round neither leads nor counts as said in it."""
    found: dict[int, Rating | SealedRating] = {
        row.criterion_id: row
        for row in Rating.objects.of(use_case_id).by_person(user_id)
        if row.criterion_id not in rounds
    }
    if rounds:
        said = SealedRating.objects.of(use_case_id).by_person(user_id)
        for row in said.in_rounds(set(rounds.values())):
            if rounds.get(row.criterion_id) == row.round_id:
                found[row.criterion_id] = row
    return found


def _told(
    criterion: Criterion, row: Rating, before: list[str] | None, is_renewed: bool
) -> dict[str, object]:
    """What the event says of one rating."""
    told: dict[str, object] = {
        "criterion": criterion.slug,
        "before": before,
        "after": row.points,
        "evidence": row.evidence,
    }
    if row.after_seeing:
        told["after_seeing"] = True
    if is_renewed:
        told["still_holds"] = True
    return told


def _blank(
    use_case: UseCase, criterion: Criterion, actor: Actor, round_id: int | None
) -> Rating | SealedRating:
    whose = {"use_case": use_case, "criterion": criterion, "assessor": actor.person}
    return Rating(**whose) if round_id is None else SealedRating(round_id=round_id, **whose)


SAID = ("low", "likely", "high", "evidence", "rated_at")


def _keep(model: type[Judged], rows: Sequence[Judged], written: Sequence[str]) -> None:
    """Save these rows, of which some are new."""
    for row in rows:
        if row.pk is not None:
            row.save(update_fields=written)
    model._default_manager.bulk_create([row for row in rows if row.pk is None])


def _tell_sealed(
    actor: Actor, row: Round, sealed: Sequence[SealedRating], ended: Sequence[Request]
) -> None:
    """Record that something was sealed, and not what, nor of which candidate or criterion.

    Whether the round is over is for a worker to see: two who finish together see only themselves.
    """
    events.record(
        row.portfolio,
        Kind.RATING_SEALED,
        by=actor,
        what={"round": row.pk, "name": row.name},
        touched=[*(one for one in sealed if one.round_id == row.pk), *ended],
    )
    ring(Bell.CLOSE_ROUND, row.pk)


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
