"""A sponsor has the ranges of overconfident people widened: everywhere alike, and shown."""

import random
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError

from assessments.actions.calibrating import NotOverconfident, take_as_said, widen
from assessments.actions.rating import rate
from assessments.held import Held
from assessments.models import Rating, Widening
from assessments.ranking import Sheet, recompute
from assessments.rules.ageing import KEPT, PERIOD_DAYS
from assessments.rules.calibration import widened_ends
from assessments.rules.simulation import expected_values
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Standing, UseCase
from portfolio.models.events import Kind
from portfolio.origins import Asked, origin_of
from tests.assessments.making import answer_all, judgement, rate_both_axes
from tests.make import NOW, make_measured, make_use_case

PAGE = "/portfolios/ACME/calibration/"
MACHINE = "/api/v1/portfolios/ACME/calibration/"
BY_HAND = ("stakeholder_pull", "headroom", "reuse", "ai_fit", "tolerance", "compliance")


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def guesser(portfolio, use_case, contributor):
    """Carl: 3 of 9 ranges held; a factor of 1.5 would have held all."""
    make_measured(use_case, contributor, hits=3, misses=6)
    return contributor


@pytest.fixture
def widen_it(portfolio, sponsor, guesser, act):
    def widened(factor="1.5", by=sponsor, **options) -> Widening:
        given = None if factor is None else Decimal(factor)
        return widen(act(by), portfolio.pk, guesser.pk, given, now=NOW, **options)

    return widened


@pytest.mark.parametrize(
    ("points", "factor", "ends"),
    [
        (("2", "3", "4"), "1.5", ("1.5", "4.5")),
        (("2.7", "3", "3.2"), "1.5", ("2.5", "3.3")),  # 2.55 and 3.3: outwards to a tenth
        (("1", "3", "4"), "3", ("0", "5")),
        (("3", "3", "3"), "2", ("3", "3")),
        (("0", "2", "5"), "1.1", ("0", "5")),
    ],
)
def test_both_ends_go_outwards_from_likely_within_the_scale(points, factor, ends):
    found = widened_ends(*(Decimal(point) for point in points), Decimal(factor))
    assert found == tuple(Decimal(end) for end in ends)


def test_it_counts_everywhere_alike_with_age_after_it(
    portfolio, sponsor, owner, guesser, widen_it, act
):
    """Against the rules' own words, rating by rating, in fractions."""
    portfolio.fresh_days = 90
    portfolio.save(update_fields=["fresh_days"])
    chance = random.Random(11)
    for number in range(6):
        row = make_use_case(portfolio, title=f"Candidate {number}")
        answer_all(row, owner)
        for by in (guesser, owner):
            said = []
            for slug in BY_HAND:
                tenths = sorted(chance.choices(range(51), k=3))
                said.append(judgement(slug, *(Decimal(tenth).scaleb(-1) for tenth in tenths)))
            given = NOW - timedelta(days=chance.choice((0, 60, 100, 130, 400)))
            rate(act(by), row.pk, said, now=given)
    widen_it("1.7")
    recompute(portfolio.pk, NOW)

    read = Sheet.read(portfolio.pk, NOW).sheet
    held = Held.read(portfolio.pk, NOW)
    drawn = expected_values(held.opinions)
    for slug in BY_HAND:
        row = next(place for place, one in enumerate(read.criteria) if one.slug == slug)
        for column, pk in enumerate(read.ids.tolist()):
            worth = value_by_hand(pk, slug, guesser.pk, Decimal("1.7"), 90)
            assert read.exact_value(row, column) == worth
            if pk in held.use_case_ids:
                place = held.use_case_ids.index(pk)
                assert drawn[row][place] == pytest.approx(float(worth))


