"""Bringing candidates in from a file: send it, say what it means, try it, let it run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from portfolio import events, rights
from portfolio.bells import Bell, ring
from portfolio.errors import RuleBroken
from portfolio.importing.guessing import LISTS, Field
from portfolio.importing.keys import columns_digest
from portfolio.importing.tables import MOST_BYTES, Reading, open_table
from portfolio.models import Import, ImportProblem, Portfolio, RememberedMapping
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right

# `decided` needs a declared verdict, which no file can bring.
IMPORTABLE_STAGES = tuple(stage for stage in Stage if stage is not Stage.DECIDED)


class NotNow(RuleBroken):
    """The import is not at the point where this can be done."""

    code = "import_not_there"


@dataclass(frozen=True)
class Meaning:
    """What a person says that a file means. What is None stays as it is proposed."""

    mapping: Mapping[str, str] | None = None  # {column: field}
    stages: Mapping[str, str] | None = None  # {the source's stage: ours}
    key_columns: Sequence[str] | None = None
    already_there: bool | None = None
    override_reason: str = ""


@dataclass(frozen=True)
class Sent:
    """A file on its way in, and how it is to be read and understood."""

    file: File
    name: str
    reading: Reading = field(default_factory=Reading)
    meaning: Meaning = field(default_factory=Meaning)


def send_file(actor: Actor, portfolio: Portfolio, sent: Sent, now: datetime) -> Import:
    """An import that a worker looks at; the person then says what it means."""
    return _send(actor, portfolio, sent, now, state=Import.State.LOOKING)


def import_file(
    actor: Actor, portfolio: Portfolio, sent: Sent, now: datetime, *, dry_run: bool
) -> Import:
    """An import that runs to its end without a further question: what is not said is guessed."""
    return _send(actor, portfolio, sent, now, state=Import.State.QUEUED, dry_run=dry_run)


def _send(
    actor: Actor,
    portfolio: Portfolio,
    sent: Sent,
    now: datetime,
    *,
    state: Import.State,
    dry_run: bool = False,
) -> Import:
    rights.require(actor, Right.IMPORT, portfolio)
    if (sent.file.size or 0) > MOST_BYTES:
        raise ValidationError({"file": "The file is larger than 50 MB. Split it, send the parts."})
    running = Import(
        portfolio=portfolio, by=actor.user, file_name=Path(sent.name).name[:250], state=state,
        dry_run=dry_run, created_at=now,
    )  # fmt: skip
    _set_reading(running, sent.reading)
    _set_meaning(running, actor, sent.meaning)
    running.file.save(_stored_name(sent.name), sent.file, save=False)
    try:
        # What is no table at all is refused at once and not kept.
        open_table(Path(running.file.path), sent.reading)
        with transaction.atomic():
            running.save()
            events.record(
                portfolio,
                Kind.IMPORT_STARTED,
                by=actor,
                what={"import": running.pk, "file": running.file_name},
                touched=[running],
            )
            ring(Bell.IMPORT, running.pk)
    except BaseException:
        running.file.delete(save=False)
        raise
    return running


@transaction.atomic
def read_again(actor: Actor, import_id: int, reading: Reading) -> Import:
    """The import, to be looked at once more as the person says that it is to be read."""
    running = _for_change(actor, import_id)
    _refuse_once_started(running)
    open_table(Path(running.file.path), reading)
    _set_reading(running, reading)
    running.mapping, running.stages, running.key_columns = {}, {}, []
    running.survey, running.message = {}, ""
    _start_over(running)
    running.dry_run = False
    running.state = Import.State.LOOKING
    running.save()
    ring(Bell.IMPORT, running.pk)
    return running


@transaction.atomic
def say_what_it_means(actor: Actor, import_id: int, meaning: Meaning) -> Import:
    """The import with its columns, stages and key as the person says."""
    running = _for_change(actor, import_id)
    _refuse_once_started(running)
    _set_meaning(running, actor, meaning)
    _check_meaning(running)
    running.state = Import.State.UPLOADED
    running.save()
    return running


@transaction.atomic
def start_import(actor: Actor, import_id: int, now: datetime, *, dry_run: bool) -> Import:
    """The import, waiting for a worker: to try it, or to bring its rows in."""
    running = _for_change(actor, import_id)
    _refuse_once_started(running)
    _check_meaning(running)
    if running.already_there:
        rights.require(actor, Right.OVERRIDE, running.portfolio)
    _start_over(running)
    assert actor.user is not None  # the worker asks this person's rights at every batch
    running.by = actor.user
    running.dry_run = dry_run
    running.state = Import.State.QUEUED
    running.save()
    _remember(running, now)
    ring(Bell.IMPORT, running.pk)
    return running


@transaction.atomic
def stop_import(actor: Actor, import_id: int, now: datetime) -> Import:
    """The import, ended after the batch under way; what came in stays in."""
    running = _for_change(actor, import_id)
    if running.state not in (Import.State.LOOKING, Import.State.QUEUED, Import.State.RUNNING):
        raise NotNow("This import is not running.")
    running.state = Import.State.FAILED
    running.message = "Stopped by hand."
    running.finished_at = now
    running.save()
    if running.done and not running.dry_run:
        events.record(
            running.portfolio,
            Kind.IMPORT_FINISHED,
            by=actor,
            what={"import": running.pk, "file": running.file_name, "because": running.message},
            wants=Bell.RANK,
            touched=[running],
        )
    return running


def _for_change(actor: Actor, import_id: int) -> Import:
    running = Import.objects.visible_to(actor).get_for_change(import_id)
    rights.require(actor, Right.IMPORT, running.portfolio)
    return running


def _refuse_once_started(running: Import) -> None:
    if running.state in (Import.State.QUEUED, Import.State.RUNNING):
        raise NotNow("This import is running. Wait for its end, or stop it first.")
    if running.state == Import.State.DONE and not running.dry_run:
        raise NotNow("This import is done. Send the file again to bring in what changed.")
    if not running.file:
        raise NotNow("The file is no longer here. Send it again.")


def _set_reading(running: Import, reading: Reading) -> None:
    running.encoding = reading.encoding or ""
    running.delimiter = reading.delimiter or ""
    running.sheet = reading.sheet or ""
    running.header_row = reading.heading_row or 0


def _set_meaning(running: Import, actor: Actor, meaning: Meaning) -> None:
    if meaning.mapping is not None:
        running.mapping = {column: name for column, name in meaning.mapping.items() if name}
    if meaning.stages is not None:
        running.stages = dict(meaning.stages)
    if meaning.key_columns is not None:
        running.key_columns = list(meaning.key_columns)
    if meaning.already_there is not None:
        if meaning.already_there:
            rights.require(actor, Right.OVERRIDE, running.portfolio)
        running.already_there = meaning.already_there
        running.override_reason = meaning.override_reason.strip()
    _check_words(running)


def _check_words(running: Import) -> None:
    """Refuse words that mean nothing here, whatever the file holds."""
    unknown = sorted({name for name in running.mapping.values() if name not in set(Field)})
    if unknown:
        known = ", ".join(Field)
        raise ValidationError(
            {"mapping": f"“{unknown[0]}” is not a field of a use case. Known: {known}."}
        )
    single = [name for name in running.mapping.values() if name not in LISTS]
    twice = sorted({name for name in single if single.count(name) > 1})
    if twice:
        raise ValidationError({"mapping": f"Two columns are mapped to {twice[0]}. Choose one."})
    several = sorted({n for n in running.mapping.values() if n in LISTS
                      and list(running.mapping.values()).count(n) > 1})  # fmt: skip
    if several:
        raise ValidationError({"mapping": f"Two columns are mapped to {several[0]}. Choose one."})
    allowed = {stage.value for stage in IMPORTABLE_STAGES}
    odd = sorted({stage for stage in running.stages.values() if stage not in allowed})
    if odd:
        raise ValidationError(
            {"stages": f"“{odd[0]}” is not a stage that a file can bring. "
                       f"Choose one of: {', '.join(IMPORTABLE_STAGES)}."}
        )  # fmt: skip
    if running.already_there and not running.override_reason:
        raise ValidationError(
            {"override_reason": "Say in a sentence why they may pass the gates. It is kept."}
        )


def _check_meaning(running: Import) -> None:
    """Refuse what does not fit the file that was looked at."""
    if not running.survey:
        raise NotNow("The file is still being looked at.")
    missing = [name for name in (*running.mapping, *running.key_columns)
               if name not in running.columns]  # fmt: skip
    if missing:
        raise ValidationError({"mapping": f"The file has no column “{missing[0]}”."})
    if Field.TITLE not in running.mapping.values():
        raise ValidationError({"mapping": "Say which column is the title."})


def _start_over(running: Import) -> None:
    ImportProblem.objects.of(running.pk).forget()
    running.position = running.done = 0
    running.duplicate_count = running.retitled_count = 0
    running.created = running.updated = running.unchanged = running.failed = 0
    running.duplicates, running.retitled, running.message = [], [], ""
    running.started_at = running.finished_at = None


def _remember(running: Import, now: datetime) -> None:
    """The next file with these columns is proposed to mean the same."""
    RememberedMapping.objects.update_or_create(
        portfolio=running.portfolio,
        columns_digest=columns_digest(running.columns),
        defaults={
            # A column that was left out on purpose is remembered as that.
            "mapping": {name: running.mapping.get(name, "") for name in running.columns},
            "stages": running.stages,
            "key_columns": running.key_columns,
            "used_at": now,
        },
    )


def _stored_name(name: str) -> str:
    return "list" + Path(name).suffix.lower()[:8]
