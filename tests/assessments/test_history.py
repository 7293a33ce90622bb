from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import certainty, ranking
from assessments.actions.rating import rate
from portfolio.actions.candidates import edit_use_case
from portfolio.actions.pipeline import move
from portfolio.actions.portfolios import change_portfolio
from portfolio.models import PastPlace, Portfolio, Standing
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from tests.assessments.making import answer_all, judgement, rate_both_axes
from tests.make import make_use_case

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def two(portfolio, sponsor):
    """Two that are ranked on Monday: the first leads."""
    rows = [make_use_case(portfolio, title=title) for title in ("Triage", "Search")]
    for row, points in zip(rows, ("4", "3"), strict=True):
        answer_all(row, sponsor)
        rate_both_axes(row, sponsor, points)
    ranking.recompute(portfolio.pk, MONDAY)
    return rows


def lift(use_case, sponsor, points: str) -> None:
    every = [judgement(slug, points, points, points) for slug in ("stakeholder_pull", "ai_fit")]
    rate(Actor(user=sponsor), use_case.pk, every, now=MONDAY)


def ranks_on(portfolio, day: datetime) -> dict[str, int]:
    rows = PastPlace.objects.as_of(portfolio.pk, day.date()).with_use_case()
    return {row.use_case.title: row.rank for row in rows}


def test_each_day_says_what_the_ranking_last_said(portfolio, sponsor, two):
    lift(two[1], sponsor, "5")
    ranking.recompute(portfolio.pk, MONDAY + 2 * DAY)
    assert ranks_on(portfolio, MONDAY) == {"Triage": 1, "Search": 2}
    assert ranks_on(portfolio, MONDAY + DAY) == {"Triage": 1, "Search": 2}
    assert ranks_on(portfolio, MONDAY + 2 * DAY) == {"Triage": 2, "Search": 1}
    assert ranks_on(portfolio, MONDAY - DAY) == {}


def test_the_last_of_a_day_counts_and_is_one_row(portfolio, sponsor, two):
    for points in ("5", "2"):
        lift(two[1], sponsor, points)
        ranking.recompute(portfolio.pk, MONDAY)
    assert ranks_on(portfolio, MONDAY) == {"Triage": 1, "Search": 2}
    assert PastPlace.objects.count() == 2


def test_a_ranking_that_changes_nothing_leaves_nothing(portfolio, two):
    ranking.rebuild(portfolio.pk, MONDAY + DAY)
    assert {row.day for row in PastPlace.objects.all()} == {MONDAY.date()}


def test_days_end_where_the_portfolio_is(portfolio, sponsor, two):
    Portfolio.objects.filter(pk=portfolio.pk).update(time_zone="Pacific/Auckland")
    lift(two[1], sponsor, "5")
    ranking.recompute(portfolio.pk, MONDAY)  # it is Tuesday there
    assert ranks_on(portfolio, MONDAY)["Search"] == 2
    assert ranks_on(portfolio, MONDAY + DAY)["Search"] == 1


def test_who_leaves_has_no_place_from_then_on(portfolio, sponsor, two):
    move(Actor(user=sponsor), two[0].pk, Stage.PARKED, reason="Later.", now=MONDAY)
    ranking.recompute(portfolio.pk, MONDAY + DAY)
    assert ranks_on(portfolio, MONDAY) == {"Triage": 1, "Search": 2}
    assert ranks_on(portfolio, MONDAY + DAY) == {"Search": 1}


def test_how_sure_it_was_is_kept_too(portfolio, two):
    certainty.simulate(portfolio.pk, MONDAY)
    kept = PastPlace.objects.of_use_cases([two[0].pk]).get()
    assert kept.p_first == Standing.objects.get(pk=two[0].pk).p_first
    assert kept.p_first is not None


def test_the_history_begins_with_what_is_published(portfolio, two):
    from importlib import import_module

    name = "portfolio.migrations.0022_history_begins_with_what_is_published"
    PastPlace.objects.all().delete()
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(import_module(name).BEGIN)
    assert ranks_on(portfolio, MONDAY) == {"Triage": 1, "Search": 2}


