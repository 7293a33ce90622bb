"""One criterion across candidates, and rows that are saved as one leaves them."""

import pytest

from assessments.actions.rating import rate
from assessments.models import Rating, SealedRating
from tests.assessments.making import judgement, make_round
from tests.make import NOW, make_use_case

HTMX = {"HX-Request": "true"}
OF = "/portfolios/ACME/rating/headroom/"


@pytest.fixture
def cases(portfolio):
    return [make_use_case(portfolio, title=f"Candidate {n}") for n in range(3)]


def row(name: str, low="2", likely="3", high="4", evidence="Counted") -> dict[str, str]:
    points = {"low": low, "likely": likely, "high": high, "evidence": evidence}
    return {f"{point}-{name}": value for point, value in points.items()}


def test_one_criterion_is_rated_across_candidates(cases, contributor, client):
    client.force_login(contributor)
    page = client.get(OF).content.decode()
    assert all(f"ACME-{n}" in page for n in (1, 2, 3))
    assert "Most cases wait for days" in page
    assert "<b>0 of 3</b>" in page
    sent = client.post(OF, row("ACME-1") | row("ACME-3", likely="3.5"))
    assert sent.status_code == 302
    assert [str(one.likely) for one in Rating.objects.order_by("use_case")] == ["3.0", "3.5"]
    assert {one.criterion.slug for one in Rating.objects.all()} == {"headroom"}
    assert "<b>2 of 3</b>" in client.get(OF).content.decode()


def test_a_row_is_saved_alone_and_says_so(cases, contributor, owner, act, client):
    rate(act(owner), cases[0].pk, [judgement("headroom", evidence="Olga saw it")], now=NOW)
    client.force_login(contributor)
    assert "Olga saw it" not in client.get(OF).content.decode()
    typed = row("ACME-1") | row("ACME-2", low="9") | {"only": "ACME-1"}
    answer = client.post(OF, typed, headers=HTMX)
    assert answer.status_code == 200
    piece = answer.content.decode()
    assert "Saved" in piece
    assert "Olga saw it" in piece
    assert "<b>1 of 3</b>" in piece
    assert "<html" not in piece
    assert Rating.objects.filter(assessor=contributor).count() == 1


def test_a_row_of_one_candidate_is_saved_alone(cases, contributor, client):
    client.force_login(contributor)
    address = "/use-cases/ACME-1/ratings/"
    typed = row("headroom") | row("ai_fit") | {"only": "ai_fit"}
    piece = client.post(address, typed, headers=HTMX).content.decode()
    assert "<b>1 of 10</b>" in piece
    assert Rating.objects.get().criterion.slug == "ai_fit"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (row("ACME-1", low="4"), "Low, likely and high rise."),
        (row("ACME-1", high=""), "Give all three: low, likely and high."),
        (row("ACME-1", high="NaN"), "Write a number, such as 12 or 0.5."),
        (row("ACME-1", high="6"), "less than or equal to 5"),
    ],
)
def test_a_row_that_cannot_be_saved_says_why(cases, contributor, client, typed, words):
    client.force_login(contributor)
    piece = client.post(OF, typed | {"only": "ACME-1"}, headers=HTMX)
    assert piece.status_code == 422
    assert words in piece.content.decode()
    page = client.post(OF, typed)
    assert page.status_code == 422
    assert words in page.content.decode()
    assert "Counted" in page.content.decode()
    assert not Rating.objects.exists()


def test_a_row_that_is_not_there_is_404(cases, contributor, client):
    client.force_login(contributor)
    typed = row("ACME-1") | {"only": "ACME-9"}
    assert client.post(OF, typed, headers=HTMX).status_code == 404
    assert client.post("/use-cases/ACME-1/ratings/", typed, headers=HTMX).status_code == 404
    for slug in ("annual_value", "nothing"):
        assert client.get(f"/portfolios/ACME/rating/{slug}/").status_code == 404


def test_what_is_unchanged_is_not_rated_again(cases, contributor, act, client):
    rate(act(contributor), cases[0].pk, [judgement("headroom", evidence="Counted")], now=NOW)
    before = Rating.objects.get().revision
    client.force_login(contributor)
    client.post(OF, row("ACME-1") | row("ACME-2"))
    assert Rating.objects.get(use_case=cases[0]).revision == before
    assert Rating.objects.count() == 2


def test_in_a_round_its_candidates_are_rated_sealed(
    cases, portfolio, sponsor, contributor, owner, act, client
):
    rate(act(owner), cases[0].pk, [judgement("headroom", evidence="Olga saw it")], now=NOW)
    blind = make_round(portfolio, sponsor, cases[:2], ["headroom"], [contributor])
    client.force_login(contributor)
    page = client.get(f"{OF}?round={blind.pk}").content.decode()
    assert "Candidate 2" not in page
    assert "<b>0 of 2</b>" in page
    typed = row("ACME-1") | {"only": "ACME-1"}
    piece = client.post(f"{OF}?round={blind.pk}", typed, headers=HTMX).content.decode()
    assert "Sealed" in piece
    assert "Olga saw it" not in piece
    assert "<b>1 of 2</b>" in piece
    assert SealedRating.objects.get().use_case == cases[0]
    assert not Rating.objects.filter(assessor=contributor).exists()
    client.force_login(sponsor)
    assert "Counted" not in client.get(OF).content.decode()


def test_a_viewer_looks_and_rates_nothing(cases, contributor, viewer, stranger, act, client):
    rate(act(contributor), cases[0].pk, [judgement("headroom", evidence="Carl saw it")], now=NOW)
    client.force_login(viewer)
    page = client.get(OF).content.decode()
    assert "Carl saw it" in page
    assert "data-rate" not in page
    assert client.post(OF, row("ACME-2")).status_code == 403
    client.force_login(stranger)
    assert client.get(OF).status_code == 404


def test_the_cost_of_the_page_does_not_grow(
    cases, portfolio, contributor, client, django_assert_max_num_queries
):
    client.force_login(contributor)
    client.get(OF)
    with django_assert_max_num_queries(25) as few:
        client.get(OF)
    for n in range(10):
        make_use_case(portfolio, title=f"More {n}")
    with django_assert_max_num_queries(25) as many:
        client.get(OF)
    assert len(many) == len(few)
