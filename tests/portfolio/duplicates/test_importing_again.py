"""A file that a merged use case came in with knows the one that it went into."""

import pytest

from portfolio.actions.merging import merge_use_cases
from portfolio.models import UseCase
from portfolio.rights import Actor
from tests.make import NOW, make_use_case
from tests.portfolio.importing.test_running import LIST, bring_in, counts

pytestmark = pytest.mark.django_db


def both(portfolio) -> list[UseCase]:
    return list(UseCase.objects.in_portfolio(portfolio.pk).by_number())


def test_two_rows_of_one_file_that_were_merged_stay_one(portfolio, sponsor, act):
    bring_in(act(sponsor), portfolio, LIST)
    survivor, gone = both(portfolio)
    merge_use_cases(Actor(user=sponsor), gone.pk, survivor.pk, now=NOW)
    for _ in range(2):
        again = bring_in(act(sponsor), portfolio, LIST)
        assert counts(again) == (0, 0, 2, 0)
    survivor.refresh_from_db()
    assert survivor.title == "Triage"


def test_a_row_fills_the_one_that_was_typed_by_hand(portfolio, sponsor, act):
    typed = make_use_case(portfolio, title="Sorting tickets", problem="Slow")
    bring_in(act(sponsor), portfolio, LIST)
    _, gone, _ = both(portfolio)
    merge_use_cases(Actor(user=sponsor), gone.pk, typed.pk, now=NOW)
    again = bring_in(act(sponsor), portfolio, LIST)
    assert counts(again) == (0, 1, 1, 0)
    typed.refresh_from_db()
    assert typed.title == "Triage"  # the row is this one's own now
    assert len(both(portfolio)) == 3
