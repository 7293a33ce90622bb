"""Ratings age by the portfolio's own days: marked, widened, asked for again."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assessments import certainty, ranking, standing
from assessments.actions.rating import rate
from assessments.held import Held
from assessments.models import FourTests, Rating
from assessments.ranking import recompute, want_daily
from assessments.rules.simulation import expected_values
from portfolio.models import Event, Portfolio, Ranking, Standing
from portfolio.rules.age import USUAL_DAYS
from tests import cast
from tests.assessments.making import answer_all, judgement
from tests.make import NOW, make_use_case


@pytest.fixture(scope="module", autouse=True)
def rated(for_the_module):
    portfolio, contributor = cast.acme(), cast.person("contributor")
    portfolio.fresh_days = USUAL_DAYS
    portfolio.save(update_fields=["fresh_days"])
    row = make_use_case(portfolio, by=contributor)
    answer_all(row, contributor)
    said = [judgement("stakeholder_pull", "4", "4", "4"), judgement("ai_fit", "1", "2", "3")]
    rate(cast.actor("contributor"), row.pk, said, now=NOW)
    # The data were looked at again just now, and for years: these tests are of ratings.
    FourTests.objects.update(data_confirmed_by=contributor, data_confirmed_at=later(4_000))
    standing.rebuild(row.pk)
    recompute(portfolio.pk, NOW)
    return row


@pytest.fixture
def use_case(rated):
    return deepcopy(rated)


def later(days: int):
    return NOW + timedelta(days=days)


def ranked_again(portfolio, now) -> Standing:
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, now)
    return Standing.objects.get()


@pytest.mark.parametrize(
    ("days", "stale", "moved"), [(90, 0, False), (91, 2, False), (119, 2, False), (120, 2, True)]
)
def test_ratings_are_marked_and_then_widen(portfolio, use_case, days, stale, moved):
    before = Standing.objects.get()
    after = ranked_again(portfolio, later(days))
    assert after.stale_inputs == stale
    # 4 for sure becomes 3.6 to 4.1: it drifts to the middle. 1 to 3 does so by a little.
    assert (after.impact < before.impact) is moved
    assert (after.feasibility > before.feasibility) is moved


def test_rank_and_certainty_widen_alike(portfolio, use_case):
    now = later(200)
    score = ranked_again(portfolio, now).score
    opinions = Held.read(portfolio.pk, now).opinions
    values = expected_values(opinions)
    impact = [row for row, one in enumerate(opinions.criteria) if one.axis == "impact"]
    weights = [float(one.weight) for one in opinions.criteria]

    def axis(rows):
        total = sum(weights[row] for row in rows)
        return 2 * sum(weights[row] * values[row][0] for row in rows) / total

    other = [row for row in range(len(weights)) if row not in impact]
    assert float(score) == pytest.approx(axis(impact) * axis(other), abs=1e-3)


def test_a_fresh_look_makes_it_fresh(portfolio, use_case, contributor, act):
    ranked_again(portfolio, later(200))
    said = [judgement("stakeholder_pull", "3", "4", "5"), judgement("ai_fit", "1", "2", "3.1")]
    rate(act(contributor), use_case.pk, said, now=later(200))
    assert ranked_again(portfolio, later(200)).stale_inputs == 0


def test_a_setting_says_how_long_they_are_fresh(portfolio, use_case):
    Portfolio.objects.filter(pk=portfolio.pk).update(fresh_days=300)
    assert ranked_again(portfolio, later(200)).stale_inputs == 0


def test_the_day_begins_where_the_portfolio_is(portfolio, use_case):
    """NOW is nine in the morning in UTC, the evening of the same day in Auckland."""
    Portfolio.objects.filter(pk=portfolio.pk).update(time_zone="Pacific/Auckland")
    late = later(90).replace(hour=12)  # 91 days later in Auckland, 90 in UTC
    assert ranked_again(portfolio, late).stale_inputs == 2


def test_every_day_wants_one_ranking(portfolio, use_case):
    assert want_daily(NOW + timedelta(hours=1)) == 0
    tomorrow = later(1)
    assert want_daily(tomorrow) == 1
    recompute(portfolio.pk, tomorrow)
    assert want_daily(tomorrow) == 0
    assert Ranking.objects.get(pk=portfolio.pk).computed_at == tomorrow


def test_what_is_published_is_checked_by_the_same_clock(portfolio, use_case):
    ranked_again(portfolio, later(120))
    certainty.simulate(portfolio.pk, later(120))
    assert ranking.differences(portfolio.pk, later(120)) == 0
    assert certainty.differences(portfolio.pk, later(120)) == 0
    assert ranking.differences(portfolio.pk, later(150)) == 1


def test_who_rated_is_asked_to_look_again(portfolio, use_case, contributor, owner, client):
    Rating.objects.update(rated_at=NOW - timedelta(days=4_000))
    client.force_login(contributor)
    page = client.get("/").content.decode()
    assert "Judgements to look at again" in page
    assert "2 of your ratings are stale" in page
    client.force_login(owner)
    assert "Judgements to look at again" not in client.get("/").content.decode()


def test_the_api_says_what_is_stale(api, portfolio, use_case, sponsor):
    ranked_again(portfolio, later(120))
    (row,) = api(sponsor).get("/api/v1/portfolios/ACME/ranking/").data["results"]
    assert row["stale_inputs"] == 2
    answer = api(sponsor).patch("/api/v1/portfolios/ACME/", {"fresh_days": 30}, format="json")
    assert answer.status_code == 200
    portfolio.refresh_from_db()
    assert portfolio.fresh_days == 30
    assert portfolio.ranking_wanted > Ranking.objects.get(pk=portfolio.pk).done
    refused = api(sponsor).patch("/api/v1/portfolios/ACME/", {"fresh_days": 2}, format="json")
    assert refused.status_code == 400


def test_a_score_is_what_the_published_decimals_say(portfolio, use_case):
    row = ranked_again(portfolio, later(400))
    assert abs(row.impact * row.feasibility - row.score) < Decimal("0.001")


# --- Seen on the pages, and said anew -------------------------------------------------------------


@pytest.fixture
def long_ago(use_case):
    """Rated 151 days before today's clock: 61 days past the portfolio's 90."""
    given = timezone.now() - timedelta(days=151)
    Rating.objects.update(rated_at=given)
    return given


WIDER = "counts as 3.24 to 4.19"  # 4 for sure, two periods later


def ratings_page(client, person, use_case) -> str:
    client.force_login(person)
    return client.get(f"/use-cases/{use_case.reference}/ratings/").content.decode()


def test_the_ratings_tab_marks_what_is_stale(client, use_case, contributor, viewer, long_ago):
    mine = ratings_page(client, contributor, use_case)
    assert f"stale: {WIDER}" in mine
    assert mine.count("It still holds") == 2
    seen = ratings_page(client, viewer, use_case)
    assert f"stale: {WIDER}" in seen
    assert "It still holds" not in seen


def test_the_page_of_a_criterion_marks_it_too(client, use_case, contributor, long_ago):
    client.force_login(contributor)
    page = client.get("/portfolios/ACME/rating/stakeholder_pull/").content.decode()
    assert WIDER in page
    assert f'name="holds-{use_case.reference}"' in page


def test_what_is_fresh_is_not_marked(client, use_case, contributor):
    Rating.objects.update(rated_at=timezone.now() - timedelta(days=89))
    assert "stale" not in ratings_page(client, contributor, use_case)


def test_what_another_said_stays_hidden_with_its_age(client, use_case, sponsor, long_ago):
    assert WIDER not in ratings_page(client, sponsor, use_case)


def test_it_still_holds_by_the_form(client, use_case, contributor, long_ago):
    client.force_login(contributor)
    said = {"low": "4", "likely": "4", "high": "4"}
    said["evidence"] = Rating.objects.get(criterion__slug="stakeholder_pull").evidence
    form = {f"{name}-stakeholder_pull": value for name, value in said.items()}
    address = f"/use-cases/{use_case.reference}/ratings/"
    client.post(address, form)
    assert Rating.objects.get(criterion__slug="stakeholder_pull").rated_at == long_ago
    client.post(address, {**form, "holds-stakeholder_pull": "on"})
    row = Rating.objects.get(criterion__slug="stakeholder_pull")
    assert timezone.now() - row.rated_at < timedelta(minutes=1)
    told = Event.objects.order_by("-pk").first()
    assert told.kind == "rating_revised"
    assert told.what["ratings"][0]["still_holds"] is True
    assert ratings_page(client, contributor, use_case).count("It still holds") == 1
    (other,) = Rating.objects.exclude(pk=row.pk)
    assert other.rated_at == long_ago


def test_it_still_holds_by_the_api(api, use_case, contributor, long_ago):
    client = api(contributor)
    address = f"/api/v1/use-cases/{use_case.reference}/ratings/"
    rows = {row["criterion"]: row for row in client.get(address).data["results"]}
    pull = rows["stakeholder_pull"]
    assert (pull["stale"], pull["counts_low"], pull["counts_high"]) == (True, "3.24", "4.19")
    body = [
        {
            "criterion": "stakeholder_pull", "low": "4", "likely": "4", "high": "4",
            "evidence": pull["evidence"], "still_holds": True,
        }
    ]  # fmt: skip
    answer = client.put(address, body, format="json")
    rows = {row["criterion"]: row for row in answer.data["results"]}
    assert [rows[name]["stale"] for name in ("stakeholder_pull", "ai_fit")] == [False, True]
    assert rows["stakeholder_pull"]["counts_low"] == "4"


def test_what_is_derived_is_marked_beside_the_ratings(client, use_case, viewer):
    assert "stale: the oldest" not in ratings_page(client, viewer, use_case)
    old = timezone.now() - timedelta(days=151)
    Standing.objects.filter(pk=use_case.pk).update(value_as_of=old, data_as_of=old)
    page = ratings_page(client, viewer, use_case)
    assert "stale: the oldest number was given" in page
    assert "stale: the oldest answer was given" in page
