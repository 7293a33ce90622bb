from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from assessments.actions.criteria import (
    add_criterion,
    bring_back_criterion,
    change_weights,
    edit_criterion,
    retire_criterion,
)
from assessments.actions.disqualifying import (
    DisqualifierClosed,
    overrule_disqualifier,
    raise_disqualifier,
    resolve_disqualifier,
)
from assessments.actions.rating import DerivedIsNotRated, rate
from assessments.models import Criterion, Disqualifier, Rating
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Portfolio, Standing
from portfolio.models.events import Kind
from tests.assessments.making import judgement
from tests.make import NOW, make_use_case


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


def criterion(portfolio, slug) -> Criterion:
    return Criterion.objects.in_portfolio(portfolio.pk).get(slug=slug)


def test_a_portfolio_begins_with_the_criteria_of_the_domain(portfolio):
    rows = Criterion.objects.in_portfolio(portfolio.pk).in_force()
    assert [(row.slug, row.axis, row.weight) for row in rows] == [
        ("annual_value", "impact", 3), ("stakeholder_pull", "impact", 2),
        ("headroom", "impact", 2), ("visibility", "impact", 1), ("reuse", "impact", 1),
        ("ai_fit", "feasibility", 3), ("data_readiness", "feasibility", 3),
        ("time_to_value", "feasibility", 2), ("tolerance", "feasibility", 2),
        ("compliance", "feasibility", 2), ("narrowness", "feasibility", 2),
        ("review_path", "feasibility", 1),
    ]  # fmt: skip
    assert [row.slug for row in rows if row.is_derived] == ["annual_value", "data_readiness"]
    assert {row.revision for row in rows} == {portfolio.revision}


def test_rating_keeps_who_said_what_and_is_an_event(use_case, contributor, act):
    rate(act(contributor), use_case.pk, [judgement("ai_fit", "2", "3.5", "4")], now=NOW)

    row = Rating.objects.get()
    assert (row.low, row.likely, row.high) == (2, Decimal("3.5"), 4)
    row.refresh_from_db()
    assert row.tenths == 200
    event = Event.objects.filter(kind=Kind.RATED).get()
    assert row.revision == event.pk
    assert event.what["ratings"][0]["after"] == ["2.0", "3.5", "4.0"]
    assert Portfolio.objects.ranking_wanted(use_case.portfolio_id) == event.pk


def test_a_rating_is_revised_in_place_and_the_same_again_is_nothing(use_case, contributor, act):
    rate(act(contributor), use_case.pk, [judgement("ai_fit")], now=NOW)
    rate(act(contributor), use_case.pk, [judgement("ai_fit", high="5")], now=NOW)
    before = Event.objects.count()
    rate(act(contributor), use_case.pk, [judgement("ai_fit", high="5")], now=NOW)

    assert Rating.objects.count() == 1
    assert Event.objects.count() == before
    revised = Event.objects.filter(kind=Kind.RATING_REVISED).get()
    assert revised.what["ratings"][0]["before"] == ["2.0", "3.0", "4.0"]


def test_each_assessor_has_their_own(use_case, contributor, owner, act):
    rate(act(contributor), use_case.pk, [judgement("ai_fit")], now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "1", "1")], now=NOW)
    assert Rating.objects.for_use_cases([use_case.pk]).count() == 2


@pytest.mark.parametrize(
    ("low", "likely", "high", "field"),
    [("3", "2", "4", "0"), ("0", "6", "6", "0.likely"), ("-1", "0", "1", "0.low"),
     ("1", "1.25", "2", "0.likely")],
)  # fmt: skip
def test_a_rating_out_of_order_or_range_is_refused(
    use_case, contributor, act, low, likely, high, field
):
    with pytest.raises(ValidationError) as refused:
        rate(act(contributor), use_case.pk, [judgement("ai_fit", low, likely, high)], now=NOW)
    assert field in refused.value.message_dict
    assert not Rating.objects.exists()


