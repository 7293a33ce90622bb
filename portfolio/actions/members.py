"""Who belongs to a portfolio, and in which role; one sponsor always stays."""

from __future__ import annotations

from django.db import transaction

from portfolio import events, rights
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Membership, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right, Role


class LastSponsor(RuleBroken):
    """A portfolio keeps at least one sponsor."""

    code = "last_sponsor"


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
    if not any(row.role == Role.SPONSOR and row.user.is_active for row in staying):
        raise LastSponsor("A portfolio keeps at least one sponsor. Make somebody else one first.")


def keep_sponsors_of(user: User) -> None:
    """Refuse to put the person to rest while a portfolio has no other sponsor."""
    led = Membership.objects.led_by_nobody_but(user.pk)
    if names := ", ".join(row.portfolio.name for row in led[:5]):
        raise LastSponsor(f"{user} is the only sponsor of {names}. Make somebody else one first.")
