"""How sure the ranking is, published by its worker."""

import threading
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from assessments import certainty
from assessments.actions.rating import rate
from assessments.actions.testing import answer_tests
from assessments.certainty import simulate
from assessments.held import Held, Unready
from assessments.ranking import recompute
from assessments.rules import simulation
from assessments.tasks import simulate_ranking
from assessments.what_if import score_if_yes
from portfolio import standing, sweeping
from portfolio.bells import Bell
from portfolio.models import Event, Portfolio, Ranking, Simulation, Standing, UseCase
from portfolio.models.events import Kind
from portfolio.origins import Asked, origin_of
from portfolio.rights import Actor
from portfolio.rules.words import Place
from portfolio.templatetags.words import score
from tests.assessments.making import (
    OUTCOME,
    REVIEW,
    SOURCE,
    answer_all,
    judgement,
    publish_net,
    rate_both_axes,
)
from tests.make import NOW, make_use_case

COLUMNS = tuple(standing.CERTAIN)


def published(use_case) -> dict:
    return Standing.objects.filter(pk=use_case.pk).values(*COLUMNS).get()


@pytest.fixture
def three(portfolio, contributor):
    """ACME-1 and ACME-2 ready, the second rated a little higher; ACME-3 is not ready."""
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in (1, 2, 3)]
    for row, likely in zip(rows, ("3", "3.4", "5"), strict=True):
        rate_both_axes(row, contributor, likely)
    for row in rows[:2]:
        answer_all(row, contributor)
    recompute(portfolio.pk, NOW)
    return rows


def test_ranked_candidates_get_their_chances(portfolio, three):
    simulate(portfolio.pk, NOW)

    one, two = published(three[0]), published(three[1])
    assert one["p_first"] + two["p_first"] == 1
    assert two["p_first"] > Decimal("0.5")
    assert (two["p_top3"], two["rank_low"], two["rank_high"]) == (1, 1, 2)
    assert 0 < two["impact_low"] < two["impact_high"] < 10
    assert set(published(three[2]).values()) == {None}
    row = Simulation.objects.get(pk=portfolio.pk)
    assert (row.done, row.simulated, row.computed_at) == (
        Ranking.objects.get(pk=portfolio.pk).done,
        2,
        NOW,
    )
    assert row.p_lead == two["p_first"]


def test_what_is_published_is_what_the_rule_says_of_what_is_held(portfolio, three):
    simulate(portfolio.pk, NOW)
    held = Held.read(portfolio.pk, NOW)
    assert held.use_case_ids == [three[1].pk, three[0].pk]
    assert held.opinions.references == ["ACME-2", "ACME-1"]
    found = simulation.simulate(held.opinions)
    assert published(three[1])["p_first"] == round(Decimal(found.first[0]), 4)
    # Three by hand and by one assessor, and the two that are derived.
    rated = {
        (held.opinions.criteria[row].slug, low, likely, high)
        for row, column, low, likely, high in zip(
            held.opinions.row, held.opinions.column, held.opinions.low, held.opinions.likely,
            held.opinions.high, strict=True,
        )
        if column == 0
    }  # fmt: skip
    assert {slug for slug, *_ in rated} == {
        "annual_value", "data_readiness", "stakeholder_pull", "ai_fit",
    }  # fmt: skip
    assert ("data_readiness", 4.0, 5.0, 5.0) in rated
    (point,) = {
        values
        for slug, *values in map(tuple, rated)
        if slug == "annual_value"
        for values in [tuple(values)]
    }
    assert point[0] == point[1] == point[2] == pytest.approx(1.9619996)


def test_what_would_swap_the_first_two_is_published_and_true(portfolio, three, contributor, act):
    simulate(portfolio.pk, NOW)
    flips = Simulation.objects.get(pk=portfolio.pk).flips
    assert flips["value"]["use_case"] in (three[0].pk, three[1].pk)
    told = flips["value"]
    leader = UseCase.objects.with_standing().get(standing__rank=1, portfolio=portfolio)
    told_of = origin_of(Asked(act(contributor), leader, NOW), "flip_value")
    (alone,) = (part for part in told_of.parts if part.name == str(contributor))
    assert alone.words.startswith(f"{Decimal(told['now']):.1f} → {Decimal(told['to']):.1f}")
    rate(
        act(contributor),
        told["use_case"],
        [judgement(told["slug"], told["to"], told["to"], told["to"])],
        now=NOW,
    )
    recompute(portfolio.pk, NOW)
    assert Standing.objects.get(pk=three[0].pk).rank == 1


