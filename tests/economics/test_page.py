import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from economics.models import Assumption, RouteStep, UnitEconomics
from tests import make
from tests.economics.making import NUMBERS


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio)


@pytest.fixture
def address(use_case):
    return reverse("economics:economics", args=[use_case.reference])


def typed(**changes) -> dict:
    """The form as a browser posts it, without its range and source fields."""
    return {
        **{f"{name}-likely": value for name, value in NUMBERS.items()},
        "route_kind": "split",
        "steps-0-provider": "openai",
        "steps-0-model": "gpt-5-mini",
        "steps-0-likely": "1",
        "rows": "2",
        "seen": "0",
        **changes,
    }


def saved(use_case) -> UnitEconomics:
    return UnitEconomics.objects.get(pk=use_case.pk)


def test_an_empty_case_asks(client, contributor, address):
    client.force_login(contributor)
    page = client.get(address)
    assert page.status_code == 200
    assert "Nothing is known yet" in page.content.decode()


def test_what_is_saved_is_answered_in_a_sentence(client, contributor, address, use_case):
    client.force_login(contributor)
    answer = client.post(address, typed())
    assert answer.status_code == 302
    page = strip_tags(client.get(address).content.decode())
    assert "At 50,000 interactions a month" in page
    assert "$36.2k a month" in page
    assert "Test 4 holds." in page
    assert saved(use_case).net_per_month > 0


def test_a_loss_is_called_one(client, contributor, address):
    client.force_login(contributor)
    client.post(address, typed(**{"value_per_success-likely": "0.01"}))
    page = strip_tags(client.get(address).content.decode())
    assert "loses $" in page
    assert "no volume mends it" in page


def test_what_is_missing_is_linked_to_its_question(client, contributor, address):
    client.force_login(contributor)
    client.post(address, typed(**{"fixed_per_month-likely": ""}))
    page = client.get(address).content.decode()
    assert '<a href="#id_fixed_per_month-likely">the fixed cost a month</a>' in page
    assert 'id="id_fixed_per_month-likely"' in page


def test_people_write_numbers_as_they_do(client, contributor, address, use_case):
    client.force_login(contributor)
    client.post(
        address,
        typed(
            **{
                "volume_per_month-likely": "50,000",
                "retry_share-likely": "5 %",
                "calls-likely": "2",
                "calls-high": "4",
                "calls-basis": "measurement",
                "calls-source": "ten traces",
            }
        ),
    )
    there = {given.name: given for given in Assumption.objects.of(use_case.pk)}
    assert there["volume_per_month"].likely == 50_000
    assert f"{there['retry_share'].likely:f}" == "0.050000"
    calls = there["calls"]
    assert (calls.low, calls.likely, calls.high) == (2, 2, 4)
    assert (calls.basis, calls.source) == ("measurement", "ten traces")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("retry_share-likely", "0,05", "after a point"),
        ("calls-likely", "a few", "Write a number"),
        ("success_share-likely", "60", "between 0 and 1"),
        ("calls-low", "3", "must rise"),
        ("steps-0-likely", "0.5", "add up to 1"),
        ("steps-0-likely", "", "which share"),
        ("steps-0-manual_input", "2", "input and output tokens cost"),
        ("steps-1-manual_reason", "who knows", "input and output tokens cost"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    client, contributor, address, use_case, field, value, words
):
    client.force_login(contributor)
    answer = client.post(address, typed(**{field: value, "tool_cost-source": "a note of mine"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "a note of mine" in page
    assert not UnitEconomics.objects.exists()


def test_one_more_model_keeps_what_was_typed_and_saves_nothing(client, contributor, address):
    client.force_login(contributor)
    page = client.post(address, typed(do="add_step", rows="2")).content.decode()
    assert 'name="steps-2-model"' in page
    assert 'value="gpt-5-mini"' in page
    assert not UnitEconomics.objects.exists()


def test_an_unknown_model_is_said_with_names_that_may_be_meant(client, contributor, address):
    client.force_login(contributor)
    client.post(address, typed(**{"steps-0-model": "gpt-5-minni"}))
    page = client.get(address).content.decode()
    assert "knows no model" in page
    assert "gpt-5-mini" in page
    assert "Test 4 is open: it waits for the price of a model." in strip_tags(page)


def test_the_second_of_two_sees_both(client, contributor, sponsor, address, use_case):
    client.force_login(sponsor)
    client.post(address, typed())
    client.force_login(contributor)
    clash = client.post(address, typed(**{"volume_per_month-likely": "70000"}))
    page = clash.content.decode()
    assert clash.status_code == 409
    assert "Somebody saved this while you were typing" in page
    assert "70000" in page
    assert "50000" in page
    assert f'name="seen" value="{saved(use_case).revision}"' in page
    again = client.post(
        address, typed(**{"volume_per_month-likely": "70000", "seen": saved(use_case).revision})
    )
    assert again.status_code == 302
    assert saved(use_case).value_per_month == 63_000


def test_who_may(client, address, viewer, stranger, use_case):
    assert client.get(address).status_code == 302
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert client.post(address, typed()).status_code == 404
    client.force_login(viewer)
    page = client.get(address)
    assert page.status_code == 200
    assert b"Save and work it out" not in page.content
    assert client.post(address, typed()).status_code == 403
    assert not UnitEconomics.objects.exists()


def test_a_viewer_reads_what_was_put_in(client, contributor, viewer, address):
    client.force_login(contributor)
    client.post(address, typed())
    client.force_login(viewer)
    page = client.get(address).content.decode()
    assert "Carl Contributor" in page
    assert "not given yet" not in page


class TestModels:
    def test_the_price_table_can_be_looked_through(self, client, viewer):
        client.force_login(viewer)
        page = client.get(reverse("economics:models"), {"q": "gpt-5-mini"}).content.decode()
        assert "gpt-5-mini" in page
        assert "$0.25" in page

    def test_nothing_found_is_said(self, client, viewer):
        client.force_login(viewer)
        page = client.get(reverse("economics:models"), {"q": "zzzz"}).content.decode()
        assert "No model of the price table is called so" in page

    def test_the_form_gets_names_only(self, client, viewer):
        client.force_login(viewer)
        piece = client.get(
            reverse("economics:models"),
            {"step": "1", "steps-1-provider": "openai", "steps-1-model": "gpt-5-mi"},
            headers={"HX-Request": "true"},
        ).content.decode()
        assert piece.startswith('<datalist id="names-1">')
        assert 'value="gpt-5-mini"' in piece
        assert "claude" not in piece

    def test_one_signs_in_first(self, client, db):
        assert client.get(reverse("economics:models")).status_code == 302


def test_cost_does_not_grow_with_the_route(client, contributor, address):
    client.force_login(contributor)
    client.post(address, typed())
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    more = {
        f"steps-{n}-{field}": value
        for n in range(1, 4)
        for field, value in (("provider", "openai"), ("model", "gpt-5"), ("likely", "0.1"))
    }
    seen = UnitEconomics.objects.get().revision
    client.post(address, typed(seen=seen, rows="4", route_kind="cascade", **more))
    assert RouteStep.objects.count() == 4
    client.get(address)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
