"""Every number opens to who, when, from what, how old and by which formula."""

import re
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from assessments import certainty
from assessments.actions.rating import rate
from assessments.models import Criterion
from assessments.ranking import recompute
from economics import costing, pages
from economics.actions import set_economics
from economics.models import UnitEconomics
from economics.origins import FROM
from economics.rules.inputs import INPUT_NAMES
from portfolio.models import Standing, UseCase
from portfolio.origins import Asked, all_origins, origin_of
from portfolio.rights import Actor
from portfolio.rules.age import USUAL_DAYS
from tests import cast
from tests.assessments.making import answer_all, judgement, make_round
from tests.economics.making import make_judgement
from tests.make import NOW, make_use_case

LATER = NOW + timedelta(days=200)


@pytest.fixture(scope="module", autouse=True)
def ranked(for_the_module):
    """Answered, costed, rated by two and ranked, with a rival."""
    portfolio, contributor, owner = cast.acme(), cast.actor("contributor"), cast.actor("owner")
    portfolio.fresh_days = USUAL_DAYS
    portfolio.save(update_fields=["fresh_days"])
    row = make_use_case(portfolio, by=contributor.user)
    rival = make_use_case(portfolio, title="Rival", by=contributor.user)
    for one in (row, rival):
        answer_all(one, contributor.user)
        set_economics(contributor, one.pk, make_judgement(), now=NOW)
        said = [judgement("stakeholder_pull", "3", "4", "5"), judgement("ai_fit", "2", "3", "4")]
        rate(contributor, one.pk, said, now=NOW)
    rate(owner, row.pk, [judgement("ai_fit", "4", "4.5", "5")], now=NOW)
    recompute(portfolio.pk, NOW)
    certainty.simulate(portfolio.pk, NOW)
    return row


@pytest.fixture
def use_case(ranked):
    return deepcopy(ranked)


def asked(use_case, person, act, now=NOW, **options) -> Asked:
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    return Asked(act(person), rows.get(pk=use_case.pk), now, **options)


def test_a_score_opens_down_to_what_each_person_said(use_case, contributor, act):
    ask = asked(use_case, contributor, act)
    score = origin_of(ask, "score")
    assert score.value == Standing.objects.get(pk=use_case.pk).score
    assert score.formula.startswith("impact × feasibility")
    assert [part.number for part in score.parts] == ["impact", "feasibility"]
    feasibility = origin_of(ask, "feasibility")
    fit = next(part for part in feasibility.parts if part.number == "criterion.ai_fit")
    assert contributor.name in fit.by
    assert fit.at == NOW
    rated = origin_of(ask, fit.number)
    assert rated.formula == "the mean over assessors of (low + 4 × likely + high) ÷ 6"
    assert [part.words for part in rated.parts] == ["2, 3, 4 → 3", "4, 4.5, 5 → 4.5"]
    assert "VP Care asked twice" in rated.parts[0].note


def test_the_parts_of_an_axis_add_up_to_it(use_case, contributor, act):
    ask = asked(use_case, contributor, act)
    for axis in ("impact", "feasibility"):
        one = origin_of(ask, axis)
        points = [Decimal(part.words.rpartition("→ ")[2]) for part in one.parts]
        assert abs(sum(points) - one.value) < Decimal("0.001")


def test_what_is_derived_opens_to_its_inputs(use_case, contributor, act):
    ask = asked(use_case, contributor, act)
    value = origin_of(ask, "criterion.annual_value")
    assert value.parts[0].number == "annual_net_value"
    yearly = origin_of(ask, "annual_net_value")
    assert yearly.formula == "12 × net a month"
    monthly = origin_of(ask, yearly.parts[0].number)
    volume = next(part for part in monthly.parts if part.number == "volume_per_month")
    assert volume.by == str(contributor)
    given = origin_of(ask, "volume_per_month")
    assert (given.by, given.at, given.words) == (str(contributor), NOW, "50,000")
    data = origin_of(ask, "criterion.data_readiness")
    assert "usable: yes" in data.parts[0].note
    assert data.parts[0].by == str(contributor)