def test_running_again_changes_nothing(portfolio, three):
    simulate(portfolio.pk, NOW)
    before = list(Standing.objects.order_by("pk").values_list(*COLUMNS, "revision"))
    events = Event.objects.count()
    simulate(portfolio.pk, NOW)
    simulate_ranking(portfolio.pk)
    certainty.rebuild(portfolio.pk, NOW)
    assert list(Standing.objects.order_by("pk").values_list(*COLUMNS, "revision")) == before
    assert Event.objects.count() == events


def test_doubt_alone_moves_chances_and_no_rank(portfolio, three, contributor, act):
    simulate(portfolio.pk, NOW)
    before, score = published(three[1])["p_first"], Standing.objects.get(pk=three[1].pk).score
    # The same mean, (1 + 4 × 3.4 + 5.8) ÷ 6, from a wider range.
    rate(act(contributor), three[1].pk, [judgement("ai_fit", "1.8", "3.4", "5")], now=NOW)
    recompute(portfolio.pk, NOW)
    assert Standing.objects.get(pk=three[1].pk).score == score
    simulate(portfolio.pk, NOW)
    assert published(three[1])["p_first"] != before
    last = Event.objects.filter(kind=Kind.CERTAINTY_PUBLISHED).order_by("-pk").first()
    assert last.what == {"simulated": 2, "changed": 2}


def test_who_is_not_ranked_any_more_is_sure_of_nothing(portfolio, three):
    simulate(portfolio.pk, NOW)
    three[1].stage = "selected"
    three[1].save(update_fields=["stage"])
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, NOW)
    simulate(portfolio.pk, NOW)
    assert set(published(three[1]).values()) == {None}
    assert published(three[0])["p_first"] == 1
    assert Simulation.objects.get(pk=portfolio.pk).p_lead is None


def test_a_portfolio_without_anything_ranked_is_no_fault(portfolio):
    recompute(portfolio.pk, NOW)
    simulate(portfolio.pk, NOW)
    assert Simulation.objects.get(pk=portfolio.pk).simulated == 0


def test_a_published_ranking_rings_for_its_simulation(
    portfolio, three, rung, django_capture_on_commit_callbacks
):
    Portfolio.objects.want_ranking(portfolio.pk)
    with django_capture_on_commit_callbacks(execute=True):
        recompute(portfolio.pk, NOW)
    assert (Bell.SIMULATE.value, (portfolio.pk,)) in rung()


def test_the_sweep_finds_a_simulation_whose_bell_was_lost(portfolio, three):
    assert (Bell.SIMULATE, portfolio.pk) in sweeping.waiting(NOW)
    simulate(portfolio.pk, NOW)
    assert (Bell.SIMULATE, portfolio.pk) not in sweeping.waiting(NOW)


def test_rebuild_mends_a_percentage_that_was_tampered_with(portfolio, three, capsys):
    simulate(portfolio.pk, NOW)
    good = published(three[0])
    Standing.objects.filter(pk=three[0].pk).update(p_first=Decimal("0.9"))
    call_command("rebuild", portfolio="ACME")
    assert "how sure 1 places are differs" in capsys.readouterr().out
    assert published(three[0]) == good


@pytest.mark.django_db(transaction=True)
def test_a_simulation_at_work_keeps_no_ranking_waiting(portfolio, contributor):
    make_use_case(portfolio, title="One")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert Simulation.objects.claim(portfolio.pk) is not None
            held.set()
            done.wait(10)
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(10)
        Portfolio.objects.want_ranking(portfolio.pk)
        recompute(portfolio.pk, NOW)
        row = Portfolio.objects.with_ranking().get(pk=portfolio.pk)
        assert not row.is_ranking_stale
        simulate(portfolio.pk, NOW)  # leaves it to the other
        assert row.is_certainty_stale
    finally:
        done.set()
        other.join()


# --- What could change the pick ---------------------------------------------------------------


