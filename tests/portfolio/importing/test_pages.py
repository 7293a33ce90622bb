import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portfolio.importing import looking, running
from portfolio.models import Import, ImportProblem, UseCase
from tests.portfolio.importing.files import REAL, needs_real_files

LIST = (
    "Key,Title,Problem,Team,Stage\nA-1,Triage,- Slow answers,Care,Idea\n"
    "A-2,Letters,,Care,Live\nA-3,,=1+1,Care,Live\n"
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def browse(client, portfolio):
    """A signed-in browser: `browse(user)` gives (get, post), by the names of addresses."""

    def signed_in(user):
        client.force_login(user)

        def address(name, *args):
            return reverse(f"portfolio:{name}", args=[portfolio.key, *args])

        def get(name, *args, **options):
            return client.get(address(name, *args), **options)

        def post(name, *args, **form):
            return client.post(address(name, *args), form)

        return get, post

    return signed_in


def upload(text=LIST, name="list.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def work():
    running.run(Import.objects.latest("pk").pk, timezone.now)
    return Import.objects.latest("pk")


def columns_of(sent):
    return {f"column_{n}": sent.mapping.get(name, "") for n, name in enumerate(sent.columns)}


def stages_of(sent):
    stages = looking.stages_of(sent)
    return {f"stage_{n}": sent.stages[name] for n, name in enumerate(stages)}


def test_a_contributor_brings_a_file_in_by_pages_alone(browse, contributor, portfolio):
    get, post = browse(contributor)
    assert "Send and look" in get("imports").content.decode()
    answer = post("imports", file=upload())
    sent = Import.objects.get()
    page = reverse("portfolio:import_page", args=["ACME", sent.pk])
    assert (answer.status_code, answer.url) == (302, page)
    assert "Looking at the file" in get("import_page", sent.pk).content.decode()
    sent = work()
    assert get("import_page", sent.pk).url.endswith("/columns/")
    shown = get("import_columns", sent.pk).content.decode()
    assert "UTF-8" in shown
    assert "comma between cells" in shown
    assert "- Slow answers" in shown
    assert post("import_columns", sent.pk, **columns_of(sent)).url.endswith("/stages/")
    shown = get("import_stages", sent.pk).content.decode()
    assert "already there" not in shown
    answer = post("import_stages", sent.pk, **stages_of(sent), key_columns=["Key"])
    assert answer.url == page
    work()
    shown = get("import_page", sent.pk).content.decode()
    assert "2 would come in as new candidates" in shown
    assert "The title is empty." in shown
    assert not UseCase.objects.exists()
    assert post("import_start", sent.pk).url == page
    assert "Waiting for a worker" in get("import_page", sent.pk).content.decode()
    work()
    shown = get("import_page", sent.pk).content.decode()
    assert "2 candidates came in new" in shown
    assert UseCase.objects.get(reference="ACME-1").problem == "- Slow answers"
    assert "list.csv" in get("imports").content.decode()
    assert "would be new" not in get("imports").content.decode()


def test_what_was_only_tried_does_not_read_as_brought_in(browse, contributor, portfolio):
    get, post = browse(contributor)
    post("imports", file=upload("Key,Title\nA-1,Triage\n"))
    sent = work()
    post("import_columns", sent.pk, **columns_of(sent))
    post("import_stages", sent.pk, **stages_of(sent), key_columns=["Key"])
    work()
    assert (
        "The one row would come in as a new candidate."
        in get("import_page", sent.pk).content.decode()
    )
    listed = get("imports").content.decode()
    assert "tried, not brought in" in listed
    assert "1 would be new" in listed


def test_rows_to_mend_come_as_a_file_that_is_read_as_the_first_was(browse, sponsor, portfolio):
    get, post = browse(sponsor)
    post("imports", file=upload())
    sent = work()
    post("import_columns", sent.pk, **columns_of(sent))
    post("import_stages", sent.pk, **stages_of(sent), key_columns=["Key"])
    work()
    post("import_start", sent.pk)
    work()
    answer = get("import_problems", sent.pk)
    assert answer["Content-Disposition"] == f'attachment; filename="to-mend-{sent.pk}.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    ours = ["Pharos: row", "Pharos: problem", "Pharos: key"]
    assert rows[0] == ["Key", "Title", "Problem", "Team", "Stage", *ours]
    assert rows[1][:-1] == ["A-3", "", "'=1+1", "Care", "Live", "4", "Title: The title is empty."]
    rows[1][1] = "Mended"
    mended = io.StringIO()
    csv.writer(mended).writerows(rows)
    post("imports", file=upload(mended.getvalue()))
    again = work()
    assert again.columns == sent.columns
    assert again.mapping == sent.mapping
    assert again.survey["remembered"] is True
    post("import_start", again.pk)
    again = work()
    assert (again.created, again.failed) == (1, 0)
    assert UseCase.objects.get(title="Mended").problem == "=1+1"


def test_a_file_that_is_no_table_is_refused_in_the_form(browse, contributor):
    _get, post = browse(contributor)
    answer = post("imports", file=upload(b"%PDF-1.7", "list.pdf"))
    assert answer.status_code == 422
    assert "This is a PDF" in answer.content.decode()
    assert post("imports").status_code == 422


def test_reading_it_differently_looks_again(browse, contributor):
    _get, post = browse(contributor)
    post("imports", file=upload("a,b\n" + LIST))
    sent = work()
    post("import_reading", sent.pk, encoding="utf-8", delimiter=",", heading_row=2)
    sent = work()
    assert sent.columns[0] == "Key"
    answer = post("import_reading", sent.pk, encoding="nonsense", delimiter=",", heading_row=2)
    assert answer.status_code == 422


def test_columns_that_make_no_sense_are_said_in_the_form(browse, contributor):
    _get, post = browse(contributor)
    post("imports", file=upload())
    sent = work()
    answer = post("import_columns", sent.pk, column_0="title", column_1="title")
    assert answer.status_code == 422
    assert "Two columns are mapped to title" in answer.content.decode()
    answer = post("import_columns", sent.pk, column_0="problem")
    assert "Say which column is the title" in answer.content.decode()


def test_a_sponsor_may_say_that_they_are_already_there_with_a_reason(browse, sponsor):
    _get, post = browse(sponsor)
    post("imports", file=upload())
    sent = work()
    form = {**stages_of(sent), "key_columns": ["Key"], "already_there": "on"}
    answer = post("import_stages", sent.pk, **form)
    assert answer.status_code == 422
    assert "Say in a sentence" in answer.content.decode()
    post("import_stages", sent.pk, **form, override_reason="They run")
    work()
    post("import_start", sent.pk)
    work()
    assert UseCase.objects.get(title="Letters").stage == "live"


def test_the_fragment_polls_and_leads_on(browse, contributor):
    get, post = browse(contributor)
    post("imports", file=upload())
    sent = Import.objects.get()
    piece = get("import_page", sent.pk, headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert "every 1s" in piece.content.decode()
    work()
    piece = get("import_page", sent.pk, headers={"HX-Request": "true"})
    assert piece["HX-Redirect"].endswith("/columns/")


def test_stop_and_start_by_form(browse, contributor):
    get, post = browse(contributor)
    post("imports", file=upload())
    sent = work()
    post("import_start", sent.pk)
    post("import_stop", sent.pk)
    assert "Stopped by hand" in get("import_page", sent.pk).content.decode()
    assert post("import_stop", sent.pk).status_code == 409


ADDRESSES = [
    ("get", "imports"), ("get", "import_page"), ("get", "import_columns"),
    ("get", "import_stages"), ("get", "import_problems"), ("post", "imports"),
    ("post", "import_columns"), ("post", "import_stages"), ("post", "import_reading"),
    ("post", "import_start"), ("post", "import_stop"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), ADDRESSES)
def test_a_stranger_finds_nothing_and_a_viewer_changes_nothing(
    browse, contributor, viewer, stranger, method, name
):
    get, post = browse(contributor)
    post("imports", file=upload())
    sent = work()
    args = [] if name == "imports" else [sent.pk]
    for user, expected in ((stranger, {404}), (viewer, {403} if method == "post" else {200, 302})):
        get, post = browse(user)
        before = Import.objects.values().get()
        answer = (get if method == "get" else post)(name, *args)
        assert answer.status_code in expected
        assert Import.objects.values().get() == before


def test_an_import_of_another_portfolio_is_not_found_here(browse, contributor, stranger, client):
    get, post = browse(stranger)
    client.post(reverse("portfolio:imports", args=["OTHER"]), {"file": upload()})
    foreign = work()
    get, post = browse(contributor)
    assert get("import_page", foreign.pk).status_code == 404
    assert post("import_start", foreign.pk).status_code == 404


@needs_real_files
@pytest.mark.parametrize(
    "name",
    ["us_federal_2024_v2_cp1252.csv", "agency_2025_treasury.csv", "agency_2025_va.xlsx"],
)
def test_the_pages_of_a_real_file(browse, sponsor, name):
    get, post = browse(sponsor)
    post("imports", file=upload((REAL / "inventories" / name).read_bytes(), name))
    sent = work()
    shown = get("import_columns", sent.pk).content.decode()
    assert shown.count("<select") >= len(sent.columns)
    stages = get("import_stages", sent.pk).content.decode()
    assert all(f">{rows:,}<" in stages for rows in looking.stages_of(sent).values())


def test_the_cost_of_the_pages_does_not_grow(browse, contributor, portfolio):
    """With more files, more columns and more problems, a page asks the database no more."""
    get, post = browse(contributor)

    def queries_of(name, *args):
        with CaptureQueriesContext(connection) as asked:
            assert get(name, *args).status_code == 200
        return len(asked)

    def bring_in(rows, columns):
        names = [f"Column {n}" for n in range(columns)]
        head = ",".join(["Key", "Title", "Stage", *names])
        body = [",".join([f"K-{n}", f"T {n}" if n else "", "Idea", *names]) for n in range(rows)]
        post("imports", file=upload("\n".join([head, *body])))
        sent = work()
        post("import_stages", sent.pk, **stages_of(sent), key_columns=["Key"])
        return work()

    pages = ("import_page", "import_columns", "import_stages")
    small = bring_in(3, 1)
    few = [queries_of("imports"), *(queries_of(name, small.pk) for name in pages)]
    large = bring_in(40, 30)
    ImportProblem.objects.bulk_create(
        ImportProblem(running=large, row=row, message="x") for row in range(60)
    )
    bring_in(3, 1)
    assert [queries_of("imports"), *(queries_of(name, large.pk) for name in pages)] == few