def test_every_figure_names_inputs_that_change_it(use_case, contributor, act):
    """A figure's parts are what it moves with: each is changed, and the figure with it."""

    def reaches(figure: str) -> set[str]:
        found = set()
        for name in FROM[figure]:
            found |= reaches(name) if name in FROM else {name}
        return found

    row = UnitEconomics.objects.get(pk=use_case.pk)

    def figures(**changes) -> dict:
        assumptions = list(row.assumptions.all())
        for one in assumptions:
            if one.name in changes:
                one.low = one.likely = one.high = changes[one.name]
        found = costing.cost(row, assumptions, list(row.steps.all()), currency="USD", on=NOW.date())
        return {figure.name: getattr(found.economics, figure.name) for figure in pages.FIGURES}

    before = figures()
    for name in INPUT_NAMES:
        given = row.assumptions.get(name=name)
        other = figures(**{name: given.likely / 2 + Decimal("0.1")})
        moved = {figure for figure in FROM if other[figure] != before[figure]}
        assert moved == {figure for figure in FROM if name in reaches(figure)}, name


def test_how_sure_it_is_says_how_it_was_drawn(use_case, contributor, act):
    ask = asked(use_case, contributor, act)
    best = origin_of(ask, "p_first")
    assert best.value == Standing.objects.get(pk=use_case.pk).p_first
    assert "10,000 draws" in best.formula
    assert best.at == NOW
    assert origin_of(ask, "p_lead").words.endswith("%")


def test_a_stale_rating_says_as_what_it_counts(use_case, contributor, act):
    ask = asked(use_case, contributor, act, now=LATER)
    rated = origin_of(ask, "criterion.ai_fit")
    assert rated.is_stale
    # 110 days past the 90th: three periods.
    assert "counts as 1.46 to 4.27 by now" in rated.parts[0].note
    assert rated.parts[0].is_stale
    counted = [Decimal(part.words.split("→ ")[1]) for part in rated.parts]
    assert rated.value == pytest.approx(sum(counted) / len(counted), abs=Decimal("0.0001"))
    assert origin_of(ask, "score").is_stale
    assert origin_of(ask, "stale_inputs").parts


def test_unrated_stands_at_the_middle_and_says_so(use_case, contributor, act):
    one = origin_of(asked(use_case, contributor, act), "criterion.narrowness")
    assert (one.words, one.parts) == ("2.5", [])
    assert "nobody has rated it" in one.formula


def test_who_has_not_rated_is_not_led_by_others(use_case, owner, contributor, viewer, act):
    """The owner rated the fit and not the pull."""
    ask = asked(use_case, owner, act)
    assert len(origin_of(ask, "criterion.ai_fit").parts) == 2
    hidden = origin_of(ask, "criterion.stakeholder_pull")
    assert hidden.parts == []
    assert "1 more by others: shown once your own is saved." in hidden.notes
    assert len(origin_of(asked(use_case, viewer, act), "criterion.stakeholder_pull").parts) == 1


def test_a_token_that_only_reads_leads_its_owner_no_more_than_the_page(use_case, owner, act):
    by_token = replace(asked(use_case, owner, act), actor=Actor(user=owner, may_write=False))
    assert origin_of(by_token, "criterion.stakeholder_pull").parts == []


def test_who_rates_blind_is_not_led_by_what_was_said_before(
    use_case, owner, contributor, sponsor, portfolio, act
):
    rate(act(owner), use_case.pk, [judgement("ai_fit")], now=NOW)
    assert len(origin_of(asked(use_case, owner, act), "criterion.ai_fit").parts) == 2
    make_round(portfolio, sponsor, [use_case], ["ai_fit"], [owner])
    assert origin_of(asked(use_case, owner, act), "criterion.ai_fit").parts == []