class TestTheApi:
    def ask(self, api, user, **query):
        return api(user).get("/api/v1/portfolios/ACME/ranking/", query)

    def test_a_past_day_is_told_in_the_same_fields(self, api, sponsor, portfolio, two):
        lift(two[1], sponsor, "5")
        ranking.recompute(portfolio.pk, timezone.now())
        then = self.ask(api, sponsor, as_of="2026-03-02").json()
        now = self.ask(api, sponsor).json()
        assert then["as_of"] == "2026-03-02"
        assert [row["title"] for row in then["results"]] == ["Triage", "Search"]
        assert [row["title"] for row in now["results"]] == ["Search", "Triage"]
        assert set(then["results"][0]) == set(now["results"][0])
        assert then["results"][0]["id"] == two[0].pk
        assert then["results"][0]["ready"] is True
        first = self.ask(api, sponsor, as_of="2026-03-02", page_size=1).json()
        assert first["next"]
        second = api(sponsor).get(first["next"]).json()
        assert [row["title"] for row in second["results"]] == ["Search"]

    def test_a_past_day_knows_nothing_of_what_came_later(self, api, sponsor, portfolio, two):
        actor = Actor(user=sponsor)
        edit_use_case(actor, two[1].pk, {"jobs": ["find", "sort"], "segments": ["all", "few"]})
        move(actor, two[0].pk, Stage.PARKED, reason="Until spring.", now=timezone.now())
        ranking.recompute(portfolio.pk, timezone.now())
        rows = self.ask(api, sponsor, as_of="2026-03-02").json()["results"]
        assert [row["stage"] for row in rows] == ["proposed", "proposed"]
        assert [row["disqualifiers"] for row in rows] == [[], []]
        now = self.ask(api, sponsor).json()["results"]
        assert [row["disqualifiers"] for row in now] == [["platform_play"]]

    def test_today_is_the_ranking_that_stands(self, api, sponsor, portfolio, two):
        certainty.simulate(portfolio.pk, timezone.now())
        today = timezone.now().date().isoformat()
        now = self.ask(api, sponsor).json()
        assert now["computed_at"]
        assert now["unknowns"]
        assert now["flips"]["value"]
        assert self.ask(api, sponsor, as_of=today).json() == {**now, "as_of": today}
        lift(two[1], sponsor, "5")
        told = self.ask(api, sponsor, as_of=today).json()
        assert (told["stale"], told["certainty_stale"]) == (True, True)
        assert told["computed_at"] == now["computed_at"]

    def test_today_is_counted_where_the_portfolio_is(self, api, sponsor, portfolio, two):
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            Portfolio.objects.filter(pk=portfolio.pk).update(time_zone=zone)
            today = timezone.now().astimezone(ZoneInfo(zone)).date()
            assert self.ask(api, sponsor, as_of=str(today)).json()["computed_at"], zone
            before = self.ask(api, sponsor, as_of=str(today - DAY)).json()
            assert (before["computed_at"], before["unknowns"]) == (None, [])
            assert before["flips"] == {"weight": None, "value": None}

    def test_today_is_paged_as_the_ranking_is(self, api, sponsor, portfolio, two):
        today = timezone.now().date().isoformat()
        first = self.ask(api, sponsor, as_of=today, page_size=1).json()
        second = api(sponsor).get(first["next"])
        assert [row["title"] for row in second.json()["results"]] == ["Search"]
        cursor = parse_qs(urlsplit(first["next"]).query)["cursor"][0]
        past = self.ask(api, sponsor, as_of="2026-03-02", page_size=1, cursor=cursor)
        assert (past.status_code, past.json()["type"]) == (
            409,
            "urn:pharos:problem:ranking_changed",
        )

    def test_today_is_answered_before_anything_is_ranked(self, api, viewer, portfolio):
        make_use_case(portfolio)
        told = self.ask(api, viewer, as_of=timezone.now().date().isoformat())
        assert told.status_code == 200
        assert [row["rank"] for row in told.json()["results"]] == [None]

    def test_a_day_without_a_ranking_is_refused_in_words(self, api, sponsor, two):
        for day in ("2026-03-01", "9999-12-31", "soon", "2026-02-30", ""):
            answer = self.ask(api, sponsor, as_of=day)
            assert answer.status_code == 400, day
            assert answer.json()["errors"][0]["field"] == "as_of", day

    def test_a_past_day_is_told_whole(self, api, sponsor, two):
        for other in ("updated_since", "q", "sort"):
            answer = self.ask(api, sponsor, as_of="2026-03-02", **{other: "1"})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, other)

    def test_a_stranger_finds_nothing(self, api, stranger, two):
        assert self.ask(api, stranger, as_of="2026-03-02").status_code == 404


