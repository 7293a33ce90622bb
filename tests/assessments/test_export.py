"""The table as a file: the rows, columns and order of the view, and nothing a spreadsheet runs."""

import csv
import io
import tracemalloc

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assessments.ranking import recompute
from portfolio.actions.importing import Sent, import_file
from portfolio.doors.files import as_csv, as_workbook
from portfolio.importing import running
from portfolio.models import Portfolio, UseCase
from portfolio.rights import Actor
from tests.assessments.making import answer_all, rate_both_axes
from tests.make import NOW, make_use_case

EXPORT = "/portfolios/ACME/ranking/export/"
QUERY = "?columns=rank,title,business_unit,missing,score,changed&sort=-score&business_unit=care"
HEADINGS = [
    "Reference",
    "Rank",
    "Candidate",
    "Business unit",
    "Tests missing",
    "Score",
    "Last change",
]
ODD = ["=1+1", "-2 hours", "'-quoted", "+49 30", "@home", "-5", "'=typed so", "plain", "\tTab"]


@pytest.fixture
def candidates(portfolio, contributor):
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in range(3)]
    make_use_case(portfolio, title="Elsewhere", business_unit="Legal")
    for row, likely in zip(rows[:2], "34", strict=True):
        rate_both_axes(row, contributor, likely)
        answer_all(row, contributor)
    recompute(portfolio.pk, NOW)
    return rows


@pytest.fixture
def file_of(client, viewer):
    client.force_login(viewer)

    def fetched(kind: str, query: str = QUERY) -> bytes:
        answer = client.get(f"{EXPORT}{kind}/{query}")
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="ACME-ranking.{kind}"'
        )
        return b"".join(answer.streaming_content)

    return fetched


def test_a_csv_holds_what_is_shown(candidates, file_of):
    rows = list(csv.reader(io.StringIO(file_of("csv").decode("utf-8-sig"))))
    assert rows[0] == HEADINGS
    assert [row[:3] for row in rows[1:]] == [
        ["ACME-2", "1", "Candidate 1"], ["ACME-1", "2", "Candidate 0"],
        ["ACME-3", "3", "Candidate 2"],
    ]  # fmt: skip
    assert rows[3][4] == "outcome, data, review, economics"
    assert rows[1][6].endswith("Z")


def test_a_workbook_holds_what_is_shown(candidates, file_of):
    sheet = openpyxl.load_workbook(io.BytesIO(file_of("xlsx"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == HEADINGS
    assert rows[1][:4] == ("ACME-2", 1, "Candidate 1", "Care")
    assert rows[3][1] == 3
    assert isinstance(rows[1][5], float)
    assert rows[1][6].year >= 2026


def test_json_holds_what_is_shown_in_the_words_of_the_api(candidates, file_of, api, viewer):
    import json

    rows = json.loads(file_of("json"))
    assert list(rows[0]) == [
        "reference",
        "rank",
        "title",
        "business_unit",
        "missing",
        "score",
        "changed",
    ]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[2]["missing"] == ["outcome", "data", "review", "economics"]
    answer = api(viewer).get(f"/api/v1/portfolios/ACME/ranking/export/json/{QUERY}")
    assert json.loads(b"".join(answer.streaming_content)) == rows


def test_an_export_costs_the_same_number_of_queries(
    candidates, portfolio, file_of, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        file_of("csv")
    for n in range(12):
        make_use_case(portfolio, title=f"More {n}")
    with CaptureQueriesContext(connection) as many:
        file_of("csv")
    assert len(many) == len(few)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_back_as_it_was(
    kind, portfolio, sponsor, file_of, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    for at, text in enumerate(ODD):
        make_use_case(portfolio, title=f"Odd {at}", external_key=text.strip(), business_unit=text)
    body = file_of(kind, "?columns=title,business_unit,external_key&sort=title")
    if kind == "csv":
        cells = [row[2] for row in csv.reader(io.StringIO(body.decode("utf-8-sig")))][1:]
        assert cells[0] == "'=1+1"
        assert cells[5] == "-5"
    elsewhere = Portfolio.objects.create(key="BACK", name="Back")
    from portfolio.models import Membership, Ranking, Simulation

    Ranking.objects.create(portfolio=elsewhere)
    Simulation.objects.create(portfolio=elsewhere)
    Membership.objects.create(portfolio=elsewhere, user=sponsor, role="sponsor")
    sent = Sent(ContentFile(body, name=f"back.{kind}"), f"back.{kind}")
    brought = import_file(Actor(user=sponsor), elsewhere, sent, timezone.now(), dry_run=False)
    running.run(brought.pk, timezone.now)
    back = UseCase.objects.in_portfolio(elsewhere.pk).by_number()
    kept = UseCase.objects.in_portfolio(portfolio.pk).by_number()
    assert [row.business_unit.strip() for row in back] == [
        row.business_unit.strip() for row in kept
    ]


def test_an_unknown_kind_and_an_unknown_parameter(candidates, viewer, client, api):
    client.force_login(viewer)
    assert client.get(f"{EXPORT}exe/").status_code == 404
    assert api(viewer).get("/api/v1/portfolios/ACME/ranking/export/exe/").status_code == 404
    wrong = api(viewer).get("/api/v1/portfolios/ACME/ranking/export/csv/?nonsense=1")
    assert wrong.status_code == 400


@pytest.mark.parametrize("write", [as_csv, as_workbook])
def test_memory_does_not_grow_with_the_rows(write):
    def peak_of(count: int) -> int:
        moment = timezone.now()
        rows = ([n, f"Candidate {n}", "Care", ["outcome"], None, moment] for n in range(count))
        tracemalloc.start()
        for _part in write(HEADINGS, rows):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_of(4_000) < 1.5 * peak_of(1_000)
