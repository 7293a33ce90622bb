from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assessments import closing
from assessments.actions.criteria import retire_criterion
from assessments.actions.rating import rate
from assessments.actions.rounds import (
    Asked,
    RoundClosed,
    RoundsOverlap,
    close_round,
    open_round,
)
from assessments.models import Criterion, Rating, Round, SealedRating
from portfolio import sweeping
from portfolio.actions.members import remove_member
from portfolio.bells import Bell
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Membership, Portfolio
from portfolio.models.events import Kind
from tests.assessments.making import judgement, make_round
from tests.make import NOW, make_use_case

LATER = NOW + timedelta(days=1)


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def blind(portfolio, use_case, sponsor, owner, contributor) -> Round:
    """Owner and contributor rate ACME-1 on two criteria."""
    criteria = ["ai_fit", "headroom"]
    return make_round(portfolio, sponsor, [use_case], criteria, [owner, contributor])


def values(rows) -> list[tuple]:
    return sorted((row.assessor.name, row.criterion.slug, row.likely) for row in rows)


def test_a_sponsor_opens_a_round_and_it_is_an_event(blind, sponsor):
    assert (blind.is_open, blind.opened_by) == (True, sponsor)
    event = Event.objects.get(kind=Kind.ROUND_OPENED)
    assert event.what["use_cases"] == ["ACME-1"]
    assert event.what["assessors"] == ["Olga Owner", "Carl Contributor"]
    blind.refresh_from_db()
    assert blind.revision == event.pk


def test_only_a_sponsor_opens_and_closes(blind, portfolio, use_case, contributor, act):
    with pytest.raises(NotAllowed):
        make_round(portfolio, contributor, [use_case], ["reuse"], [contributor])
    with pytest.raises(NotAllowed):
        close_round(act(contributor), blind.pk, now=NOW)
    assert Round.objects.get().is_open


def test_what_cannot_be_asked_is_named_by_field(portfolio, use_case, sponsor, viewer, act):
    asked = Asked(["ACME-9"], ["annual_value"], [viewer.email], date(2026, 3, 2))
    with pytest.raises(ValidationError) as refused:
        open_round(act(sponsor), portfolio.pk, asked, now=NOW)
    assert set(refused.value.message_dict) == {"use_cases", "criteria", "assessors", "due_on"}
    with pytest.raises(ValidationError) as refused:
        open_round(act(sponsor), portfolio.pk, Asked([], [" "], [], date(9999, 12, 31)), now=NOW)
    assert set(refused.value.message_dict) == {"use_cases", "criteria", "assessors", "due_on"}


def test_another_portfolios_candidate_is_none_here(portfolio, sponsor, stranger, act):
    elsewhere = Portfolio.objects.get(key="OTHER")
    make_use_case(elsewhere, by=stranger)
    asked = Asked(["OTHER-1"], ["ai_fit"], [sponsor.email], date(2026, 3, 9))
    with pytest.raises(ValidationError, match="no candidate"):
        open_round(act(sponsor), portfolio.pk, asked, now=NOW)


def test_nothing_is_asked_of_anybody_in_two_open_rounds(
    blind, portfolio, use_case, sponsor, owner, act
):
    with pytest.raises(RoundsOverlap, match="Spring round"):
        make_round(portfolio, sponsor, [use_case], ["ai_fit", "reuse"], [sponsor, owner])
    make_round(portfolio, sponsor, [use_case], ["ai_fit", "reuse"], [sponsor])
    close_round(act(sponsor), blind.pk, now=NOW)
    make_round(portfolio, sponsor, [use_case], ["ai_fit"], [owner])


def test_a_rating_in_an_open_round_is_sealed_and_others_are_not(blind, use_case, owner, act):
    rows = rate(act(owner), use_case.pk, [judgement("ai_fit"), judgement("reuse")], now=NOW)

    assert [type(row) for row in rows] == [SealedRating, Rating]
    assert values(Rating.objects.all()) == [("Olga Owner", "reuse", 3)]
    assert values(SealedRating.objects.all()) == [("Olga Owner", "ai_fit", 3)]
    event = Event.objects.get(kind=Kind.RATING_SEALED)
    assert (event.use_case, event.what) == (None, {"round": blind.pk, "name": "Spring round"})
    told = Event.objects.get(kind=Kind.RATED).what["ratings"]
    assert [one["criterion"] for one in told] == ["reuse"]


