"""Looks a whole file through once: how many rows, what the columns hold, what keys the rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from portfolio.importing import guessing
from portfolio.importing.guessing import Field, Shape
from portfolio.importing.keys import KeyChoice, KeySearch
from portfolio.importing.tables import Row, Table

ROWS_FOR_SHAPES = 2_000
MOST_STAGES = 200


@dataclass(frozen=True)
class Survey:
    """What was found in a file: enough to propose how it comes in."""

    total: int
    shapes: Mapping[str, Shape]
    mapping: Mapping[str, str]  # {column: field}
    stages: Mapping[str, int]  # {the source's stage: rows}
    key: KeyChoice
    damaged_rows: int = 0  # rows that hold the replacement character
    wide_rows: int = 0  # rows with cells beyond the last column
    notes: tuple[str, ...] = field(default=())


def survey(table: Table, remembered: Mapping[str, str] | None = None) -> Survey:
    """The whole file in one pass (after a look at its first rows), in memory that stays flat."""
    rows = table.rows()
    first: list[Row] = []
    for row in rows:
        first.append(row)
        if len(first) == ROWS_FOR_SHAPES:
            break
    shapes = {
        column.name: Shape.of([column.text(row.cells) for row in first]) for column in table.columns
    }
    mapping = guessing.guess_columns(shapes, remembered)
    search = KeySearch(table.columns, guessing.key_preference(shapes, mapping))
    staged = table.column(_column_of(mapping, Field.STAGE))
    stages: Counter[str] = Counter()
    total = damaged = wide = 0

    def look(row: Row) -> None:
        nonlocal total, damaged, wide
        total += 1
        search.add(row)
        damaged += any("\ufffd" in cell for cell in row.cells)
        wide += bool(table.surplus(row))
        if staged is not None:
            stage = source_stage(staged.text(row.cells))
            if stage in stages or len(stages) < MOST_STAGES:
                stages[stage] += 1

    for row in first:
        look(row)
    for row in rows:
        look(row)
    if total == 0:
        notes: tuple[str, ...] = ("There is no row under the heading.",)
    else:
        notes = tuple(_notes(damaged, wide))
    return Survey(
        total, shapes, mapping, dict(stages.most_common()), search.choose(), damaged, wide, notes
    )


def source_stage(text: str) -> str:
    """The source's stage as it is compared, shown and kept: on one line, without its letter."""
    return guessing.STAGE_LETTER.sub("", guessing.one_line(text))[:250]


def count_stages(table: Table, column_name: str) -> dict[str, int]:
    """How often each of the source's stages occurs, the commonest first."""
    column = table.column(column_name)
    if column is None:
        return {}
    times: Counter[str] = Counter()
    for row in table.rows():
        stage = source_stage(column.text(row.cells))
        if stage in times or len(times) < MOST_STAGES:
            times[stage] += 1
    return dict(times.most_common())


def _column_of(mapping: Mapping[str, str], wanted: Field) -> str:
    return next((name for name, field in mapping.items() if field == wanted), "")


def _notes(damaged: int, wide: int):
    if damaged:
        yield (
            f"{damaged:,} rows hold the character “\ufffd”: letters that were lost before the "
            "file came here, or another encoding."
        )
    if wide:
        yield (
            f"{wide:,} rows have more cells than there are headings. Most likely a cell with the "
            "delimiter in it lacks its quotation marks."
        )
