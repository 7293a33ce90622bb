"""A file of candidates, from the worker's first look to the last row committed."""

import csv
import io
from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from bench import floors
from bench.rounds import Effort, Line, compare
from bench.world import World
from portfolio.actions.importing import Sent, import_file
from portfolio.importing import running
from portfolio.models import Import, UseCase
from portfolio.rights import Actor

AIM = 10
ROWS = 10_000
HEAD = ("Title", "Problem", "Job", "Segment", "Success metric", "Business unit", "External key",
        "Notes")  # fmt: skip


def measured(world: World, effort: Effort) -> Iterator[Line]:
    rows = effort.size(ROWS)
    bench = _Bench(world, rows)
    line = compare(
        f"import of {rows:,} rows",
        bench.run_import,
        "COPY of the same use cases",
        bench.copy,
        rounds=effort.rounds(5),
        aim=AIM,
        before=bench.prepare,
    )
    bench.forget()
    yield line


class _Bench:
    """One file and the use cases that came of it; each round begins without them."""

    def __init__(self, world: World, rows: int) -> None:
        self.world = world
        self.rows = rows
        self.portfolio = world.board
        self.before = UseCase.objects.in_portfolio(self.portfolio.pk).count()
        self.raw = file_of(rows)
        self.prepare()
        self.run_import()
        made = UseCase.objects.in_portfolio(self.portfolio.pk).count() - self.before
        if made != rows:
            raise AssertionError(f"{made} of {rows} rows came in")
        columns = [field for field in UseCase._meta.concrete_fields if not field.generated]
        self.columns = ", ".join(f'"{field.column}"' for field in columns)
        self.use_cases = self._copied_out()

    def prepare(self) -> None:
        """The portfolio as it was, and the file handed in again."""
        self.forget()
        actor = Actor(user=self.world.sponsor)
        sent = Sent(ContentFile(self.raw, "bench.csv"), "bench.csv")
        self.running = import_file(actor, self.portfolio, sent, timezone.now(), dry_run=False)

    def run_import(self) -> None:
        running.run(self.running.pk, timezone.now)
        self.running.refresh_from_db()
        if self.running.state != Import.State.DONE or self.running.created != self.rows:
            raise AssertionError(f"{self.running.state}: {self.running.message}")

    def copy(self) -> None:
        database = floors.held()
        with (
            database.transaction(),
            database.cursor().copy(f"COPY portfolio_usecase ({self.columns}) FROM STDIN") as into,
        ):
            into.write(self.use_cases)

    def _copied_out(self) -> bytes:
        statement = (
            f"COPY (SELECT {self.columns} FROM portfolio_usecase WHERE {self._new}) TO STDOUT"
        )
        with floors.held().cursor().copy(statement) as out:
            return b"".join(out)

    @property
    def _new(self) -> str:
        return f"portfolio_id = {self.portfolio.pk} AND import_key <> ''"

    def forget(self) -> None:
        """Take out what an import made, which nobody but a bench may."""
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in ("portfolio_standing", "portfolio_event"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE use_case_id IN"
                    f" (SELECT id FROM portfolio_usecase WHERE {self._new})"
                )
            cursor.execute(f"DELETE FROM portfolio_usecase WHERE {self._new}")
            cursor.execute("SET session_replication_role = origin")


def file_of(rows: int) -> bytes:
    """A CSV as a spreadsheet writes it."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEAD)
    for number in range(rows):
        table.writerow(
            (
                f"Answer the letters of branch {number}",
                f"Letters wait for {number % 30} days, and nobody knows which are urgent.",
                "answer letters", "people who write", "days until answered",
                f"Branch {number % 25}", f"LETTER-{number}", "from last year's list",
            )
        )  # fmt: skip
    return written.getvalue().encode()
