import pytest
from django.urls import reverse

from portfolio import likening
from portfolio.actions.candidates import edit_use_case
from portfolio.actions.duplicates import tell_apart
from portfolio.actions.pipeline import move
from portfolio.bells import Bell
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.importing.tables import open_table
from portfolio.models import Event, Lookalike, Standing, UseCase
from portfolio.querysets.copying import copy_like, take_stock
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.sweeping import sweep
from tests.make import NOW, make_use_case
from tests.portfolio.importing.files import REAL, needs_real_files

pytestmark = pytest.mark.django_db

PROBLEM = "Agents read each ticket twice before they know who should answer."


def pairs(portfolio) -> list[tuple[str, str]]:
    rows = Lookalike.objects.in_portfolio(portfolio.pk).open().with_both().most_alike_first()
    return [(row.first.title, row.second.title) for row in rows]


@pytest.fixture
def two(portfolio):
    """Two that look the same, beside one that looks like neither."""
    make_use_case(portfolio, title="Contract search", problem="Lawyers look for clauses by hand.")
    first = make_use_case(portfolio, title="Ticket triage for support", problem=PROBLEM)
    second = make_use_case(portfolio, title="Support ticket triage", problem=PROBLEM)
    likening.look(portfolio.pk)
    return first, second


def test_two_that_say_the_same_are_a_pair(portfolio, two):
    assert pairs(portfolio) == [("Ticket triage for support", "Support ticket triage")]


def test_other_words_for_the_same_problem_are_found(portfolio):
    make_use_case(portfolio, title="Image creator", problem=PROBLEM)
    make_use_case(portfolio, title="Visual content creator", problem=PROBLEM)
    make_use_case(portfolio, title="Wholly else", problem="")
    likening.look(portfolio.pk)
    assert pairs(portfolio) == [("Image creator", "Visual content creator")]


def test_looking_again_finds_nothing_to_do(portfolio, two):
    before = Event.objects.count()
    assert likening.look(portfolio.pk) == 0
    assert Event.objects.count() == before


def test_the_sweep_rings_until_it_was_looked(portfolio):
    make_use_case(portfolio)
    assert (Bell.LIKEN, portfolio.pk) in sweep(NOW)
    likening.look(portfolio.pk)
    assert (Bell.LIKEN, portfolio.pk) not in sweep(NOW)


def test_a_change_of_words_takes_a_pair_out_and_brings_it_back(portfolio, two, sponsor):
    actor = Actor(user=sponsor)
    other = {"title": "Invoice matching", "problem": "Clerks compare invoices by eye."}
    edit_use_case(actor, two[1].pk, other)
    likening.look(portfolio.pk)
    assert pairs(portfolio) == []
    edit_use_case(actor, two[1].pk, {"title": "Support ticket triage", "problem": PROBLEM})
    likening.look(portfolio.pk)
    assert len(pairs(portfolio)) == 1


def test_what_was_told_apart_is_not_asked_again(portfolio, two, contributor):
    pair = Lookalike.objects.get()
    tell_apart(Actor(user=contributor), pair.pk, now=NOW)
    assert pairs(portfolio) == []
    edit_use_case(Actor(user=contributor), two[0].pk, {"title": "Triage of support tickets"})
    likening.look(portfolio.pk)
    assert pairs(portfolio) == []
    pair.refresh_from_db()
    assert (pair.state, pair.told_apart_by) == ("different", contributor)
    event = Event.objects.about(two[0].pk).of_kinds(["told_apart"]).get()
    assert event.what["other"] == two[1].reference


def test_a_viewer_tells_nothing_apart(portfolio, two, viewer):
    with pytest.raises(NotAllowed):
        tell_apart(Actor(user=viewer), Lookalike.objects.get().pk, now=NOW)
    assert len(pairs(portfolio)) == 1


def test_what_is_not_alike_any_more_needs_no_word(portfolio, two, sponsor):
    Lookalike.objects.update(state="gone")
    with pytest.raises(RuleBroken, match="any more"):
        tell_apart(Actor(user=sponsor), Lookalike.objects.get().pk, now=NOW)


def test_a_stopped_one_is_no_duplicate(portfolio, two, sponsor):
    move(Actor(user=sponsor), two[0].pk, Stage.STOPPED, reason="No.", now=NOW)
    assert pairs(portfolio) == []


def test_portfolios_are_not_compared_with_each_other(portfolio, two, stranger):
    from portfolio.models import Portfolio

    elsewhere = Portfolio.objects.with_key("OTHER").get()
    make_use_case(elsewhere, title="Support ticket triage", problem=PROBLEM)
    assert likening.look(elsewhere.pk) == 1
    assert Lookalike.objects.count() == 1
    assert likening.like(Actor(user=stranger), elsewhere.pk, "Ticket triage", PROBLEM)[0]
    assert likening.like(Actor(user=stranger), portfolio.pk, "Ticket triage", PROBLEM) == []


def test_few_and_many_are_found_the_same(portfolio):
    """One by one in the indexes as they come, or all texts at once."""
    for number in range(12):
        make_use_case(portfolio, title=f"Summaries of call {number}", problem=PROBLEM[: 6 * number])
        make_use_case(portfolio, title="Übersicht der Verträge"[number:], problem="")
        assert likening.look(portfolio.pk) == 2 <= likening.FEW
    few = {(row.first_id, row.second_id): row.alike for row in Lookalike.objects.all()}
    assert len(few) > 30
    Lookalike.objects.all().delete()
    portfolio.likeness.delete()
    assert likening.look(portfolio.pk) == 24 > likening.FEW
    assert {(row.first_id, row.second_id): row.alike for row in Lookalike.objects.all()} == few


