"""The worker's part: what it publishes, and that nothing it does twice or late does harm."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction

from portfolio import settling
from portfolio.actions.readings import NewReading, record_reading
from portfolio.actions.recording import record_ship_date
from portfolio.actions.verdicts import Limit, amend, declare
from portfolio.models import Event, Lighthouse, LighthouseStanding, Portfolio, Reading
from portfolio.rights import Actor
from portfolio.rules.words import LimitKind, Verdict
from tests import make

START = date(2026, 3, 2)  # 16 weeks: the verdict day is 21 June 2026
DUE = date(2026, 6, 21)
SYSTEM = Actor.system()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


AFTER = noon(DUE + timedelta(days=1))


@pytest.fixture
def lighthouse(portfolio, owner) -> Lighthouse:
    return make.make_sealed(make.make_use_case(portfolio, stage="building"), owner, start=START)


def shipped(lighthouse: Lighthouse, day: date = date(2026, 5, 4)) -> None:
    record_ship_date(SYSTEM, lighthouse.pk, shipped_on=day, now=noon(day))


def read(
    lighthouse, value, day=date(2026, 6, 15), *, metric="first response time", now=None, **more
):
    return record_reading(
        SYSTEM,
        lighthouse.pk,
        NewReading(metric, Decimal(value), day, sample_size=500),
        now=now or noon(day),
        **more,
    )


def published(lighthouse) -> LighthouseStanding:
    return LighthouseStanding.objects.get(pk=lighthouse.pk)


def verdict_events(lighthouse) -> int:
    return Event.objects.about(lighthouse.use_case_id).of_kinds(["verdict_computed"]).count()


def test_silence_is_a_failure_once_the_day_has_ended(lighthouse):
    assert settling.settle_due(noon(DUE)) == 0
    assert published(lighthouse).verdict == "pending"
    assert settling.settle_due(AFTER) == 1
    assert published(lighthouse).verdict_reasons == ["not_shipped"]


def test_a_metric_at_its_target_is_a_victory(lighthouse):
    shipped(lighthouse)
    read(lighthouse, "0.5")
    read(lighthouse, "4.3", metric="csat")
    assert settling.settle(lighthouse.pk, AFTER)
    assert (published(lighthouse).verdict, published(lighthouse).verdict_reasons) == ("victory", [])
    assert published(lighthouse).value_in_force == Decimal("0.5")


def test_every_reason_that_holds_is_published_in_order(lighthouse):
    shipped(lighthouse)
    read(lighthouse, "0.9")
    read(lighthouse, "4.0", metric="CSAT")
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["target_missed", "guardrail_broken"]


@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        ("UTC", datetime(2026, 6, 21, 23, 59, 59, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 6, 21, 11, 59, 59, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 6, 22, 3, 59, 59, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 6, 21, 18, 14, 59, tzinfo=UTC)),
    ],
)
def test_the_day_ends_where_the_lighthouse_is_run(lighthouse, portfolio, zone, last_moment):
    portfolio.time_zone = zone
    portfolio.save(update_fields=["time_zone"])
    assert list(settling.due(last_moment)) == []
    assert not settling.settle(lighthouse.pk, last_moment)
    assert list(settling.due(last_moment + timedelta(seconds=1))) == [lighthouse.pk]
    assert settling.settle_due(last_moment + timedelta(seconds=1)) == 1


def test_each_zone_is_judged_by_its_own_day(lighthouse, owner, sponsor):
    from portfolio.actions.portfolios import open_portfolio

    east = open_portfolio(
        Actor(user=sponsor), key="EAST", name="East", time_zone="Pacific/Auckland"
    )
    eastern = make.make_sealed(make.make_use_case(east, stage="live"), owner, start=START)
    afternoon = datetime(2026, 6, 21, 14, tzinfo=UTC)  # 22 June in Auckland
    assert settling.settle_due(afternoon) == 1
    assert published(eastern).verdict == "failure"
    assert published(lighthouse).verdict == "pending"


def test_settling_again_writes_nothing(lighthouse, django_assert_num_queries):
    settling.settle(lighthouse.pk, AFTER)
    before = published(lighthouse)
    assert not settling.settle(lighthouse.pk, AFTER + timedelta(days=1))
    after = published(lighthouse)
    assert (after.computed_at, after.revision) == (before.computed_at, before.revision)
    assert verdict_events(lighthouse) == 1
    assert settling.settle_due(AFTER + timedelta(days=1)) == 0


def test_a_worker_with_an_earlier_clock_takes_nothing_back(lighthouse):
    settling.settle(lighthouse.pk, AFTER)
    assert not settling.settle(lighthouse.pk, noon(DUE))
    assert published(lighthouse).verdict == "failure"


def test_a_late_reading_for_a_day_before_counts(lighthouse):
    shipped(lighthouse)
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["not_measured"]
    assert read(lighthouse, "0.4", now=AFTER).is_late
    read(lighthouse, "4.5", metric="CSAT", now=AFTER)
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict == "victory"


def test_an_unsealed_lighthouse_is_judged_by_the_clock_too(portfolio, owner):
    lighthouse = make.make_lighthouse(
        make.make_use_case(portfolio, stage="selected"), owner, start_date=START, verdict_due=DUE
    )
    settling.settle_due(AFTER)
    assert published(lighthouse).verdict_reasons == ["not_shipped"]
    shipped(lighthouse)
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["not_measured"]


def test_an_abandoned_lighthouse_has_no_verdict(lighthouse):
    settling.settle(lighthouse.pk, AFTER)
    lighthouse.abandoned_at = AFTER
    lighthouse.save(update_fields=["abandoned_at"])
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict == "pending"
    assert list(settling.due(AFTER)) == []


def test_a_late_mark_that_goes_with_an_amendment_is_told(lighthouse, sponsor, portfolio, api):
    lighthouse = make.make_sealed(
        make.make_use_case(portfolio, stage="building"), lighthouse.owner, start=START, weeks=12
    )
    late = read(lighthouse, "0.4", day=date(2026, 5, 20), now=noon(date(2026, 5, 30)))
    assert late.is_late
    since = Portfolio.objects.get(pk=portfolio.pk).revision
    changes = {"planned_weeks": 16}
    amend(Actor(user=sponsor), lighthouse.pk, changes, reason="A move.", now=AFTER)
    address = f"/api/v1/lighthouses/{lighthouse.pk}/readings/?updated_since={since}"
    (told,) = api(sponsor).get(address).json()["results"]
    assert (told["id"], told["is_late"]) == (late.pk, False)


def test_a_ship_date_entered_after_the_verdict_day_is_marked(lighthouse, api, client, sponsor):
    address = f"/api/v1/lighthouses/{lighthouse.pk}/"
    page = f"/use-cases/{lighthouse.use_case.reference}/lighthouse/"
    client.force_login(sponsor)
    for entered, is_late in ((noon(DUE), False), (AFTER, True)):
        record_ship_date(SYSTEM, lighthouse.pk, shipped_on=None, now=entered)
        record_ship_date(SYSTEM, lighthouse.pk, shipped_on=date(2026, 5, 4), now=entered)
        assert api(sponsor).get(address).json()["is_ship_date_late"] is is_late
        assert ("entered late" in client.get(page).content.decode()) is is_late


def test_a_verdict_found_to_stand_as_it_was_ends_a_304(lighthouse, api, sponsor):
    shipped(lighthouse)
    settling.settle(lighthouse.pk, noon(DUE))
    read(lighthouse, "0.5", day=date(2026, 3, 3), now=noon(date(2026, 3, 3)))  # counts for nothing
    client, address = api(sponsor), f"/api/v1/lighthouses/{lighthouse.pk}/"
    first = client.get(address)
    assert first.json()["is_verdict_stale"] is True
    assert not settling.settle(lighthouse.pk, noon(DUE))
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["is_verdict_stale"]) == (200, False)
    assert client.get(address, headers={"If-None-Match": again["ETag"]}).status_code == 304


def test_an_amended_end_reopens_an_undeclared_verdict(portfolio, owner, sponsor):
    lighthouse = make.make_sealed(
        make.make_use_case(portfolio, stage="building"), owner, start=START, weeks=12
    )
    ended = noon(date(2026, 5, 25))
    settling.settle(lighthouse.pk, ended)
    assert published(lighthouse).verdict == "failure"
    amend(Actor(user=sponsor), lighthouse.pk, {"planned_weeks": 16}, reason="A move.", now=ended)
    settling.settle(lighthouse.pk, ended)
    assert published(lighthouse).verdict == "pending"


def test_a_correction_after_the_declaration_leaves_it_as_it_is(lighthouse, sponsor):
    shipped(lighthouse)
    missed = read(lighthouse, "0.9")
    read(lighthouse, "4.5", metric="CSAT")
    settling.settle(lighthouse.pk, AFTER)
    declare(Actor(user=sponsor), lighthouse.pk, verdict=Verdict.FAILURE, now=AFTER)
    read(lighthouse, "0.4", supersedes=missed.pk, now=AFTER)
    settling.settle(lighthouse.pk, AFTER)
    lighthouse.refresh_from_db()
    assert (lighthouse.declared_verdict, published(lighthouse).verdict) == ("failure", "victory")
    assert (lighthouse.reasons, published(lighthouse).verdict_reasons) == (["target_missed"], [])
    assert lighthouse.reason_words == [
        "First response time stood at 0.9 h; at or below 0.5 h was promised."
    ]


def test_fresh_says_whether_what_is_published_is_what_stands(lighthouse):
    assert settling.fresh(lighthouse.pk, noon(DUE))
    assert not settling.fresh(lighthouse.pk, AFTER)
    settling.settle(lighthouse.pk, AFTER)
    assert settling.fresh(lighthouse.pk, AFTER)


def test_a_lighthouse_that_is_not_there_settles_nothing(db):
    assert not settling.settle(0, AFTER)


@pytest.mark.django_db(transaction=True)
class TestBesideAnother:
    """Two connections. Without the lock of `claim` the first two fail."""

    def start(self, work) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def test_a_late_worker_publishes_what_a_newer_reading_says(self, lighthouse):
        """The reading is committed while the worker, asked before it, waits for the lock."""
        shipped(lighthouse)
        read(lighthouse, "4.5", metric="CSAT")
        with transaction.atomic():
            read(lighthouse, "0.4", now=AFTER)
            worker = self.start(lambda: settling.settle(lighthouse.pk, AFTER))
            worker.join(0.5)
            assert worker.is_alive()
        worker.join(10)
        assert published(lighthouse).verdict == "victory"
        lighthouse.refresh_from_db()
        assert published(lighthouse).settle_done == lighthouse.settle_wanted

    def test_two_workers_publish_once(self, lighthouse):
        barrier = threading.Barrier(2)

        def work() -> None:
            barrier.wait(10)
            settling.settle(lighthouse.pk, AFTER)

        workers = [self.start(work), self.start(work)]
        for worker in workers:
            worker.join(10)
        assert verdict_events(lighthouse) == 1

    def test_a_reading_waits_for_the_worker_and_asks_again(self, lighthouse, rung):
        shipped(lighthouse)
        with transaction.atomic():
            settling.settle(lighthouse.pk, AFTER)
            reader = self.start(lambda: read(lighthouse, "0.4", now=AFTER))
            reader.join(0.5)
            assert reader.is_alive()
        reader.join(10)
        lighthouse.refresh_from_db()
        assert published(lighthouse).settle_done < lighthouse.settle_wanted
        assert Lighthouse.objects.awaiting_settlement().get() == lighthouse
        assert ("portfolio.settle", (lighthouse.pk,)) in rung()

    def test_a_declaration_waits_for_what_the_worker_publishes(self, lighthouse, sponsor):
        with transaction.atomic():
            settling.settle(lighthouse.pk, AFTER)
            refused = []

            def work() -> None:
                declare(Actor(user=sponsor), lighthouse.pk, verdict=Verdict.FAILURE, now=AFTER)
                refused.append(False)

            sponsoring = self.start(work)
            sponsoring.join(0.5)
            assert sponsoring.is_alive()
        sponsoring.join(10)
        assert refused == [False]


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": "complaints a week", "unit": "complaints", "target": Decimal(5)},
        {"unit": "days", "target": Decimal(5)},
    ],
)
def test_a_reading_of_what_was_agreed_before_says_nothing_of_what_is_since(
    lighthouse, sponsor, changes
):
    shipped(lighthouse)
    read(lighthouse, "4.3", metric="CSAT")
    missed = read(lighthouse, "3")
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["target_missed"]
    amend(Actor(user=sponsor), lighthouse.pk, changes, reason="It tells more.", now=AFTER)
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["not_measured"]
    assert published(lighthouse).value_in_force is None
    read(lighthouse, "4", metric=changes.get("metric", missed.metric), now=AFTER)
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict == "victory"


def test_a_guardrail_in_another_unit_is_measured_anew(lighthouse, sponsor):
    shipped(lighthouse)
    read(lighthouse, "0.4")
    read(lighthouse, "4.3", metric="CSAT")
    percent = Limit("CSAT", "%", LimitKind.AT_LEAST, Decimal(4))
    amend(
        Actor(user=sponsor), lighthouse.pk, {"guardrails": [percent]}, reason="So asked.", now=AFTER
    )
    settling.settle(lighthouse.pk, AFTER)
    assert published(lighthouse).verdict_reasons == ["not_measured"]


def test_readings_of_before_are_named_as_things_were_called_then(lighthouse, sponsor):
    shipped(lighthouse)
    read(lighthouse, "3")
    read(lighthouse, "4.3", metric="CSAT")
    changes = {"metric": "complaints a week", "unit": "complaints", "target": Decimal(5)}
    amend(Actor(user=sponsor), lighthouse.pk, changes, reason="It tells more.", now=AFTER)
    read(lighthouse, "4", metric="complaints a week", now=AFTER + timedelta(hours=1))
    Reading.objects.of(lighthouse.pk).update(metric="", unit="")
    fill = import_module("portfolio.migrations.0030_readings_are_named").fill
    for _ in range(2):
        fill(apps, None)
        rows = Reading.objects.of(lighthouse.pk).order_by("pk")
        assert list(rows.values_list("metric", "unit")) == [
            ("first response time", "h"),
            ("CSAT", "points"),
            ("complaints a week", "complaints"),
        ]