def test_what_could_change_the_pick_is_published(portfolio, three, contributor):
    """ACME-3 has the best ratings and every test open: all must come out yes, 1 in 16."""
    simulate(portfolio.pk, NOW)
    unknowns = Simulation.objects.get(pk=portfolio.pk).unknowns
    tests = [one for one in unknowns if one["criterion"] is None]
    assert [(one["use_case"], one["chance"]) for one in tests] == [(three[2].pk, "0.0625")]
    assert Decimal(tests[0]["gain"]) > 0
    of_criteria = {one["use_case"] for one in unknowns if one["criterion"] is not None}
    assert of_criteria == {three[0].pk, three[1].pk}
    gains = [Decimal(one["gain"]) for one in unknowns]
    assert gains == sorted(gains, reverse=True)


def test_a_no_is_an_answer_and_cannot_come_out_yes(portfolio, three, contributor):
    answer_tests(
        Actor(user=contributor), three[2].pk, {"review": {"answer": "no"}}, now=NOW
    )  # fmt: skip
    recompute(portfolio.pk, NOW)
    simulate(portfolio.pk, NOW)
    unknowns = Simulation.objects.get(pk=portfolio.pk).unknowns
    assert all(one["criterion"] is not None for one in unknowns)


def test_the_api_does_not_call_a_ranking_unchanged_whose_certainty_has_come(
    api, portfolio, three, viewer
):
    address = f"/api/v1/portfolios/{portfolio.key}/ranking/"
    client = api(viewer)
    before = client.get(address)
    simulate(portfolio.pk, NOW)
    now = client.get(address, headers={"If-None-Match": before["ETag"]})
    assert (now.status_code, before.json()["certainty_stale"]) == (200, True)
    assert now.json()["certainty_stale"] is False


def test_open_data_counts_as_ready_as_it_would_be(portfolio, three, contributor, client):
    """Only the data test is open: what is known of the source stays, the rest comes out yes."""
    source = {**SOURCE, "usable": "yes", "access_cleared": None, "clean": False}
    answer_tests(
        Actor(user=contributor),
        three[2].pk,
        {"outcome": OUTCOME, "data": {"sources": [source]}, "review": REVIEW},
        now=NOW,
    )
    publish_net(three[2], "12183.33")
    recompute(portfolio.pk, NOW)
    best = Standing.objects.get(pk=three[1].pk).score
    unready = Unready.read(portfolio.pk, 0.0, NOW)
    assert unready.use_case_ids == [three[2].pk]
    (waiting,) = unready.waiting
    assert waiting.open_tests == 1
    if_yes = score_if_yes(Standing.objects.get(pk=three[2].pk), NOW)
    assert if_yes == pytest.approx(Decimal(waiting.score), abs=Decimal("0.0002"))
    client.force_login(contributor)
    page = client.get(f"/portfolios/{portfolio.key}/ranking/").content.decode()
    assert f"would lead with {score(if_yes)} if it were ready" in page
    answer_tests(
        Actor(user=contributor),
        three[2].pk,
        {"data": {"sources": [{**source, "access_cleared": True}]}},
        now=NOW,
    )
    recompute(portfolio.pk, NOW)
    then = Standing.objects.get(pk=three[2].pk)
    assert then.place == Place.RANKED
    assert then.score == pytest.approx(Decimal(waiting.score), abs=Decimal("0.0001"))
    assert then.score > best


def test_the_page_names_who_could_answer_and_asks_them(
    client, portfolio, three, sponsor, contributor
):
    for row in three:
        row.proposed_by = contributor
        row.save(update_fields=["proposed_by"])
    simulate(portfolio.pk, NOW)
    client.force_login(sponsor)
    page = client.get("/portfolios/ACME/ranking/").content.decode()
    assert "What to find out next" in page
    assert "Ask Carl Contributor" in page  # who proposed them
    assert "All four tests are open." in page


def test_what_to_find_out_costs_the_same_however_many_there_are(
    client, portfolio, three, sponsor, contributor
):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/portfolios/ACME/ranking/").status_code == 200
        return len(asked)

    client.force_login(sponsor)
    simulate(portfolio.pk, NOW)
    queries()
    few = queries()
    for number in range(4, 9):
        row = make_use_case(portfolio, title=f"Candidate {number}", by=contributor)
        rate_both_axes(row, contributor, "5")
    recompute(portfolio.pk, NOW)
    simulate(portfolio.pk, NOW)
    queries()
    assert queries() == few
