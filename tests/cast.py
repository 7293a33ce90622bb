"""The cast: who is there before any test begins, and the portfolios that they opened."""

from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client

from portfolio.actions.portfolios import open_portfolio
from portfolio.models import Portfolio, User
from portfolio.rights import Actor
from tests.make import make_member, make_user

ADDRESSES = {
    "sponsor": "sponsor@acme.example",
    "owner": "owner@acme.example",
    "contributor": "contributor@acme.example",
    "viewer": "viewer@acme.example",
    "stranger": "stranger@other.example",
}


SESSIONS: dict[tuple[int, str], str] = {}  # by who, and with what password


def enter() -> None:
    """Write the cast, each signed in once."""
    sponsor = make_user(ADDRESSES["sponsor"], "Sam Sponsor", may_open_portfolios=True)
    acme = open_portfolio(Actor(user=sponsor), key="ACME", name="Acme Care")
    acme.fresh_days = 3_650
    acme.save(update_fields=["fresh_days"])
    make_member(acme, ADDRESSES["owner"], "Olga Owner", "contributor")
    make_member(acme, ADDRESSES["contributor"], "Carl Contributor", "contributor")
    make_member(acme, ADDRESSES["viewer"], "Vera Viewer", "viewer")
    stranger = make_user(ADDRESSES["stranger"], "Stan Stranger", may_open_portfolios=True)
    open_portfolio(Actor(user=stranger), key="OTHER", name="Other")
    SESSIONS.clear()
    for user in User.objects.filter(email__in=ADDRESSES.values()):
        client = Client()
        client.force_login(user)
        SESSIONS[user.pk, user.password] = client.cookies[settings.SESSION_COOKIE_NAME].value


@transaction.atomic
def enter_again() -> None:
    """Take away all that tests left, and begin with the cast."""
    leave()
    enter()


def leave() -> None:
    """Take everybody away, with all that was theirs."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE portfolio_user, portfolio_portfolio, django_session CASCADE")


def person(who: str) -> User:
    """One of the cast; where a test has emptied the tables, it enters again."""
    return _first(User.objects.filter(email=ADDRESSES[who]))


def actor(who: str) -> Actor:
    return Actor(user=person(who))


def acme() -> Portfolio:
    return _first(Portfolio.objects.filter(key="ACME"))


def _first(rows: QuerySet) -> Any:
    found = rows.first()
    if found is None:
        enter()
        found = rows.all()[0]
    return found
