import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.certainty import simulate
from assessments.models import AnswerDraft, Criterion, DataSource, Disqualifier, Rating
from assessments.ranking import recompute
from portfolio.models import Guardrail, Portfolio, Simulation, Standing, SuccessMetric
from portfolio.templatetags.words import chance
from tests.assessments.making import answer_all, publish_net, rate_both_axes
from tests.make import NOW, make_use_case

RANKING = "/portfolios/ACME/ranking/"
TESTS = "/use-cases/ACME-1/tests/"
RATINGS = "/use-cases/ACME-1/ratings/"
CRITERIA = "/portfolios/ACME/settings/criteria/"
PAGES = [RANKING, TESTS, RATINGS, CRITERIA]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def signed_in(client):
    def as_person(user):
        client.force_login(user)
        return client

    return as_person


@pytest.fixture
def ranked(portfolio, contributor):
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in range(4)]
    for row, likely in zip(rows, "3452", strict=True):
        rate_both_axes(row, contributor, likely)
    for row in rows[:2]:
        answer_all(row, contributor)
    make_use_case(portfolio, title="Company copilot", jobs=["a", "b"])
    recompute(portfolio.pk, NOW)
    return rows


def test_members_see_the_pages_and_strangers_find_nothing(
    use_case, viewer, contributor, sponsor, stranger, signed_in, client
):
    for person in (viewer, contributor, sponsor):
        for page in PAGES:
            assert signed_in(person).get(page).status_code == 200, (page, person)
    for page in PAGES:
        assert signed_in(stranger).get(page).status_code == 404, page
    client.logout()
    for page in PAGES:
        assert client.get(page).status_code == 302, page


# --- The ranking ------------------------------------------------------------------------------


def test_the_ranking_answers_in_a_sentence(ranked, viewer, signed_in):
    html = signed_in(viewer).get(RANKING).content.decode()
    answer = re.search(r'<p class="answer">(.*?)</p>', html, re.S)[1]
    words = " ".join(re.sub(r"<[^>]+>", "", answer).split())
    assert words.startswith("Candidate 1 leads with")
    assert "Candidate 0 follows" in words
    assert "Candidate 2 would lead with" in words
    assert words.endswith("if it were ready: its four tests are open.")


def answer_of(html: str) -> str:
    answer = re.search(r'<p class="answer">(.*?)</p>', html, re.S)[1]
    return " ".join(re.sub(r"<[^>]+>", "", answer).split())


def test_it_says_how_sure_it_is_once_that_is_known(ranked, portfolio, viewer, signed_in):
    html = signed_in(viewer).get(RANKING).content.decode()
    assert " sure" not in answer_of(html)
    assert "how sure is being computed" in html
    assert 'class="whisker-line"' not in html
    simulate(portfolio.pk, NOW)
    html = signed_in(viewer).get(RANKING).content.decode()
    assert "how sure is being computed" not in html
    row = Standing.objects.get(pk=ranked[1].pk)
    sure = chance(row.p_first).replace("\u00a0", " ")
    assert f", {sure} sure; Candidate 0 follows" in answer_of(html)
    assert html.count('class="whisker-line"') == 2
    assert f'aria-label="Rank {row.rank_low} to {row.rank_high}"' in html
    assert html.count('class="whisker"') == 2


def test_what_would_swap_the_first_two_is_said_with_a_link(ranked, portfolio, viewer, signed_in):
    simulate(portfolio.pk, NOW)
    Simulation.objects.update(
        flips={
            "weight": {"slug": "ai_fit", "now": "3", "to": "0.41"},
            "value": {"slug": "headroom", "use_case": ranked[0].pk, "now": "2.5", "to": "4.2"},
        }
    )
    html = signed_in(viewer).get(RANKING).content.decode()
    said = re.search(r'<p class="flips[^>]*>(.*?)</p>', html, re.S)[1]
    words = " ".join(re.sub(r"<[^>]+>", "", said).split())
    assert words == (
        "Candidate 0 would lead if Fit for AI weighed 0.41, not 3, "
        "or if Headroom of Candidate 0 were worth 4.2, not 2.5."
    )
    assert 'href="/use-cases/ACME-1/ratings/#headroom"' in said
    Simulation.objects.update(flips={"weight": {"slug": "gone", "now": "3", "to": "1"}})
    assert 'class="flips' not in signed_in(viewer).get(RANKING).content.decode()


