import re
from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.actions.rating import rate
from assessments.certainty import simulate
from portfolio.models import Portfolio, Standing
from portfolio.rights import Actor
from tests import cast
from tests.assessments.making import judgement, make_rivals, rate_both_axes
from tests.assessments.reading import words_of
from tests.make import NOW, make_use_case

COMPARE = "/portfolios/ACME/ranking/compare/"
API = "/api/v1/portfolios/ACME/compare/"


@pytest.fixture(scope="module", autouse=True)
def three(for_the_module):
    return make_rivals(cast.acme(), cast.person("contributor"))


@pytest.fixture
def rivals(three):
    return deepcopy(three)


def test_two_are_laid_side_by_side(rivals, portfolio, owner, act, viewer, signed_in):
    rate(act(owner), rivals[0].pk, [judgement("stakeholder_pull", "1", "2", "3")], now=NOW)
    html = signed_in(viewer).get(f"{COMPARE}?of=ACME-1&of=acme-2").content.decode()
    assert re.fullmatch(
        r"Of just these, Candidate \d is best in \d+.% and Candidate \d is best in \d+.% of"
        r" the draws\.",
        words_of(html),
    )
    table = html[html.index('<table class="side-by-side"') :]
    pull = re.search(r'<th scope="row">Stakeholder pull.*?</tr>', table, re.S)[0]
    assert ">3.5</a></b>" in pull
    assert "1.0 to 5.0" in pull
    assert "Carl Contributor and Olga Owner" in pull
    assert table.count("2.5, unrated") == 2 * 8
    assert table.count("✓ yes") == 8
    assert "Stakeholder pull</b> puts Candidate" in html or "Fit for AI</b> puts Candidate" in html


def test_the_chances_of_two_are_those_of_the_ranking(rivals, portfolio, viewer, api):
    simulate(portfolio.pk, NOW)
    portfolio = Portfolio.objects.with_ranking().get(pk=portfolio.pk)
    body = api(viewer).get(f"{API}?of=ACME-1&of=ACME-2").json()
    first, second = body["candidates"]
    assert float(first["p_best"]) == pytest.approx(float(portfolio.simulation.p_lead), abs=1e-4)
    assert float(first["p_best"]) + float(second["p_best"]) == pytest.approx(1)


def test_each_share_opens_to_how_it_was_drawn(rivals, viewer, signed_in, api):
    browser = signed_in(viewer)
    html = browser.get(f"{COMPARE}?of=ACME-1&of=ACME-2&of=ACME-3").content.decode()
    links = re.findall(r'href="(/use-cases/ACME-\d/numbers/best_of[^"]+)"', html)
    assert len(links) == 3
    body = api(viewer).get(f"{API}?of=ACME-1&of=ACME-2&of=ACME-3").json()
    shares = {row["reference"]: float(row["p_best"]) for row in body["candidates"]}
    for link in links:
        told = api(viewer).get(f"/api/v1{link}").json()
        assert float(told["value"]) == pytest.approx(shares[link.split("/")[2]], abs=1e-5)
        assert "Best of these 3" in browser.get(link).content.decode()


def test_a_share_among_what_is_none_is_not_there(rivals, viewer, signed_in):
    browser = signed_in(viewer)
    for beside in (
        "", "ACME-1", "ACME-4", "ACME-99", "ACME-2.", "ACME-2.ACME-2", "ACME-2.ACME-3.ACME-4",
    ):  # fmt: skip
        answer = browser.get(f"/use-cases/ACME-1/numbers/best_of.{beside}/")
        assert answer.status_code == 404, beside


def test_differences_sum_to_the_gap_of_the_scores(rivals, viewer, api):
    body = api(viewer).get(f"{API}?of=ACME-2&of=ACME-1&of=ACME-3").json()
    score = {row["reference"]: float(row["score"]) for row in body["candidates"]}
    for other in ("ACME-2", "ACME-3"):
        rows = [row for row in body["differences"] if row["against"] == other]
        assert {row["of"] for row in rows} == {"ACME-1"}
        points = [float(row["points"]) for row in rows]
        assert sum(points) == pytest.approx(score["ACME-1"] - score[other], abs=0.01)
        assert points == sorted(points, key=lambda one: -abs(one))
    worths = next(row for row in body["criteria"] if row["criterion"] == "stakeholder_pull")[
        "worths"
    ]
    assert [(row["reference"], row["expected"], row["rated"]) for row in worths] == [
        ("ACME-2", "3", True), ("ACME-1", "5", True), ("ACME-3", "2", True),
    ]  # fmt: skip
    assert worths[0]["assessors"] == ["contributor@acme.example"]


