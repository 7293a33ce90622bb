"""Closes blind rounds: what was sealed becomes ratings, all of it in one transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from assessments.models import Criterion, Rating, Round, SealedRating
from assessments.rules.rounds import Ending, why_over
from portfolio import events
from portfolio.bells import Bell
from portfolio.models import User
from portfolio.models.events import Kind
from portfolio.rights import Actor

log = logging.getLogger(__name__)

Key = tuple[int, int, int]  # use case, criterion, assessor

MOVED = ["low", "likely", "high", "evidence", "rated_at", "after_seeing"]


@dataclass(frozen=True)
class Progress:
    """How far one assessor has come: never what they said.

    `is_able` is false for who is no member any more, or may not rate; nobody waits for them.
    """

    assessor: User
    given: int
    asked: int
    is_able: bool = True

    @property
    def owed(self) -> int:
        return max(0, self.asked - self.given) if self.is_able else 0


def asked_of(row: Round) -> list[Criterion]:
    """The criteria that a round asks for: one retired meanwhile is asked no more."""
    return [one for one in row.criteria.all() if not row.is_open or one.retired_at is None]


def progress_of(rounds: Sequence[Round]) -> dict[int, list[Progress]]:
    """Every assessor's progress, by round; in two queries for rounds of one portfolio.

    The rounds come with their choices.
    """
    criteria = {row.pk: {one.pk for one in asked_of(row)} for row in rounds}
    given: dict[tuple[int, int], int] = defaultdict(int)
    counted = SealedRating.objects.in_rounds(criteria).count_by_criterion()
    for round_id, assessor, criterion, count in counted:
        if criterion in criteria[round_id]:
            given[round_id, assessor] += count
    able = {
        portfolio_id: {user.pk for user in User.objects.who_may_rate(portfolio_id)}
        for portfolio_id in {row.portfolio_id for row in rounds}
    }
    return {
        row.pk: [
            Progress(
                assessor=user,
                given=given[row.pk, user.pk],
                asked=len(row.candidates.all()) * len(criteria[row.pk]),
                is_able=user.pk in able[row.portfolio_id],
            )
            for user in row.assessors.all()
        ]
        for row in rounds
    }


def close_if_over(round_id: int, now: datetime) -> bool:
    """Whether the round closed now. Safe twice, late, or beside a rating: the row says what is."""
    with transaction.atomic():
        row = Round.objects.claim(round_id)
        if row is None:
            return False
        owed = [one.owed for one in progress_of([row])[row.pk]]
        why = why_over(owed, row.due_on, row.portfolio.time_zone, now)
        if why is None:
            return False
        close(row, Actor.system(), why, now)
        return True


def close(row: Round, by: Actor, why: Ending, now: datetime) -> None:
    """Turn what was sealed into ratings and want a ranking. The caller holds the round's lock.

    The sealed rows stay as they are: they are what was said blind.
    """
    sealed = list(SealedRating.objects.in_round(row.pk).with_names().in_order())
    held = Rating.objects.for_use_cases({one.use_case_id for one in sealed})
    before = {(one.use_case_id, one.criterion_id, one.assessor_id): one.points for one in held}
    ratings = Rating.objects.bulk_create(
        [
            Rating(
                use_case_id=said.use_case_id,
                criterion_id=said.criterion_id,
                assessor_id=said.assessor_id,
                low=said.low,
                likely=said.likely,
                high=said.high,
                evidence=said.evidence,
                rated_at=said.rated_at,
                after_seeing=False,
            )
            for said in sealed
        ],
        update_conflicts=True,
        unique_fields=["use_case", "criterion", "assessor"],
        update_fields=MOVED,
    )
    _tell(row, before, sealed)
    row.closed_at, row.closed_by, row.closed_because = now, by.user, why.value
    row.save(update_fields=["closed_at", "closed_by", "closed_because"])
    events.record(
        row.portfolio,
        Kind.ROUND_CLOSED,
        by=by,
        what={"round": row.pk, "name": row.name, "ratings": len(ratings), "because": why.value},
        wants=Bell.RANK,
        touched=[row, *ratings],
    )
    log.info("round closed round=%s because=%s ratings=%s", row.pk, why, len(ratings))


def _tell(row: Round, before: Mapping[Key, list[str]], sealed: Sequence[SealedRating]) -> None:
    """What each person said of each candidate, on record as theirs, as outside of a round."""
    told: dict[User, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for said in sealed:
        told[said.assessor][said.use_case_id].append(
            {
                "criterion": said.criterion.slug,
                "before": before.get((said.use_case_id, said.criterion_id, said.assessor_id)),
                "after": said.points,
                "evidence": said.evidence,
            }
        )
    for assessor, candidates in told.items():
        happened = [
            (use_case_id, _kind(ratings), {"ratings": ratings, "round": row.pk})
            for use_case_id, ratings in candidates.items()
        ]
        events.record_many(row.portfolio_id, happened, by=Actor(user=assessor))


def _kind(ratings: Sequence[Mapping[str, Any]]) -> Kind:
    is_new = any(one["before"] is None for one in ratings)
    return Kind.RATED if is_new else Kind.RATING_REVISED


def waiting(now: datetime) -> list[tuple[Bell, int]]:
    """The rounds that are over and that nobody has closed."""
    return [(Bell.CLOSE_ROUND, key) for key in Round.objects.over(now)]