def test_two_that_cannot_be_told_apart_are_told_so(ranked, portfolio, viewer, signed_in):
    simulate(portfolio.pk, NOW)
    Simulation.objects.update(p_lead="0.5204")
    words = answer_of(signed_in(viewer).get(RANKING).content.decode())
    assert "yet it and Candidate 0, " in words
    assert "behind, cannot be told apart: 52 to 48." in words
    assert " sure" not in words


def test_a_percentage_of_an_older_ranking_is_not_in_the_sentence(
    ranked, portfolio, viewer, signed_in
):
    simulate(portfolio.pk, NOW)
    Portfolio.objects.want_ranking(portfolio.pk)
    recompute(portfolio.pk, NOW)
    html = signed_in(viewer).get(RANKING).content.decode()
    assert " sure" not in answer_of(html)
    assert "how sure is being computed" in html


def test_rows_stand_in_order_and_say_what_is_missing(ranked, viewer, signed_in):
    html = signed_in(viewer).get(RANKING).content.decode()
    body = html[html.index("<tbody") :]
    order = re.findall(r'<tr data-item data-reference="(ACME-\d)"', body)
    assert order == ["ACME-2", "ACME-1", "ACME-3", "ACME-4", "ACME-5"]
    assert "All four tests</a>: open" in body
    assert "Platform play</a>: 2 candidates in one" in body
    assert body.count("cutline") == 1
    assert html.count('class="bubble"') == 4


def test_a_poll_with_nothing_new_is_204_and_with_news_a_fragment(
    ranked, portfolio, contributor, viewer, signed_in
):
    client = signed_in(viewer)
    html = client.get(RANKING).content.decode()
    poll = re.search(r'id="ranking" data-poll hx-get="([^"]+)"', html)[1].replace("&amp;", "&")
    assert client.get(poll, headers=HTMX).status_code == 204

    rate_both_axes(ranked[0], contributor, "5")
    stale = client.get(poll, headers=HTMX)
    assert stale.status_code == 200
    assert "<html" not in stale.content.decode()
    assert "being recomputed" in stale.content.decode()

    recompute(portfolio.pk, NOW)
    fresh = client.get(poll, headers=HTMX).content.decode()
    assert "being recomputed" not in fresh
    order = re.findall(r'<tr data-item data-reference="(ACME-\d)"', fresh)
    assert order[:2] == ["ACME-1", "ACME-2"]


SEEN_THROUGH = {
    "?sort=title": "12345",
    "?sort=-title": "54321",
    "?sort=-score": "32145",
    "?sort=impact": "41235",
    "?show=ranked": "21",
    "?show=not_ready": "34",
    "?q=copilot": "5",
    "?q=acme-3": "3",
    "?q=nothing": "",
    "?sort=nonsense&show=nonsense&columns=nonsense": "21345",
}


def test_the_table_is_sorted_and_narrowed(ranked, viewer, signed_in):
    client = signed_in(viewer)
    for query, order in SEEN_THROUGH.items():
        html = client.get(RANKING + query).content.decode()
        found = re.findall(r'<tr data-item data-reference="ACME-(\d)"', html)
        assert "".join(found) == order, query
    assert client.get(f"{RANKING}?cursor=nonsense").status_code == 302


def test_an_empty_portfolio_says_what_comes_here(portfolio, sponsor, signed_in):
    html = signed_in(sponsor).get(RANKING).content.decode()
    assert "Which one next?" in html
    assert "Import a list" in html


