from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from economics import costing
from economics.actions import Given, GivenStep, set_economics
from economics.models import Assumption, RouteStep, UnitEconomics
from economics.rules.inputs import Basis, Range, RouteKind
from economics.rules.prices import ManualPrice
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Portfolio, Standing, UseCase
from portfolio.rights import Actor
from portfolio.rules.words import Answer
from tests import make
from tests.economics.making import STEP, make_judgement

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio)


@pytest.fixture
def set_it(contributor, use_case):
    actor = Actor(user=contributor)
    return lambda judgement, **options: set_economics(
        actor, use_case.pk, judgement, **{"now": NOW, **options}
    )


def test_the_likely_case_is_published_with_its_day_and_its_table(set_it, use_case):
    row = set_it(make_judgement())
    # A call: 1,200 at 0.25 and 300 at 2 a million; 5 % retries, a tool, 2 minutes of each tenth.
    assert row.llm_cost == Decimal("0.000945")
    assert row.cost_per_interaction == Decimal("0.135328")
    assert row.value_per_month == Decimal("45000.000000")
    assert row.net_per_month == Decimal("36233.583333")
    assert row.price_date == date(2026, 11, 20)
    assert row.priced_by.startswith("genai-prices ")
    standing = Standing.objects.get(pk=use_case.pk)
    assert standing.net_per_month == row.net_per_month
    assert standing.annual_net_value == row.annual_net_value == Decimal("434803.000000")
    assert standing.economics == Answer.YES
    assert standing.revision == row.revision


def test_the_ranking_is_asked_for(set_it, use_case, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_it(make_judgement())
    assert ("assessments.recompute_ranking", (use_case.portfolio_id,)) in rung()


def test_what_is_missing_keeps_the_net_unknown_and_never_zero(set_it, use_case):
    row = set_it(make_judgement(without=["volume_per_month", "fixed_per_month"]))
    assert row.net_per_month is None
    assert row.missing_inputs == ["volume_per_month", "fixed_per_month"]
    assert Standing.objects.get(pk=use_case.pk).economics == Answer.UNKNOWN
    assert row.cost_per_interaction is not None


def test_a_model_that_the_table_does_not_know_is_kept_and_unknown(set_it):
    row = set_it(make_judgement(steps=[GivenStep("openai", "gpt-5-minni", Range.point(1))]))
    step = RouteStep.objects.get(economics=row)
    assert row.net_per_month is None
    assert row.missing_inputs == ["price"]
    assert step.price_per_call is None
    assert "gpt-5-mini" in step.price_words


def test_an_unknown_model_is_told_before_any_token_is(set_it):
    judgement = make_judgement(
        steps=[GivenStep("openai", "gpt-5-minni", Range.point(1))], without=["input_tokens"]
    )
    row = set_it(judgement)
    assert "gpt-5-mini" in RouteStep.objects.get(economics=row).price_words


def test_a_manual_price_stands_in_for_the_table(set_it):
    by_hand = ManualPrice(Decimal(2), Decimal(8), "our contract of May")
    step = GivenStep("", "our own", Range.point(1), by_hand)
    row = set_it(make_judgement(steps=[step]))
    assert RouteStep.objects.get(economics=row).price_per_call == Decimal("0.0048")
    assert row.net_per_month is not None


def test_a_cascade_pays_every_step_that_is_reached(set_it):
    steps = [STEP, GivenStep("openai", "gpt-5-mini", Range(*map(Decimal, ("0.1", "0.2", "0.4"))))]
    row = set_it(make_judgement(steps=steps, kind=RouteKind.CASCADE))
    assert row.llm_cost == Decimal("0.001134")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"retry_share": "1.2"}, "retry_share"),
        ({"volume_per_month": "-1"}, "volume_per_month"),
        ({"calls": Given(Range(Decimal(3), Decimal(2), Decimal(4)))}, "calls"),
        ({"steps": [GivenStep("openai", "gpt-5-mini", Range.point("0.5"))]}, "route"),
        ({"steps": [GivenStep("openai", " ", Range.point(1))]}, "route.steps.0.model"),
        (
            {
                "steps": [
                    GivenStep("", "own", Range.point(1), ManualPrice(Decimal(1), Decimal(1), " "))
                ]
            },
            "route.steps.0.manual_price.reason",
        ),
        ({"currency": "EUR"}, "currency"),
        ({"usd_rate": Decimal(2), "usd_rate_on": date(2026, 11, 1)}, "route.usd_rate"),
        (
            {"volume_per_month": "100000000000", "value_per_success": "100000"},
            "volume_per_month",
        ),
    ],
)
def test_what_cannot_be_so_is_refused_at_its_field(set_it, use_case, changes, field):
    before = Portfolio.objects.get(pk=use_case.portfolio_id).revision
    with pytest.raises(ValidationError) as refusal:
        set_it(make_judgement(**changes))
    assert field in refusal.value.message_dict
    assert Portfolio.objects.get(pk=use_case.portfolio_id).revision == before
    assert not UnitEconomics.objects.exists()


def test_a_viewer_may_not_and_a_stranger_finds_nothing(use_case, viewer, stranger, portfolio):
    before = Portfolio.objects.get(pk=portfolio.pk).revision
    with pytest.raises(NotAllowed):
        set_economics(Actor(user=viewer), use_case.pk, make_judgement(), now=NOW)
    with pytest.raises(UseCase.DoesNotExist):
        set_economics(Actor(user=stranger), use_case.pk, make_judgement(), now=NOW)
    assert Portfolio.objects.get(pk=portfolio.pk).revision == before


