"""The tokens of one's scripts."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from portfolio import rights
from portfolio.errors import NotAllowed
from portfolio.models import ApiToken, Portfolio
from portfolio.querysets.people import digest_of
from portfolio.rights import Actor
from portfolio.rules.rights import Right

TOKEN_BEGINS = "pharos_"


@transaction.atomic
def create_token(
    actor: Actor,
    *,
    name: str,
    scope: str,
    now: datetime,
    portfolio: Portfolio | None = None,
    days: int | None = None,
) -> tuple[ApiToken, str]:
    """A token of the actor's own and its secret, which is shown now and never again."""
    if actor.user is None or not actor.may_write or actor.portfolio_id is not None:
        raise NotAllowed("A token is made by a person who is signed in.")
    if portfolio is not None:
        rights.require(actor, Right.MANAGE_TOKENS, portfolio)
    secret = TOKEN_BEGINS + secrets.token_urlsafe(32)
    token = ApiToken(
        user=actor.user,
        portfolio=portfolio,
        name=name.strip(),
        scope=scope,
        digest=digest_of(secret),
        start=secret[:12],
        expires_at=now + timedelta(days=days) if days else None,
    )
    token.full_clean()
    token.save()
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, token_id: int, *, now: datetime) -> ApiToken:
    """The token, which opens nothing any more. One's own only."""
    token = ApiToken.objects.of_user(actor.user_id).get_for_change(token_id)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token
