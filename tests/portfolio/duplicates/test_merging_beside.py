"""What is begun while two become one: it finds the one that stays, or is refused; nothing hangs
on the one that is gone."""

import pytest

from portfolio.actions.discussing import comment
from portfolio.actions.merging import merge_use_cases
from portfolio.errors import MergedAway
from portfolio.models import Comment
from portfolio.rights import Actor
from tests.make import NOW, make_use_case
from tests.portfolio.pipeline.test_two_connections import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(portfolio):
    return make_use_case(portfolio), make_use_case(portfolio)


@pytest.fixture
def merging(two, sponsor):
    stays, goes = two
    return lambda: merge_use_cases(Actor(user=sponsor), goes.pk, stays.pk, now=NOW)


def saying(use_case, by):
    return lambda: comment(Actor(user=by), use_case.pk, "Mind the tariff.", now=NOW)


def test_a_comment_is_told_where_to_go(two, merging, owner):
    (refused,) = beside(merging, saying(two[1], owner))
    assert isinstance(refused, MergedAway)
    assert not Comment.objects.exists()


def test_a_comment_that_came_first_goes_along(two, merging, owner):
    beside(saying(two[1], owner), merging)
    assert Comment.objects.get().use_case_id == two[0].pk
