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
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction

from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.errors import NotAllowed
from portfolio.importing import guessing
from portfolio.importing.guessing import Field
from portfolio.importing.keys import RowKeys, columns_digest, title_text
from portfolio.importing.planning import Planned, Planner, Problem
from portfolio.importing.refusals import FileRefused
from portfolio.importing.surveying import Survey, survey
from portfolio.importing.tables import Reading, Table, open_table
from portfolio.models import (
    GateOverride,
    Import,
    ImportProblem,
    Portfolio,
    RememberedMapping,
    Standing,
    UseCase,
)
from portfolio.models.events import Kind
from portfolio.querysets.intake import copy_in, take_keys
from portfolio.rights import Actor
from portfolio.rules.pipeline import Right, Role, Stage, may
from portfolio.rules.words import Disqualifies

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BATCH = 500
MOST_ATTEMPTS = 3
MOST_DUPLICATES_SHOWN = 100
SAMPLES = 3
SCOPE = (Field.JOBS, Field.SEGMENTS, Field.SUCCESS_METRICS)


def run(import_id: int, clock: Clock) -> None:
    """Bring the import as far as a worker can. Safe twice, late, or beside itself."""
    try:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                while _advance(import_id, clock):
                    pass
                return
            except IntegrityError:
                # Another import brought in one of these rows meanwhile: now it is known.
                log.warning("import batch again import=%s attempt=%s", import_id, attempt)
                if attempt == MOST_ATTEMPTS:
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


def reading_of(running: Import) -> Reading:
    """How the import's file is read; what is not set yet is to be found out."""
    return Reading(
        encoding=running.encoding or None,
        delimiter=running.delimiter or None,
        sheet=running.sheet or None,
        heading_row=running.header_row or None,
    )


def table_of(running: Import) -> Table:
    """The import's file, opened as it is to be read."""
    return open_table(Path(running.file.path), reading_of(running))


def look(running: Import) -> None:
    """Find out what the file holds and propose what it means; the caller saves the import."""
    table = table_of(running)
    digest = columns_digest(column.name for column in table.columns)
    remembered = remembered_for(running.portfolio_id, digest, [c.name for c in table.columns])
    found = survey(table, remembered.mapping if remembered else None, still_here=_still_here)
    running.encoding = table.reading.encoding or ""
    running.delimiter = table.reading.delimiter or ""
    running.sheet = table.reading.sheet or ""
    running.header_row = table.reading.heading_row or 0
    running.columns = [column.name for column in table.columns]
    running.total = found.total
    running.survey = _as_json(table, found, is_remembered=remembered is not None)
    if not running.mapping:
        running.mapping = dict(found.mapping)
    if not running.key_columns:
        running.key_columns = _key_of(running, found, remembered)
    known = dict(remembered.stages) if remembered else {}
    guessed = guessing.guess_stages(stages_of(running), known)
    running.stages = {**guessed, **running.stages}


def stages_of(running: Import) -> dict[str, int]:
    """How often each of the source's stages occurs, under the present mapping."""
    column = next((c for c, name in running.mapping.items() if name == Field.STAGE), "")
    return dict(running.survey.get("values", {}).get(column, []))


def remembered_for(
    portfolio_id: int, digest: str, names: Sequence[str]
) -> RememberedMapping | None:
    """How this portfolio mapped such a file the last time: the same columns, or more of them."""
    rows = RememberedMapping.objects.in_portfolio(portfolio_id)
    same = rows.with_digest(digest).first()
    if same is not None:
        return same
    here = set(names)
    for remembered in rows.latest_first()[:20]:
        mapped = {column for column, name in remembered.mapping.items() if name}
        if len(mapped) > 1 and mapped <= here and set(remembered.key_columns) <= here:
            return remembered
    return None


@dataclass
class _File:
    """The open file: gives batches of planned rows, and knows how far it is."""

    running: Import
    position: int = 0
    titles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = table_of(self.running)
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
                _still_here()
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
            log.info("import looked at import=%s rows=%s", running.pk, running.total)
            return goes_on
    opened: _File | None = None
    while True:
        with transaction.atomic():
            running = Import.objects.claim(import_id)
            if running is None or running.state == Import.State.LOOKING:
                return False
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
                return False
            running.save()