def test_without_a_ready_candidate_the_closest_is_named(portfolio, use_case, viewer, signed_in):
    recompute(portfolio.pk, NOW)
    html = signed_in(viewer).get(RANKING).content.decode()
    assert "Nothing can be picked yet" in html


@pytest.mark.parametrize(
    ("axes", "told"),
    [
        (["impact"], "the weights of impact sum to 0"),
        (["impact", "feasibility"], "the weights of impact and feasibility sum to 0"),
    ],
)
def test_without_weights_the_weights_are_named(ranked, portfolio, viewer, signed_in, axes, told):
    """Who is ready and rated is not asked for ratings: the weights are why nothing is ranked."""
    Criterion.objects.in_portfolio(portfolio.pk).filter(axis__in=axes).update(weight=0)
    Portfolio.objects.filter(pk=portfolio.pk).update(ranking_wanted=10**6)
    recompute(portfolio.pk, NOW)
    html = signed_in(viewer).get(RANKING).content.decode()
    whole = f"{told}, and an axis whose weights sum to 0 has no score."
    assert f"Nothing can be picked: {whole}" in html
    assert html.count(f'<a href="{CRITERIA}">No score</a>: {told}') == 2
    assert "rate it" not in html
    assert "one axis has nothing rated" not in html
    assert ">Not ready</th>" not in html
    overview = signed_in(viewer).get("/portfolios/ACME/").content.decode()
    assert f"No candidate is ranked: {whole}" in overview
    assert "four answered tests" not in overview


def test_cost_does_not_grow(ranked, portfolio, contributor, viewer, signed_in, queries):
    def asked() -> dict[tuple, list[str]]:
        found = {}
        for person in (contributor, viewer):
            client = signed_in(person)
            for page in PAGES:
                client.get(page)  # the picture is drawn once
                found[person.name, page] = queries(client, page)
        return found

    few = asked()
    extra = [make_use_case(portfolio, title=f"More {n}") for n in range(12)]
    for row in extra[:3]:
        rate_both_axes(row, contributor)
        answer_all(row, contributor)
    rate_both_axes(ranked[0], contributor, "4")
    recompute(portfolio.pk, NOW)
    for who, many in asked().items():
        grown = sorted(set(many) - set(few[who]))
        assert len(many) == len(few[who]), (who, "\n".join(grown))


@pytest.fixture
def queries():
    def asked(client, page):
        with CaptureQueriesContext(connection) as seen:
            client.get(page)
        return [query["sql"] for query in seen.captured_queries]

    return asked


# --- The four tests ---------------------------------------------------------------------------

OUTCOME = {
    "outcome-statement": "Cut first response from 8 h to 0.5 h",
    "outcome-metric": "first response time",
    "outcome-unit": "h",
    "outcome-direction": "lower",
    "outcome-baseline": "8",
    "outcome-target": "0.5",
    "outcome-segment": "tier-1 agents",
    "outcome-other_metrics": "handle time\nreopened tickets",
    "outcome-evidence": "",
    "outcome-rows-TOTAL_FORMS": "2",
    "outcome-rows-INITIAL_FORMS": "0",
    "outcome-rows-0-metric": "CSAT",
    "outcome-rows-0-kind": "at_least",
    "outcome-rows-0-limit": "4.2",
    "outcome-rows-0-unit": "points",
    "outcome-rows-1-metric": "",
    "outcome-rows-1-kind": "at_least",
    "outcome-rows-1-limit": "",
}
DATA = {
    "data-evidence": "",
    "data-rows-TOTAL_FORMS": "2",
    "data-rows-INITIAL_FORMS": "0",
    "data-rows-0-name": "tickets",
    "data-rows-0-system": "Zendesk",
    "data-rows-0-use": "retrieve",
    "data-rows-0-required": "on",
    "data-rows-0-schema_consistent": "True",
    "data-rows-0-is_clean": "False",
    "data-rows-0-access_cleared": "",
    "data-rows-0-usable": "yes",
    "data-rows-1-name": "",
    "data-rows-1-required": "on",
}


