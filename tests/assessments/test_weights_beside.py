"""Weights saved while somebody rates, on two connections: neither is lost, neither is refused."""

from decimal import Decimal

import pytest

from assessments.actions.criteria import change_weights, edit_criterion
from assessments.actions.rating import rate
from assessments.models import Criterion, Rating
from portfolio.models import Portfolio
from portfolio.rights import Actor
from tests.assessments.making import judgement
from tests.make import NOW, make_use_case
from tests.portfolio.pipeline.test_two_connections import beside

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rating_that_names_a_criterion_does_not_wait_for_its_weight(portfolio, sponsor, owner):
    use_case = make_use_case(portfolio)
    (changed,) = beside(
        lambda: rate(Actor(user=owner), use_case.pk, [judgement("ai_fit")], now=NOW),
        lambda: change_weights(Actor(user=sponsor), portfolio.pk, {"ai_fit": Decimal("2.5")}),
    )
    assert [row.slug for row in changed] == ["ai_fit"]
    assert Rating.objects.get().criterion.slug == "ai_fit"
    assert Criterion.objects.in_portfolio(portfolio.pk).with_slug("ai_fit").get().weight == Decimal(
        "2.5"
    )


def test_two_weights_saved_at_once_are_both_shown_beside_the_portfolio(portfolio, sponsor):
    of = {row.slug: row.pk for row in Criterion.objects.in_portfolio(portfolio.pk)}
    beside(
        lambda: edit_criterion(Actor(user=sponsor), of["ai_fit"], {"weight": Decimal("2.5")}),
        lambda: edit_criterion(Actor(user=sponsor), of["headroom"], {"weight": Decimal(7)}),
    )
    shown = Portfolio.objects.get(pk=portfolio.pk).weights
    assert (shown["ai_fit"], shown["headroom"]) == ("2.5", "7")
