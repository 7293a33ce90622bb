"""How people come into a portfolio: invited, reminded, refused, taken in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portfolio import events, rights
from portfolio.bells import Bell, ring
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Invitation, Membership, Portfolio, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

INVITATION_LASTS = timedelta(days=14)


class MemberAlready(RuleBroken):
    """This person belongs to the portfolio."""

    code = "member_already"


class InvitationClosed(RuleBroken):
    """The invitation was accepted, revoked, or has expired."""

    code = "invitation_closed"


class InvitedSomebodyElse(RuleBroken):
    """The invitation is for another address than that of who opened it."""

    code = "invited_somebody_else"


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
