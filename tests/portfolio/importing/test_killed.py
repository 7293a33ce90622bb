"""A worker that is killed at any moment neither loses a row nor doubles one."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from portfolio.actions.importing import import_file
from portfolio.importing import running
from portfolio.models import Event, Import, Standing, UseCase
from portfolio.models.events import Kind
from tests.portfolio.importing.test_running import send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

ROOT = Path(__file__).resolve().parents[3]
ROWS = 6_000
LIST = "Key,Title\n" + "".join(f"K-{n // 3},Title {n}\n" for n in range(ROWS))  # keys in threes
WORKER = """
import sys, django; django.setup()
from django.utils import timezone
from portfolio.importing import running
running.run(int(sys.argv[1]), timezone.now)
"""


def start_worker(import_id, folder):
    """A worker process on the database of this test."""
    where = connection.settings_dict
    address = f"{where['USER']}@{quote(where['HOST'], safe='')}/{where['NAME']}"
    if where.get("PASSWORD"):
        address = f"{where['USER']}:{quote(where['PASSWORD'])}@{address.partition('@')[2]}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{address}",
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-c", WORKER, str(import_id)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def wait_for_progress(import_id, beyond, worker):
    while worker.poll() is None:
        if Import.objects.get(pk=import_id).position > beyond:
            return


def test_a_killed_worker_neither_loses_nor_doubles(act, sponsor, portfolio, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    sent = import_file(act(sponsor), portfolio, send(LIST), timezone.now(), dry_run=False)
    for beyond in (0, 2_000, 4_000):
        worker = start_worker(sent.pk, tmp_path)
        wait_for_progress(sent.pk, beyond, worker)
        worker.kill()
        worker.wait()
        # What is committed is whole: as many of each as the position says.
        sent.refresh_from_db()
        assert UseCase.objects.count() == Standing.objects.count() == sent.position
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert (sent.state, sent.created, sent.position) == ("done", ROWS, ROWS)
    numbers = UseCase.objects.by_number().values_list("number", flat=True)
    assert list(numbers) == list(range(1, ROWS + 1))
    assert UseCase.objects.values("import_key").distinct().count() == ROWS
    assert Event.objects.filter(kind=Kind.USE_CASE_IMPORTED).count() == ROWS
    assert Event.objects.filter(kind=Kind.IMPORT_FINISHED).count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'portfolio_usecase'")
        assert cursor.fetchone()[0] == ROWS  # as Postgres plans with them from now on