def test_only_an_assessor_of_the_round_is_sealed(blind, use_case, sponsor, act):
    rate(act(sponsor), use_case.pk, [judgement("ai_fit")], now=NOW)
    assert Rating.objects.count() == 1
    assert not SealedRating.objects.exists()


def test_sealing_wants_no_ranking(blind, portfolio, use_case, owner, act):
    wanted = Portfolio.objects.ranking_wanted(portfolio.pk)
    rate(act(owner), use_case.pk, [judgement("ai_fit")], now=NOW)
    assert Portfolio.objects.ranking_wanted(portfolio.pk) == wanted


def test_a_sealed_rating_is_changed_in_place_and_looked_at_like_any(blind, use_case, owner, act):
    rate(act(owner), use_case.pk, [judgement("ai_fit")], now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit", likely="2.5")], now=NOW)
    before = Event.objects.count()
    rate(act(owner), use_case.pk, [judgement("ai_fit", likely="2.5")], now=NOW)
    assert Event.objects.count() == before
    assert SealedRating.objects.get().likely == Decimal("2.5")
    with pytest.raises(ValidationError) as refused:
        rate(act(owner), use_case.pk, [judgement("ai_fit", likely="5")], now=NOW)
    assert list(refused.value.message_dict) == ["0"]
    with pytest.raises(EditedMeanwhile):
        rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "1", "1")], now=NOW, seen_version=1)


def test_closing_turns_what_was_sealed_into_ratings_and_keeps_it(
    blind, portfolio, use_case, owner, contributor, sponsor, act
):
    rate(act(sponsor), use_case.pk, [judgement("reuse")], now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "1", "1")], now=NOW)
    rate(act(contributor), use_case.pk, [judgement("ai_fit", "4", "4", "4")], now=NOW)
    close_round(act(sponsor), blind.pk, now=LATER)

    said = [("Carl Contributor", "ai_fit", 4), ("Olga Owner", "ai_fit", 1)]
    assert values(SealedRating.objects.all()) == said
    assert values(Rating.objects.all()) == [*said, ("Sam Sponsor", "reuse", 3)]
    event = Event.objects.get(kind=Kind.ROUND_CLOSED)
    assert event.what == {
        "round": blind.pk, "name": "Spring round", "ratings": 2, "because": "by_hand",
    }  # fmt: skip
    assert Portfolio.objects.ranking_wanted(portfolio.pk) == event.pk
    assert {row.revision for row in Rating.objects.filter(criterion__slug="ai_fit")} == {event.pk}
    told = Event.objects.filter(use_case=use_case, what__round=blind.pk).order_by("pk")
    assert {one.by for one in told} == {owner, contributor}
    assert {one.kind for one in told} == {Kind.RATED}
    (said_of,) = told.get(by=owner).what["ratings"]
    assert (said_of["criterion"], said_of["before"]) == ("ai_fit", None)
    assert said_of["after"] == ["1.0", "1.0", "1.0"]
    row = Rating.objects.get(assessor=owner)
    assert (row.tenths, row.rated_at, row.after_seeing) == (60, NOW, False)
    blind.refresh_from_db()
    assert (blind.closed_by, blind.closed_at, blind.closed_because) == (sponsor, LATER, "by_hand")


def test_closing_puts_the_blind_value_in_place_of_an_earlier_one(
    portfolio, use_case, sponsor, owner, act
):
    rate(act(owner), use_case.pk, [judgement("ai_fit")], now=NOW)
    blind = make_round(portfolio, sponsor, [use_case], ["ai_fit"], [owner])
    rate(act(owner), use_case.pk, [judgement("ai_fit", "5", "5", "5")], now=LATER)
    assert Rating.objects.get().likely == 3
    close_round(act(sponsor), blind.pk, now=LATER)
    assert (Rating.objects.get().likely, Rating.objects.get().rated_at) == (5, LATER)
    told = Event.objects.get(kind=Kind.RATING_REVISED)
    assert (told.by, told.what["ratings"][0]["before"][1]) == (owner, "3.0")


