"""A value changed in its cell of the table."""

import pytest

from portfolio.actions.candidates import edit_use_case
from portfolio.models import UseCase
from portfolio.rights import Actor
from tests.make import make_use_case

HTMX = {"HX-Request": "true"}
CELL = "/use-cases/ACME-1/cells/"


@pytest.fixture
def case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def ask(client, contributor):
    client.force_login(contributor)

    def asked(name: str, **said):
        if not said:
            return client.get(f"{CELL}{name}/", headers=HTMX)
        return client.post(f"{CELL}{name}/", said, headers=HTMX)

    return asked


def test_a_cell_opens_is_saved_and_shows_itself(case, ask):
    html = ask("business_unit").content.decode()
    assert "<html" not in html
    assert 'value="Care"' in html
    saved = ask("business_unit", value="Legal", seen=case.revision)
    assert saved.status_code == 200
    assert ">Legal</a>" in saved.content.decode()
    assert "#ranking" in saved.headers["HX-Trigger-After-Settle"]
    assert UseCase.objects.get(pk=case.pk).business_unit == "Legal"


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", "Other"), ("task_type", "routine"), ("external_key", "JIRA-7"), ("title", "-x")],
)
def test_each_of_them(case, ask, name, value):
    assert ask(name, value=value, seen=case.revision).status_code == 200
    assert getattr(UseCase.objects.get(pk=case.pk), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", ""), ("title", "x" * 251), ("task_type", "odd"), ("stage", "odd"),
     ("stage", "qualified"), ("stage", "parked")],
)  # fmt: skip
def test_what_is_refused_is_said_and_still_there(case, ask, name, value):
    answer = ask(name, value=value, seen=case.revision)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    row = UseCase.objects.get(pk=case.pk)
    assert (row.title, row.task_type, row.stage) == (case.title, "", "proposed")


def test_parking_in_the_cell_asks_why(case, ask):
    asked = ask("stage", value="parked", seen=case.revision).content.decode()
    assert 'name="reason"' in asked
    assert ask("stage", value="parked", reason="No budget.", seen=case.revision).status_code == 200
    assert UseCase.objects.get(pk=case.pk).stage == "parked"


def test_who_comes_second_sees_both_values_and_chooses(case, ask, sponsor):
    edit_use_case(Actor(user=sponsor), case.pk, {"business_unit": "Sales"})
    answer = ask("business_unit", value="Legal", seen=case.revision)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody wrote “Sales” meanwhile" in html
    assert 'value="Legal"' in html
    now = UseCase.objects.get(pk=case.pk)
    assert now.business_unit == "Sales"
    assert f'name="seen" value="{now.revision}"' in html
    assert ask("business_unit", value="Legal", seen=now.revision).status_code == 200


def test_without_script_a_cell_is_a_link_to_the_page_that_edits(case, client, contributor):
    client.force_login(contributor)
    assert client.get(f"{CELL}title/").headers["Location"] == "/use-cases/ACME-1/edit/"
    assert client.get(f"{CELL}stage/").headers["Location"] == "/use-cases/ACME-1/move/"
    html = client.get("/portfolios/ACME/ranking/?columns=title,stage").content.decode()
    assert 'href="/use-cases/ACME-1/edit/" hx-get="/use-cases/ACME-1/cells/title/"' in html
    assert 'href="/use-cases/ACME-1/move/" hx-get="/use-cases/ACME-1/cells/stage/"' in html


def test_who_may_not(case, client, viewer, stranger):
    client.force_login(viewer)
    assert client.get(f"{CELL}title/", headers=HTMX).status_code == 403
    assert client.post(f"{CELL}title/", {"value": "x"}, headers=HTMX).status_code == 403
    assert "cell-edit" not in client.get("/portfolios/ACME/ranking/").content.decode()
    client.force_login(stranger)
    assert client.get(f"{CELL}title/", headers=HTMX).status_code == 404


def test_no_such_cell(case, ask):
    assert ask("score").status_code == 404
