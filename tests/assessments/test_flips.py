"""What would swap the first two, told to who may see whose ratings."""

import re
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.actions.rating import rate
from assessments.certainty import simulate
from assessments.models import Criterion, Rating
from assessments.ranking import recompute
from portfolio.models import Simulation, Standing, UseCase, User
from portfolio.origins import Asked, origin_of
from portfolio.rights import Actor
from tests import cast
from tests.assessments.making import answer_all, judgement, make_round
from tests.make import NOW, make_member, make_use_case

RANKING = "/portfolios/ACME/ranking/"
API = "/api/v1/portfolios/ACME/ranking/"


def rate_all(use_case, by, points: str, **others: str) -> None:
    """Every criterion by hand rated the same, but for those named."""
    slugs = Criterion.objects.in_portfolio(use_case.portfolio_id).in_force().by_hand()
    said = [judgement(row.slug, *[others.get(row.slug, points)] * 3) for row in slugs]
    rate(Actor(user=by), use_case.pk, said, now=NOW)


def publish(portfolio) -> dict:
    recompute(portfolio.pk, NOW)
    simulate(portfolio.pk, NOW)
    return Simulation.objects.get(pk=portfolio.pk).flips


@pytest.fixture(scope="module", autouse=True)
def rated(for_the_module):
    """Triage leads Search by little; two people rated every criterion of both."""
    portfolio, sponsor, owner = cast.acme(), cast.person("sponsor"), cast.person("owner")
    rows = [make_use_case(portfolio, title=title) for title in ("Triage", "Search")]
    for row in rows:
        answer_all(row, sponsor)
        for person in (sponsor, owner):
            rate_all(row, person, "3")
    rate_all(rows[0], sponsor, "3", visibility="4")
    rate_all(rows[0], owner, "3", tolerance="4")
    return rows


@pytest.fixture
def two(rated):
    return deepcopy(rated)


@pytest.fixture
def close(two, portfolio):
    publish(portfolio)
    return two


@pytest.fixture
def said(client):
    def to(user) -> str:
        client.force_login(user)
        html = client.get(RANKING).content.decode()
        found = re.search(r'<p class="flips[^>]*>(.*?)</p>', html, re.S)
        return " ".join(re.sub(r"<[^>]+>", "", found[1]).split()) if found else ""

    return to


def rank_of(use_case) -> int:
    return Standing.objects.get(pk=use_case.pk).rank


def people(portfolio) -> list[User]:
    """Those who rated, in the order of their names."""
    may = User.objects.who_may_rate(portfolio.pk)
    return [user for user in may if Rating.objects.by_person(user.pk).exists()]


def points_of(use_case, user, slug) -> Decimal:
    return Rating.objects.of(use_case.pk).of_slug(slug).by_person(user.pk).get().likely


def rate_again(rows, user) -> None:
    for row in rows:
        for one in Rating.objects.of(row.pk).by_person(user.pk).with_names():
            points = [one.low, one.likely, one.high]
            other = judgement(one.criterion.slug, *points, evidence="Said anew.")
            rate(Actor(user=user), row.pk, [other], now=NOW)


class TestWhatIsPublished:
    def test_it_swaps_them_and_a_step_less_does_not(self, close, portfolio):
        told = Simulation.objects.get(pk=portfolio.pk).flips["rating"]
        assert (rank_of(close[0]), rank_of(close[1])) == (1, 2)
        assert told["assessor"] is not None
        user = next(one for one in people(portfolio) if one.pk == told["assessor"])
        to, now = Decimal(told["to"]), Decimal(told["now"])
        less = to + (Decimal("0.1") if to < now else Decimal("-0.1"))
        for points, first in ((less, close[0]), (to, close[1])):
            said = [judgement(told["slug"], points, points, points)]
            rate(Actor(user=user), told["use_case"], said, now=NOW)
            recompute(portfolio.pk, NOW)
            assert rank_of(first) == 1, points

    @pytest.mark.long
    def test_no_rating_of_any_assessor_swaps_them_by_less(self, close, portfolio):
        """Every rating of both, stepped by tenths through the ranking itself."""
        told = Simulation.objects.get(pk=portfolio.pk).flips["rating"]
        far = abs(Decimal(told["to"]) - Decimal(told["now"]))
        slugs = [row.slug for row in Criterion.objects.in_portfolio(portfolio.pk).by_hand()]
        for row, sign in ((close[0], -1), (close[1], 1)):
            for user in people(portfolio):
                for slug in slugs:
                    now = points_of(row, user, slug)
                    to = now + sign * (far - Decimal("0.1"))
                    if not 0 <= to <= 5:
                        continue
                    rate(Actor(user=user), row.pk, [judgement(slug, to, to, to)], now=NOW)
                    recompute(portfolio.pk, NOW)
                    assert rank_of(close[0]) == 1, (row, user, slug)
                    rate(Actor(user=user), row.pk, [judgement(slug, now, now, now)], now=NOW)

    def test_it_is_the_same_whatever_order_ratings_are_read_in(self, close, portfolio):
        before = Simulation.objects.get(pk=portfolio.pk).flips
        for user in reversed(people(portfolio)):
            rate_again(close, user)
        assert publish(portfolio) == before

    def test_none_is_published_where_no_single_one_can(self, two, portfolio, sponsor, owner):
        for person in (sponsor, owner):
            rate_all(two[0], person, "4.4")
        flips = publish(portfolio)
        assert flips["rating"] is None
        assert "rating" in flips