def test_the_table_refuses_what_the_action_would(use_case, contributor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(
            use_case=use_case, criterion=criterion(use_case.portfolio, "ai_fit"),
            assessor=contributor, low=3, likely=2, high=4, rated_at=NOW,
        )  # fmt: skip


def test_a_derived_criterion_is_never_rated_by_hand(use_case, contributor, act):
    with pytest.raises(DerivedIsNotRated, match="Annual value"):
        rate(
            act(contributor), use_case.pk,
            [judgement("ai_fit"), judgement("annual_value")], now=NOW,
        )  # fmt: skip
    assert not Rating.objects.exists()


def test_an_unknown_retired_or_doubled_criterion_is_named(use_case, sponsor, act):
    retire_criterion(act(sponsor), criterion(use_case.portfolio, "reuse").pk, now=NOW)
    given = [judgement("reuse"), judgement("nothing"), judgement("ai_fit"), judgement("ai_fit")]
    with pytest.raises(ValidationError) as refused:
        rate(act(sponsor), use_case.pk, given, now=NOW)
    assert set(refused.value.message_dict) == {"0.criterion", "1.criterion", "3.criterion"}


def test_a_viewer_may_not_rate(use_case, viewer, act):
    with pytest.raises(NotAllowed):
        rate(act(viewer), use_case.pk, [judgement("ai_fit")], now=NOW)


def test_weights_are_a_sponsors_and_change_together(portfolio, sponsor, contributor, act):
    with pytest.raises(NotAllowed):
        change_weights(act(contributor), portfolio.pk, {"ai_fit": Decimal(1)})
    change_weights(act(sponsor), portfolio.pk, {"ai_fit": Decimal(1), "reuse": Decimal(0)})

    event = Event.objects.filter(kind=Kind.WEIGHTS_CHANGED).get()
    assert event.what["weights"] == {"ai_fit": ["3", "1"], "reuse": ["1", "0"]}
    assert criterion(portfolio, "reuse").revision == event.pk
    assert Portfolio.objects.ranking_wanted(portfolio.pk) == event.pk


def test_a_weight_below_zero_is_refused(portfolio, sponsor, act):
    with pytest.raises(ValidationError) as refused:
        change_weights(act(sponsor), portfolio.pk, {"ai_fit": Decimal(-1)})
    assert "ai_fit" in refused.value.message_dict


def test_weights_seen_before_another_change_are_refused(portfolio, sponsor, act):
    seen = {"ai_fit": criterion(portfolio, "ai_fit").revision}
    change_weights(act(sponsor), portfolio.pk, {"ai_fit": Decimal(2)})
    with pytest.raises(EditedMeanwhile):
        change_weights(act(sponsor), portfolio.pk, {"ai_fit": Decimal(1)}, seen=seen)


def test_criteria_are_added_edited_retired_and_brought_back(portfolio, sponsor, act):
    row = add_criterion(
        act(sponsor), portfolio.pk, slug="joy", name="Joy", axis="impact", weight=Decimal(1),
        question="Will people like it?",
    )  # fmt: skip
    edit_criterion(act(sponsor), row.pk, {"name": "Delight"}, seen_version=row.revision)
    retire_criterion(act(sponsor), row.pk, now=NOW)
    assert row not in Criterion.objects.in_portfolio(portfolio.pk).in_force()
    bring_back_criterion(act(sponsor), row.pk)

    row.refresh_from_db()
    assert (row.name, row.retired_at) == ("Delight", None)
    assert Event.objects.filter(kind=Kind.CRITERIA_CHANGED).count() == 4


def test_a_slug_is_used_once(portfolio, sponsor, act):
    with pytest.raises(ValidationError, match="there already"):
        add_criterion(
            act(sponsor), portfolio.pk, slug="ai_fit", name="Again", axis="impact", question="?"
        )


def test_a_portfolio_shows_the_weights_of_the_criteria_in_use(portfolio, sponsor, act):
    assert portfolio.weights["ai_fit"] == "3"
    change_weights(act(sponsor), portfolio.pk, {"ai_fit": Decimal("1.5")})
    retire_criterion(act(sponsor), criterion(portfolio, "reuse").pk, now=NOW)
    portfolio.refresh_from_db()
    assert portfolio.weights["ai_fit"] == "1.5"
    assert "reuse" not in portfolio.weights


def bits(use_case) -> int:
    return Standing.objects.get(pk=use_case.pk).disqualified


def test_a_disqualifier_counts_until_it_is_resolved(use_case, contributor, act):
    row = raise_disqualifier(
        act(contributor), use_case.pk, "compliance_blocker", "No legal basis yet", now=NOW
    )
    raise_disqualifier(act(contributor), use_case.pk, "wrong_tool", "A form would do", now=NOW)
    assert bits(use_case) == 3
    resolve_disqualifier(act(contributor), row.pk, "Basis found", now=NOW)
    assert bits(use_case) == 1
    with pytest.raises(DisqualifierClosed, match="resolved already"):
        resolve_disqualifier(act(contributor), row.pk, "Again", now=NOW)


def test_only_a_sponsor_overrules_and_only_in_writing(use_case, contributor, sponsor, act):
    row = raise_disqualifier(act(contributor), use_case.pk, "wrong_tool", "A form", now=NOW)
    with pytest.raises(NotAllowed):
        overrule_disqualifier(act(contributor), row.pk, "I want it", now=NOW)
    with pytest.raises(ValidationError):
        overrule_disqualifier(act(sponsor), row.pk, "  ", now=NOW)
    overrule_disqualifier(act(sponsor), row.pk, "The form was tried in 2025", now=NOW)

    row.refresh_from_db()
    assert (bits(use_case), row.overruled_by, row.is_open) == (0, sponsor, False)
    assert Event.objects.filter(kind=Kind.DISQUALIFIER_OVERRULED).exists()


def test_one_kind_is_open_once_and_needs_evidence(use_case, contributor, act):
    with pytest.raises(ValidationError):
        raise_disqualifier(act(contributor), use_case.pk, "wrong_tool", " ", now=NOW)
    raise_disqualifier(act(contributor), use_case.pk, "wrong_tool", "A form", now=NOW)
    with pytest.raises(ValidationError, match="raised already"):
        raise_disqualifier(act(contributor), use_case.pk, "wrong_tool", "Still", now=NOW)
    assert Disqualifier.objects.count() == 1