def test_a_test_is_saved_by_a_plain_form(use_case, contributor, signed_in):
    client = signed_in(contributor)
    saved = client.post(f"{TESTS}outcome/", OUTCOME)
    assert (saved.status_code, saved["Location"]) == (302, f"{TESTS}#outcome")
    metric = SuccessMetric.objects.get()
    assert (metric.target, metric.other_metrics) == (
        SuccessMetric(target="0.5")._meta.get_field("target").to_python("0.5"),
        ["handle time", "reopened tickets"],
    )
    assert Guardrail.objects.get().metric == "CSAT"
    assert client.post(f"{TESTS}data/", DATA).status_code == 302
    source = DataSource.objects.get()
    assert (source.is_clean, source.access_cleared, source.usable) == (False, None, "yes")
    html = client.get(TESTS).content.decode()
    assert "Ask whether tickets may be used." in html
    assert "<b>1 of 4</b>" in html


def test_htmx_gets_the_one_test_and_the_new_summary(use_case, contributor, signed_in):
    html = signed_in(contributor).post(f"{TESTS}outcome/", OUTCOME, headers=HTMX).content.decode()
    assert html.lstrip().startswith('<section class="panel" id="outcome"')
    assert 'id="tests-summary" hx-swap-oob="true"' in html
    assert 'id="review"' not in html


def test_a_refused_form_keeps_every_word(use_case, contributor, signed_in):
    wrong = {**OUTCOME, "outcome-baseline": "about eight", "outcome-statement": "Be better"}
    for headers in ({}, HTMX):
        refused = signed_in(contributor).post(f"{TESTS}outcome/", wrong, headers=headers)
        assert refused.status_code == 422
        html = refused.content.decode()
        assert "about eight" in html
        assert "Be better" in html
        assert "CSAT" in html
        assert "Write a number, such as 12 or 0.5." in html
    assert not SuccessMetric.objects.exists()


def test_a_fault_that_only_the_action_finds_stands_at_its_field(use_case, contributor, signed_in):
    twice = {**DATA, "data-rows-1-name": "Tickets"}
    refused = signed_in(contributor).post(f"{TESTS}data/", twice)
    assert refused.status_code == 422
    assert "A source of this name is there already." in refused.content.decode()


def test_what_is_typed_is_kept_as_a_draft_for_its_author(use_case, contributor, owner, signed_in):
    client = signed_in(contributor)
    half = {**OUTCOME, "outcome-baseline": "about eight", "seen": "x"}
    assert client.post(f"{TESTS}outcome/draft/", half).status_code == 204
    assert "about eight" in client.get(TESTS).content.decode()
    assert "Your draft of" in client.get(TESTS).content.decode()
    assert "about eight" not in signed_in(owner).get(TESTS).content.decode()
    signed_in(contributor).post(f"{TESTS}outcome/draft/", {"discard": "1"})
    assert not AnswerDraft.objects.exists()


def test_saving_forgets_the_draft(use_case, contributor, signed_in):
    client = signed_in(contributor)
    client.post(f"{TESTS}outcome/draft/", OUTCOME)
    client.post(f"{TESTS}outcome/", OUTCOME)
    assert not AnswerDraft.objects.exists()


def seen(html: str, part: str) -> str:
    section = html[html.index(f'id="{part}"') :]
    return re.search(r'name="seen" value="(\w+)"', section)[1]


def test_a_second_editor_of_one_test_sees_both_and_chooses(use_case, contributor, owner, signed_in):
    first = seen(signed_in(contributor).get(TESTS).content.decode(), "outcome")
    signed_in(owner).post(f"{TESTS}outcome/", {**OUTCOME, "seen": first})
    client = signed_in(contributor)
    mine = {**OUTCOME, "outcome-target": "0.7", "seen": first}
    late = client.post(f"{TESTS}outcome/", mine)
    assert late.status_code == 422
    html = late.content.decode()
    assert "Somebody saved this test" in html
    assert 'value="0.7"' in html
    assert SuccessMetric.objects.get().target * 10 == 5
    chosen = client.post(f"{TESTS}outcome/", {**mine, "seen": seen(html, "outcome")})
    assert chosen.status_code == 302
    assert SuccessMetric.objects.get().target * 10 == 7