@pytest.mark.long
@needs_real_files
def test_the_duplicates_of_a_real_inventory_are_found(portfolio):
    """Read by eye: those named here are one idea twice, or are told apart by one word."""
    table = open_table(REAL / "inventories/us_federal_2024_v2_cp1252.csv")
    columns = {column.name: column for column in table.columns}
    title = columns["Use Case Name"]
    problem = columns["What is the intended purpose and expected benefits of the AI?"]
    first = portfolio.revision
    copy_like(
        UseCase(portfolio=portfolio, stage_entered_at=NOW, created_at=NOW),
        ("id", "revision", "number", "reference", "title", "problem"),
        (
            (10_000 + at, first + at, at, f"ACME-{at}", title.text(row.cells)[:250],
             problem.text(row.cells))
            for at, row in enumerate(table.rows(), 1)
        ),
    )  # fmt: skip
    take_stock(UseCase, Standing)
    assert likening.look(portfolio.pk) == 2133
    found = pairs(portfolio)
    assert ("Image Creator", "Visual Content Creator") in found
    assert ("Analytics on Loan Data", "Analytics on Securities Data") in found
    assert any(one[:8] == other[:8] == "CoralNet" for one, other in found)
    assert ("Syngo Application Software", "Vitrea CT Brain Perfusion") not in found
    assert 500 < len(found) < 2_000


class TestAtEntry:
    def post(self, client, portfolio, **fields):
        address = reverse("portfolio:new_use_case", args=[portfolio.key])
        return client.post(address, {"title": "Triage of support tickets", **fields})

    def test_what_looks_the_same_is_asked_about_first(self, client, contributor, portfolio, two):
        client.force_login(contributor)
        answer = self.post(client, portfolio)
        assert answer.status_code == 422
        assert two[0].reference in answer.text
        assert "Propose it all the same" in answer.text
        assert 'value="Triage of support tickets"' in answer.text
        seen = [two[0].reference, two[1].reference]
        assert self.post(client, portfolio, seen_alike=seen).status_code == 302

    def test_a_new_idea_goes_in_at_once(self, client, contributor, portfolio, two):
        client.force_login(contributor)
        assert self.post(client, portfolio, title="Route planning").status_code == 302

    def test_looking_proposes_nothing(self, client, contributor, portfolio, two):
        client.force_login(contributor)
        count = UseCase.objects.count()
        answer = self.post(client, portfolio, look="1")
        assert (answer.status_code, UseCase.objects.count()) == (200, count)
        assert two[0].reference in answer.text
        address = reverse("portfolio:new_use_case", args=[portfolio.key])
        headers = {"HX-Request": "true"}
        piece = client.post(
            address, {"title": "Support ticket triage", "look": "1"}, headers=headers
        )
        assert piece.text.strip().startswith('<div id="alike"')
        nothing = client.post(address, {"title": "Route", "look": "1"}, headers=headers)
        assert "Nothing here looks like it" in nothing.text

    def test_the_api_tells_what_looks_the_same(self, api, contributor, portfolio, two):
        answer = api(contributor).post(
            "/api/v1/use-cases/", {"portfolio": "ACME", "title": "Support ticket triage"},
            format="json",
        )  # fmt: skip
        assert answer.status_code == 201
        told = answer.json()["possible_duplicates"]
        assert {one["reference"] for one in told} == {two[0].reference, two[1].reference}
        assert told[0]["alike"] == "1"


class TestTheList:
    def test_a_pair_is_laid_side_by_side_and_told_apart(self, client, contributor, portfolio, two):
        client.force_login(contributor)
        address = reverse("portfolio:duplicates", args=[portfolio.key])
        page = client.get(address).text
        assert two[0].reference in page
        assert "These are different" in page
        pair = Lookalike.objects.get()
        answer = client.post(reverse("portfolio:duplicate", args=[portfolio.key, pair.pk]))
        assert answer.url == address
        assert "No two candidates look the same" in client.get(address).text

    def test_a_viewer_reads_and_is_offered_nothing(self, client, viewer, portfolio, two):
        client.force_login(viewer)
        page = client.get(reverse("portfolio:duplicates", args=[portfolio.key]))
        assert "These are different" not in page.text

    def test_a_cursor_of_nobody_is_not_there(self, client, sponsor, portfolio):
        client.force_login(sponsor)
        address = reverse("portfolio:duplicates", args=[portfolio.key])
        assert client.get(f"{address}?cursor=x").status_code == 404

    def test_the_cost_does_not_grow(
        self, client, sponsor, portfolio, django_assert_max_num_queries
    ):
        client.force_login(sponsor)
        for _ in range(5):
            make_use_case(portfolio)
        likening.look(portfolio.pk)
        assert len(pairs(portfolio)) == 10
        with django_assert_max_num_queries(16):
            client.get(reverse("portfolio:duplicates", args=[portfolio.key]))

    def test_the_api_lists_and_tells_apart(self, api, sponsor, portfolio, two):
        address = f"/api/v1/portfolios/{portfolio.key}/duplicates/"
        (row,) = api(sponsor).get(address).json()["results"]
        assert (row["first"], row["second"]) == (two[0].reference, two[1].reference)
        one = f"{address}{row['id']}/"
        told = api(sponsor).patch(one, {"different": True}, format="json").json()
        assert (told["different"], told["told_apart_by"]) == (True, sponsor.email)
        assert api(sponsor).get(address).json()["results"] == []
        changed = api(sponsor).get(f"{address}?updated_since={row['revision']}").json()["results"]
        assert [one["different"] for one in changed] == [True]
        assert api(sponsor).patch(one, {"different": False}, format="json").status_code == 400
