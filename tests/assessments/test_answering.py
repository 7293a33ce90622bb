from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessments.actions.testing import answer_tests, confirm_data, say_no, withdraw_no
from assessments.models import DataSource, FourTests, PersonsNo
from assessments.rules.four_tests import Test as FourTest
from assessments.standing import gather
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Guardrail, Standing, SuccessMetric, UseCase
from portfolio.models.events import Kind
from portfolio.rules.words import Answer
from tests.assessments.making import OUTCOME, REVIEW, SOURCE, answer_all, publish_net
from tests.make import NOW, make_use_case


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


def published(use_case) -> tuple[int, int, int, int]:
    row = Standing.objects.get(pk=use_case.pk)
    return row.outcome, row.data, row.review, row.economics


def test_all_parts_given_make_a_use_case_ready(use_case, contributor):
    answer_all(use_case, contributor)

    assert published(use_case) == (2, 2, 2, 2)
    row = Standing.objects.get(pk=use_case.pk)
    assert row.ready
    assert row.data_readiness_likely == 5
    assert row.data_readiness_low == 4


def test_answering_rings_for_a_ranking_and_is_an_event(use_case, contributor, act, rung):
    answer_tests(act(contributor), use_case.pk, {"review": REVIEW}, now=NOW)

    with_on_commit = Event.objects.filter(kind=Kind.TESTS_ANSWERED).get()
    assert with_on_commit.what["answers"]["review"] == "yes"
    assert with_on_commit.what["changed"]["review.reviewer"] == ["", "team lead on shift"]
    use_case.portfolio.refresh_from_db()
    assert use_case.portfolio.ranking_wanted == with_on_commit.pk


@pytest.mark.django_db(transaction=True)
def test_the_bell_reaches_the_broker(use_case, contributor, act, rung):
    answer_tests(act(contributor), use_case.pk, {"review": REVIEW}, now=NOW)

    assert ("assessments.recompute_ranking", (use_case.portfolio_id,)) in rung()


def test_only_the_fields_given_are_written(use_case, contributor, act):
    answer_all(use_case, contributor)
    answer_tests(act(contributor), use_case.pk, {"outcome": {"target": "0.4"}}, now=NOW)

    metric = SuccessMetric.objects.get(pk=use_case.pk)
    assert metric.target == Decimal("0.4")
    assert metric.baseline == 8
    assert Guardrail.objects.in_force().count() == 1


def test_an_answer_that_changes_nothing_leaves_no_event(use_case, contributor, act):
    answer_all(use_case, contributor)
    before = Event.objects.count()
    answer_all(use_case, contributor, net=None)
    assert Event.objects.count() == before


def test_an_outcome_without_a_number_is_no_and_says_why(use_case, contributor, act):
    vague = {**OUTCOME, "statement": "Improve customer experience"}
    answer_tests(act(contributor), use_case.pk, {"outcome": vague}, now=NOW)

    assert published(use_case)[0] == Answer.NO
    state = gather([use_case.pk])[use_case.pk].states()[FourTest.OUTCOME]
    assert "statement_number" in [missing.slug for missing in state.missing]


def test_a_persons_no_wins_until_it_is_withdrawn(use_case, contributor, act):
    answer_all(use_case, contributor)
    say_no(act(contributor), use_case.pk, FourTest.OUTCOME, "the baseline is a guess", now=NOW)
    assert published(use_case) == (1, 2, 2, 2)

    withdraw_no(act(contributor), use_case.pk, FourTest.OUTCOME, now=NOW)
    assert published(use_case) == (2, 2, 2, 2)
    assert PersonsNo.objects.get().withdrawn_by == contributor


def test_a_no_to_the_economics_outlives_a_new_net(use_case, contributor, act):
    answer_all(use_case, contributor)
    say_no(act(contributor), use_case.pk, FourTest.ECONOMICS, "volume is a hope", now=NOW)
    publish_net(use_case, "20000")
    assert published(use_case)[3] == Answer.NO

    withdraw_no(act(contributor), use_case.pk, FourTest.ECONOMICS, now=NOW)
    assert published(use_case)[3] == Answer.YES