def test_one_without_a_score_takes_no_part_in_the_split(rivals, viewer, signed_in, api):
    body = api(viewer).get(f"{API}?of=ACME-1&of=ACME-4").json()
    assert [row["p_best"] for row in body["candidates"]] == [None, None]
    assert body["differences"] == []
    html = signed_in(viewer).get(f"{COMPARE}?of=ACME-1&of=ACME-4").content.decode()
    assert words_of(html).startswith("Not two of these have a score")


def test_candidates_are_picked_by_reference_or_by_words_of_the_title(rivals, viewer, signed_in):
    client = signed_in(viewer)
    assert "Choose two or three" in client.get(COMPARE).content.decode()
    html = client.get(f"{COMPARE}?of=candidate+1&of=ACME-1&of=").content.decode()
    assert 'name="of" value="ACME-2"' in html
    unknown = client.get(f"{COMPARE}?of=ACME-1&of=Nothing+like+it")
    assert unknown.status_code == 422
    assert "No candidate here is called “Nothing like it”" in unknown.content.decode()
    assert 'value="Nothing like it"' in unknown.content.decode()
    same = client.get(f"{COMPARE}?of=ACME-1&of=acme-1").content.decode()
    assert "These are one and the same" in same


def test_the_api_says_what_it_wants(rivals, viewer, api):
    for query in (
        "", "?of=ACME-1", "?of=ACME-1&of=ACME-1", "?of=ACME-1&of=OTHER-1", "?of=ACME-1&of=%",
        "?of=ACME-1&of=ACME-2&of=ACME-3&of=ACME-4", "?of=ACME-1&of=" + "9" * 400,
    ):  # fmt: skip
        answer = api(viewer).get(f"{API}{query}")
        assert answer.status_code == 400, query
        assert [error["field"] for error in answer.json()["errors"]] == ["of"], query


def test_ticked_rows_of_the_ranking_are_laid_side_by_side(rivals, viewer, sponsor, signed_in):
    """As the bar above the rows sends them: with script as one list, without it one by one."""
    ranking = signed_in(sponsor).get("/portfolios/ACME/ranking/").content.decode()
    assert re.search(rf'<button[^>]+formaction="{COMPARE}"[^>]*>Lay side by side<', ranking)
    assert (
        f'href="{COMPARE}"' in signed_in(viewer).get("/portfolios/ACME/ranking/").content.decode()
    )
    browser = signed_in(viewer)
    for query in ("reference=ACME-1,ACME-2", "query=&reference=ACME-1&reference=ACME-2"):
        html = browser.get(f"{COMPARE}?{query}").content.decode()
        assert html.count('<span class="where">ACME-') == 2, query
    many = browser.get(f"{COMPARE}?reference=ACME-1,ACME-2,ACME-3,ACME-4,ACME-5").content.decode()
    assert many.count('<span class="where">ACME-') == 3
    assert "Three fit side by side: 2 more are left out." in many
    assert (
        "One alone has nothing beside it"
        in browser.get(f"{COMPARE}?reference=ACME-1").content.decode()
    )


def test_a_foreign_candidate_is_not_there(rivals, stranger, viewer, signed_in):
    other = make_use_case(Portfolio.objects.get(key="OTHER"), title="Secret plan")
    html = signed_in(viewer).get(f"{COMPARE}?of=ACME-1&of={other.reference}").content.decode()
    assert "Secret plan" not in html
    assert "No candidate here is called" in html


@pytest.mark.parametrize("address", [COMPARE, API])
def test_cost_does_not_grow(rivals, contributor, viewer, signed_in, address):
    client = signed_in(viewer)

    def queries() -> int:
        client.get(f"{address}?of=ACME-1&of=ACME-2")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{address}?of=ACME-1&of=ACME-2").status_code == 200
        return len(seen)

    few = queries()
    for n in range(20):
        rate_both_axes(make_use_case(rivals[0].portfolio, title=f"B {n}"), contributor)
    rate(
        Actor(user=contributor), rivals[1].pk,
        [judgement(slug) for slug in ("headroom", "visibility", "reuse", "tolerance")], now=NOW,
    )  # fmt: skip
    assert queries() == few


def test_its_page_leaves_the_standing_as_it_is(rivals, viewer, signed_in):
    before = list(Standing.objects.order_by("pk").values())
    signed_in(viewer).get(f"{COMPARE}?of=ACME-1&of=ACME-2")
    assert list(Standing.objects.order_by("pk").values()) == before
