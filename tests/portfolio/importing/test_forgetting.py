"""Uploaded files go when nobody needs them; what came of them stays."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portfolio.actions.importing import Meaning, NotNow, Sent, import_file, send_file, start_import
from portfolio.importing import running
from portfolio.importing.forgetting import FILE_KEPT, MOST_FORGOTTEN, forget_files
from portfolio.models import Import
from portfolio.rights import Actor

LIST = b"Key,Title,Note\nA-1,Triage,x\nA-2,,y\n"
MAPPING = {"Key": "external_key", "Title": "title"}
MOMENT = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def bring_in(sponsor, portfolio, *, dry_run=False) -> Import:
    sent = Sent(SimpleUploadedFile("list.csv", LIST), "list.csv", meaning=Meaning(mapping=MAPPING))
    done = import_file(Actor(user=sponsor), portfolio, sent, timezone.now(), dry_run=dry_run)
    running.run(done.pk, timezone.now)
    done.refresh_from_db()
    return done


def path_of(one: Import) -> Path:
    return Path(one.file.path)


def test_a_file_goes_when_it_was_kept_long_enough(sponsor, portfolio):
    done = bring_in(sponsor, portfolio)
    path = path_of(done)
    assert forget_files(done.finished_at + FILE_KEPT) == 0
    assert path.exists()
    assert forget_files(done.finished_at + FILE_KEPT + MOMENT) == 1
    assert not path.exists()
    done.refresh_from_db()
    assert (done.file.name, done.state, done.created, done.failed) == ("", "done", 1, 1)
    assert forget_files(done.finished_at + FILE_KEPT + MOMENT) == 0


def test_killed_between_file_and_name_the_next_one_ends_it(sponsor, portfolio):
    done = bring_in(sponsor, portfolio)
    path_of(done).unlink()
    assert forget_files(done.finished_at + FILE_KEPT + MOMENT) == 1
    done.refresh_from_db()
    assert not done.file


def test_a_file_that_cannot_be_deleted_hinders_no_other(sponsor, portfolio):
    stuck, done = bring_in(sponsor, portfolio), bring_in(sponsor, portfolio)
    path = path_of(stuck)
    path.unlink()
    path.mkdir()
    (path / "held").touch()
    assert forget_files(done.finished_at + FILE_KEPT + MOMENT) == 1
    stuck.refresh_from_db()
    assert stuck.file, "its name stays, and so does the wish to delete it"


def test_what_is_on_its_way_keeps_its_file(sponsor, portfolio):
    sent = Sent(SimpleUploadedFile("list.csv", LIST), "list.csv")
    queued = import_file(Actor(user=sponsor), portfolio, sent, timezone.now(), dry_run=False)
    assert forget_files(timezone.now() + 2 * FILE_KEPT) == 0
    assert path_of(queued).exists()


def test_only_so_many_go_at_once(sponsor, portfolio):
    for _ in range(MOST_FORGOTTEN + 1):
        one = bring_in(sponsor, portfolio, dry_run=True)
    later = one.finished_at + FILE_KEPT + MOMENT
    assert (forget_files(later), forget_files(later)) == (MOST_FORGOTTEN, 1)


def test_what_nobody_went_on_with_ends(sponsor, portfolio, client):
    sent = Sent(SimpleUploadedFile("list.csv", LIST), "list.csv")
    left = send_file(Actor(user=sponsor), portfolio, sent, timezone.now())
    running.run(left.pk, timezone.now)
    forget_files(left.created_at + FILE_KEPT + MOMENT)
    left.refresh_from_db()
    assert left.state == "failed"
    client.force_login(sponsor)
    page = client.get(reverse("portfolio:import_page", args=["ACME", left.pk]))
    assert page.status_code == 200
    assert "Send it again" in page.content.decode()


@pytest.mark.parametrize("dry_run", [False, True])
def test_its_pages_tell_all_the_same(sponsor, portfolio, client, dry_run):
    done = bring_in(sponsor, portfolio, dry_run=dry_run)
    forget_files(done.finished_at + FILE_KEPT + MOMENT)
    client.force_login(sponsor)

    def get(name):
        return client.get(reverse(f"portfolio:{name}", args=["ACME", done.pk]))

    page = get("import_page").content.decode()
    assert "The title is empty." in page
    assert reverse("portfolio:import_start", args=["ACME", done.pk]) not in page
    rows = csv.reader(io.StringIO(b"".join(get("import_problems")).decode("utf-8-sig")))
    assert [row[:3] for row in rows] == [["Key", "Title", "Note"], ["A-2", "", "y"]]
    for name in ("import_columns", "import_stages"):
        assert get(name).status_code == 302
    answer = client.post(reverse("portfolio:import_start", args=["ACME", done.pk]))
    assert answer.status_code == 409


def test_a_trial_without_its_file_brings_nothing_in(sponsor, portfolio):
    tried = bring_in(sponsor, portfolio, dry_run=True)
    forget_files(tried.finished_at + FILE_KEPT + MOMENT)
    with pytest.raises(NotNow, match="no longer here"):
        start_import(Actor(user=sponsor), tried.pk, timezone.now(), dry_run=False)