def test_an_edit_of_another_test_does_not_stand_in_the_way(use_case, contributor, owner, signed_in):
    first = seen(signed_in(contributor).get(TESTS).content.decode(), "outcome")
    signed_in(owner).post(f"{TESTS}data/", DATA)
    saved = signed_in(contributor).post(f"{TESTS}outcome/", {**OUTCOME, "seen": first})
    assert saved.status_code == 302


def test_a_no_is_said_with_its_reason_and_taken_back(use_case, contributor, signed_in):
    answer_all(use_case, contributor)
    client = signed_in(contributor)
    assert client.post(f"{TESTS}outcome/no/", {"reason": " "}).status_code == 422
    client.post(f"{TESTS}outcome/no/", {"reason": "The baseline is a guess"})
    assert "The baseline is a guess" in client.get(TESTS).content.decode()
    client.post(f"{TESTS}outcome/no/", {"withdraw": "1"})
    assert "it is <b>ready</b>" in client.get(TESTS).content.decode()


def test_data_are_confirmed_by_name(use_case, contributor, signed_in):
    answer_all(use_case, contributor)
    client = signed_in(contributor)
    client.post(f"{TESTS}confirmation/")
    assert "confirmed these data" in client.get(TESTS).content.decode()


def test_a_disqualifier_is_raised_and_ended_on_the_page(use_case, contributor, signed_in):
    client = signed_in(contributor)
    address = "/use-cases/ACME-1/disqualifiers/"
    assert client.post(address, {"kind": "wrong_tool", "evidence": ""}).status_code == 422
    assert client.post(address, {"kind": "wrong_tool", "evidence": "A form"}).status_code == 302
    row = Disqualifier.objects.get()
    refused = client.post(f"{address}{row.pk}/", {"words": "no", "overrule": "1"})
    assert refused.status_code == 403
    assert client.post(f"{address}{row.pk}/", {"words": "It was tried"}).status_code == 302
    assert "It was tried" in client.get(TESTS).content.decode()


def test_a_viewer_sees_no_form_and_posts_nothing(use_case, viewer, signed_in):
    client = signed_in(viewer)
    assert "<textarea" not in client.get(TESTS).content.decode()
    for part in ("outcome", "data", "review"):
        assert client.post(f"{TESTS}{part}/", {}).status_code == 403, part
        assert client.post(f"{TESTS}{part}/draft/", {}).status_code == 403, part
        assert client.post(f"{TESTS}{part}/no/", {"reason": "x"}).status_code == 403, part


def test_an_unknown_test_is_not_there(use_case, contributor, signed_in):
    client = signed_in(contributor)
    assert client.post(f"{TESTS}economics/", {}).status_code == 404
    assert client.post(f"{TESTS}taste/no/", {"reason": "x"}).status_code == 404


# --- Ratings and criteria ---------------------------------------------------------------------


def rating(**points) -> dict:
    return {f"{point}-ai_fit": value for point, value in points.items()}


def test_ratings_are_saved_together_and_the_rest_stays_empty(use_case, contributor, signed_in):
    client = signed_in(contributor)
    given = {**rating(low="2", likely="3.5", high="4"), "evidence-ai_fit": "tried on 50 tickets"}
    assert client.post(RATINGS, given).status_code == 302
    row = Rating.objects.get()
    assert (row.criterion.slug, row.evidence) == ("ai_fit", "tried on 50 tickets")
    assert 'value="3.5"' in client.get(RATINGS).content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (rating(low="2"), "Give all three"),
        (rating(low="3", likely="2", high="4"), "Low, likely and high rise."),
        (rating(low="1", likely="2", high="9"), "less than or equal to 5"),
        ({"evidence-ai_fit": "only words"}, "Give low, likely and high as well."),
    ],
)
def test_a_rating_that_is_not_one_says_so(use_case, contributor, signed_in, given, words):
    refused = signed_in(contributor).post(RATINGS, given)
    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert not Rating.objects.exists()