def test_what_is_not_said_again_is_taken_away(set_it):
    row = set_it(make_judgement())
    set_it(make_judgement(without=["ramp_months"], steps=()))
    assert not Assumption.objects.filter(economics=row, name="ramp_months").exists()
    assert not RouteStep.objects.filter(economics=row).exists()
    row.refresh_from_db()
    assert row.net_per_month is None
    assert row.missing_inputs == ["route"]


def test_a_number_said_again_keeps_who_gave_it(set_it, use_case, sponsor, contributor):
    row = set_it(make_judgement())
    later = NOW + timedelta(days=3)
    measured = Given(Range.point(Decimal("0.58")), Basis.MEASUREMENT, "logs of November")
    set_economics(
        Actor(user=sponsor), use_case.pk, make_judgement(success_share=measured), now=later
    )
    there = {given.name: given for given in Assumption.objects.filter(economics=row)}
    assert (there["calls"].by, there["calls"].at) == (contributor, NOW)
    assert (there["success_share"].by, there["success_share"].at) == (sponsor, later)
    assert there["success_share"].basis == "measurement"
    step = RouteStep.objects.get(economics=row)
    assert (step.by, step.at) == (contributor, NOW)


def test_saying_the_same_again_leaves_no_event(set_it, use_case):
    set_it(make_judgement())
    events = Event.objects.count()
    set_it(make_judgement())
    assert Event.objects.count() == events


def test_the_event_says_what_changed_and_what_followed(set_it, use_case):
    set_it(make_judgement())
    set_it(make_judgement(volume_per_month="60000"))
    event = Event.objects.filter(use_case=use_case, kind="economics_changed").latest("pk")
    said = event.what["changed"]["volume_per_month"]
    assert [said[0][1], said[1][1]] == ["50000", "60000"]
    assert event.what["net_per_month"][0] == "36233.583333"


def test_who_saw_an_older_version_is_told(set_it):
    row = set_it(make_judgement(), seen_version=0)
    with pytest.raises(EditedMeanwhile):
        set_it(make_judgement(calls="2"), seen_version=0)
    assert set_it(make_judgement(calls="2"), seen_version=row.revision).revision > row.revision


def test_a_person_s_no_stands_above_a_net_that_is_positive(set_it, use_case):
    Standing.objects.filter(pk=use_case.pk).update(economics_overruled=True)
    set_it(make_judgement())
    assert Standing.objects.get(pk=use_case.pk).economics == Answer.NO


class TestAnotherCurrency:
    @pytest.fixture(autouse=True)
    def in_euros(self, portfolio, use_case):
        Portfolio.objects.filter(pk=portfolio.pk).update(currency="EUR")

    def test_a_price_in_dollars_waits_for_a_rate(self, set_it):
        row = set_it(make_judgement())
        assert row.missing_inputs == ["usd_rate"]
        assert "US dollars" in RouteStep.objects.get(economics=row).price_words

    def test_a_rate_that_a_person_typed_turns_it(self, set_it, contributor):
        row = set_it(
            make_judgement(
                usd_rate=Decimal("0.9"), usd_rate_on=date(2026, 11, 19), usd_rate_source="ECB"
            )
        )
        assert RouteStep.objects.get(economics=row).price_per_call == Decimal("0.00081")
        assert row.usd_rate_by == contributor
        assert row.net_per_month is not None

    @pytest.mark.parametrize("on", [None, date(2026, 11, 21)])
    def test_a_rate_has_a_day_that_is_not_to_come(self, set_it, on):
        with pytest.raises(ValidationError) as refusal:
            set_it(make_judgement(usd_rate=Decimal("0.9"), usd_rate_on=on))
        assert "route.usd_rate_on" in refusal.value.message_dict

    def test_a_manual_price_needs_no_rate(self, set_it):
        by_hand = ManualPrice(Decimal(2), Decimal(8), "our contract")
        row = set_it(make_judgement(steps=[GivenStep("", "own", Range.point(1), by_hand)]))
        assert row.net_per_month is not None

    def test_a_rate_for_another_currency_is_none(self, set_it, portfolio, use_case):
        set_it(make_judgement(usd_rate=Decimal("0.9"), usd_rate_on=date(2026, 11, 19)))
        Portfolio.objects.filter(pk=portfolio.pk).update(currency="SEK")
        found = {one.figure for one in costing.differences([use_case.pk])}
        assert "net_per_month" in found


class TestRebuilding:
    def test_what_is_published_is_what_would_be_computed(self, set_it, use_case):
        set_it(make_judgement())
        assert list(costing.differences([use_case.pk])) == []
        assert costing.rebuild([use_case.pk], NOW) == 0

    def test_a_wrong_figure_is_found_and_mended(self, set_it, use_case):
        row = set_it(make_judgement())
        UnitEconomics.objects.filter(pk=row.pk).update(net_per_month=Decimal(1))
        Standing.objects.filter(pk=row.pk).update(annual_net_value=Decimal(1))
        found = {one.figure for one in costing.differences([use_case.pk])}
        assert found == {"net_per_month", "standing.annual_net_value"} | (
            found & {"standing.net_per_month"}
        )
        assert costing.rebuild([use_case.pk], NOW) == 1
        assert list(costing.differences([use_case.pk])) == []
        assert Standing.objects.get(pk=row.pk).annual_net_value == row.annual_net_value

    def test_many_cases_cost_as_many_queries_as_one(
        self, portfolio, contributor, django_assert_num_queries
    ):
        actor = Actor(user=contributor)
        ids = []
        for _ in range(4):
            ids.append(make.make_use_case(portfolio).pk)
            set_economics(actor, ids[-1], make_judgement(), now=NOW)
        with django_assert_num_queries(3):
            assert list(costing.differences(ids)) == []
