"""Blind rounds: a sponsor opens one for candidates, criteria and assessors, and may close it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments import closing
from assessments.models import Criterion, Round
from assessments.rules.rounds import Ending
from portfolio import events, rights
from portfolio.errors import RuleBroken
from portfolio.models import Portfolio, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.rights import Right

MOST_RATINGS = 3_000
LONGEST = timedelta(days=365)


class RoundClosed(RuleBroken):
    """The round closed before."""

    code = "round_closed"


class RoundsOverlap(RuleBroken):
    """Somebody would rate the same thing in two open rounds."""

    code = "rounds_overlap"


@dataclass(frozen=True)
class Asked:
    """What a round asks: candidates by reference, criteria by slug, assessors by address."""

    use_cases: Sequence[str]
    criteria: Sequence[str]
    assessors: Sequence[str]
    due_on: date
    name: str = ""


@transaction.atomic
def open_round(actor: Actor, portfolio_id: int, asked: Asked, *, now: datetime) -> Round:
    """An open round: what its assessors say from now on is sealed until it closes."""
    candidates = _candidates(portfolio_id, asked.use_cases)  # held: none is merged away meanwhile
    # Under the portfolio's lock no second round can be opened over the same ratings meanwhile.
    portfolio = Portfolio.objects.visible_to(actor).get_for_change(portfolio_id)
    rights.require(actor, Right.MANAGE_ROUNDS, portfolio)
    criteria = _criteria(portfolio_id, asked.criteria)
    assessors = _assessors(portfolio_id, asked.assessors)
    today = clock.today_in(portfolio.time_zone, now)
    faults = {**candidates.fault, **criteria.fault, **assessors.fault}
    if asked.due_on < today:
        faults["due_on"] = ["That day is over. Give assessors at least today."]
    elif asked.due_on > today + LONGEST:
        faults["due_on"] = ["A round ends within a year: what is rated goes stale."]
    if faults:
        raise ValidationError(faults)
    count = len(candidates.rows) * len(criteria.rows) * len(assessors.rows)
    if count > MOST_RATINGS:
        raise ValidationError(
            {
                "use_cases": [
                    f"That asks for {count:,} ratings. Up to {MOST_RATINGS:,} fit into one round: "
                    "choose fewer candidates, criteria or assessors."
                ]
            }
        )
    keys = [[row.pk for row in part.rows] for part in (candidates, criteria, assessors)]
    other = Round.objects.in_portfolio(portfolio_id).open().overlapping(*keys).first()
    if other is not None:
        raise RoundsOverlap(
            f"“{other}” is open and asks one of these people for one of these ratings already. "
            "Close it first, or choose others."
        )
    row = Round(
        portfolio=portfolio,
        name=asked.name.strip() or f"Round of {today:%-d %B %Y}",
        due_on=asked.due_on,
        opened_by=actor.user,
        opened_at=now,
    )
    row.full_clean(exclude=["portfolio", "opened_by", "closed_by"])
    row.save()
    row.candidates.set(candidates.rows)
    row.criteria.set(criteria.rows)
    row.assessors.set(assessors.rows)
    events.record(
        portfolio,
        Kind.ROUND_OPENED,
        by=actor,
        what={
            "round": row.pk,
            "name": row.name,
            "due_on": row.due_on.isoformat(),
            "use_cases": [one.reference for one in candidates.rows],
            "criteria": [one.slug for one in criteria.rows],
            "assessors": [str(one) for one in assessors.rows],
        },
        touched=[row],
    )
    return row


@transaction.atomic
def close_round(
    actor: Actor, round_id: int, *, now: datetime, seen_version: int | None = None
) -> Round:
    """The round, closed with what is there: its ratings count and are seen from now on."""
    row = Round.objects.visible_to(actor).get_for_closing(round_id)
    rights.require(actor, Right.MANAGE_ROUNDS, row.portfolio)
    row.expect_version(seen_version)
    if not row.is_open:
        raise RoundClosed("This round is closed already, and its ratings count.")
    closing.close(row, actor, Ending.BY_HAND, now)
    return row


@dataclass(frozen=True)
class Found:
    """Rows that were named, and what is wrong with those that were not found."""

    rows: list
    fault: dict[str, list[str]]


def _candidates(portfolio_id: int, references: Sequence[str]) -> Found:
    wanted = list(dict.fromkeys(one.strip().upper() for one in references if one.strip()))
    rows = UseCase.objects.in_portfolio(portfolio_id).candidates()
    known = rows.lock_in_order().by_reference(wanted)
    nobody = "Choose at least one candidate."
    return _found("use_cases", wanted, known, nobody, "is no candidate of this portfolio")


def _criteria(portfolio_id: int, slugs: Sequence[str]) -> Found:
    wanted = list(dict.fromkeys(one.strip() for one in slugs if one.strip()))
    rows = Criterion.objects.in_portfolio(portfolio_id).in_force().with_slugs(wanted)
    by_hand = {row.slug: row for row in rows if not row.is_derived}
    nobody = "Choose at least one criterion."
    return _found("criteria", wanted, by_hand, nobody, "is no criterion rated by hand here")


def _assessors(portfolio_id: int, addresses: Sequence[str]) -> Found:
    wanted = list(dict.fromkeys(one.strip().lower() for one in addresses if one.strip()))
    people = {user.email: user for user in User.objects.who_may_rate(portfolio_id)}
    nobody = "Choose at least one assessor."
    return _found("assessors", wanted, people, nobody, "is no member who may rate")


def _found(field: str, wanted: list[str], rows: dict, nobody: str, why: str) -> Found:
    unknown = [name for name in wanted if name not in rows]
    if not wanted:
        return Found([], {field: [nobody]})
    if unknown:
        return Found([], {field: [f"“{name[:80]}” {why}." for name in unknown[:5]]})
    return Found(list(dict.fromkeys(rows[name] for name in wanted)), {})