def _bring_in(
    running: Import, actor: Actor, planned: Sequence[Planned], opened: _File, clock: Clock
) -> None:
    """One batch: creates, updates and leaves alone; in a dry run it only counts."""
    coming = [row for row in planned if not row.is_kept_out]
    known = _known(running, actor, coming)
    new: list[Planned] = []
    changed: list[tuple[UseCase, list[str]]] = []
    for row in coming:
        use_case = known.get(row.key) or known.pop(f"external {row.external_key}", None)
        if use_case is None:
            new.append(row)
            continue
        columns = _apply(row, use_case)
        if columns and not _may_edit(use_case):
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
        else:
            running.unchanged += 1
    running.created += len(new)
    running.updated += len(changed)
    running.failed += sum(row.is_kept_out for row in planned)
    _note_duplicates(running, new, opened)
    _keep_problems(running, planned)
    if not running.dry_run:
        _write(running, actor, new, changed, clock())


def _known(running: Import, actor: Actor, coming: Sequence[Planned]) -> dict[str, UseCase]:
    """The use cases that these rows are, by key, locked in the order of their keys."""
    rows = UseCase.objects.visible_to(actor).in_portfolio(running.portfolio_id)
    external = {row.external_key for row in coming if row.external_key}
    found = rows.known_to_import([row.key for row in coming], external)
    if not running.dry_run:
        found = found.lock_in_order()
    return {
        use_case.import_key or f"external {use_case.external_key}": use_case for use_case in found
    }


def _apply(row: Planned, use_case: UseCase) -> list[str]:
    """Set what the row says otherwise; the names of the columns that changed.

    An empty cell changes nothing; stage, tests and ratings are not a file's to change.
    """
    columns: list[str] = []

    def put(name: str, value: Any) -> None:
        if getattr(use_case, name) != value:
            setattr(use_case, name, value)
            columns.append(name)

    for name, value in row.fields.items():
        put(str(name), value)
    if row.source_stage:
        put("source_stage", row.source_stage)
    put("extra", {**use_case.extra, **row.extra})
    put("import_key", row.key)
    return columns


def _may_edit(use_case: UseCase) -> bool:
    return may(
        Role(use_case.actor_role), use_case.actor_owns, Right.EDIT, stage=Stage(use_case.stage)
    )


def _write(
    running: Import,
    actor: Actor,
    new: Sequence[Planned],
    changed: Sequence[tuple[UseCase, list[str]]],
    now: datetime,
) -> None:
    if not new and not changed:
        return
    portfolio = Portfolio.objects.get(pk=running.portfolio_id)
    made = _make(running, portfolio, new, now)
    happened = [
        (use_case.pk, Kind.USE_CASE_IMPORTED, _told(running, row))
        for row, use_case in zip(new, made, strict=True)
    ] + [
        (use_case.pk, Kind.USE_CASE_UPDATED_BY_IMPORT, {"import": running.pk, "fields": columns})
        for use_case, columns in changed
    ]
    ids = events.record_many(portfolio.pk, happened, by=actor)
    for use_case, revision in zip(
        [*made, *(use_case for use_case, _ in changed)], ids, strict=True
    ):
        use_case.revision = revision
    copy_in(made)
    copy_in(
        [
            Standing(
                use_case_id=use_case.pk,
                portfolio_id=portfolio.pk,
                number=use_case.number,
                disqualified=_disqualified(use_case),
                revision=use_case.revision,
            )
            for use_case in made
        ]
    )
    _override(running, made, now)
    if changed:
        columns = sorted({name for _, names in changed for name in names} | {"revision"})
        UseCase.objects.bulk_update([use_case for use_case, _ in changed], columns)
        _publish_scope([use_case for use_case, names in changed if set(SCOPE) & set(names)])


def _make(
    running: Import, portfolio: Portfolio, new: Sequence[Planned], now: datetime
) -> list[UseCase]:
    """The new use cases with keys and numbers of their own, not written yet."""
    if not new:
        return []
    first = Portfolio.objects.take_numbers(portfolio.pk, len(new))
    keys = take_keys(UseCase, len(new))
    made = []
    for number, (pk, row) in enumerate(zip(keys, new, strict=True), start=first):
        stage = row.stage if running.already_there else Stage.PROPOSED
        made.append(
            UseCase(
                pk=pk,
                portfolio=portfolio,
                number=number,
                reference=f"{portfolio.key}-{number}",
                stage=stage.value,
                stage_reason=running.override_reason if stage is not Stage.PROPOSED else "",
                stage_entered_at=now,
                created_at=now,
                proposed_by_id=running.by_id,
                import_key=row.key,
                source_stage=row.source_stage,
                extra=row.extra,
                **{str(name): value for name, value in row.fields.items()},
            )
        )
    return made


