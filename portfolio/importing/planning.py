"""Turns a row of a file into what it would be as a use case, with all that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portfolio.importing import guessing
from portfolio.importing.guessing import LISTS, Field
from portfolio.importing.surveying import source_stage
from portfolio.importing.tables import Column, Row, Table, one_line, several
from portfolio.rules.pipeline import Stage

LONGEST = 250
CONTROLS = dict.fromkeys(c for c in range(32) if chr(c) not in "\n\t")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, or with one cell of it; a cell's problem keeps no row out."""

    message: str
    column: str = ""
    keeps_out: bool = False


@dataclass
class Planned:
    """A row as it would come in: only fields that are mapped and filled."""

    number: int
    key: str
    cells: list[str]
    fields: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    source_stage: str = ""
    stage: Stage = Stage.PROPOSED
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_kept_out(self) -> bool:
        return any(problem.keeps_out for problem in self.problems)

    @property
    def title(self) -> str:
        return self.fields.get(Field.TITLE, "")

    @property
    def external_key(self) -> str:
        return self.fields.get(Field.EXTERNAL_KEY, "")


class Planner:
    """Plans the rows of one table under one mapping."""

    def __init__(self, table: Table, mapping: Mapping[str, str], stages: Mapping[str, str]) -> None:
        self._table = table
        self._stages = stages
        self._mapped = {
            Field(name): column
            for column in table.columns
            if (name := mapping.get(column.name)) in set(Field)
        }
        mapped = set(self._mapped.values())
        self._unmapped = [column for column in table.columns if column not in mapped]

    def plan(self, row: Row, key: str) -> Planned:
        planned = Planned(row.number, key, row.cells)
        surplus = self._table.surplus(row)
        if surplus:
            planned.problems.append(
                Problem(
                    f"The row has {len(surplus)} more cells than there are headings. Put quotation "
                    "marks around the cell that holds the delimiter.",
                    keeps_out=True,
                )
            )
        for name, column in self._mapped.items():
            self._read(planned, name, column, row)
        if not planned.title:
            untitled = self._mapped.get(Field.TITLE)
            planned.problems.append(
                Problem("The title is empty.", untitled.name if untitled else "", keeps_out=True)
            )
        for column in self._unmapped:
            self._keep(planned, column, row)
        return planned

    def _read(self, planned: Planned, name: Field, column: Column, row: Row) -> None:
        if name in LISTS:
            values = several([clean(value) for value in column.values(row.cells)])
            if values:
                planned.fields[name] = [
                    self._short(planned, column, row, one_line(value)) for value in values
                ]
            return
        text = clean(column.text(row.cells))
        if name is Field.STAGE:
            planned.source_stage = source_stage(text)
            planned.stage = Stage(self._stages.get(planned.source_stage) or Stage.PROPOSED)
        elif not text:
            return
        elif name is Field.PROBLEM:
            planned.fields[name] = text
        elif name is Field.CUSTOMER_FACING:
            answer = guessing.as_yes_or_no(text)
            if answer is None:
                self._leave(planned, column, row, f"“{text[:60]}” is neither yes nor no.")
            else:
                planned.fields[name] = answer
        elif name is Field.TASK_TYPE:
            kind = guessing.as_task_type(text)
            if kind:
                planned.fields[name] = kind
            else:
                self._leave(
                    planned, column, row,
                    f"“{text[:60]}” is not a task type: reasoning, routine or domain.",
                )  # fmt: skip
        else:
            planned.fields[name] = self._short(planned, column, row, one_line(text))

    def _short(self, planned: Planned, column: Column, row: Row, text: str) -> str:
        if len(text) <= LONGEST:
            return text
        self._leave(
            planned, column, row,
            f"The text has {len(text)} characters and was shortened to {LONGEST}; all of it is "
            "kept with the use case.",
        )  # fmt: skip
        return text[: LONGEST - 1].rstrip() + "…"

    def _leave(self, planned: Planned, column: Column, row: Row, message: str) -> None:
        planned.problems.append(Problem(message, column.name))
        self._keep(planned, column, row)

    def _keep(self, planned: Planned, column: Column, row: Row) -> None:
        values = [clean(value) for value in column.values(row.cells)]
        if values:
            planned.extra[column.name] = values[0] if len(values) == 1 else values


def clean(text: str) -> str:
    """The text without the control characters that no text needs."""
    return text.translate(CONTROLS).strip()