class TestWhoIsTold:
    def test_members_who_see_ratings_are_told_whose(self, close, portfolio, viewer, sponsor, said):
        told = Simulation.objects.get(pk=portfolio.pk).flips["rating"]
        name = next(str(one) for one in people(portfolio) if one.pk == told["assessor"])
        criterion = Criterion.objects.in_portfolio(portfolio.pk).get(slug=told["slug"]).name
        title = next(row.title for row in close if row.pk == told["use_case"])
        words = (
            f"{name}’s rating of {criterion} of {title} alone were {told['to']}, not {told['now']}"
        )
        for reader in (viewer, sponsor):
            assert words in said(reader)

    def test_who_has_not_rated_yet_is_told_of_the_mean(self, close, portfolio, contributor, said):
        assert "alone" not in said(contributor)
        assert " were worth " in said(contributor)

    def test_who_rates_blind_is_told_of_the_mean(self, close, portfolio, sponsor, owner, said):
        told = Simulation.objects.get(pk=portfolio.pk).flips["rating"]
        due = (timezone.now() + timedelta(days=7)).date()
        make_round(portfolio, sponsor, close, [told["slug"]], [owner], due_on=due)
        assert "alone" not in said(owner)
        assert "alone" in said(sponsor)

    def test_one_that_nobody_has_rated_is_told_as_such(self, portfolio, sponsor, viewer, said):
        UseCase.objects.update(stage="stopped")  # so that only these two are ranked
        rows = [make_use_case(portfolio, title=title) for title in ("Triage", "Search")]
        for row, points in zip(rows, ("3.1", "3"), strict=True):
            answer_all(row, sponsor)
            both = [judgement(slug, points, points, points) for slug in ("headroom", "ai_fit")]
            rate(Actor(user=sponsor), row.pk, both, now=NOW)
        flips = publish(portfolio)
        Simulation.objects.update(
            flips={**flips, "rating": {"slug": "narrowness", "use_case": rows[1].pk,
                                       "assessor": None, "now": "2.5", "to": "3.1"}}
        )  # fmt: skip
        assert "of Search, which nobody has rated, were rated 3.1, not 2.5 as it stands" in said(
            viewer
        )

    def test_where_no_single_one_can_that_is_said(
        self, two, portfolio, sponsor, owner, contributor, viewer, said, api
    ):
        for person in (sponsor, owner):
            rate_all(two[0], person, "3.6")
        assert publish(portfolio)["rating"] is None
        assert "no single rating does it, even at 0 or 5" in said(viewer)
        assert "no single rating" not in said(contributor)
        assert api(viewer).get(API).json()["flips"]["value"]["alone"] is False
        assert api(contributor).get(API).json()["flips"]["value"]["alone"] is None


class TestTheApi:
    def test_it_tells_whose_from_what_to_what(self, close, portfolio, viewer, contributor, api):
        told = Simulation.objects.get(pk=portfolio.pk).flips
        by = next(one for one in people(portfolio) if one.pk == told["rating"]["assessor"])
        value = api(viewer).get(API).json()["flips"]["value"]
        assert value["alone"] is True
        assert value["rating"] == {
            "criterion": told["rating"]["slug"],
            "use_case": UseCase.objects.get(pk=told["rating"]["use_case"]).reference,
            "assessor": by.email,
            "now": told["rating"]["now"],
            "to": told["rating"]["to"],
        }
        hidden = api(contributor).get(API).json()["flips"]["value"]
        assert (hidden["alone"], hidden["rating"]) == (None, None)
        assert {**hidden, "alone": True, "rating": value["rating"]} == value

    def test_its_number_opens_for_who_may_see_it(self, close, portfolio, viewer, contributor):
        leader = UseCase.objects.with_standing().get(pk=close[0].pk)
        told = Simulation.objects.get(pk=portfolio.pk).flips["rating"]
        origin = origin_of(Asked(Actor(user=viewer), leader, NOW), "flip_rating")
        assert origin.value == Decimal(told["to"])
        assert any("if all others stay" in part.words for part in origin.parts)
        assert origin_of(Asked(Actor(user=contributor), leader, NOW), "flip_rating") is None

    @pytest.mark.parametrize("address", [API, RANKING])
    def test_it_costs_the_same_however_many_rated(self, two, portfolio, viewer, client, address):
        def queries(more: int) -> int:
            for number in range(more):
                person = make_member(portfolio, f"{more}{number}@x.example", "Ada", "contributor")
                rate_all(two[0], person, "3.5")
                rate_all(two[1], person, "3.3")
            assert publish(portfolio)["value"]
            client.get(address)
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == 200
            return len(found)

        client.force_login(viewer)
        assert queries(1) >= queries(7)  # among many no single one can, and nobody is named