def _override(running: Import, made: Sequence[UseCase], now: datetime) -> None:
    """One override for each use case that was already past proposed, in the sponsor's words."""
    GateOverride.objects.bulk_create(
        GateOverride(
            use_case=use_case,
            from_stage=Stage.PROPOSED.value,
            to_stage=use_case.stage,
            reason=running.override_reason,
            by_id=running.by_id,
            at=now,
        )
        for use_case in made
        if use_case.stage not in (Stage.PROPOSED, Stage.PARKED, Stage.STOPPED)
    )


def _disqualified(use_case: UseCase) -> int:
    is_wide = any(len(getattr(use_case, name)) > 1 for name in SCOPE)
    return Disqualifies.PLATFORM_PLAY.value if is_wide else 0


def _publish_scope(use_cases: Sequence[UseCase]) -> None:
    """A scope that became wide or narrow shows in the standing."""
    standings = list(Standing.objects.for_use_cases(u.pk for u in use_cases).lock_in_order())
    by_key = {use_case.pk: use_case for use_case in use_cases}
    for standing in standings:
        use_case = by_key[standing.pk]
        others = standing.disqualified & ~Disqualifies.PLATFORM_PLAY.value
        standing.disqualified = others | _disqualified(use_case)
        standing.revision = use_case.revision
    Standing.objects.bulk_update(standings, ["disqualified", "revision"])


def _told(running: Import, row: Planned) -> dict[str, Any]:
    told: dict[str, Any] = {"import": running.pk, "row": row.number}
    if running.already_there and row.stage is not Stage.PROPOSED:
        told["already_there"] = row.stage.value
    return told


def _titles(running: Import) -> dict[str, str]:
    """What is called how in the portfolio now, to find what seems to be there already."""
    found: dict[str, str] = {}
    for title, reference in UseCase.objects.in_portfolio(running.portfolio_id).titles():
        found.setdefault(title_text(title), reference)
    return found


def _note_duplicates(running: Import, new: Iterable[Planned], opened: _File) -> None:
    for row in new:
        plain = title_text(row.title)
        like = opened.titles.setdefault(plain, f"row {row.number}")
        if like != f"row {row.number}":
            running.duplicate_count += 1
            if len(running.duplicates) < MOST_DUPLICATES_SHOWN:
                running.duplicates.append({"row": row.number, "title": row.title, "like": like})


def _keep_problems(running: Import, planned: Iterable[Planned]) -> None:
    ImportProblem.objects.bulk_create(
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


def _finish(running: Import, actor: Actor, clock: Clock) -> None:
    running.state = Import.State.DONE
    running.total = running.done
    running.finished_at = clock()
    running.save()
    if not running.dry_run:
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
        if running.done and not running.dry_run:
            events.record(
                Portfolio(pk=running.portfolio_id),
                Kind.IMPORT_FINISHED,
                by=Actor(user=running.by),
                what={"import": running.pk, "file": running.file_name, "because": words},
                wants=Bell.RANK,
                touched=[running],
            )
    log.info("import failed import=%s because=%s", import_id, words)


def _key_of(running: Import, found: Survey, remembered: RememberedMapping | None) -> list[str]:
    if remembered is not None and set(remembered.key_columns) <= set(running.columns):
        return list(remembered.key_columns)
    external = [c for c, name in running.mapping.items() if name == Field.EXTERNAL_KEY]
    return external or list(found.key.columns)


def _as_json(table: Table, found: Survey, *, is_remembered: bool) -> dict[str, Any]:
    samples: dict[str, list[str]] = {}
    for column in table.columns:
        texts = (column.text(row.cells) for row in table.first_rows)
        samples[column.name] = list(dict.fromkeys(t[:120] for t in texts if t))[:SAMPLES]
    return {
        "letters": {column.name: column.letter for column in table.columns},
        "filled": {name: round(shape.filled, 3) for name, shape in found.shapes.items()},
        "distinct": {name: round(shape.distinct, 3) for name, shape in found.shapes.items()},
        "samples": samples,
        "values": {name: list(counts.items()) for name, counts in found.values.items()},
        "guess": dict(found.mapping),
        "key": list(found.key.columns),
        "identical_rows": found.key.identical_rows,
        "notes": [*table.notes, *found.notes],
        "sheets": [[sheet.name, sheet.is_hidden] for sheet in table.sheets],
        "above": [row.number for row in table.above],
        "remembered": is_remembered,
    }


def _still_here() -> None:
    """A word to the database, which ends transactions that stay silent for a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