class TestThePage:
    def ask(self, client, user, **query):
        client.force_login(user)
        return client.get(reverse("assessments:ranking_history", args=["ACME"]), query)

    def test_lines_moves_and_the_ranking_of_the_day(self, client, viewer, sponsor, portfolio, two):
        lift(two[1], sponsor, "5")
        ranking.recompute(portfolio.pk, MONDAY + 3 * DAY)
        page = self.ask(client, viewer, **{"from": "2026-03-02", "to": "2026-03-05"}).text
        assert page.count('class="rank-line"') == 2
        assert page.count("data-pick") == 1
        assert "rose from 2 to 1" in page
        assert "it was Triage" in page

    def test_what_moved_it_names_who(self, client, viewer, sponsor, portfolio, two):
        page = self.ask(client, viewer).text
        assert "rated" in page
        assert str(sponsor) in page

    def test_a_changed_value_scale_is_among_what_moved_it(self, client, sponsor, portfolio, two):
        scale = [Decimal(n) for n in (0, 1, 2, 3, 4, 5)]
        change_portfolio(Actor(user=sponsor), portfolio.pk, {"value_scale": scale})
        page = self.ask(client, sponsor).text
        assert "changed the portfolio" in page

    def test_candidates_are_chosen_by_reference(self, client, viewer, portfolio, two):
        ranking.recompute(portfolio.pk, MONDAY)
        page = self.ask(client, viewer, who=two[1].reference.lower()).text
        assert page.count('class="rank-line"') == 1

    def test_nothing_ranked_yet_is_said(self, client, viewer, portfolio):
        assert "remembers each day" in self.ask(client, viewer).text

    def test_today_is_the_ranking_that_stands(self, client, viewer, sponsor, portfolio, two):
        today = timezone.now().date().isoformat()
        page = self.ask(client, viewer, to=today).text
        assert "As it stands" in page
        assert f'/use-cases/{two[0].reference}/numbers/score/"' in page
        move(Actor(user=sponsor), two[0].pk, Stage.PARKED, reason="Later.", now=timezone.now())
        table = self.ask(client, viewer, to=today).text.split('id="places"')[1]
        assert "Search" in table
        assert "Triage" not in table
        past = self.ask(client, viewer, to="2026-03-02").text
        assert "As it stands" not in past
        assert "numbers/score/?as_of=2026-03-02" in past
        assert self.ask(client, viewer, to=today, cursor="WzEsMl0").status_code == 302

    def test_the_history_of_one_shows_its_line(self, client, viewer, two):
        client.force_login(viewer)
        page = client.get(reverse("portfolio:history", args=[two[0].reference])).text
        assert "Its rank over time" in page

    def test_the_cost_does_not_grow(self, client, viewer, portfolio, two):
        self.ask(client, viewer)
        with CaptureQueriesContext(connection) as few:
            self.ask(client, viewer)
        for number in range(8):
            make_use_case(portfolio, title=f"More {number}")
        ranking.recompute(portfolio.pk, MONDAY + DAY)
        with CaptureQueriesContext(connection) as many:
            self.ask(client, viewer)
        assert len(many) == len(few)


@pytest.mark.django_db(transaction=True)
def test_what_is_not_published_is_not_remembered(portfolio, sponsor, two):
    before = PastPlace.objects.count()
    lift(two[1], sponsor, "5")
    with transaction.atomic():
        ranking.recompute(portfolio.pk, MONDAY + DAY)
        transaction.set_rollback(True)
    assert PastPlace.objects.count() == before


def test_rebuild_finds_nothing_to_mend(portfolio, two, capsys):
    ranking.recompute(portfolio.pk, MONDAY)
    certainty.simulate(portfolio.pk, MONDAY)
    call_command("rebuild", "--check", "--portfolio", "ACME")


def test_ranks_are_read_by_day():
    from assessments.pages.history import days_between, rank_on

    track = [(date(2026, 3, 2), 2), (date(2026, 3, 5), None), (date(2026, 3, 9), 1)]
    assert [rank_on(track, date(2026, 3, day)) for day in (1, 2, 4, 5, 9, 20)] == [
        None, 2, 2, None, 1, 1,
    ]  # fmt: skip
    assert days_between(date(2026, 3, 2), date(2026, 3, 2)) == [date(2026, 3, 2)]
    assert len(days_between(date(2026, 3, 2), date(2026, 6, 2))) == 6
