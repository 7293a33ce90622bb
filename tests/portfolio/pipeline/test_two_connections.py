"""Two people at once, on two connections: the second waits, then sees what the first did."""

import threading

import pytest
from django.db import connection, transaction

from portfolio.actions.candidates import edit_use_case
from portfolio.actions.delivery import plan
from portfolio.actions.pipeline import move
from portfolio.errors import EditedMeanwhile, RuleBroken
from portfolio.models import Event, UseCase
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from tests.make import NOW, make_lighthouse, make_use_case

pytestmark = pytest.mark.django_db(transaction=True)


def beside(first, second) -> list:
    """What `second` raised or returned, begun while `first` was done and not yet committed."""
    outcome = []

    def run():
        try:
            outcome.append(second())
        except RuleBroken as refusal:
            outcome.append(refusal)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        first()
        other.start()
        wait_until_somebody_waits()
    other.join(10)
    assert not other.is_alive()
    return outcome


def wait_until_somebody_waits() -> None:
    """Until another connection stands at a lock, or a second has gone."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("nobody waited")


def test_two_moves_of_one_use_case_follow_each_other(portfolio, sponsor):
    use_case, actor = make_use_case(portfolio, stage="qualified"), Actor(user=sponsor)
    outcome = beside(
        lambda: move(actor, use_case.pk, Stage.PROPOSED, now=NOW),
        lambda: move(actor, use_case.pk, Stage.PROPOSED, now=NOW),
    )
    assert "is in proposed already" in outcome[0].words
    moved = [event for event in Event.objects.about(use_case.pk) if event.kind == "moved"]
    assert len(moved) == 1


def test_a_move_that_saw_an_older_version_is_refused(portfolio, sponsor):
    use_case, actor = make_use_case(portfolio), Actor(user=sponsor)
    outcome = beside(
        lambda: edit_use_case(actor, use_case.pk, {"title": "Wider"}),
        lambda: move(
            actor, use_case.pk, Stage.PARKED, reason="Later.",
            seen_version=use_case.revision, now=NOW,
        ),
    )  # fmt: skip
    assert isinstance(outcome[0], EditedMeanwhile)
    assert UseCase.objects.get().stage == "proposed"


def test_an_edit_and_a_move_lose_nothing_of_each_other(portfolio, sponsor):
    use_case, actor = make_use_case(portfolio), Actor(user=sponsor)
    beside(
        lambda: move(actor, use_case.pk, Stage.PARKED, reason="Later.", now=NOW),
        lambda: edit_use_case(actor, use_case.pk, {"title": "Renamed"}),
    )
    after = UseCase.objects.get()
    assert (after.stage, after.title) == ("parked", "Renamed")
    assert after.revision == Event.objects.about(use_case.pk).newest_first().first().pk


def test_parking_waits_for_a_change_of_its_lighthouse(portfolio, sponsor, owner):
    """Whoever holds the lighthouse ends first; their event never waits for the move."""
    use_case, actor = make_use_case(portfolio, stage="building"), Actor(user=sponsor)
    lighthouse = make_lighthouse(use_case, owner)

    def record_a_fact():
        plan(Actor(user=owner), lighthouse.pk, {"production_environment": "eu-west"}, now=NOW)

    beside(
        record_a_fact,
        lambda: move(actor, use_case.pk, Stage.PARKED, reason="Later.", now=NOW),
    )
    lighthouse.refresh_from_db()
    assert (lighthouse.production_environment, lighthouse.abandoned_at) == ("eu-west", NOW)
