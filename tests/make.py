"""Makers: plain functions with sensible, fixed values."""

from portfolio.models import Membership, Portfolio, User

PASSWORD = "lantern-at-dusk-7"


def make_user(email: str, name: str = "", **fields) -> User:
    """A person who can sign in with PASSWORD."""
    return User.objects.create_user(email, PASSWORD, name=name, **fields)


def make_member(portfolio: Portfolio, email: str, name: str, role: str) -> User:
    user = make_user(email, name)
    Membership.objects.create(portfolio=portfolio, user=user, role=role)
    return user