def test_a_round_closes_once(blind, sponsor, act):
    close_round(act(sponsor), blind.pk, now=NOW)
    with pytest.raises(RoundClosed):
        close_round(act(sponsor), blind.pk, now=NOW)
    assert closing.close_if_over(blind.pk, NOW + timedelta(days=400)) is False
    assert Event.objects.filter(kind=Kind.ROUND_CLOSED).count() == 1


def test_what_is_changed_after_the_close_is_after_seeing(blind, use_case, owner, sponsor, act):
    rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "1", "1")], now=NOW)
    close_round(act(sponsor), blind.pk, now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "1", "1", "Seen it")], now=LATER)
    assert Rating.objects.get().after_seeing is False
    rate(act(owner), use_case.pk, [judgement("ai_fit", "3", "3", "3")], now=LATER)

    row = Rating.objects.get()
    assert (row.likely, row.after_seeing, SealedRating.objects.get().likely) == (3, True, 1)
    told = Event.objects.filter(kind=Kind.RATING_REVISED).latest("pk").what["ratings"][0]
    assert (told["before"], told["after"], told["after_seeing"]) == (
        ["1.0", "1.0", "1.0"], ["3.0", "3.0", "3.0"], True,
    )  # fmt: skip


def test_an_assessor_who_comes_too_late_has_seen(blind, use_case, owner, sponsor, act):
    close_round(act(sponsor), blind.pk, now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit")], now=LATER)
    rate(act(sponsor), use_case.pk, [judgement("ai_fit")], now=LATER)
    rows = Rating.objects.in_order()
    assert {row.assessor: row.after_seeing for row in rows} == {owner: True, sponsor: False}


def everything(*slugs: str):
    return [judgement(slug) for slug in slugs]


def is_swept(now=NOW) -> bool:
    return Bell.CLOSE_ROUND in [bell for bell, _ in sweeping.waiting(now)]


def test_a_look_that_fails_keeps_no_other_from_its_turn(blind, portfolio):
    """No computer knows the time zone, so nobody can say which day it is where the round is."""
    Portfolio.objects.filter(pk=portfolio.pk).update(time_zone="Mars/Base")
    found = []
    with pytest.raises(ExceptionGroup) as failed:
        found.extend(sweeping.waiting(NOW))
    assert len(failed.value.exceptions) == 1
    assert {(Bell.RANK, portfolio.pk), (Bell.LIKEN, portfolio.pk)} <= set(found)


def test_a_round_closes_by_itself_when_all_have_given_all(blind, use_case, owner, contributor, act):
    rate(act(owner), use_case.pk, everything("ai_fit", "headroom"), now=NOW)
    rate(act(contributor), use_case.pk, everything("ai_fit"), now=NOW)
    assert closing.close_if_over(blind.pk, NOW) is False
    assert not is_swept()
    rate(act(contributor), use_case.pk, everything("headroom"), now=NOW)
    assert is_swept()
    assert closing.close_if_over(blind.pk, NOW) is True
    blind.refresh_from_db()
    assert (blind.closed_because, blind.closed_by) == ("all_given", None)
    assert not is_swept()


@pytest.mark.django_db(transaction=True)
def test_giving_the_last_one_rings(blind, use_case, owner, act, rung):
    rate(act(owner), use_case.pk, everything("ai_fit"), now=NOW)
    assert (Bell.CLOSE_ROUND.value, (blind.pk,)) in rung()


def test_nobody_waits_for_who_has_left(blind, use_case, sponsor, owner, contributor, act):
    rate(act(owner), use_case.pk, everything("ai_fit", "headroom"), now=NOW)
    rate(act(contributor), use_case.pk, everything("ai_fit"), now=NOW)
    leaves = Membership.objects.of(contributor.pk, blind.portfolio_id).get()
    remove_member(act(sponsor), leaves.pk)
    assert is_swept()
    assert closing.close_if_over(blind.pk, NOW) is True
    assert values(Rating.objects.filter(assessor=contributor)) == [
        ("Carl Contributor", "ai_fit", 3)
    ]


def test_nobody_waits_for_who_may_only_look_or_for_a_retired_criterion(
    blind, use_case, sponsor, owner, contributor, act
):
    rate(act(owner), use_case.pk, everything("ai_fit"), now=NOW)
    Membership.objects.of(contributor.pk, blind.portfolio_id).update(role="viewer")
    assert not is_swept()
    headroom = Criterion.objects.get(portfolio=blind.portfolio, slug="headroom")
    retire_criterion(act(sponsor), headroom.pk, now=NOW)
    assert is_swept()
    assert closing.close_if_over(blind.pk, NOW) is True


@pytest.mark.parametrize(
    ("zone", "last", "next_day"),
    [
        ("UTC", datetime(2026, 3, 10, 23, 59, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)),
        (
            "Pacific/Auckland",
            datetime(2026, 3, 10, 10, 59, tzinfo=UTC), datetime(2026, 3, 10, 11, 0, tzinfo=UTC),
        ),
        (
            "America/Los_Angeles",
            datetime(2026, 3, 11, 6, 59, tzinfo=UTC), datetime(2026, 3, 11, 7, 0, tzinfo=UTC),
        ),
    ],
)  # fmt: skip
def test_a_round_ends_with_its_day_where_the_portfolio_is(
    blind, portfolio, use_case, owner, act, zone, last, next_day
):
    Portfolio.objects.filter(pk=portfolio.pk).update(time_zone=zone)
    rate(act(owner), use_case.pk, everything("ai_fit"), now=NOW)
    assert not is_swept(last)
    assert closing.close_if_over(blind.pk, last) is False
    assert is_swept(next_day)
    assert closing.close_if_over(blind.pk, next_day) is True
    assert closing.close_if_over(blind.pk, next_day) is False
    assert Round.objects.get().closed_because == "due"
    assert Rating.objects.count() == 1


# --- Doors ------------------------------------------------------------------------------------


def test_a_round_is_opened_rated_and_closed_by_pages(
    portfolio, use_case, sponsor, owner, contributor, client
):
    client.force_login(sponsor)
    page = client.get("/portfolios/ACME/rounds/new/")
    assert page.status_code == 200
    typed = {
        "use_cases": ["ACME-1"], "criteria": ["ai_fit"], "assessors": [owner.email, "x"],
        "due_on": "2999-01-01", "name": "Shortlist",
    }  # fmt: skip
    refused = client.post("/portfolios/ACME/rounds/new/", typed)
    assert refused.status_code == 422
    assert "Shortlist" in refused.content.decode()
    typed |= {"assessors": [owner.email, contributor.email]}
    refused = client.post("/portfolios/ACME/rounds/new/", typed)
    assert "ends within a year" in refused.content.decode()
    day = (datetime.now(tz=UTC) + timedelta(days=3)).date()
    made = client.post("/portfolios/ACME/rounds/new/", typed | {"due_on": day.isoformat()})
    assert made.status_code == 302
    assert "Shortlist" in client.get("/portfolios/ACME/rounds/").content.decode()

    client.force_login(owner)
    assert "Rate 1 candidate without seeing" in client.get("/").content.decode()
    assert "0 of 1" in client.get(made.url).content.decode()
    given = {"low-ai_fit": "0", "likely-ai_fit": "1", "high-ai_fit": "1.5"}
    client.post("/use-cases/ACME-1/ratings/", given)
    assert 'value="1.5"' in client.get("/use-cases/ACME-1/ratings/").content.decode()
    assert "Rate 1 candidate" not in client.get("/").content.decode()

    client.force_login(contributor)
    given = {"low-ai_fit": "4", "likely-ai_fit": "4.5", "high-ai_fit": "5"}
    client.post("/use-cases/ACME-1/ratings/", given)
    assert client.post(f"{made.url}closing/").status_code == 403
    client.force_login(sponsor)
    assert client.post(f"{made.url}closing/").status_code == 302
    assert client.post(f"{made.url}closing/").status_code == 422
    page = client.get(made.url).content.decode()
    assert "Olga Owner expects 1, Carl Contributor 4.5." in page
    assert "disagree widely on <b>1 of 1</b>" in page


def test_an_assessor_does_not_see_earlier_ratings_of_others(
    blind, use_case, sponsor, owner, contributor, act, client
):
    rate(act(sponsor), use_case.pk, [judgement("ai_fit", evidence="Known pattern")], now=NOW)
    client.force_login(owner)
    given = {"low-ai_fit": "0", "likely-ai_fit": "1", "high-ai_fit": "1.5"}
    client.post("/use-cases/ACME-1/ratings/", given)
    page = client.get("/use-cases/ACME-1/ratings/").content.decode()
    assert "Known pattern" not in page
    assert "1 earlier rating of others" in page


def test_rounds_by_api(portfolio, use_case, sponsor, owner, contributor, api):
    address = "/api/v1/portfolios/ACME/rounds/"
    day = (datetime.now(tz=UTC) + timedelta(days=3)).date().isoformat()
    body = {"use_cases": ["acme-1"], "criteria": ["ai_fit"],
            "assessors": [owner.email, contributor.email], "due_on": day}  # fmt: skip
    assert api(contributor).post(address, body, format="json").status_code == 403
    made = api(sponsor).post(address, body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["is_open"] is True
    assert api(sponsor).post(address, body, format="json").status_code == 409
    one = made["Location"]
    assert len(made.json()["progress"]) == 2

    ratings = "/api/v1/use-cases/ACME-1/ratings/"
    said = [{"criterion": "ai_fit", "low": "4", "likely": "5", "high": "5", "evidence": "Sure"}]
    tag = api(owner).get(ratings)["ETag"]
    put = api(owner).put(ratings, said, format="json", headers={"If-Match": tag})
    assert put.status_code == 200, put.content
    assert put.json()["results"] == []
    assert put.json()["sealed"][0]["likely"] == "5"
    late = api(owner).put(ratings, said, format="json", headers={"If-Match": tag})
    assert late.status_code == 412
    assert api(owner).get(ratings).json()["sealed"] == put.json()["sealed"]
    assert api(contributor).get(ratings).json()["sealed"] == []
    api(contributor).put(ratings, [{**said[0], "low": "1", "likely": "2"}], format="json")
    assert api(owner).get(one).json()["progress"] == [
        {"assessor": owner.email, "given": 1, "asked": 1, "waited_for": True}
    ]
    assert api(contributor).post(f"{one}close/").status_code == 403
    closed = api(sponsor).post(f"{one}close/").json()
    assert (closed["is_open"], closed["closed_because"]) == (False, "by_hand")
    assert closed["spread"][0]["wide"] is True
    assert [row["likely"] for row in closed["spread"][0]["ratings"]] == ["5", "2"]
    assert api(sponsor).post(f"{one}close/").status_code == 409
    rows = api(owner).get(ratings).json()
    assert rows["sealed"] == []
    assert [row["after_seeing"] for row in rows["results"]] == [False, False]


@pytest.mark.parametrize("address", ["/portfolios/ACME/rounds/", "/api/v1/portfolios/ACME/rounds/"])
def test_the_cost_of_the_list_does_not_grow(
    blind, portfolio, sponsor, owner, viewer, client, django_assert_max_num_queries, address
):
    for reader in (sponsor, viewer):
        client.force_login(reader)
        client.get(address)
        with django_assert_max_num_queries(25) as few:
            client.get(address)
        for n in range(10):
            case = make_use_case(portfolio, title=f"Other {reader} {n}")
            make_round(portfolio, sponsor, [case], ["ai_fit", "reuse"], [owner, sponsor])
        with django_assert_max_num_queries(25) as many:
            client.get(address)
        assert len(many) == len(few)