def test_others_are_shown_once_ones_own_is_saved(use_case, contributor, owner, signed_in):
    rate_both_axes(use_case, owner, "4")
    client = signed_in(contributor)
    before = client.get(RATINGS).content.decode()
    assert "Olga Owner" not in before
    assert "1 other rating: shown once yours is saved." in before
    client.post(RATINGS, rating(low="1", likely="1", high="1"))
    after = client.get(RATINGS).content.decode()
    assert after.count("Olga Owner") == 1  # of the other criterion still nothing


def test_the_score_is_explained(use_case, portfolio, contributor, viewer, signed_in):
    rate_both_axes(use_case, contributor, "4")
    publish_net(use_case, "12183.33")
    recompute(portfolio.pk, NOW)
    html = signed_in(viewer).get(RATINGS).content.decode()
    assert "Derived from the annual net value, $146k" in re.sub(r"<[^>]+>", "", html)
    assert "2.5, unrated" in html


def test_weights_are_saved_by_a_sponsor(portfolio, sponsor, contributor, signed_in):
    rows = Criterion.objects.in_portfolio(portfolio.pk).in_force()
    given = {f"weight-{row.slug}": str(row.weight) for row in rows}
    given |= {f"seen-{row.slug}": row.revision for row in rows}
    given["weight-ai_fit"] = "1.5"
    assert signed_in(contributor).post(f"{CRITERIA}weights/", given).status_code == 403
    client = signed_in(sponsor)
    assert client.post(f"{CRITERIA}weights/", given).status_code == 302
    assert Portfolio.objects.get(pk=portfolio.pk).weights["ai_fit"] == "1.5"
    late = client.post(f"{CRITERIA}weights/", {**given, "weight-ai_fit": "2"})
    assert late.status_code == 422
    assert "Somebody set it to 1.5" in late.content.decode()
    assert client.post(f"{CRITERIA}weights/", {**given, "weight-ai_fit": "-1"}).status_code == 422


def test_the_value_scale_is_confirmed(portfolio, sponsor, signed_in):
    client = signed_in(sponsor)
    amounts = {f"amount_{n}": n * 1000 for n in range(6)}
    assert client.post(f"{CRITERIA}scale/", {**amounts, "amount_5": 1}).status_code == 422
    assert client.post(f"{CRITERIA}scale/", amounts).status_code == 302
    assert Portfolio.objects.get(pk=portfolio.pk).is_value_scale_confirmed


def test_criteria_are_added_edited_and_retired_on_pages(portfolio, sponsor, viewer, signed_in):
    client = signed_in(sponsor)
    joy = {"name": "Joy", "slug": "joy", "axis": "impact", "weight": "1", "question": "Who?"}
    assert client.get(f"{CRITERIA}new/").status_code == 200
    assert client.post(f"{CRITERIA}new/", {**joy, "slug": "ai_fit"}).status_code == 422
    assert client.post(f"{CRITERIA}new/", joy).status_code == 302
    address = f"{CRITERIA}of/joy/"
    assert client.get(address).status_code == 200
    row = Criterion.objects.get(slug="joy")
    changed = {**joy, "name": "Delight", "seen": row.revision}
    assert client.post(address, changed).status_code == 302
    late = client.post(address, {**changed, "name": "Glee"})
    assert late.status_code == 422
    assert "Delight" in late.content.decode()
    assert client.post(f"{address}retirement/").status_code == 302
    assert "retired" in client.get(CRITERIA).content.decode()
    assert signed_in(viewer).get(address).status_code == 403