def value_by_hand(use_case_id, slug, person_id, factor, fresh_days) -> Fraction:
    ratings = Rating.objects.filter(use_case_id=use_case_id, criterion__slug=slug)
    each = []
    for one in ratings:
        low, high = one.low, one.high
        if one.assessor_id == person_id:
            low, high = widened_ends(one.low, one.likely, one.high, factor)
        days = (NOW - one.rated_at).days - fresh_days
        kept = KEPT ** (max(0, days) // PERIOD_DAYS)
        wide_high = 5 - (5 - Fraction(high)) * kept
        each.append((Fraction(low) * kept + 4 * Fraction(one.likely) + wide_high) / 6)
    return sum(each, Fraction(0)) / len(each) if each else Fraction(5, 2)


def test_nobody_elses_ratings_and_no_other_portfolio_are_touched(
    portfolio, use_case, owner, guesser, widen_it, act
):
    rate(act(owner), use_case.pk, [judgement("headroom", "1", "2", "4")], now=NOW)
    rate(act(owner), use_case.pk, [judgement("ai_fit", "1", "2", "4")], now=NOW)
    recompute(portfolio.pk, NOW)
    before = Standing.objects.get(pk=use_case.pk).score
    widen_it("3")
    recompute(portfolio.pk, NOW)
    assert Standing.objects.get(pk=use_case.pk).score == before


def test_a_wide_rating_pulls_the_score_and_is_not_stale(
    portfolio, use_case, guesser, widen_it, act, rung, django_capture_on_commit_callbacks
):
    said = [judgement(slug, "4", "4.5", "4.6") for slug in ("headroom", "ai_fit")]
    rate(act(guesser), use_case.pk, said, now=NOW)
    recompute(portfolio.pk, NOW)
    before = Standing.objects.get(pk=use_case.pk)
    with django_capture_on_commit_callbacks(execute=True):
        widen_it("3")
    assert ("assessments.recompute_ranking", (portfolio.pk,)) in rung()
    recompute(portfolio.pk, NOW)
    after = Standing.objects.get(pk=use_case.pk)
    assert after.impact < before.impact
    assert after.stale_inputs == before.stale_inputs


def test_the_factor_is_that_of_what_came_true_where_none_is_given(widen_it, guesser):
    assert widen_it(None).factor == Decimal("1.5")


def test_it_is_an_event_in_words(widen_it, portfolio, sponsor, guesser, act, signed_in):
    row = widen_it()
    event = Event.objects.get(kind=Kind.RANGES_WIDENED)
    assert event.what == {
        "person": guesser.pk, "name": "Carl Contributor", "factor": [None, "1.5"],
    }  # fmt: skip
    row.refresh_from_db()
    assert row.revision == event.pk
    widen_it()  # says what it said before
    assert Event.objects.filter(kind=Kind.RANGES_WIDENED).count() == 1
    take_as_said(act(sponsor), portfolio.pk, guesser.pk)
    take_as_said(act(sponsor), portfolio.pk, guesser.pk)
    assert Event.objects.get(kind=Kind.RANGES_AS_SAID).what["factor"] == ["1.5", None]
    assert not Widening.objects.exists()
    html = signed_in(sponsor).get("/portfolios/ACME/activity/").content.decode()
    assert "widened the ranges of Carl Contributor" in html
    assert "takes as said again the ranges of Carl Contributor" in html


def test_who_is_not_overconfident_is_left_as_they_said(portfolio, use_case, sponsor, owner, act):
    make_measured(use_case, owner, misses=4)
    with pytest.raises(NotOverconfident, match="stay as they are"):
        widen(act(sponsor), portfolio.pk, owner.pk, now=NOW)
    with pytest.raises(NotOverconfident):
        widen(act(sponsor), portfolio.pk, sponsor.pk, now=NOW)
    assert not Widening.objects.exists()


def test_a_widening_can_be_taken_back_when_the_person_has_got_better(
    portfolio, use_case, sponsor, guesser, widen_it, act, signed_in
):
    widen_it()
    for number in range(10):
        case = make_use_case(portfolio, title=f"Use case {number}")
        make_measured(case, guesser, hits=9)
    with pytest.raises(NotOverconfident):
        widen_it("2")
    html = signed_in(sponsor).get(f"{PAGE}{guesser.pk}/").content.decode()
    assert 'name="factor"' not in html
    assert 'name="remove"' in html
    take_as_said(act(sponsor), portfolio.pk, guesser.pk)
    assert not Widening.objects.exists()


def test_only_a_sponsor_sets_it(portfolio, guesser, owner, stranger, widen_it, act):
    with pytest.raises(NotAllowed):
        widen_it(by=owner)
    with pytest.raises(ObjectDoesNotExist):
        widen_it(by=stranger)
    with pytest.raises(NotAllowed):
        take_as_said(act(owner), portfolio.pk, guesser.pk)
    assert not Widening.objects.exists()


@pytest.mark.parametrize("factor", ["1", "0", "-2", "3.1", "1.55", "NaN"])
def test_a_factor_is_one_point_one_to_three(factor, widen_it):
    with pytest.raises(ValidationError):
        widen_it(factor)
    assert not Widening.objects.exists()


def test_two_sponsors_do_not_overwrite_each_other(widen_it):
    row = widen_it(seen_version=0)
    with pytest.raises(EditedMeanwhile):
        widen_it("2", seen_version=0)
    row.refresh_from_db()
    assert widen_it("2", seen_version=row.revision).factor == 2


# --- page and API ---------------------------------------------------------------------------------


def test_a_sponsor_sets_it_on_the_page(portfolio, guesser, sponsor, signed_in):
    client, address = signed_in(sponsor), f"{PAGE}{guesser.pk}/"
    html = client.get(address).content.decode()
    assert 'value="1.5"' in html  # what the cases suggest
    assert "9 of 9 ranges would have held" in html
    answer = client.post(f"{address}widening/", {"factor": "7", "seen": "0"})
    assert answer.status_code == 422
    assert "Give a factor from 1.1 to 3." in answer.content.decode()
    assert 'value="7"' in answer.content.decode()
    answer = client.post(f"{address}widening/", {"factor": "1.4", "seen": "0"})
    assert answer.status_code == 302
    html = client.get(PAGE).content.decode()
    assert "widened ×1.4" in html
    answer = client.post(f"{address}widening/", {"factor": "1.6", "seen": "0"})
    assert answer.status_code == 422  # somebody else set it meanwhile
    client.post(f"{address}widening/", {"remove": "1"})
    assert not Widening.objects.exists()


def test_the_rating_page_shows_whose_ranges_are_wider(
    portfolio, use_case, guesser, viewer, widen_it, act, signed_in
):
    rate_both_axes(use_case, guesser)
    rate(act(guesser), use_case.pk, [judgement("headroom", "2", "3", "4")], now=NOW)
    widen_it()
    html = signed_in(viewer).get("/use-cases/ACME-1/ratings/").content.decode()
    assert html.count("widened ×1.5") == 3
    assert "to 1.5 to 4.5" in html
    html = signed_in(guesser).get("/use-cases/ACME-1/ratings/").content.decode()
    assert "Yours counts as 1.5 to 4.5" in html
    html = signed_in(guesser).get("/portfolios/ACME/rating/headroom/").content.decode()
    assert "Yours counts as 1.5 to 4.5" in html


def test_the_number_behind_a_criterion_says_so(portfolio, use_case, guesser, viewer, widen_it, act):
    rate(act(guesser), use_case.pk, [judgement("headroom", "2", "4", "4.5")], now=NOW)
    widen_it()
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    found = origin_of(Asked(act(viewer), rows.get(pk=use_case.pk), NOW), "criterion.headroom")
    (part,) = found.parts
    # 1 + 4 × 4 + 4.8 (4.75, outwards) is 21.8, by 6.
    assert part.words == "2, 4, 4.5 → 3.6333"
    assert part.note.startswith("widened ×1.5, as calibration says: counts as 1 to 4.8.")
    assert found.value == Decimal("3.6333")
    assert part.url == f"{PAGE}{guesser.pk}/"


def test_side_by_side_says_whose_ranges_are_wider(
    portfolio, use_case, guesser, owner, viewer, widen_it, act, signed_in
):
    other = make_use_case(portfolio, title="Call notes")
    for row in (use_case, other):
        rate_both_axes(row, guesser)
        rate_both_axes(row, owner)
        answer_all(row, owner)
    widen_it()
    recompute(portfolio.pk, NOW)
    address = "/portfolios/ACME/ranking/compare/?of=ACME-1&of=ACME-2"
    html = signed_in(viewer).get(address).content.decode()
    assert "Carl Contributor (widened ×1.5) and Olga Owner" in html


def test_machines_set_it_and_see_it(portfolio, use_case, guesser, sponsor, viewer, act, api):
    rate(act(guesser), use_case.pk, [judgement("headroom", "2", "3", "4")], now=NOW)
    address = f"{MACHINE}{guesser.pk}/widening/"
    answer = api(sponsor).put(address, {}, format="json")
    assert answer.status_code == 200
    assert answer.json()["factor"] == "1.5"
    assert answer.json()["set_by"] == sponsor.email
    tag = answer["ETag"]
    (person,) = api(viewer).get(MACHINE).json()["people"]
    assert person["widening"]["factor"] == "1.5"
    (rating,) = api(viewer).get("/api/v1/use-cases/ACME-1/ratings/").json()["results"]
    assert (rating["low"], rating["widened_by"]) == ("2", "1.5")
    assert (rating["counts_low"], rating["counts_high"]) == ("1.5", "4.5")
    stale = api(sponsor).put(address, {"factor": "2"}, format="json", HTTP_IF_MATCH='"v1.r1.x"')
    assert stale.status_code == 412
    assert stale.json()["current"]["factor"] == "1.5"
    changed = api(sponsor).put(address, {"factor": "2"}, format="json", HTTP_IF_MATCH=tag)
    assert changed.json()["factor"] == "2"
    assert api(sponsor).put(address, {"factor": "9"}, format="json").status_code == 400
    assert api(viewer).put(address, {}, format="json").status_code == 403
    assert api(sponsor).delete(address).status_code == 204
    assert api(sponsor).get(address).json()["factor"] is None


def test_machines_are_told_why_not(portfolio, use_case, sponsor, owner, api):
    make_measured(use_case, owner, hits=5)
    answer = api(sponsor).put(f"{MACHINE}{owner.pk}/widening/", {}, format="json")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("not_overconfident")
