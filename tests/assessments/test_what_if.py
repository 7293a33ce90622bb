import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.actions.criteria import change_weights, retire_criterion
from assessments.certainty import simulate
from assessments.models import Criterion
from portfolio.models import Event, Portfolio, Simulation, Standing
from portfolio.models.events import Kind
from tests.assessments.making import rate_both_axes
from tests.assessments.reading import form_of, order_of, words_of
from tests.make import NOW, make_use_case

WHAT_IF = "/portfolios/ACME/ranking/what-if/"
SHEET = f"{WHAT_IF}sheet/"
SAVING = f"{WHAT_IF}weights/"


def test_the_saved_weights_give_the_published_order(rivals, viewer, signed_in):
    html = signed_in(viewer).get(WHAT_IF).content.decode()
    published = Standing.objects.order_by("rank").values_list("use_case__reference", flat=True)
    assert [row[0] for row in order_of(html)] == list(published)
    assert words_of(html).endswith(": these are the saved weights.")
    assert {row[1] for row in order_of(html)} == {""}


def test_other_weights_re_rank_and_say_what_changes(rivals, viewer, signed_in):
    before = order_of(signed_in(viewer).get(WHAT_IF).content.decode())
    html = signed_in(viewer).get(f"{WHAT_IF}?w.ai_fit=90").content.decode()
    assert before[0][0] == "ACME-1"
    assert order_of(html)[:2] == [("ACME-2", "up 1", "2"), ("ACME-1", "down 1", "1")]
    assert re.match(
        r"Candidate 1 would lead with [\d.]+; Candidate 0 falls from 1 to 2\. 2 of 2 ranked",
        words_of(html),
    )
    assert 'value="90"' in html
    assert html.count('class="bubble"') == 3
    assert not Event.objects.filter(kind=Kind.WEIGHTS_CHANGED).exists()


def test_an_axis_without_a_weight_is_told(rivals, portfolio, viewer, signed_in):
    impact = Criterion.objects.in_portfolio(portfolio.pk).filter(axis="impact")
    query = "&".join(f"w.{row.slug}=0" for row in impact)
    words = words_of(signed_in(viewer).get(f"{WHAT_IF}?{query}").content.decode())
    assert "an axis whose weights sum to 0 has no score" in words


@pytest.mark.parametrize("typed", ["-1", "NaN", "x", "1e9", "1.234", "99999", "9" * 400, "%00"])
def test_a_weight_that_does_not_fit_is_told_beside_what_was_typed(
    portfolio, viewer, signed_in, typed
):
    make_use_case(portfolio)
    answer = signed_in(viewer).get(f"{WHAT_IF}?w.headroom={typed}&w.ai_fit=7")
    html = answer.content.decode()
    assert answer.status_code in (400, 422)
    if typed != "%00":
        assert f'value="{typed}"' in html
        assert 'id="id_w.headroom_error"' in html
        assert 'value="7"' in html


def test_rows_beyond_the_first_hundred_have_an_address(portfolio, sponsor, signed_in):
    for n in range(101):
        make_use_case(portfolio, title=f"Candidate {n:03}")
    client = signed_in(sponsor)
    html = client.get(f"{WHAT_IF}?w.headroom=4").content.decode()
    assert [row[0] for row in order_of(html)] == [f"ACME-{n}" for n in range(1, 101)]
    more = re.search(r'data-more href="([^"]+)"', html)[1].replace("&amp;", "&")
    rest = client.get(more).content.decode()
    assert [row[0] for row in order_of(rest)] == ["ACME-101"]
    assert "data-more" not in rest
    assert "There are no more." in client.get(f"{WHAT_IF}?after=900").content.decode()


