"""Portfolios: opened and set up, and the first person who may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portfolio import events, openings, rights
from portfolio.bells import Bell, ring
from portfolio.errors import NotAllowed
from portfolio.models import Lighthouse, Membership, Portfolio, Ranking, Simulation, Standing, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right, Role

SETTINGS = frozenset(
    {
        "name",
        "currency",
        "time_zone",
        "shortlist_size",
        "value_scale",
        "is_value_scale_confirmed",
        "fresh_days",
    }
)
RANKING_SETTINGS = frozenset({"value_scale", "time_zone", "fresh_days"})


@transaction.atomic
def open_portfolio(
    actor: Actor, *, key: str, name: str, currency: str = "USD", time_zone: str = "UTC"
) -> Portfolio:
    """A new portfolio with its default criteria; who opens it is its first sponsor."""
    if actor.user is None or not actor.may_write or not actor.user.may_open_portfolios:
        raise NotAllowed("Ask a sponsor to let you open portfolios.")
    if actor.portfolio_id is not None:
        raise NotAllowed("This token is limited to one portfolio, so it cannot open another.")
    portfolio = Portfolio(
        key=key.strip().upper(), name=name.strip(), currency=currency, time_zone=time_zone
    )
    portfolio.full_clean()
    try:
        with transaction.atomic():
            portfolio.save()
    except IntegrityError as race:
        if "portfolio_portfolio_key" not in str(race):
            raise
        words = Portfolio._meta.get_field("key").error_messages["unique"]
        raise ValidationError({"key": words}) from race
    membership = Membership.objects.create(
        portfolio=portfolio, user=actor.user, role=Role.SPONSOR.value
    )
    Ranking.objects.create(portfolio=portfolio)
    Simulation.objects.create(portfolio=portfolio)
    laid = openings.lay_down(portfolio)
    events.record(
        portfolio,
        Kind.PORTFOLIO_OPENED,
        by=actor,
        what={"key": portfolio.key, "name": portfolio.name},
        wants=Bell.RANK,
        touched=[membership, *laid],
    )
    portfolio.refresh_from_db()
    actor.look_again()
    return portfolio


@transaction.atomic
def change_portfolio(
    actor: Actor, portfolio_id: int, changes: Mapping[str, Any], *, seen_version: int | None = None
) -> Portfolio:
    """The portfolio with these settings; what the scores depend on asks for a ranking.

    Where the days begin elsewhere, every active lighthouse is judged anew. These are locked before
    the portfolio is, as everywhere.
    """
    rows = Portfolio.objects.visible_to(actor)
    judged_by_day: list[int] = []
    if "time_zone" in changes:
        rights.require(actor, Right.MANAGE_SETTINGS, rows.get(pk=portfolio_id))
        judged_by_day = Lighthouse.objects.in_portfolio(portfolio_id).active().lock_in_order().ids()
    portfolio = rows.get_for_change(portfolio_id)
    rights.require(actor, Right.MANAGE_SETTINGS, portfolio)
    portfolio.expect_version(seen_version)
    changed = sorted(name for name in changes if getattr(portfolio, name) != changes[name])
    if unknown := set(changes) - SETTINGS:
        raise ValueError(f"not settings: {sorted(unknown)}")
    if "currency" in changed:
        _refuse_relabelling(portfolio)
    ranked_by = RANKING_SETTINGS.intersection(changed)
    was = {name: _plain(getattr(portfolio, name)) for name in sorted(ranked_by)}
    for name in changed:
        setattr(portfolio, name, changes[name])
    portfolio.full_clean()
    if not changed:
        return portfolio
    portfolio.save(update_fields=changed)
    portfolio.revision = events.record(
        portfolio,
        Kind.PORTFOLIO_CHANGED,
        by=actor,
        what={"changed": changed, **({"was": was} if was else {})},
        wants=Bell.RANK if ranked_by else (),
    )
    if "time_zone" in changed:
        for lighthouse in judged_by_day:
            Lighthouse.objects.want_settlement(lighthouse, portfolio.revision)
            ring(Bell.SETTLE, lighthouse)
    return portfolio


def _refuse_relabelling(portfolio: Portfolio) -> None:
    """Money that was worked out in one currency is not the same amount of another."""
    worked_out = Standing.objects.in_portfolio(portfolio.pk).with_value().count()
    if worked_out:
        raise ValidationError(
            {
                "currency": f"Values are worked out in {portfolio.currency} already "
                f"({worked_out:,} of them), and nothing converts them: the currency stays. "
                "Another currency needs a portfolio of its own."
            }
        )


def _plain(value: Any) -> Any:
    """A setting as an event keeps it."""
    if isinstance(value, list):
        return [f"{amount.normalize():f}" for amount in value]
    return value


@transaction.atomic
def make_sponsor(email: str, *, name: str = "", password: str | None = None) -> User:
    """The person with this address, made where there is none, who may open portfolios."""
    user = User.objects.with_email(email)
    if password is not None:
        validate_password(password, user or User(email=email, name=name))
    if user is None:
        return User.objects.create_user(email, password, name=name, may_open_portfolios=True)
    user.may_open_portfolios = True
    user.name = user.name or name
    if password is not None:
        user.set_password(password)
    user.save(update_fields=["may_open_portfolios", "name", "password"])
    return user
