"""What is derived is as old as its oldest input, widens as ratings do, and can be stood by anew."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assessments import standing
from assessments.actions.testing import answer_tests, confirm_data
from assessments.held import Held
from assessments.models import DataSource
from assessments.ranking import Sheet, recompute, want_daily
from assessments.rules.simulation import expected_values
from economics import costing
from economics.actions import confirm_economics, set_economics
from economics.models import Assumption
from portfolio.models import Event, Portfolio, Standing
from portfolio.rights import Actor
from portfolio.rules.age import USUAL_DAYS
from tests.assessments.making import SOURCE, answer_all
from tests.economics.making import make_judgement
from tests.make import NOW, make_use_case

CONFIRM = "/use-cases/ACME-1/economics/confirmation/"


@pytest.fixture
def use_case(portfolio, contributor, act):
    portfolio.fresh_days = USUAL_DAYS
    portfolio.save(update_fields=["fresh_days"])
    row = make_use_case(portfolio, by=contributor)
    answer_all(row, contributor)
    set_economics(act(contributor), row.pk, make_judgement(), now=NOW)
    recompute(portfolio.pk, NOW)
    return row


def later(days: int):
    return NOW + timedelta(days=days)


def ranked_again(portfolio, now) -> Standing:
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, now)
    return Standing.objects.get()


def test_both_are_as_old_as_what_they_come_from(use_case):
    row = Standing.objects.get()
    assert (row.data_as_of, row.value_as_of) == (NOW, NOW)
    assert row.stale_inputs == 0


@pytest.mark.parametrize(
    ("days", "stale", "moved"), [(90, 0, False), (91, 2, False), (119, 2, False), (120, 2, True)]
)
def test_both_are_marked_and_then_widen(portfolio, use_case, days, stale, moved):
    before = Standing.objects.get()
    after = ranked_again(portfolio, later(days))
    assert after.stale_inputs == stale
    assert (after.impact != before.impact) is moved
    assert (after.feasibility < before.feasibility) is moved


def test_they_widen_as_the_domain_says(portfolio, use_case):
    """Data 4 to 5, likely 5, five periods on: 4 × 0.9⁵, 5 and 5."""
    now = later(90 + 150)
    kept = 0.9**5
    opinions = Held.of(portfolio.pk, [use_case.pk], now).opinions
    at = {one.slug: row for row, one in enumerate(opinions.criteria)}
    found = {
        slug: [
            (low, likely, high)
            for row, low, likely, high in zip(
                opinions.row, opinions.low, opinions.likely, opinions.high, strict=True
            )
            if row == at[slug]
        ]
        for slug in ("data_readiness", "annual_value")
    }
    assert found["data_readiness"] == [pytest.approx((4 * kept, 5, 5))]
    # 434,803 a year lies between 150,000 (2) and 500,000 (3).
    point = 2 + (434_803 - 150_000) / 350_000
    assert found["annual_value"] == [
        pytest.approx((point * kept, point, 5 - (5 - point) * kept), abs=1e-6)
    ]


def test_rank_and_certainty_widen_alike(portfolio, use_case):
    now = later(90 + 150)
    sheet = Sheet.read(portfolio.pk, now).sheet
    values = expected_values(Held.of(portfolio.pk, [use_case.pk], now).opinions)
    for row in range(len(sheet.criteria)):
        assert float(sheet.exact_value(row, 0)) == pytest.approx(float(values[row][0]), abs=1e-9)


def test_the_oldest_required_source_counts(use_case, contributor, act):
    other = {**SOURCE, "name": "knowledge base"}
    wiki = {**SOURCE, "name": "wiki", "required": False}
    given = {"data": {"sources": [SOURCE, other, wiki]}}
    answer_tests(act(contributor), use_case.pk, given, now=later(5))
    assert Standing.objects.get().data_as_of == NOW
    newer = [{**SOURCE, "is_clean": False}, other, wiki]
    answer_tests(act(contributor), use_case.pk, {"data": {"sources": newer}}, now=later(9))
    assert Standing.objects.get().data_as_of == later(5)
    assert list(DataSource.objects.in_order().values_list("answered_at", flat=True)) == [
        later(9), later(5), later(5),
    ]  # fmt: skip


def test_moving_a_source_in_the_table_makes_it_no_younger(use_case, contributor, act):
    other = {**SOURCE, "name": "knowledge base"}
    given = {"data": {"sources": [other, SOURCE]}}
    answer_tests(act(contributor), use_case.pk, given, now=later(5))
    assert DataSource.objects.get(name=SOURCE["name"]).answered_at == NOW


def test_who_confirms_the_data_makes_them_fresh(portfolio, use_case, contributor, act):
    confirm_data(act(contributor), use_case.pk, now=later(100))
    assert Standing.objects.get().data_as_of == later(100)
    assert ranked_again(portfolio, later(100)).stale_inputs == 1  # the value still is
    confirm_data(act(contributor), use_case.pk, now=later(100))
    assert Event.objects.filter(kind="tests_answered").count() == 2  # once a day
    confirm_data(act(contributor), use_case.pk, now=later(101))
    assert Standing.objects.get().data_as_of == later(101)


def test_what_was_confirmed_stays_as_young_where_another_source_is_added(
    use_case, contributor, act
):
    confirm_data(act(contributor), use_case.pk, now=later(100))
    other = {**SOURCE, "name": "knowledge base"}
    given = {"data": {"sources": [SOURCE, other]}}
    answer_tests(act(contributor), use_case.pk, given, now=later(110))
    assert Standing.objects.get().data_as_of == later(100)


def test_who_withdraws_a_confirmation_makes_them_as_old_again(use_case, contributor, act):
    confirm_data(act(contributor), use_case.pk, now=later(100))
    answer_tests(act(contributor), use_case.pk, {"data": {"confirmed_by": None}}, now=later(101))
    assert Standing.objects.get().data_as_of == NOW


def test_the_oldest_input_of_the_net_counts(use_case, contributor, act):
    Assumption.objects.filter(name="volume_per_month").update(at=later(-50))
    Assumption.objects.filter(name="discount_rate").update(at=later(-90))  # not of the net
    set_economics(act(contributor), use_case.pk, make_judgement(hourly_rate="41"), now=later(3))
    assert Standing.objects.get().value_as_of == later(-50)
    faults = list(costing.differences([use_case.pk]))
    assert not faults


def test_who_stands_by_the_numbers_makes_them_fresh(portfolio, use_case, contributor, act):
    confirm_economics(act(contributor), use_case.pk, now=later(100))
    row = Standing.objects.get()
    assert row.value_as_of == later(100)
    assert ranked_again(portfolio, later(100)).stale_inputs == 1  # the data still are
    assert Assumption.objects.exclude(at=NOW).count() == 0  # who gave them, gave them then


def test_nothing_is_stood_by_that_nobody_said(portfolio, contributor, signed_in):
    make_use_case(portfolio, by=contributor)
    answer = signed_in(contributor).post(CONFIRM)
    assert answer.status_code == 422
    assert "Nobody has said anything yet" in answer.content.decode()
    assert not Event.objects.filter(kind="economics_changed").exists()


def test_rebuilding_finds_a_wrong_age(use_case):
    Standing.objects.update(value_as_of=None, data_as_of=None)
    assert [row.figure for row in costing.differences([use_case.pk])] == ["standing.value_as_of"]
    assert [row.column for row in standing.differences([use_case.pk])] == ["data_as_of"]


class TestDoors:
    @pytest.fixture
    def old(self, portfolio, contributor):
        given = timezone.now() - timedelta(days=200)
        portfolio.fresh_days = USUAL_DAYS
        portfolio.save(update_fields=["fresh_days"])
        row = make_use_case(portfolio, by=contributor)
        answer_all(row, contributor, now=given)
        set_economics(Actor(user=contributor), row.pk, make_judgement(), now=given)
        return row

    def test_the_pages_say_so_and_take_a_fresh_look(self, old, contributor, signed_in):
        browser = signed_in(contributor)
        economics, tests = "/use-cases/ACME-1/economics/", "/use-cases/ACME-1/tests/"
        assert "They still hold" in browser.get(economics).content.decode()
        assert "They still hold" in browser.get(tests).content.decode()
        browser.post(CONFIRM)
        browser.post("/use-cases/ACME-1/tests/confirmation/")
        page = browser.get(economics).content.decode()
        assert "They still hold" not in page
        assert "confirmed by" in page
        assert "They still hold" not in browser.get(tests).content.decode()

    def test_a_viewer_is_told_and_cannot(self, old, viewer, signed_in):
        browser = signed_in(viewer)
        page = browser.get("/use-cases/ACME-1/economics/").content.decode()
        assert "Stale:" in page
        assert "They still hold" not in page

    def test_who_gave_them_is_asked(self, old, contributor, owner, signed_in):
        page = signed_in(contributor).get("/").content.decode()
        assert "1 of your data sources is stale" in page
        assert "13 of your inputs are stale" in page
        assert "stale" not in signed_in(owner).get("/").content.decode()

    def test_the_api_says_how_old_and_takes_a_fresh_look(self, old, api, contributor, viewer):
        ask = api(contributor)
        economics = "/api/v1/use-cases/ACME-1/unit-economics/"
        before = ask.get(economics).data
        assert before["confirmed_by"] is None
        assert ask.get("/api/v1/use-cases/ACME-1/tests/").data["data"]["as_of"] < timezone.now()
        assert api(viewer).post(f"{economics}confirmation/").status_code == 403
        after = ask.post(f"{economics}confirmation/")
        assert after.status_code == 200
        assert after.data["as_of"] > before["as_of"]
        assert after.data["confirmed_by"] == contributor.email
        assert after.data["net_per_month"] == before["net_per_month"]


def test_the_scale_s_middle_does_not_move(portfolio, use_case):
    """A point at 2.5 widens alike to both sides, so that its mean stays."""
    scale = [Decimal(amount) for amount in (0, 50_000, 434_803 - 10, 434_803 + 10, 600_000, 10**7)]
    Portfolio.objects.update(value_scale=scale)
    impact = ranked_again(portfolio, NOW).impact
    assert ranked_again(portfolio, later(400)).impact == impact


def test_a_portfolio_that_nobody_rated_ages_too(use_case):
    assert want_daily(NOW + timedelta(hours=1)) == 0
    assert want_daily(later(1)) == 1
