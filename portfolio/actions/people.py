"""Portfolios and who belongs to them."""

from __future__ import annotations

from django.db import transaction

from portfolio import events, openings
from portfolio.bells import Bell
from portfolio.errors import NotAllowed
from portfolio.models import Membership, Portfolio, Ranking
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Role


@transaction.atomic
def open_portfolio(
    actor: Actor, *, key: str, name: str, currency: str = "USD", time_zone: str = "UTC"
) -> Portfolio:
    """A new portfolio with its default criteria; who opens it is its first sponsor."""
    if actor.user is None or not actor.may_write or not actor.user.may_open_portfolios:
        raise NotAllowed("Ask a sponsor to let you open portfolios.")
    portfolio = Portfolio(
        key=key.strip().upper(), name=name.strip(), currency=currency, time_zone=time_zone
    )
    portfolio.full_clean()
    portfolio.save()
    membership = Membership.objects.create(
        portfolio=portfolio, user=actor.user, role=Role.SPONSOR.value
    )
    Ranking.objects.create(portfolio=portfolio)
    openings.lay_down(portfolio)
    events.record(
        portfolio,
        Kind.PORTFOLIO_OPENED,
        by=actor,
        what={"key": portfolio.key, "name": portfolio.name},
        wants=Bell.RANK,
        touched=[membership],
    )
    portfolio.refresh_from_db()
    return portfolio
