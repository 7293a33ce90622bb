"""Widening the ratings of people whose ranges held too little of what came true."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from assessments import calibrating
from assessments.models import Widening
from assessments.rules.calibration import Finding
from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import Portfolio
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right


class NotOverconfident(RuleBroken):
    """What came true does not say that this person's ranges are too narrow."""

    code = "not_overconfident"


@transaction.atomic
def widen(
    actor: Actor,
    portfolio_id: int,
    person_id: int,
    factor: Decimal | None = None,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> Widening:
    """The person's ratings, stretched around likely by this factor from now on; the ranking
    follows. Without one it is the factor that what came true suggests."""
    portfolio = Portfolio.objects.visible_to(actor).get_for_change(portfolio_id)
    rights.require(actor, Right.WIDEN_RANGES, portfolio)
    rows = Widening.objects.in_portfolio(portfolio_id).of_person(person_id)
    row = rows.first() or Widening(portfolio=portfolio, person_id=person_id)
    row.expect_version(seen_version)
    judged = calibrating.person(portfolio, person_id, now)
    if judged is None or judged.ranges.finding is not Finding.OVERCONFIDENT:
        raise NotOverconfident(
            "What came true does not say that these ranges are too narrow: they stay as they are"
            " said."
        )
    before = row.factor if row.pk else None
    row.factor = factor if factor is not None else judged.ranges.factor
    row.set_by_id, row.set_at = actor.user_id, now
    row.full_clean(exclude=["portfolio", "person", "set_by"], validate_unique=False)
    if before == row.factor:
        row.refresh_from_db()
        return row
    row.save()
    events.record(
        portfolio,
        Kind.RANGES_WIDENED,
        by=actor,
        what={"person": person_id, "name": str(judged.user), "factor": [_plain(before),
              _plain(row.factor)]},
        wants=Bell.RANK,
        touched=[row],
    )  # fmt: skip
    return row


@transaction.atomic
def take_as_said(
    actor: Actor, portfolio_id: int, person_id: int, *, seen_version: int | None = None
) -> None:
    """The person's ratings count as they are said again; the ranking follows."""
    portfolio = Portfolio.objects.visible_to(actor).get_for_change(portfolio_id)
    rights.require(actor, Right.WIDEN_RANGES, portfolio)
    row = Widening.objects.in_portfolio(portfolio_id).of_person(person_id).with_people().first()
    if row is None:
        return
    row.expect_version(seen_version)
    what = {"person": person_id, "name": str(row.person), "factor": [_plain(row.factor), None]}
    row.delete()
    events.record(portfolio, Kind.RANGES_AS_SAID, by=actor, what=what, wants=Bell.RANK)


def _plain(factor: Decimal | None) -> str | None:
    return None if factor is None else f"{factor:.1f}"
