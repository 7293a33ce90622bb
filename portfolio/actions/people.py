"""Portfolios, who belongs to them, how people come in, and the tokens of their scripts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portfolio import events, openings, rights
from portfolio.bells import Bell, ring
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import (
    ApiToken,
    Invitation,
    Lighthouse,
    Membership,
    Portfolio,
    Ranking,
    Simulation,
    User,
)
from portfolio.models.events import Kind
from portfolio.querysets.people import digest_of
from portfolio.rights import Actor
from portfolio.rules.rights import Right, Role

INVITATION_LASTS = timedelta(days=14)
TOKEN_BEGINS = "pharos_"
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


class LastSponsor(RuleBroken):
    """A portfolio keeps at least one sponsor."""

    code = "last_sponsor"


class MemberAlready(RuleBroken):
    """This person belongs to the portfolio."""

    code = "member_already"


class InvitationClosed(RuleBroken):
    """The invitation was accepted, revoked, or has expired."""

    code = "invitation_closed"


class InvitedSomebodyElse(RuleBroken):
    """The invitation is for another address than that of who opened it."""

    code = "invited_somebody_else"


# --- Portfolios -------------------------------------------------------------------------------


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


def _plain(value: Any) -> Any:
    """A setting as an event keeps it."""
    if isinstance(value, list):
        return [f"{amount.normalize():f}" for amount in value]
    return value


# --- Invitations ------------------------------------------------------------------------------


@transaction.atomic
def invite(actor: Actor, portfolio_id: int, *, email: str, role: str, now: datetime) -> Invitation:
    """An invitation on its way by e-mail. Nobody is added without a yes of their own."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.MANAGE_MEMBERS, portfolio)
    invitation = Invitation(
        portfolio=portfolio,
        email=email,
        role=role,
        invited_by=actor.user,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    invitation.clean_fields()
    invitation.clean()
    user = User.objects.with_email(invitation.email)
    if user is not None and Membership.objects.role_of(user.pk, portfolio_id) is not None:
        raise MemberAlready(f"{user} is a member already. Change the role instead.")
    expired = Invitation.objects.lock_open(portfolio_id, invitation.email)
    if expired is not None and not expired.is_open(now):
        expired.revoked_at = now
        expired.save(update_fields=["revoked_at"])
    else:
        expired = None
    invitation.validate_constraints()
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as race:
        if "one_open_invitation_per_address" not in str(race):
            raise
        raise MemberAlready("Somebody invited this address at the same moment.") from race
    events.record(
        portfolio,
        Kind.MEMBER_INVITED,
        by=actor,
        what={"email": invitation.email, "role": invitation.role},
        touched=[invitation, *([expired] if expired else [])],
    )
    ring(Bell.INVITE, invitation.pk)
    return invitation


@transaction.atomic
def revoke_invitation(actor: Actor, invitation_id: int, *, now: datetime) -> Invitation:
    """The invitation, whose link lets nobody in any more."""
    invitation = _open_invitation(actor, invitation_id)
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    events.record(
        invitation.portfolio,
        Kind.INVITATION_REVOKED,
        by=actor,
        what={"email": invitation.email},
        touched=[invitation],
    )
    return invitation


@transaction.atomic
def resend_invitation(actor: Actor, invitation_id: int, *, now: datetime) -> Invitation:
    """The invitation with a fresh term, its e-mail on the way again."""
    invitation = _open_invitation(actor, invitation_id)
    invitation.sent_at = None
    invitation.expires_at = now + INVITATION_LASTS
    invitation.save(update_fields=["sent_at", "expires_at"])
    events.record(
        invitation.portfolio,
        Kind.MEMBER_INVITED,
        by=actor,
        what={"email": invitation.email, "role": invitation.role, "again": True},
        touched=[invitation],
    )
    ring(Bell.INVITE, invitation.pk)
    return invitation


def _open_invitation(actor: Actor, invitation_id: int) -> Invitation:
    """The invitation for a sponsor, locked, while it is neither accepted nor revoked."""
    invitation = Invitation.objects.visible_to(actor).get_for_change(invitation_id)
    rights.require(actor, Right.MANAGE_MEMBERS, invitation.portfolio)
    if invitation.accepted_at is not None:
        raise InvitationClosed("This invitation was accepted meanwhile.")
    if invitation.revoked_at is not None:
        raise InvitationClosed("This invitation is revoked. Invite the address anew.")
    return invitation


@transaction.atomic
def accept_invitation(actor: Actor, invitation_id: int, *, now: datetime) -> Membership:
    """The membership that the signed-in person now has. A member's role stays as it is."""
    invitation = Invitation.objects.get_for_change(invitation_id)
    if actor.user is None or not actor.may_write:
        raise NotAllowed("Sign in to accept an invitation.")
    expect_open(invitation, now)
    if actor.user.email != invitation.email:
        raise InvitedSomebodyElse(
            f"This invitation is for {invitation.email}. You are signed in as {actor.user.email}."
        )
    return _join(invitation, actor, now)


@transaction.atomic
def come_in(invitation_id: int, *, name: str, password: str, now: datetime) -> User:
    """A new person, who is a member at once: the link proved that the address is theirs."""
    invitation = Invitation.objects.get_for_change(invitation_id)
    expect_open(invitation, now)
    if User.objects.with_email(invitation.email) is not None:
        raise InvitedSomebodyElse(f"{invitation.email} has an account. Sign in to accept.")
    user = User(email=invitation.email, name=name.strip())
    if not user.name:
        raise ValidationError({"name": "Write the name that others shall see."})
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise ValidationError({"password": weak.messages}) from weak
    user = User.objects.create_user(user.email, password, name=user.name)
    _join(invitation, Actor(user=user), now)
    return user


def expect_open(invitation: Invitation, now: datetime) -> None:
    """Refuse, in the words for its state, when the invitation lets nobody in any more."""
    if invitation.is_open(now):
        return
    if invitation.accepted_at is not None:
        raise InvitationClosed("This invitation was accepted. Sign in to go on.")
    if invitation.revoked_at is not None:
        raise InvitationClosed("This invitation was taken back. Ask whoever invited you.")
    raise InvitationClosed("This invitation has expired. Ask whoever invited you for a new one.")


def _join(invitation: Invitation, actor: Actor, now: datetime) -> Membership:
    membership, is_new = Membership.objects.get_or_create(
        portfolio_id=invitation.portfolio_id,
        user=actor.user,
        defaults={"role": invitation.role},
    )
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    events.record(
        invitation.portfolio,
        Kind.MEMBER_JOINED,
        by=actor,
        what={"name": str(actor.user), "role": membership.role},
        touched=[membership, invitation] if is_new else [invitation],
    )
    return membership


# --- Members ----------------------------------------------------------------------------------


@transaction.atomic
def change_role(
    actor: Actor, membership_id: int, role: str, *, seen_version: int | None = None
) -> Membership:
    """The membership in its new role, which holds from the next request on, tokens included."""
    membership, others = _lock_members(actor, membership_id)
    membership.expect_version(seen_version)
    before = membership.role
    if role == before:
        return membership
    membership.role = role
    membership.full_clean(exclude=["portfolio", "user"])
    _keep_a_sponsor(others, membership)
    membership.save(update_fields=["role"])
    events.record(
        membership.portfolio,
        Kind.ROLE_CHANGED,
        by=actor,
        what={"name": str(membership.user), "from": before, "to": membership.role},
        touched=[membership],
    )
    return membership


@transaction.atomic
def remove_member(actor: Actor, membership_id: int, *, seen_version: int | None = None) -> None:
    """End a membership: from the next request on the portfolio is not there for this person.

    What they did stays: ratings, readings and events keep their name.
    """
    membership, others = _lock_members(actor, membership_id)
    membership.expect_version(seen_version)
    _keep_a_sponsor(others, None)
    revision = events.record(
        membership.portfolio,
        Kind.MEMBER_REMOVED,
        by=actor,
        what={"name": str(membership.user), "role": membership.role},
    )
    events.bury(
        membership,
        "member",
        portfolio_id=membership.portfolio_id,
        parent_id=None,
        revision=revision,
    )
    membership.delete()


@transaction.atomic
def let_open_portfolios(actor: Actor, membership_id: int) -> User:
    """A member who may from now on open portfolios of their own.

    Only who may do it can pass it on. It reaches past this portfolio, so taking it back is left to
    whoever administers the server.
    """
    membership = Membership.objects.visible_to(actor).get_for_change(membership_id)
    rights.require(actor, Right.MANAGE_MEMBERS, membership.portfolio)
    if actor.user is None or not actor.user.may_open_portfolios:
        raise NotAllowed("Only people who may open portfolios can let others do so.")
    user = User.objects.get_for_change(membership.user_id)
    if user.may_open_portfolios:
        return user
    user.may_open_portfolios = True
    user.save(update_fields=["may_open_portfolios"])
    events.record(
        membership.portfolio,
        Kind.ROLE_CHANGED,
        by=actor,
        what={"name": str(user), "to": "may open portfolios"},
        touched=[membership],
    )
    return user


def _lock_members(actor: Actor, membership_id: int) -> tuple[Membership, list[Membership]]:
    """The membership and all others of its portfolio, locked: roles are judged together.

    The right is asked for under these locks, so of two sponsors who remove each other at the same
    moment the second one is no sponsor any more.
    """
    portfolio_id = Membership.objects.visible_to(actor).get(pk=membership_id).portfolio_id
    members = Membership.objects.lock_all(portfolio_id)
    membership = next((row for row in members if row.pk == membership_id), None)
    if membership is None:
        raise Membership.DoesNotExist
    rights.require(actor, Right.MANAGE_MEMBERS, membership.portfolio)
    return membership, [row for row in members if row.pk != membership_id]


def _keep_a_sponsor(others: list[Membership], changed: Membership | None) -> None:
    staying = [*others, changed] if changed is not None else others
    if not any(row.role == Role.SPONSOR for row in staying):
        raise LastSponsor("A portfolio keeps at least one sponsor. Make somebody else one first.")


# --- Tokens -----------------------------------------------------------------------------------


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


# --- The first sponsor ------------------------------------------------------------------------


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
