import threading
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments import ranking
from assessments.actions.disqualifying import raise_disqualifier, resolve_disqualifier
from assessments.actions.rating import rate
from assessments.actions.testing import answer_tests
from assessments.ranking import recompute
from assessments.tasks import recompute_ranking
from portfolio import gates
from portfolio.actions.candidates import edit_use_case
from portfolio.models import Event, Portfolio, Ranking, Standing
from portfolio.models.events import Kind
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Place
from tests.assessments.making import answer_all, judgement, publish_net, rate_both_axes
from tests.make import NOW, make_use_case


def standing_of(use_case) -> Standing:
    return Standing.objects.get(pk=use_case.pk)


def in_order(portfolio) -> list[str]:
    rows = Standing.objects.in_portfolio(portfolio.pk).filter(rank__isnull=False)
    return [row.use_case.reference for row in rows.order_by("rank")]


@pytest.fixture
def three(portfolio, contributor):
    """ACME-1 ready and rated 3, ACME-2 ready and rated 4, ACME-3 not ready and rated 5."""
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in (1, 2, 3)]
    for row, likely in zip(rows, ("3", "4", "5"), strict=True):
        rate_both_axes(row, contributor, likely)
    for row in rows[:2]:
        answer_all(row, contributor)
    return rows


def test_ready_candidates_come_first_by_score(portfolio, three):
    recompute(portfolio.pk, NOW)

    assert in_order(portfolio) == ["ACME-2", "ACME-1", "ACME-3"]
    first = standing_of(three[1])
    assert (first.rank, first.place) == (1, Place.RANKED)
    # Impact: annual value 146,199.96 lies 96,199.96 of 100,000 above the second amount.
    value = Decimal("1.9619996")
    impact = 2 * (3 * value + 2 * 4 + 2 * Decimal("2.5") + Decimal("2.5") * 2) / 9
    # Data readiness: low 4, likely 5, high 5.
    ready = Decimal(29) / 6
    feasibility = 2 * (3 * 4 + 3 * ready + 9 * Decimal("2.5")) / 15
    assert first.impact == round(impact, 4)
    assert first.feasibility == round(feasibility, 4)
    assert first.score == round(impact * feasibility, 4)
    assert first.unrated == 3 + 5
    row = Ranking.objects.get(pk=portfolio.pk)
    assert (row.candidates, row.ranked, row.ratings, row.computed_at) == (3, 2, 6, NOW)


def test_running_again_changes_nothing(portfolio, three):
    recompute(portfolio.pk, NOW)
    before = list(Standing.objects.values_list("rank", "score", "revision"))
    events = Event.objects.count()
    recompute(portfolio.pk, NOW)
    recompute_ranking(portfolio.pk)
    assert list(Standing.objects.values_list("rank", "score", "revision")) == before
    assert Event.objects.count() == events


def test_only_what_changed_is_written(portfolio, three, contributor, act):
    recompute(portfolio.pk, NOW)
    untouched = standing_of(three[2]).revision
    rate(act(contributor), three[0].pk, [judgement("headroom", "2.5", "2.5", "2.5")], now=NOW)
    recompute(portfolio.pk, NOW)

    assert standing_of(three[2]).revision == untouched
    last = Event.objects.filter(kind=Kind.RANKING_PUBLISHED).order_by("-pk").first()
    assert last.what == {"candidates": 3, "changed": 1}
    assert standing_of(three[0]).revision == last.pk


def test_several_assessors_are_averaged(portfolio, three, owner, contributor, act):
    rate(act(owner), three[0].pk, [judgement("ai_fit", "0", "0", "0")], now=NOW)
    recompute(portfolio.pk, NOW)
    ready = Decimal(29) / 6
    mean = Decimal("1.5")
    expected = 2 * (3 * mean + 3 * ready + 9 * Decimal("2.5")) / 15
    assert standing_of(three[0]).feasibility == round(expected, 4)


