"""What people said and what came true of it: read, shown, told to machines."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import calibrating
from assessments.actions.rating import rate
from assessments.models import Rating
from assessments.rules.calibration import Finding, Kind
from portfolio.models import Event, Forecast, Reading
from tests.assessments.making import judgement
from tests.assessments.reading import words_of
from tests.make import NOW, make_measured, make_sealed, make_use_case

TODAY = NOW.date()
PAGE = "/portfolios/ACME/calibration/"
MACHINE = "/api/v1/portfolios/ACME/calibration/"


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


def make_shipped(use_case, owner, *, started: int, shipped: int | None, weeks: int = 12, pk=None):
    """A lighthouse that started and shipped so many days before NOW."""
    row = make_sealed(use_case, owner, start=TODAY - timedelta(days=started), weeks=weeks)
    row.shipped_on = None if shipped is None else TODAY - timedelta(days=shipped)
    row.verdict_due = row.start_date + timedelta(days=7 * weeks - 1)
    row.save(update_fields=["shipped_on", "verdict_due"])
    return row


def read(lighthouse, by, days: int, value: str) -> Reading:
    return Reading.objects.create(
        lighthouse=lighthouse, metric="first response time", unit="h", value=Decimal(value),
        measured_on=TODAY - timedelta(days=days),
        sample_size=500, entered_by=by, entered_at=NOW,
    )  # fmt: skip


def forecast(lighthouse, by, made: int, ships: int, hour: int = 0) -> Forecast:
    return Forecast.objects.create(
        lighthouse=lighthouse, ships_on=TODAY - timedelta(days=ships), made_by=by,
        made_on=TODAY - timedelta(days=made), made_at=NOW - timedelta(days=made, hours=-hour),
    )  # fmt: skip


def of(portfolio, user, kind) -> list[calibrating.Told]:
    found = calibrating.person(portfolio, user.pk, NOW)
    return found.of(kind) if found else []


def test_nobody_is_there_before_anything_came_true(portfolio, use_case):
    assert calibrating.people(portfolio, NOW) == []


def test_only_the_last_measurement_of_an_input_is_the_truth(portfolio, use_case, contributor):
    make_measured(use_case, contributor, misses=1)
    make_measured(use_case, contributor, hits=1)  # input_0 again: 3 is what was measured last
    (told,) = of(portfolio, contributor, Kind.ASSUMPTION)
    assert (told.case.fits, told.about, told.said_on) == (True, "input 0", TODAY)


# --- forecasts ------------------------------------------------------------------------------------


def test_forecasts_count_once_a_day_and_not_after_shipping(portfolio, use_case, owner, contributor):
    lighthouse = make_shipped(use_case, owner, started=100, shipped=20)
    forecast(lighthouse, owner, 80, 45)
    forecast(lighthouse, owner, 80, 40, hour=2)  # changed the same day: this one counts
    forecast(lighthouse, owner, 60, 40)  # says the same again
    forecast(lighthouse, owner, 50, 25)
    forecast(lighthouse, owner, 20, 20)  # on the day itself
    forecast(lighthouse, owner, 10, 20)
    forecast(lighthouse, contributor, 60, 10)
    told = [(one.said_on, one.case.days_late) for one in of(portfolio, owner, Kind.FORECAST)]
    assert told == [(TODAY - timedelta(days=50), 5), (TODAY - timedelta(days=80), 20)]
    assert [one.case.days_late for one in of(portfolio, contributor, Kind.FORECAST)] == [-10]


def test_what_has_not_shipped_says_nothing_yet(portfolio, use_case, owner):
    lighthouse = make_shipped(use_case, owner, started=100, shipped=None)
    forecast(lighthouse, owner, 80, 40)
    assert calibrating.people(portfolio, NOW) == []


# --- ratings of time to value ---------------------------------------------------------------------


def rated(use_case, by, act, days: int, likely: str = "4", low: str = "3", high: str = "5"):
    """A rating of time to value so many days before NOW, and its event as of then."""
    now = NOW - timedelta(days=days)
    rate(act(by), use_case.pk, [judgement("time_to_value", low, likely, high)], now=now)
    event = Event.objects.filter(use_case=use_case).order_by("-pk").first()
    Event.objects.filter(pk=event.pk).update(at=now)


@pytest.mark.parametrize(("met", "true"), [(50, 5), (11, 5), (9, 3), (None, 1)])
def test_a_rating_is_held_against_when_the_target_was_met(
    met, true, portfolio, use_case, owner, contributor, act
):
    rated(use_case, contributor, act, 110)
    lighthouse = make_shipped(use_case, owner, started=101, shipped=60, weeks=16)
    if met is not None:
        read(lighthouse, owner, met, "0.4")
    later = NOW + timedelta(days=30)  # the 16 weeks are over
    (told,) = calibrating.person(portfolio, contributor.pk, later).of(Kind.TIME_TO_VALUE)
    assert told.case.true == true
    assert told.said_on == TODAY - timedelta(days=110)
    assert of(portfolio, contributor, Kind.TIME_TO_VALUE) == []  # and before that it says nothing


def test_a_verdict_is_enough(portfolio, use_case, owner, contributor, act):
    rated(use_case, contributor, act, 110)
    lighthouse = make_shipped(use_case, owner, started=100, shipped=60)
    lighthouse.standing.verdict = "failure"
    lighthouse.standing.save(update_fields=["verdict"])
    (told,) = of(portfolio, contributor, Kind.TIME_TO_VALUE)
    assert told.case.true == 1


def test_an_abandoned_lighthouse_says_nothing(portfolio, use_case, owner, contributor, act):
    rated(use_case, contributor, act, 310)
    lighthouse = make_shipped(use_case, owner, started=300, shipped=None)
    lighthouse.abandoned_at = NOW
    lighthouse.save(update_fields=["abandoned_at"])
    assert calibrating.people(portfolio, NOW) == []


def test_the_rating_that_counts_was_in_force_before_the_start(
    portfolio, use_case, owner, contributor, sponsor, act
):
    rated(use_case, contributor, act, 320, "4")
    rated(use_case, contributor, act, 310, "4.5")
    rated(use_case, contributor, act, 200, "1", "0", "2")  # when it was seen how it went
    rated(use_case, contributor, act, 190, "0.5", "0", "2")
    rated(use_case, sponsor, act, 200)  # never said before the start
    make_shipped(use_case, owner, started=300, shipped=None)
    (told,) = of(portfolio, contributor, Kind.TIME_TO_VALUE)
    assert (told.case.likely, told.said_on) == (Decimal("4.5"), TODAY - timedelta(days=310))
    assert of(portfolio, sponsor, Kind.TIME_TO_VALUE) == []
    assert Rating.objects.get(assessor=contributor).likely == Decimal("0.5")


def test_a_rating_that_a_blind_round_replaced_is_found_in_what_happened(
    portfolio, use_case, owner, contributor, act
):
    rated(use_case, contributor, act, 310, "4.5")
    # A round that closes tells of no single rating.
    Rating.objects.update(low=0, likely=1, high=2, rated_at=NOW - timedelta(days=200))
    make_shipped(use_case, owner, started=300, shipped=None)
    (told,) = of(portfolio, contributor, Kind.TIME_TO_VALUE)
    assert (told.case.likely, told.said_on) == (Decimal("4.5"), TODAY - timedelta(days=310))


def test_a_rating_given_on_the_first_day_is_not_from_before_it(
    portfolio, use_case, owner, contributor, act
):
    rated(use_case, contributor, act, 300)
    make_shipped(use_case, owner, started=300, shipped=None)
    assert calibrating.people(portfolio, NOW) == []


# --- together -------------------------------------------------------------------------------------


def test_ranges_of_both_kinds_are_judged_together(portfolio, use_case, owner, contributor, act):
    make_measured(use_case, contributor, misses=4)
    assert calibrating.person(portfolio, contributor.pk, NOW).ranges.finding is Finding.TOO_FEW
    rated(use_case, contributor, act, 310)
    make_shipped(use_case, owner, started=300, shipped=None)
    found = calibrating.person(portfolio, contributor.pk, NOW)
    assert (found.ranges.n, found.ranges.held) == (5, 0)
    assert found.ranges.finding is Finding.OVERCONFIDENT
    assert [judged.finding for judged in found.kinds] == [Finding.TOO_FEW] * 3


def test_who_left_is_still_judged_by_what_they_said(portfolio, use_case, stranger):
    make_measured(use_case, stranger, misses=5)
    assert [one.user for one in calibrating.people(portfolio, NOW)] == [stranger]


def queries(connection, read) -> int:
    with CaptureQueriesContext(connection) as seen:
        read()
    return len(seen)


def test_the_cost_does_not_grow(
    portfolio, sponsor, owner, contributor, viewer, act, signed_in, api
):
    def more(count: int) -> None:
        for place in range(count):
            case = make_use_case(portfolio, title=f"Use case {place}")
            make_measured(case, contributor, hits=2, misses=3)
            for by in (contributor, owner, sponsor):
                rated(case, by, act, 310)
                rated(case, by, act, 100, "2", "1", "3")
            lighthouse = make_shipped(case, owner, started=300, shipped=100)
            forecast(lighthouse, owner, 200, 150)
            forecast(lighthouse, contributor, 190, 120)
            read(lighthouse, owner, 90, "3")

    more(2)
    client, machine = signed_in(viewer), api(viewer)
    asked = [
        lambda: client.get(PAGE),
        lambda: client.get(f"{PAGE}{contributor.pk}/"),
        lambda: machine.get(MACHINE),
        lambda: machine.get(f"{MACHINE}{contributor.pk}/"),
    ]
    few = [queries(connection, one) for one in asked]
    more(8)
    assert [queries(connection, one) for one in asked] == few


# --- the page and the API -------------------------------------------------------------------------


def test_the_page_claims_nothing_of_too_few(portfolio, use_case, contributor, signed_in):
    client = signed_in(contributor)
    assert words_of(client.get(PAGE).content.decode()) == (
        "Nobody’s ranges can be judged yet: 5 outcomes are needed, and none is there."
    )
    make_measured(use_case, contributor, misses=3)
    html = client.get(PAGE).content.decode()
    assert words_of(html) == (
        "Nobody’s ranges can be judged yet: 5 outcomes of one person are needed,"
        " Carl Contributor has 3."
    )
    assert "too few yet: 3 of 5" in html
    assert "overconfident" not in html.split("How to read it")[0]


def test_the_page_names_who_is_overconfident(portfolio, use_case, contributor, viewer, signed_in):
    make_measured(use_case, contributor, hits=3, misses=6)
    html = signed_in(viewer).get(PAGE).content.decode()
    assert words_of(html) == (
        "Carl Contributor is overconfident: 3 of 9 ranges held what came true, where nine in ten"
        " should."
    )
    html = signed_in(viewer).get(f"{PAGE}{contributor.pk}/").content.decode()
    assert "/use-cases/ACME-1/economics/" in html
    assert html.count("✕") == 0  # marks are drawn by the sheet of styles
    assert html.count('data-state="no"') == 6
    assert 'name="factor"' not in html  # a viewer only looks


def test_dates_that_come_too_early_are_told(portfolio, owner, viewer, signed_in):
    for place in range(6):
        case = make_use_case(portfolio, title=f"Use case {place}")
        forecast(make_shipped(case, owner, started=100, shipped=20), owner, 80, 44)
    html = signed_in(viewer).get(PAGE).content.decode()
    assert words_of(html) == "Ship dates come later than Olga Owner (0 of 6 in time) says."
    assert "ships 24 days later than said" in html


def test_a_person_of_whom_nothing_is_known_has_no_page(portfolio, use_case, viewer, signed_in):
    assert signed_in(viewer).get(f"{PAGE}{viewer.pk}/").status_code == 404
    assert signed_in(viewer).get(f"{PAGE}{10**30}/").status_code == 404


def test_machines_read_the_same_numbers(portfolio, use_case, contributor, viewer, api):
    make_measured(use_case, contributor, hits=4, misses=6)
    (person,) = api(viewer).get(MACHINE).json()["people"]
    assert person["email"] == contributor.email
    assert person["widening"]["factor"] is None
    found = person["kinds"]["assumption"]
    assert (found["n"], found["held"], found["finding"]) == (10, 4, "overconfident")
    assert (found["share"], found["share_low"], found["share_high"]) == ("0.4", "0.1682", "0.6873")
    assert (found["median_error"], found["factor"], found["held_then"]) == ("0.5", "1.5", 10)
    assert person["kinds"]["forecast"]["share"] is None
    whole = api(viewer).get(f"{MACHINE}{contributor.pk}/").json()
    assert len(whole["cases"]) == 10
    assert whole["cases"][0] == {
        "kind": "assumption", "use_case": "ACME-1", "about": "input 0", "said_on": "2026-03-03",
        "true_on": "2026-06-01", "low": "2", "likely": "3", "high": "4", "came_true": "4.5",
        "ships_on": None, "shipped_on": None, "held": False, "source": "the bill",
    }  # fmt: skip