def test_the_sheet_is_sent_once_until_an_input_changes(rivals, contributor, viewer, signed_in):
    client = signed_in(viewer)
    first = client.get(SHEET)
    assert first["Cache-Control"] == "private, no-cache"
    sent = first.json()
    assert sent["reference"] == ["ACME-1", "ACME-2", "ACME-3", "ACME-4"]
    assert sent["ready"] == [1, 1, 0, 0]
    pull = next(one for one in sent["criteria"] if one["slug"] == "stakeholder_pull")
    assert [sent["values"][at] if at >= 0 else None for at in pull["at"]] == ["5", "3", "2", None]
    again = client.get(SHEET, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    rate_both_axes(rivals[3], contributor)
    fresh = client.get(SHEET, headers={"If-None-Match": first["ETag"]})
    assert fresh.status_code == 200
    assert len(fresh.json()["values"]) > 0


def test_a_criterion_that_is_retired_takes_no_part(rivals, portfolio, sponsor, act, signed_in):
    row = Criterion.objects.in_portfolio(portfolio.pk).get(slug="stakeholder_pull")
    retire_criterion(act(sponsor), row.pk, now=NOW)
    client = signed_in(sponsor)
    assert client.get(f"{WHAT_IF}?w.stakeholder_pull=90").status_code == 200
    assert "stakeholder_pull" not in [one["slug"] for one in client.get(SHEET).json()["criteria"]]


@pytest.mark.parametrize("address", [f"{WHAT_IF}?w.headroom=4", SHEET])
def test_cost_does_not_grow(address, portfolio, contributor, viewer, signed_in):
    client = signed_in(viewer)

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    for n in range(3):
        rate_both_axes(make_use_case(portfolio, title=f"A {n}"), contributor)
    few = queries()
    for n in range(20):
        rate_both_axes(make_use_case(portfolio, title=f"B {n}"), contributor)
    assert queries() == few


# --- Saving them ------------------------------------------------------------------------------


def test_a_sponsor_saves_them_in_an_act_of_its_own(rivals, portfolio, sponsor, signed_in):
    client = signed_in(sponsor)
    html = client.get(f"{SAVING}?w.headroom=7.5").content.decode()
    assert html.count("data-differs") == 1
    assert html.count('inputmode="decimal"') == 12
    assert '<input type="number"' not in html  # no browser keeps a weight of 0.37 back
    fields = form_of(html)
    assert fields["weight-headroom"] == "7.5"
    answer = client.post(SAVING, fields)
    assert answer.url == "/portfolios/ACME/ranking/"
    event = Event.objects.get(kind=Kind.WEIGHTS_CHANGED)
    assert event.what == {"weights": {"headroom": ["2", "7.5"]}}
    assert Portfolio.objects.get(pk=portfolio.pk).weights["headroom"] == "7.5"


def test_a_weight_edited_meanwhile_is_shown_beside_ones_own(
    rivals, portfolio, sponsor, act, signed_in
):
    client = signed_in(sponsor)
    fields = form_of(client.get(f"{SAVING}?w.headroom=7.5").content.decode())
    change_weights(act(sponsor), portfolio.pk, {"headroom": 4})
    answer = client.post(SAVING, fields)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody set Headroom to 4 while you were looking" in html
    assert '<td class="n">4</td>' in html
    assert Portfolio.objects.get(pk=portfolio.pk).weights["headroom"] == "4"
    assert client.post(SAVING, form_of(html)).status_code == 302
    assert Portfolio.objects.get(pk=portfolio.pk).weights["headroom"] == "7.5"


def test_only_a_sponsor_may_save_them(rivals, contributor, signed_in):
    client = signed_in(contributor)
    assert client.get(f"{SAVING}?w.headroom=7").status_code == 403
    assert client.post(SAVING, {"weight-headroom": "7"}).status_code == 403
    assert "Save as the portfolio" not in client.get(WHAT_IF).content.decode()


def test_weights_that_do_not_fit_lead_back_to_the_page_that_says_why(rivals, sponsor, signed_in):
    answer = signed_in(sponsor).get(f"{SAVING}?w.headroom=x")
    assert answer.url == f"{WHAT_IF}?w.headroom=x"


def test_the_ranking_tells_a_script_what_would_swap_the_first_two(rivals, portfolio, viewer, api):
    address = "/api/v1/portfolios/ACME/ranking/"
    assert api(viewer).get(address).json()["flips"] == {"weight": None, "value": None}
    simulate(portfolio.pk, NOW)
    Simulation.objects.update(
        flips={
            "weight": {"slug": "ai_fit", "now": "3", "to": "4.5"},
            "value": {"slug": "headroom", "use_case": rivals[1].pk, "now": "2.5", "to": "4.2"},
        }
    )
    assert api(viewer).get(address).json()["flips"] == {
        "weight": {"criterion": "ai_fit", "now": "3", "to": "4.5"},
        "value": {
            "criterion": "headroom", "use_case": "ACME-2", "now": "2.5", "to": "4.2",
            "alone": None, "rating": None,  # published before it was worked out
        },
    }  # fmt: skip