def test_a_disqualifier_and_a_platform_play_come_last(portfolio, three, contributor, act):
    raise_disqualifier(act(contributor), three[1].pk, "wrong_tool", "A form would do", now=NOW)
    three[0].jobs = ["one", "two"]
    three[0].save(update_fields=["jobs"])
    recompute(portfolio.pk, NOW)

    assert in_order(portfolio) == ["ACME-3", "ACME-2", "ACME-1"]
    assert {standing_of(row).place for row in three[:2]} == {Place.DISQUALIFIED}
    assert gates.look(Stage.SELECTED, [three[0].pk])[three[0].pk][0].holds is False


def test_the_gate_does_not_wait_for_the_ranking_to_see_what_keeps_one_out(
    portfolio, three, contributor, act
):
    def asked(use_case):
        return next(
            (one.holds, one.mend)
            for one in gates.look(Stage.SELECTED, [use_case.pk])[use_case.pk]
            if one.condition == "It is ranked"
        )

    answer_all(three[2], contributor)
    recompute(portfolio.pk, NOW)
    assert {asked(row) for row in three} == {(True, "ranking")}
    raised = raise_disqualifier(act(contributor), three[0].pk, "wrong_tool", "A form", now=NOW)
    edit_use_case(act(contributor), three[1].pk, {"jobs": ["triage", "answer"]})
    answer_tests(act(contributor), three[2].pk, {"review": {"reviewer": ""}}, now=NOW)
    assert [asked(row) for row in three] == [
        (False, "disqualifiers"), (False, "disqualifiers"), (False, "tests"),
    ]  # fmt: skip
    recompute(portfolio.pk, NOW)
    resolve_disqualifier(act(contributor), raised.pk, "Forms were tried.", now=NOW)
    assert asked(three[0]) == (False, "ranking")  # the ranking has yet to take it up
    recompute(portfolio.pk, NOW)
    assert asked(three[0]) == (True, "ranking")


def test_what_leaves_the_candidates_loses_its_rank_and_keeps_its_score(portfolio, three):
    recompute(portfolio.pk, NOW)
    for row, stage in ((three[1], "selected"), (three[0], "stopped")):
        row.stage = stage
        row.save(update_fields=["stage"])
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, NOW)

    assert in_order(portfolio) == ["ACME-3"]
    gone = standing_of(three[1])
    assert (gone.rank, gone.place) == (None, None)
    assert gone.score is not None
    assert standing_of(three[0]).rank is None


def test_without_ratings_there_is_no_score(portfolio, contributor):
    bare = make_use_case(portfolio)
    answer_all(bare, contributor, net=None)
    recompute(portfolio.pk, NOW)
    row = standing_of(bare)
    assert (row.score, row.impact) == (None, None)
    assert row.feasibility is not None  # its data readiness is derived
    assert row.place == Place.NOT_READY


def test_an_empty_portfolio_is_ranked_too(portfolio):
    recompute(portfolio.pk, NOW)
    assert Ranking.objects.get(pk=portfolio.pk).computed_at == NOW


def test_a_lost_bell_is_found_by_what_the_rows_say(portfolio, three):
    """No bell was heard in this transaction; the rows alone say that a ranking is wanted."""
    assert portfolio in Portfolio.objects.awaiting_ranking()
    with transaction.atomic():
        assert portfolio.pk in [row.pk for row in Ranking.objects.behind()]
    recompute(portfolio.pk, NOW)
    assert portfolio not in Portfolio.objects.awaiting_ranking()


def on_another_connection(work):
    """Runs work on a connection of its own; its result, or what it raised, when joined."""
    results = []

    def run():
        try:
            results.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_the_claimed_ranking_alone(portfolio, three):
    with transaction.atomic():
        assert Ranking.objects.claim(portfolio.pk) is not None
        thread, _ = on_another_connection(lambda: recompute(portfolio.pk, NOW))
        thread.join(timeout=10)
        assert not thread.is_alive(), "the second worker waited"
    assert Ranking.objects.get(pk=portfolio.pk).computed_at is None
    recompute(portfolio.pk, NOW)
    assert in_order(portfolio) == ["ACME-2", "ACME-1", "ACME-3"]