def test_other_weights_are_told_as_such(use_case, contributor, act):
    saved = origin_of(asked(use_case, contributor, act), "feasibility")
    weights = {"ai_fit": Decimal(9)}
    one = origin_of(asked(use_case, contributor, act, weights=weights), "feasibility")
    assert one.value != saved.value
    assert "Fit for AI 9 instead of 3" in one.notes[0]


def test_a_past_day_says_what_was_published_then(use_case, contributor, act, portfolio):
    before = Standing.objects.get(pk=use_case.pk).score
    rate(act(contributor), use_case.pk, [judgement("ai_fit", "0", "0", "0")], now=LATER)
    recompute(portfolio.pk, LATER)
    day = asked(use_case, contributor, act, now=LATER, as_of=NOW.date())
    assert origin_of(day, "score").value == before
    assert origin_of(day, "net_per_month") is None
    assert origin_of(asked(use_case, contributor, act, as_of=NOW.date() - timedelta(1)), "score") \
        is None  # fmt: skip


def test_all_of_them_cost_the_same_however_many_there_are(
    use_case, portfolio, contributor, owner, act, django_assert_max_num_queries
):
    ask = asked(use_case, contributor, act)
    with django_assert_max_num_queries(40) as counted:
        few = len(all_origins(ask))
    before = len(counted)
    for number in range(6):
        Criterion.objects.create(
            portfolio=portfolio, slug=f"more_{number}", name=f"More {number}", axis="impact",
            question="?",
        )  # fmt: skip
    rate(act(owner), use_case.pk, [judgement(f"more_{n}") for n in range(6)], now=NOW)
    ask = asked(use_case, contributor, act)
    with django_assert_max_num_queries(before):
        assert len(all_origins(ask)) == few + 6


class TestDoors:
    def test_a_number_is_a_page_and_a_piece_of_one(self, use_case, contributor, signed_in):
        browser = signed_in(contributor)
        address = "/use-cases/ACME-1/numbers/feasibility/"
        page = browser.get(address).content.decode()
        assert "<html" in page
        assert "2 × the weighted mean" in page
        assert "/use-cases/ACME-1/numbers/criterion.ai_fit/" in page
        piece = browser.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in piece
        assert "2 × the weighted mean" in piece

    def test_what_is_no_number_is_not_there(self, use_case, contributor, signed_in):
        for name in ("nothing", "criterion.nothing", "knowing.x", "week"):
            answer = signed_in(contributor).get(f"/use-cases/ACME-1/numbers/{name}/")
            assert answer.status_code == 404, name

    def test_the_weights_and_the_day_of_the_address_count(self, use_case, contributor, signed_in):
        browser = signed_in(contributor)
        address = "/use-cases/ACME-1/numbers/score/"
        page = browser.get(f"{address}?w.ai_fit=9&w.x=nan&w.headroom=-1").content.decode()
        assert "Fit for AI 9 instead of 3" in page
        assert "numbers/impact/?w.ai_fit=9" in page
        assert browser.get(f"{address}?as_of=1999-01-01").status_code == 404
        assert browser.get(f"{address}?as_of=soon").status_code == 200

    def test_the_api_tells_the_same(self, use_case, api, contributor, stranger):
        ask = api(contributor)
        one = ask.get("/api/v1/use-cases/ACME-1/numbers/score/").data
        assert Decimal(one["value"]) == Standing.objects.get(pk=use_case.pk).score
        assert one["stale"] is True
        found = ask.get("/api/v1/use-cases/ACME-1/numbers/").data["numbers"]
        assert {"score", "p_first", "criterion.ai_fit", "net_per_month"} <= {
            row["number"] for row in found
        }
        assert api(stranger).get("/api/v1/use-cases/ACME-1/numbers/").status_code == 404

    @pytest.mark.long
    def test_every_number_of_the_ranking_opens(self, use_case, sponsor, signed_in):
        browser = signed_in(sponsor)
        page = browser.get("/portfolios/ACME/ranking/").content.decode()
        links = set(re.findall(r'href="(/use-cases/[^"]+/numbers/[^"]+)"', page))
        assert len(links) > 10
        for link in links:
            assert browser.get(link).status_code == 200, link
