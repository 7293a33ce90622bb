"""Two workers at once, each on a connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from portfolio.actions.importing import import_file
from portfolio.importing import running
from portfolio.models import Event, ImportProblem, Standing, UseCase
from portfolio.models.events import Kind
from tests.portfolio.importing.test_running import files, send  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def listing(rows):
    return "Key,Title\n" + "".join(f"K-{n},Title {n}\n" for n in range(rows))


LIST = listing(3_000)


def side_by_side(*import_ids):
    together = Barrier(len(import_ids))

    def work(import_id):
        try:
            together.wait()
            running.run(import_id, timezone.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(import_ids)) as workers:
        list(workers.map(work, import_ids))


def start(actor, portfolio, text=LIST, *, dry_run=False):
    return import_file(actor, portfolio, send(text), timezone.now(), dry_run=dry_run)


def assert_each_row_is_here_once(rows=3_000):
    numbers = list(UseCase.objects.values_list("number", flat=True))
    assert sorted(numbers) == list(range(1, rows + 1))
    assert Standing.objects.count() == rows
    assert Event.objects.filter(kind=Kind.USE_CASE_IMPORTED).count() == rows


def test_two_workers_on_one_import_bring_each_row_in_once(act, sponsor, portfolio):
    sent = start(act(sponsor), portfolio)
    side_by_side(sent.pk, sent.pk)
    running.run(sent.pk, timezone.now)  # as the sweep would, where both stepped back
    sent.refresh_from_db()
    assert (sent.state, sent.created) == ("done", 3_000)
    assert_each_row_is_here_once()


def test_two_workers_on_one_trial_note_each_problem_once(act, sponsor, portfolio):
    untitled = "Key,Title\nK,One\n" + "".join(f"K-{n},\n" for n in range(2_500))
    sent = start(act(sponsor), portfolio, untitled, dry_run=True)
    side_by_side(sent.pk, sent.pk)
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert (sent.state, sent.failed) == ("done", 2_500)
    assert ImportProblem.objects.of(sent.pk).count() == 2_500


def test_two_imports_of_one_file_bring_each_row_in_once(act, sponsor, portfolio):
    # More batches than attempts: the two may get in each other's way at every one.
    file = listing(7_000)
    one, other = start(act(sponsor), portfolio, file), start(act(sponsor), portfolio, file)
    side_by_side(one.pk, other.pk)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, other.state) == ("done", "done")
    assert one.created + other.created == one.unchanged + other.unchanged == 7_000
    assert_each_row_is_here_once(7_000)