def test_economics_published_before_or_after_the_tests_answer_alike(portfolio, contributor):
    first, second = make_use_case(portfolio), make_use_case(portfolio, title="Other")
    publish_net(first, "-1")
    answer_all(first, contributor, net=None)
    answer_all(second, contributor, net="-1")
    assert published(first) == published(second) == (2, 2, 2, 1)


def test_nobody_can_give_a_yes(use_case, contributor, act):
    with pytest.raises(ValidationError, match="derived"):
        answer_tests(act(contributor), use_case.pk, {"data": {"answer": "yes"}}, now=NOW)
    assert not FourTests.objects.exists()


def test_sources_are_replaced_and_confirmation_lapses_with_them(use_case, contributor, act):
    answer_all(use_case, contributor)
    confirm_data(act(contributor), use_case.pk, now=NOW)
    tests = FourTests.objects.get()
    assert tests.data_confirmed_by == contributor

    other = {**SOURCE, "name": "knowledge base", "usable": "not_yet", "is_clean": False}
    answer_tests(act(contributor), use_case.pk, {"data": {"sources": [SOURCE, other]}}, now=NOW)
    tests.refresh_from_db()
    assert tests.data_confirmed_by is None
    assert published(use_case)[1] == Answer.NO
    assert list(DataSource.objects.in_order().values_list("name", flat=True)) == [
        "tickets", "knowledge base",
    ]  # fmt: skip

    answer_tests(act(contributor), use_case.pk, {"data": {"sources": [other]}}, now=NOW)
    assert DataSource.objects.get().name == "knowledge base"


def test_only_a_member_can_confirm_the_data(use_case, contributor, stranger, act):
    with pytest.raises(ValidationError, match="Nobody in this portfolio"):
        answer_tests(
            act(contributor), use_case.pk, {"data": {"confirmed_by": stranger.email}}, now=NOW
        )


def test_faults_name_their_fields(use_case, contributor, act):
    with pytest.raises(ValidationError) as refused:
        answer_tests(
            act(contributor),
            use_case.pk,
            {
                "outcome": {"baseline": "many", "guardrails": [{"metric": "CSAT"}]},
                "data": {"sources": [{"name": ""}, {"name": "x", "usable": "perhaps"}]},
                "review": {"outputs": "some", "sampled_percent": 0},
            },
            now=NOW,
        )
    assert set(refused.value.message_dict) >= {
        "outcome.baseline", "outcome.guardrails.0.kind", "outcome.guardrails.0.limit",
        "data.sources.0.name", "data.sources.1.usable", "review.outputs",
    }  # fmt: skip
    assert not SuccessMetric.objects.exists()
    assert not DataSource.objects.exists()


def test_two_sources_of_one_name_are_a_fault(use_case, contributor, act):
    with pytest.raises(ValidationError, match="there already"):
        answer_tests(
            act(contributor), use_case.pk,
            {"data": {"sources": [SOURCE, {**SOURCE, "name": "Tickets"}]}}, now=NOW,
        )  # fmt: skip


def test_a_sampled_review_needs_its_share(use_case, contributor, act):
    sampled = {**REVIEW, "outputs": "sampled"}
    answer_tests(act(contributor), use_case.pk, {"review": sampled}, now=NOW)
    assert published(use_case)[2] == Answer.UNKNOWN
    answer_tests(act(contributor), use_case.pk, {"review": {"sampled_percent": 10}}, now=NOW)
    assert published(use_case)[2] == Answer.YES


def test_a_viewer_may_not_answer_and_nothing_is_written(use_case, viewer, act):
    with pytest.raises(NotAllowed):
        answer_tests(act(viewer), use_case.pk, {"review": REVIEW}, now=NOW)
    assert not FourTests.objects.exists()


def test_a_stranger_finds_nothing(use_case, stranger, act):
    with pytest.raises(UseCase.DoesNotExist):
        answer_tests(act(stranger), use_case.pk, {"review": REVIEW}, now=NOW)


def test_an_edit_of_what_changed_meanwhile_is_refused(use_case, contributor, act):
    tests = answer_tests(act(contributor), use_case.pk, {"review": REVIEW}, now=NOW)
    seen = tests.revision
    answer_tests(act(contributor), use_case.pk, {"review": {"reviewer": "nobody"}}, now=NOW)
    with pytest.raises(EditedMeanwhile):
        answer_tests(act(contributor), use_case.pk, {"review": REVIEW}, now=NOW, seen_version=seen)
