"""The sample is what a newcomer sees first: whole, told once, in the order of its days."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.utils import timezone

from assessments import calibrating, ranking
from assessments.rules.calibration import Finding, Kind
from config.sample import story
from config.sample.candidates import CANDIDATES
from config.sample.company import KEY, PASSWORD, PEOPLE, TIME_ZONE
from config.sample.telling import Teller
from economics import costing
from portfolio import settling
from portfolio.models import (
    Event,
    GateOverride,
    Lighthouse,
    PastPlace,
    Portfolio,
    Standing,
    UseCase,
    User,
)
from portfolio.origins import Asked, origin_of
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.pipeline import Stage

pytestmark = pytest.mark.django_db


def load(*options: str) -> str:
    said = StringIO()
    call_command("load_sample", *options, stdout=said)
    return said.getvalue()


def test_the_story_has_one_order_at_any_hour():
    told = []
    for hour in range(0, 48):
        teller = Teller(datetime(2026, 3, 7, tzinfo=UTC) + timedelta(hours=hour, minutes=5))
        story.write(teller)
        steps = sorted(teller.steps, key=lambda one: one[:2])
        told.append([place for _, place, _ in steps])
        instants = [teller.at(-days_on) for days_on, _, _ in steps]
        assert instants == sorted(instants)
        assert instants[-1] <= teller.now
        assert teller.day(0) == clock.today_in(TIME_ZONE, teller.now)
        assert teller.day(1) == teller.day(0) - timedelta(days=1)
    assert told == [told[0]] * 48


@pytest.mark.long
def test_the_sample_tells_its_story(nobody_yet, client):
    """All in one test, as loading it takes seconds."""
    said = load()
    tells_its_story(said, client)
    gives_the_parts_of_every_past_day()
    lets_somebody_be_judged_by_what_came_true_and_others_not_yet()

    events = Event.objects.count()
    assert load() == said
    assert Event.objects.count() == events


def tells_its_story(said, client):
    assert "dana@larkmoor.example" in said
    assert PASSWORD in said
    assert client.login(email=PEOPLE[0].email, password=PASSWORD)

    portfolio = Portfolio.objects.get(key=KEY)
    use_cases = UseCase.objects.filter(portfolio=portfolio)
    assert use_cases.count() == len(CANDIDATES) == 24
    assert set(Counter(use_cases.values_list("stage", flat=True))) == set(Stage)

    ranked = Standing.objects.filter(portfolio=portfolio, rank__isnull=False).order_by("rank")
    assert [row.rank for row in ranked] == list(range(1, 16))
    assert sum(row.ready for row in ranked) >= 5
    assert {row.place for row in ranked} == {1, 2, 3}

    verdicts = {
        row.use_case.title: (
            row.standing.verdict,
            row.declared_verdict,
            row.standing.verdict_reasons,
        )
        for row in Lighthouse.objects.select_related("use_case", "standing")
    }
    assert verdicts["Customs declaration drafts"] == ("victory", "victory", [])
    assert verdicts["Shipment status replies"] == (
        "failure", "failure", ["target_missed", "guardrail_broken"],
    )  # fmt: skip
    running = Lighthouse.objects.filter(use_case__stage__in=["building", "live"])
    healthy, slipping = sorted(running, key=lambda row: row.shipped_on is None)
    today = clock.today_in(portfolio.time_zone, timezone.now())
    assert healthy.shipped_on < today < healthy.verdict_due
    assert slipping.shipped_on is None
    promised = [row.ships_on for row in slipping.forecasts.order_by("made_on")]
    assert all(before < after for before, after in pairwise(promised))
    assert promised[-1] > slipping.verdict_due > today
    assert GateOverride.objects.get().use_case == slipping.use_case

    days = list(Event.objects.order_by("pk").values_list("at", flat=True))
    assert days == sorted(days)

    # What is published is what would be computed now, and nothing is owed to a worker.
    ids = list(use_cases.values_list("pk", flat=True))
    assert list(costing.differences(ids)) == []
    assert all(settling.fresh(row.pk, timezone.now()) for row in Lighthouse.objects.all())
    portfolio.ranking.refresh_from_db()
    assert portfolio.ranking.done >= portfolio.ranking_wanted
    before = list(ranked.values_list("pk", "rank", "score"))
    Portfolio.objects.want_ranking(portfolio.pk)
    ranking.recompute(portfolio.pk, timezone.now())
    assert list(ranked.values_list("pk", "rank", "score")) == before


def gives_the_parts_of_every_past_day():
    now = timezone.now()
    portfolio = Portfolio.objects.get(key=KEY)
    begins = PastPlace.objects.first_day(portfolio.pk)
    reader = Actor(user=User.objects.with_email(PEOPLE[0].email))
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    cases = list(rows.filter(portfolio=portfolio))
    told = 0
    for days in range(0, (clock.today_in(TIME_ZONE, now) - begins).days + 1, 30):
        for use_case in cases:
            asked = Asked(reader, use_case, now, as_of=begins + timedelta(days=days))
            for axis in ("impact", "feasibility"):
                one = origin_of(asked, axis)
                if one is not None:
                    told += 1
                    assert len(one.notes) == 1, (use_case, asked.as_of, one.notes)
                    assert one.notes[0].startswith("As the ranking last said it")
    assert told > 60


def lets_somebody_be_judged_by_what_came_true_and_others_not_yet():
    people = calibrating.people(Portfolio.objects.get(key=KEY), timezone.now())
    found = {str(one.user): one.ranges for one in people}
    mei = found.pop("Mei Tanaka")
    assert (mei.n, mei.held, mei.finding) == (10, 4, Finding.OVERCONFIDENT)
    assert (str(mei.factor), mei.held_then) == ("1.5", 9)
    assert {one.finding for one in found.values()} == {Finding.TOO_FEW}
    forecasts = {str(one.user): len(one.of(Kind.FORECAST)) for one in people}
    assert (forecasts["Marcus Bell"], forecasts["Priya Raman"]) == (3, 3)


def test_it_does_not_mix_with_real_portfolios_unasked(portfolio):
    assert "not loaded" in load()
    assert not User.objects.filter(email=PEOPLE[0].email).exists()
