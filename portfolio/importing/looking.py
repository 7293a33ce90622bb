"""Looks at the file of an import once, and proposes what it means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from portfolio.importing import guessing
from portfolio.importing.guessing import Field
from portfolio.importing.keys import columns_digest
from portfolio.importing.surveying import Survey, survey
from portfolio.importing.tables import Reading, Table, open_table
from portfolio.models import Import, RememberedMapping

SAMPLES = 3


def reading_of(running: Import) -> Reading:
    """How the import's file is read; what is not set yet is to be found out."""
    return Reading(
        encoding=running.encoding or None,
        delimiter=running.delimiter or None,
        sheet=running.sheet or None,
        heading_row=running.header_row or None,
    )


def table_of(running: Import) -> Table:
    """The import's file, opened as it is to be read; FileNotFoundError where it is deleted."""
    if not running.file:
        raise FileNotFoundError(running.file_name)
    return open_table(Path(running.file.path), reading_of(running))


def look(running: Import) -> None:
    """Find out what the file holds and propose what it means; the caller saves the import."""
    table = table_of(running)
    digest = columns_digest(column.name for column in table.columns)
    remembered = remembered_for(running.portfolio_id, digest, [c.name for c in table.columns])
    found = survey(table, remembered.mapping if remembered else None, still_here=still_here)
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
    guessed = guessing.guess_stages(list(stages_of(running)), known)
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
        "heading": list(table.heading),
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


def still_here() -> None:
    """A word to the database, which ends transactions that stay silent for a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
