"""Carries an import through: looks at its file, tries it, brings its rows in, batch by batch.

Each batch commits its use cases, standings, events, problems and the position reached in one
transaction, under the lock of the import's row: a worker killed at any moment leaves either all of
a batch or nothing of it, and the next one goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError, transaction

from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.errors import NotAllowed
from portfolio.importing.guessing import Field
from portfolio.importing.keys import RowKeys, title_text, title_words
from portfolio.importing.looking import look, still_here, table_of
from portfolio.importing.planning import Planned, Planner, Problem
from portfolio.importing.refusals import FileRefused
from portfolio.importing.writing import Changed, write
from portfolio.models import Event, Import, ImportProblem, Portfolio, Standing, UseCase
from portfolio.models.events import Kind
from portfolio.querysets.copying import take_stock
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right, Role, may

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BATCH = 1_000
MOST_ATTEMPTS = 3
MOST_DUPLICATES_SHOWN = 100
MOST_RETITLED_SHOWN = 100


def run(import_id: int, clock: Clock) -> None:
    """Bring the import as far as a worker can. Safe twice, late, or beside itself."""
    attempts, stuck_at = 0, None
    try:
        while True:
            try:
                while _advance(import_id, clock):
                    pass
                return
            except IntegrityError:
                # Another import brought in one of these rows meanwhile: now it is known. The two
                # may meet at every batch; only where no batch goes through is it our fault.
                position = Import.objects.position_of(import_id)
                attempts = attempts + 1 if position == stuck_at else 1
                stuck_at = position
                log.warning("import batch again import=%s attempt=%s", import_id, attempts)
                if attempts == MOST_ATTEMPTS:
                    raise
    except FileRefused as refusal:
        _fail(import_id, refusal.words, clock)
    except FileNotFoundError:
        _fail(import_id, "The file is no longer here. Send it again.", clock)
    except NotAllowed:
        _fail(import_id, "Who started this import may no longer do so. No more came in.", clock)
    except (DataError, IntegrityError):
        log.exception("rows refused by the database import=%s", import_id)
        _fail(import_id, "Some rows could not be stored. The fault is ours; it is logged.", clock)


@dataclass
class _File:
    """The open file: gives batches of planned rows, and knows how far it is."""

    running: Import
    position: int = 0
    titles: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = table_of(self.running)
        if self.running.total == 0:
            raise FileRefused(
                "Nothing stands below the row that names the columns. Choose another row for them, "
                "or send a file with candidates in it."
            )
        if Field.TITLE not in self.running.mapping.values():
            raise FileRefused("No column is the title. Say which one it is.")
        self._rows = table.rows()
        self._keys = RowKeys(table.columns, self.running.key_columns, table.key_place)
        self._planner = Planner(table, self.running.mapping, self.running.stages)

    def skip(self, count: int) -> None:
        """Pass over rows that are in already; their keys still count."""
        for number, row in enumerate(islice(self._rows, count)):
            self._keys.key(row)
            if number % 5_000 == 0:
                still_here()
        self.position = count

    def take(self, count: int) -> list[Planned]:
        rows = islice(self._rows, count)
        planned = [self._planner.plan(row, self._keys.key(row)) for row in rows]
        self.position += len(planned)
        return planned


def _advance(import_id: int, clock: Clock) -> bool:
    """Whether more is to do: looks at the file, or works through it from where it stands."""
    with transaction.atomic():
        running = Import.objects.claim(import_id)
        if running is None:
            return False
        if running.state == Import.State.LOOKING or not running.survey:
            look(running)
            goes_on = running.state != Import.State.LOOKING
            if not goes_on:
                running.state = Import.State.UPLOADED
            running.save()
            events.note(running.portfolio_id, touched=[running])
            log.info("import looked at import=%s rows=%s", running.pk, running.total)
            return goes_on
    opened: _File | None = None
    while True:
        with transaction.atomic():
            running = Import.objects.claim(import_id)
            if running is None or running.state == Import.State.LOOKING:
                return False
            if not running.by.is_active:
                raise NotAllowed("Who started this import may not sign in any more.")
            actor = Actor(user=running.by, portfolio_id=running.portfolio_id)
            portfolio = Portfolio(pk=running.portfolio_id)
            rights.require(actor, Right.IMPORT, portfolio)
            if running.already_there:
                rights.require(actor, Right.OVERRIDE, portfolio)
            if opened is None:
                opened = _File(running)
                opened.titles = _titles(running)
                opened.skip(running.position)
            elif opened.position != running.position:
                return False  # somebody else took over while this one was held up
            planned = opened.take(BATCH)
            running.state = Import.State.RUNNING
            running.started_at = running.started_at or clock()
            _bring_in(running, actor, planned, opened, clock)
            running.position = running.done = opened.position
            if len(planned) < BATCH:
                _finish(running, actor, clock)
                break
            running.save()
    if running.created > BATCH and not running.dry_run:
        take_stock(UseCase, Standing, Event)
    return False


def _bring_in(
    running: Import, actor: Actor, planned: Sequence[Planned], opened: _File, clock: Clock
) -> None:
    """One batch: creates, updates and leaves alone; in a dry run it only counts."""
    coming = [row for row in planned if not row.is_kept_out]
    known = _known(running, actor, coming)
    new: list[Planned] = []
    changed: list[Changed] = []
    for row in coming:
        use_case = known.get(row.key) or known.pop(f"external {row.external_key}", None)
        if use_case is None:
            new.append(row)
            continue
        was = use_case.title
        columns = _apply(row, use_case)
        if columns and not _may_edit(actor, use_case):
            stage = use_case.stage
            row.problems.append(
                Problem(
                    f"{use_case.reference} is in {stage}: there its owner or a sponsor may change "
                    "it, and you may not.",
                    keeps_out=True,
                )
            )
        elif columns:
            changed.append((use_case, columns))
            _note_retitled(running, row, use_case, was)
        else:
            running.unchanged += 1
    running.created += len(new)
    running.updated += len(changed)
    running.failed += sum(row.is_kept_out for row in planned)
    _note_duplicates(running, new, opened)
    _keep_problems(running, planned)
    if not running.dry_run:
        write(running, actor, new, changed, clock())


def _known(running: Import, actor: Actor, coming: Sequence[Planned]) -> dict[str, UseCase]:
    """The use cases that these rows are, by key, locked in the order of their keys.

    The row of a merged one is the one that it went into.
    """
    rows = UseCase.objects.in_portfolio(running.portfolio_id)
    external = {row.external_key for row in coming if row.external_key}
    keys = rows.import_keys([row.key for row in coming], external)
    found = rows.keyed({survivor or pk for pk, _, _, survivor in keys})
    found = found.visible_to(actor).with_ownership(actor)
    if not running.dry_run:
        found = found.lock_in_order()
    use_cases = {use_case.pk: use_case for use_case in found}
    return {
        import_key or f"external {external_key}": use_cases[survivor or pk]
        for pk, import_key, external_key, survivor in keys
        if (survivor or pk) in use_cases
    }


def _apply(row: Planned, use_case: UseCase) -> list[str]:
    """Set what the row says otherwise; the names of the columns that changed.

    An empty cell changes nothing; stage, tests and ratings are not a file's to change. The row of
    a use case that was merged into this one only fills what this one leaves empty: its own row in
    the same file would otherwise take turns with it.
    """
    columns: list[str] = []
    goes_on = use_case.import_key not in ("", row.key)  # the row's own went into this one

    def put(name: str, value: Any) -> None:
        if goes_on and getattr(use_case, name):
            return
        if getattr(use_case, name) != value:
            setattr(use_case, name, value)
            columns.append(name)

    for name, value in row.fields.items():
        put(str(name), value)
    if row.source_stage:
        put("source_stage", row.source_stage)
    if goes_on:
        use_case.extra = {**row.extra, **(before := use_case.extra)}
        return [*columns, "extra"] if use_case.extra != before else columns
    put("extra", {**use_case.extra, **row.extra})
    put("import_key", row.key)
    return columns


def _may_edit(actor: Actor, use_case: Any) -> bool:
    """Whether the actor who looked it up may change it by hand."""
    role = Role(actor.roles[use_case.portfolio_id])
    return may(role, use_case.actor_owns, Right.EDIT, stage=Stage(use_case.stage))


def _titles(running: Import) -> dict[int, str]:
    """What is called how in the portfolio now, to find what seems to be there already."""
    found: dict[int, str] = {}
    for title, reference in UseCase.objects.in_portfolio(running.portfolio_id).alive().titles():
        found.setdefault(hash(title_text(title)), reference)
    return found


def _note_duplicates(running: Import, new: Iterable[Planned], opened: _File) -> None:
    for row in new:
        plain = hash(title_text(row.title))
        like = opened.titles.setdefault(plain, f"row {row.number}")
        if like != f"row {row.number}":
            running.duplicate_count += 1
            if len(running.duplicates) < MOST_DUPLICATES_SHOWN:
                running.duplicates.append({"row": row.number, "title": row.title, "like": like})


def _note_retitled(running: Import, row: Planned, use_case: UseCase, was: str) -> None:
    """What is called something else altogether may be another idea under a number used again."""
    if was == use_case.title or title_words(was) & title_words(use_case.title):
        return
    running.retitled_count += 1
    if len(running.retitled) < MOST_RETITLED_SHOWN:
        told = {"row": row.number, "reference": use_case.reference, "was": was}
        running.retitled.append({**told, "title": use_case.title})


def _keep_problems(running: Import, planned: Iterable[Planned]) -> None:
    found = (
        ImportProblem(
            running=running,
            row=row.number,
            column=problem.column[:250],
            message=problem.message,
            cells=row.cells,
            key=row.key,
            kept_out=problem.keeps_out,
        )
        for row in planned
        for problem in row.problems
    )
    ImportProblem.objects.bulk_create(found, batch_size=2_000)


def _finish(running: Import, actor: Actor, clock: Clock) -> None:
    running.state = Import.State.DONE
    running.total = running.done
    running.finished_at = clock()
    running.save()
    if running.dry_run:
        events.note(running.portfolio_id, touched=[running])
    else:
        events.record(
            Portfolio(pk=running.portfolio_id),
            Kind.IMPORT_FINISHED,
            by=actor,
            what={
                "import": running.pk,
                "file": running.file_name,
                "created": running.created,
                "updated": running.updated,
                "unchanged": running.unchanged,
                "failed": running.failed,
            },
            wants=Bell.RANK,
            touched=[running],
        )
    log.info(
        "import finished import=%s dry_run=%s created=%s updated=%s unchanged=%s failed=%s",
        running.pk, running.dry_run, running.created, running.updated, running.unchanged,
        running.failed,
    )  # fmt: skip


def _fail(import_id: int, words: str, clock: Clock) -> None:
    """The import ends here, with the reason; what came in stays in and is ranked."""
    with transaction.atomic():
        running = Import.objects.claim(import_id)
        if running is None:
            return
        running.state = Import.State.FAILED
        running.message = words
        running.finished_at = clock()
        running.save()
        if running.dry_run or not running.done:
            events.note(running.portfolio_id, touched=[running])
        else:
            events.record(
                Portfolio(pk=running.portfolio_id),
                Kind.IMPORT_FINISHED,
                by=Actor(user=running.by),
                what={"import": running.pk, "file": running.file_name, "because": words},
                wants=Bell.RANK,
                touched=[running],
            )
    log.info("import failed import=%s because=%s", import_id, words)
