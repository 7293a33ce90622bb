"""Tries every way to learn what somebody said in an open round: none tells it."""

import json

import pytest
from django.utils import timezone

from assessments.actions.rating import rate
from assessments.certainty import simulate
from assessments.models import Rating
from assessments.ranking import recompute
from portfolio.models import Event, KeptAnswer, Portfolio
from tests.assessments.making import answer_all, judgement, make_round, rate_both_axes
from tests.make import make_use_case

# Values that nothing else on a page has, and words that nobody else writes.
LOW, LIKELY, HIGH = "1.7", "3.8", "4.3"
EVIDENCE = "the quartermaster whispered it"
CHANNELS = [
    "/", "/portfolios/ACME/", "/portfolios/ACME/ranking/", "/portfolios/ACME/board/",
    "/portfolios/ACME/activity/", "/portfolios/ACME/activity/?kind=rating_sealed",
    "/portfolios/ACME/rating/ai_fit/", "/portfolios/ACME/rating/headroom/?round={round}",
    "/portfolios/ACME/rounds/", "/portfolios/ACME/rounds/{round}/",
    "/portfolios/ACME/ranking/what-if/", "/portfolios/ACME/ranking/what-if/sheet/",
    "/use-cases/ACME-1/discussion/", "/api/v1/use-cases/ACME-1/comments/",
    "/api/v1/use-cases/ACME-1/requests/",
    "/use-cases/ACME-1/", "/use-cases/ACME-1/ratings/", "/use-cases/ACME-1/history/",
    "/use-cases/ACME-1/tests/", "/use-cases/ACME-1/economics/",
    "/api/v1/portfolios/", "/api/v1/portfolios/ACME/", "/api/v1/portfolios/ACME/status/",
    "/api/v1/portfolios/ACME/ranking/", "/api/v1/portfolios/ACME/ranking/?updated_since=0",
    "/api/v1/portfolios/ACME/rounds/", "/api/v1/portfolios/ACME/rounds/?updated_since=0",
    "/api/v1/portfolios/ACME/rounds/{round}/", "/api/v1/portfolios/ACME/criteria/?updated_since=0",
    "/api/v1/use-cases/", "/api/v1/use-cases/?updated_since=0", "/api/v1/use-cases/ACME-1/",
    "/api/v1/use-cases/ACME-1/ratings/", "/api/v1/use-cases/ACME-1/ratings/?updated_since=0",
    "/api/v1/use-cases/ACME-1/tests/", "/api/v1/use-cases/ACME-1/disqualifiers/",
    "/api/v1/use-cases/ACME-1/unit-economics/", "/api/v1/lighthouses/",
    "/api/v1/events/", "/api/v1/events/?updated_since=0", "/api/v1/events/?portfolio=ACME",
]  # fmt: skip


@pytest.fixture
def ranked(portfolio, sponsor, owner):
    """Two ranked candidates, rated before by others."""
    rows = [make_use_case(portfolio, title=f"Candidate {n}", by=sponsor) for n in range(2)]
    for row in rows:
        answer_all(row, sponsor)
        rate_both_axes(row, sponsor, "3")
    publish(portfolio)
    return rows


def publish(portfolio) -> None:
    recompute(portfolio.pk, timezone.now())
    simulate(portfolio.pk, timezone.now())


@pytest.fixture
def sealed(ranked, portfolio, sponsor, owner, contributor, act):
    """The owner has said what nobody else shall learn."""
    now = timezone.now()
    blind = make_round(
        portfolio, sponsor, ranked, ["ai_fit", "headroom"], [owner, contributor], now=now
    )
    said = [judgement(slug, LOW, LIKELY, HIGH, EVIDENCE) for slug in ("ai_fit", "headroom")]
    rate(act(owner), ranked[0].pk, said, now=now)
    return blind


def told(text: str) -> list[str]:
    """What a channel tells of the sealed values. Other numbers hold 2.9 in longer ones."""
    plain = text.replace("\\u00a0", " ")
    marks = [f'"{point}"' for point in (LOW, LIKELY, HIGH)]
    marks += [f'"{point}0"' for point in (LOW, LIKELY, HIGH)]
    marks += [f"{LOW} to {HIGH}", f"likely {LIKELY}", EVIDENCE]
    return [mark for mark in marks if mark in plain]


@pytest.mark.long
def test_no_channel_tells_what_was_said(
    sealed, ranked, portfolio, sponsor, contributor, viewer, client
):
    publish(portfolio)
    for reader in (sponsor, contributor, viewer):
        client.force_login(reader)
        for address in CHANNELS:
            is_page = reader == sponsor and not address.startswith("/api/")
            pieces = ({}, {"HX-Request": "true"}) if is_page else ({},)
            for headers in pieces:
                answer = client.get(address.format(round=sealed.pk), headers=headers)
                assert answer.status_code == 200, (address, reader)
                assert told(answer.content.decode()) == [], (address, reader)


def test_the_author_sees_their_own(sealed, owner, client):
    client.force_login(owner)
    assert EVIDENCE in client.get("/use-cases/ACME-1/ratings/").content.decode()
    assert EVIDENCE in client.get("/api/v1/use-cases/ACME-1/ratings/").content.decode()


def test_a_staff_member_finds_nothing_in_the_admin(sealed, sponsor, client):
    sponsor.is_staff = sponsor.is_superuser = True
    sponsor.save()
    client.force_login(sponsor)
    for page in ("/admin/", "/admin/portfolio/event/", "/admin/portfolio/portfolio/"):
        answer = client.get(page, follow=True)
        assert told(answer.content.decode()) == []
        assert "sealedrating" not in answer.content.decode()


def test_nothing_computed_moves(ranked, portfolio, sponsor, owner, contributor, act, client):
    client.force_login(sponsor)

    def published():
        answer = client.get("/api/v1/portfolios/ACME/ranking/").json()
        rows = [{**row, "revision": 0} for row in answer["results"]]
        return rows, answer["stale"], answer["certainty_stale"]

    before = published()
    wanted = Portfolio.objects.ranking_wanted(portfolio.pk)
    make_round(portfolio, sponsor, ranked, ["ai_fit"], [owner, contributor], now=timezone.now())
    for row in ranked:
        rate(act(owner), row.pk, [judgement("ai_fit", "0", "0", "0")], now=timezone.now())
    assert Portfolio.objects.ranking_wanted(portfolio.pk) == wanted
    assert published() == before
    Portfolio.objects.want_ranking(portfolio.pk)
    publish(portfolio)
    assert published() == before
    assert not Rating.objects.filter(assessor=owner).exists()


def test_no_event_and_no_kept_answer_holds_a_value(sealed, ranked, owner, client):
    client.force_login(owner)
    client.put(
        "/api/v1/use-cases/ACME-1/ratings/",
        json.dumps(
            [{"criterion": "ai_fit", "low": LOW, "likely": LIKELY, "high": HIGH, "evidence": "x"}]
        ),
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )
    assert told(json.dumps([event.what for event in Event.objects.all()])) == []
    assert not KeptAnswer.objects.exists()


def test_a_poll_of_the_ranking_tells_nothing(sealed, ranked, sponsor, client):
    client.force_login(sponsor)
    page = client.get("/portfolios/ACME/ranking/?seen=1.1.1", headers={"HX-Request": "true"})
    assert told(page.content.decode()) == []