@pytest.mark.django_db(transaction=True)
def test_an_edit_during_the_computation_is_ranked_by_the_same_worker(
    portfolio, three, contributor, act
):
    """The edit commits while the holder computes; its own bell finds the ranking taken."""
    edited = threading.Event()
    with transaction.atomic():
        claimed = Ranking.objects.claim(portfolio.pk)
        ticket = Portfolio.objects.ranking_wanted(portfolio.pk)
        read = ranking.Sheet.read(portfolio.pk, NOW)

        def edit():
            rate(act(contributor), three[0].pk, [judgement("ai_fit", "5", "5", "5")], now=NOW)
            rate(
                act(contributor), three[0].pk,
                [judgement("stakeholder_pull", "5", "5", "5")], now=NOW,
            )  # fmt: skip
            recompute(portfolio.pk, NOW)  # its bell: the ranking is held, so nothing happens
            edited.set()

        thread, _ = on_another_connection(edit)
        assert edited.wait(10), "an edit never waits for a ranking"
        ranking.standing.publish_ranking(claimed, ticket, ranking.judge(read), NOW)
    thread.join()

    assert portfolio in Portfolio.objects.awaiting_ranking()  # so the holder goes round again
    recompute(portfolio.pk, NOW)
    assert in_order(portfolio) == ["ACME-1", "ACME-2", "ACME-3"]


@pytest.mark.django_db(transaction=True)
def test_a_late_worker_never_overwrites_a_newer_ranking(portfolio, three, contributor, act):
    """It cannot claim while another publishes, and its ticket is served when it can."""
    recompute(portfolio.pk, NOW)
    rate_both_axes(three[0], contributor, "5")
    recompute(portfolio.pk, NOW)
    newer = list(Standing.objects.order_by("pk").values_list("rank", "score"))
    done = Ranking.objects.get(pk=portfolio.pk).done

    thread, _ = on_another_connection(lambda: recompute(portfolio.pk, NOW))
    thread.join(timeout=10)
    assert list(Standing.objects.order_by("pk").values_list("rank", "score")) == newer
    assert Ranking.objects.get(pk=portfolio.pk).done == done


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_many_edits_end_in_the_ranking_of_what_is_committed(
    portfolio, three, contributor, act
):
    def edits():
        for points in ("1", "5", "2", "4", "0"):
            rate_both_axes(three[0], contributor, points)
            publish_net(three[1], points)

    def work():
        for _ in range(8):
            recompute(portfolio.pk, NOW)

    threads = [on_another_connection(job)[0] for job in (edits, work, work)]
    for thread in threads:
        thread.join(timeout=30)
    recompute(portfolio.pk, NOW)
    published = list(Standing.objects.order_by("pk").values_list("rank", "score", "impact"))
    Portfolio.objects.want_ranking(portfolio.pk)
    assert len(ranking.judge(ranking.Sheet.read(portfolio.pk, NOW)).use_case_ids) == 0
    recompute(portfolio.pk, NOW)
    assert list(Standing.objects.order_by("pk").values_list("rank", "score", "impact")) == published


def test_the_gates_gather_for_all_at_once(portfolio, three, django_assert_num_queries):
    ids = [row.pk for row in three]
    with django_assert_num_queries(5):
        found = gates.look(Stage.QUALIFIED, ids)
    with django_assert_num_queries(5):
        gates.look(Stage.QUALIFIED, ids[:1])
    assert [finding.holds for finding in found[ids[0]]] == [True] * 6
    assert not all(finding.holds for finding in found[ids[2]])


def test_rebuild_says_what_differs_and_mends_it(portfolio, three, capsys):
    recompute(portfolio.pk, NOW)
    Standing.objects.filter(pk=three[0].pk).update(data=0, score=Decimal("99"))
    with pytest.raises(CommandError, match="differ"):
        call_command("rebuild", "--check")
    told = capsys.readouterr().out
    assert "ACME-1 data: 0 is published, 2 follows" in told
    assert "places in the ranking differ" in told

    call_command("rebuild")
    call_command("rebuild", "--check", portfolio="ACME")
    assert standing_of(three[0]).score < 50
