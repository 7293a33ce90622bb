import pytest

from portfolio.actions.portfolios import open_portfolio
from portfolio.errors import NotAllowed
from portfolio.models import Event, Membership, Portfolio
from portfolio.rights import Actor
from tests.make import make_user


def test_who_opens_a_portfolio_is_its_first_sponsor(portfolio, sponsor):
    assert Membership.objects.role_of(sponsor.pk, portfolio.pk) == "sponsor"


def test_opening_is_an_event_whose_id_is_the_revision(portfolio):
    event = Event.objects.in_portfolio(portfolio.pk).get()
    assert (event.kind, event.pk) == ("portfolio_opened", portfolio.revision)
    assert portfolio.ranking_wanted == portfolio.revision


def test_a_person_who_was_not_let_opens_nothing(db):
    nobody = make_user("nobody@acme.example")
    with pytest.raises(NotAllowed):
        open_portfolio(Actor(user=nobody), key="NOPE", name="Nope")
    assert not Portfolio.objects.with_key("NOPE").exists()


def test_a_stranger_does_not_see_the_portfolio(portfolio, stranger):
    assert not Portfolio.objects.visible_to(Actor(user=stranger)).with_key("ACME").exists()


@pytest.mark.django_db(transaction=True)
def test_opening_asks_for_a_ranking(sponsor, rung):
    portfolio = open_portfolio(Actor(user=sponsor), key="BELL", name="Bell")
    assert ("assessments.recompute_ranking", (portfolio.pk,)) in rung()
