"""A rating and a close at the same moment, on two connections: nothing that was said is lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from assessments import closing
from assessments.actions.rating import rate
from assessments.actions.rounds import RoundClosed, RoundsOverlap, close_round
from assessments.models import Rating, Round, SealedRating
from portfolio.actions.merging import merge_use_cases
from portfolio.models import Event
from portfolio.models.events import Kind
from portfolio.rights import Actor
from tests.assessments.making import judgement, make_round
from tests.make import NOW, make_use_case
from tests.portfolio.pipeline.test_two_connections import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def blind(portfolio, use_case, sponsor, owner, contributor):
    return make_round(portfolio, sponsor, [use_case], ["ai_fit"], [owner, contributor])


def test_a_close_waits_for_a_rating_under_way_and_takes_it_in(blind, use_case, sponsor, owner):
    beside(
        lambda: rate(Actor(user=owner), use_case.pk, [judgement("ai_fit")], now=NOW),
        lambda: close_round(Actor(user=sponsor), blind.pk, now=NOW),
    )
    assert Rating.objects.get().after_seeing is False
    assert SealedRating.objects.count() == 1
    assert Event.objects.get(kind=Kind.ROUND_CLOSED).what["ratings"] == 1


def test_a_rating_that_waits_for_a_close_comes_after_it_and_is_seen(
    blind, use_case, sponsor, owner
):
    beside(
        lambda: close_round(Actor(user=sponsor), blind.pk, now=NOW),
        lambda: rate(Actor(user=owner), use_case.pk, [judgement("ai_fit")], now=NOW),
    )
    assert Rating.objects.get().after_seeing is True
    assert not SealedRating.objects.exists()


def test_of_two_who_close_one_is_told_that_it_is_closed(blind, sponsor):
    def close():
        return close_round(Actor(user=sponsor), blind.pk, now=NOW)

    outcome = beside(close, close)
    assert isinstance(outcome[0], RoundClosed)
    assert Event.objects.filter(kind=Kind.ROUND_CLOSED).count() == 1


def test_a_worker_leaves_a_round_that_somebody_closes_to_them(blind, sponsor):
    with transaction.atomic():
        close_round(Actor(user=sponsor), blind.pk, now=NOW)
    assert closing.close_if_over(blind.pk, NOW + timedelta(days=30)) is False


def test_two_rounds_over_the_same_are_not_opened_at_once(portfolio, use_case, sponsor, owner):
    def opened():
        return make_round(portfolio, sponsor, [use_case], ["ai_fit"], [owner])

    outcome = beside(opened, opened)
    assert isinstance(outcome[0], RoundsOverlap)
    assert Round.objects.count() == 1


def test_a_worker_killed_half_way_has_closed_nothing(blind, use_case, owner):
    rate(Actor(user=owner), use_case.pk, [judgement("ai_fit")], now=NOW)
    later = NOW + timedelta(days=30)
    with transaction.atomic():
        assert closing.close_if_over(blind.pk, later) is True
        transaction.set_rollback(True)
    assert Round.objects.get().is_open
    assert not Rating.objects.exists()
    with transaction.atomic():
        assert Round.objects.over(later) == [blind.pk]
    assert closing.close_if_over(blind.pk, later) is True
    assert Rating.objects.count() == 1


def test_a_round_over_what_is_merged_away_is_not_opened(portfolio, use_case, sponsor, owner):
    goes = make_use_case(portfolio)

    def opened():
        with pytest.raises(ValidationError) as refused:
            make_round(portfolio, sponsor, [goes], ["ai_fit"], [owner])
        return refused.value.message_dict

    (faults,) = beside(
        lambda: merge_use_cases(Actor(user=sponsor), goes.pk, use_case.pk, now=NOW), opened
    )
    assert list(faults) == ["use_cases"]
    assert not Round.objects.exists()
