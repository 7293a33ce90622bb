from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.core import checks

from portfolio import bells, likening
from portfolio.actions.invitations import invite
from portfolio.bells import Bell, every_bell_has_a_task
from portfolio.inviting import send_invitation
from portfolio.models import Invitation, KeptAnswer, Portfolio, Pulse, Ranking, Simulation
from portfolio.sweeping import sweep
from tests import make

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)  # on the half minute, when the post is looked after


def settle_rankings() -> None:
    """As if every ranking were published, and simulated."""
    for portfolio in Portfolio.objects.all():
        for work in (Ranking, Simulation):
            work.objects.filter(pk=portfolio.pk).update(done=portfolio.ranking_wanted)
        likening.look(portfolio.pk)


def test_a_ranking_that_is_behind_is_rung_for(portfolio):
    assert (Bell.RANK, portfolio.pk) in sweep(NOW)


def test_nothing_that_is_done_is_rung_for(portfolio):
    settle_rankings()
    assert sweep(NOW) == []


def test_a_lighthouse_awaiting_settlement_is_rung_for(portfolio, owner):
    use_case = make.make_use_case(portfolio, stage="building")
    lighthouse = make.make_lighthouse(use_case, owner, settle_wanted=9)
    settle_rankings()
    assert sweep(NOW) == [(Bell.SETTLE, lighthouse.pk)]


def test_an_unsent_invitation_is_rung_for_twice_a_minute(act, sponsor, portfolio):
    settle_rankings()
    row = invite(act(sponsor), portfolio.pk, email="x@acme.example", role="viewer", now=NOW)
    assert sweep(NOW) == [(Bell.INVITE, row.pk)]
    assert sweep(NOW + timedelta(seconds=10)) == []
    assert sweep(NOW + timedelta(seconds=30)) == [(Bell.INVITE, row.pk)]
    send_invitation(row.pk, NOW)
    assert sweep(NOW) == []
    assert Invitation.objects.get().sent_at == NOW


def test_a_sweep_says_that_a_worker_lives(db):
    sweep(NOW)
    assert Pulse.objects.heard_since("worker", NOW)
    assert not Pulse.objects.heard_since("worker", NOW + timedelta(seconds=1))


def test_outlived_answers_are_forgotten(sponsor):
    for key, age in (("old", 25), ("fresh", 23)):
        KeptAnswer.objects.create(
            user=sponsor, method="POST", path="/", key=key, body_digest="", status=201,
            at=NOW - timedelta(hours=age),
        )  # fmt: skip
    sweep(NOW)
    assert [row.key for row in KeptAnswer.objects.all()] == ["fresh"]


@pytest.mark.django_db(transaction=True)
def test_swept_bells_reach_the_broker(portfolio, rung):
    assert set(rung()) == set()
    sweep(NOW)
    assert ("assessments.recompute_ranking", (portfolio.pk,)) in rung()


def test_a_sweep_survives_a_dead_broker(portfolio, settings, caplog):
    bells.publisher.cache_clear()
    alive = current_app.conf.broker_url
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        assert (Bell.RANK, portfolio.pk) in sweep(NOW)
        assert "bell unheard" in caplog.text
    finally:
        current_app.conf.broker_url = alive
        bells.publisher.cache_clear()


def test_every_bell_has_a_task():
    assert every_bell_has_a_task(None) == []
    assert every_bell_has_a_task in checks.registry.registry.get_checks()
