"""Looks a whole file through once: how many rows, what the columns hold, what keys the rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from portfolio.importing import guessing
from portfolio.importing.guessing import Shape
from portfolio.importing.keys import KeyChoice, KeySearch
from portfolio.importing.tables import Row, Table

ROWS_FOR_SHAPES = 2_000
# A column of at most so many different, short values can be one of stages.
MOST_VALUES = 60
LONGEST_VALUE = 250


@dataclass(frozen=True)
class Survey:
    """What was found in a file: enough to propose how it comes in."""

    total: int
    shapes: Mapping[str, Shape]
    mapping: Mapping[str, str]  # {column: field}
    values: Mapping[str, Mapping[str, int]]  # {column: {value: rows}}, where they are few
    key: KeyChoice
    damaged_rows: int = 0  # rows that hold the replacement character
    wide_rows: int = 0  # rows with cells beyond the last column
    notes: tuple[str, ...] = field(default=())

    @property
    def stages(self) -> Mapping[str, int]:
        """How often each of the source's stages occurs, the commonest first."""
        column = next((c for c, name in self.mapping.items() if name == guessing.Field.STAGE), "")
        return self.values.get(column, {})


class _Values:
    """Counts the values of each column for as long as they are few."""

    def __init__(self, table: Table) -> None:
        self._counts = {column: Counter[str]() for column in table.columns}

    def add(self, row: Row) -> None:
        many = []
        for column, counts in self._counts.items():
            value = source_stage(column.text(row.cells))
            counts[value] += 1
            if len(counts) > MOST_VALUES:
                many.append(column)
        for column in many:
            del self._counts[column]

    def few(self) -> dict[str, dict[str, int]]:
        return {
            column.name: dict(counts.most_common())
            for column, counts in self._counts.items()
            if any(counts)
        }


def survey(
    table: Table,
    remembered: Mapping[str, str] | None = None,
    still_here: Callable[[], None] = lambda: None,
) -> Survey:
    """The whole file in one pass, in flat memory; `still_here` is called now and then."""
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
    values = _Values(table)
    total = damaged = wide = 0
    for row in _all(first, rows):
        total += 1
        search.add(row)
        values.add(row)
        damaged += any("\ufffd" in cell for cell in row.cells)
        wide += bool(table.surplus(row))
        if total % 5_000 == 0:
            still_here()
    return Survey(
        total=total,
        shapes=shapes,
        mapping=mapping,
        values=values.few(),
        key=search.choose(),
        damaged_rows=damaged,
        wide_rows=wide,
        notes=tuple(_notes(total, damaged, wide)),
    )


def source_stage(text: str) -> str:
    """The source's stage as it is compared, shown and kept: on one line, without its letter."""
    return guessing.STAGE_LETTER.sub("", guessing.one_line(text))[:LONGEST_VALUE]


def _all(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    yield from first
    first.clear()
    yield from rest


def _notes(total: int, damaged: int, wide: int) -> Iterator[str]:
    if not total:
        yield "There is no row under the heading."
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
