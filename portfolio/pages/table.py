"""The table of candidates as one view shows it: heads, cells, and the ways to another view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from portfolio.duties import TEST_WORDS
from portfolio.models import BulkChange, Portfolio, Standing, UseCase, User
from portfolio.rules.table import (
    ALWAYS,
    COLUMNS,
    MOST_FROZEN,
    NAMED,
    Column,
    Filter,
    Kind,
    TableView,
)
from portfolio.rules.words import Answer, Changing, Place
from portfolio.templatetags.words import chance, money, number, score

NOTHING = "–"
MOST_QUERY = 4_000
SHORT_TESTS = {"review": "human in the loop", "economics": "unit economics"}


# --- Values ---------------------------------------------------------------------------------------


def value_of(row: Standing, name: str) -> Any:
    """What the row has in this column: text, a number, a list of words, a moment, or None."""
    case = row.use_case
    if name in ("title", "reference", "stage", "business_unit", "task_type", "external_key",
                "source_stage"):  # fmt: skip
        return getattr(case, name) or None
    if name == "customer_facing":
        return "yes" if case.customer_facing else "no"
    if name == "ready":
        return "yes" if row.ready else "no"
    if name == "missing":
        return row.missing
    if name in ("outcome", "data", "review", "economics"):
        return Answer(getattr(row, name)).word
    if name in ("p_first", "p_top3", "rank_low", "rank_high"):
        return getattr(row, name) if row.place == Place.RANKED else None
    if name in ("owner", "changed"):
        return getattr(row, f"{name}_told")
    return getattr(row, name)


def told(value: Any, column: Column, portfolio: Portfolio) -> str:
    """A value as the page shows it."""
    if value is None or value == []:
        return NOTHING
    match column.kind:
        case Kind.MONEY:
            return money(value, portfolio.currency)
        case Kind.SHARE:
            return chance(value)
        case Kind.NUMBER:
            return score(value)
        case Kind.COUNT:
            return number(value)
        case Kind.MOMENT:
            return day_told(value.astimezone(ZoneInfo(portfolio.time_zone)).date())
    if isinstance(value, list):
        return ", ".join(SHORT_TESTS.get(word, word) for word in value)
    return str(value)


def day_told(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


# --- Cells ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One cell: how its column is drawn, and its words."""

    name: str
    is_number: bool
    words: str

    @property
    def is_editable(self) -> bool:
        return self.name in EDITABLE

    @property
    def has_origin(self) -> bool:
        """Whether it opens to where it comes from."""
        return self.words != NOTHING


ALWAYS_SAID = frozenset(
    {"title", "reference", "stage", "ready", "missing", "outcome", "data", "review", "economics",
     "customer_facing", "unrated", "changed"}
)  # fmt: skip
DRAWN = frozenset({"rank", "title", "p_first"})  # the template draws these itself


def cells_of(row: Standing, view: TableView, portfolio: Portfolio) -> list[Cell]:
    """The row's cells in the order of the view."""
    return [
        Cell(
            column.name,
            column.is_number,
            "" if column.name in DRAWN else told(value_of(row, column.name), column, portfolio),
        )
        for column in view.shown
    ]


EDITABLE = frozenset({"title", "business_unit", "task_type", "external_key", "stage"})


def cell_value(case: UseCase, name: str) -> str:
    """The value of a cell that can be changed in its place."""
    return getattr(case, name)


def cell_choices(name: str) -> list[tuple[str, str]]:
    """What can be chosen in a cell; nothing where one types."""
    return [("", NOTHING), *NAMED[name].choices] if name == "task_type" else []


def heading_of(name: str) -> str:
    return NAMED[name].heading


# --- Ways to another view -------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """One head of the table: a link that sorts by it alone, and one that sorts by it too."""

    name: str
    words: str
    title: str
    is_number: bool
    url: str
    add_url: str
    sorted: str = ""
    place: int = 0  # among several sort keys; 0 where it is the only one


@dataclass(frozen=True)
class SortKey:
    """One key the rows are sorted by, and the ways to turn it and leave it out."""

    heading: str
    way: str
    turn_url: str
    drop_url: str


@dataclass(frozen=True)
class Choice:
    """One column in the menu of columns, with the ways to another place."""

    name: str
    heading: str
    is_shown: bool
    is_fixed: bool
    left_url: str = ""
    right_url: str = ""


@dataclass(frozen=True)
class Chip:
    """One thing that narrows the rows, in words, and the way to leave it out."""

    words: str
    drop_url: str


@dataclass(frozen=True)
class FilterField:
    """What a column can be narrowed to, with what it is narrowed to now."""

    column: Column
    filter: Filter
    choices: Sequence[tuple[str, str]] = ()
    typed_least: str = ""
    typed_most: str = ""
    is_narrowed: bool = False

    @property
    def may_be_empty(self) -> bool:
        return self.column.name not in ALWAYS_SAID


def address(view: TableView, **more: str) -> str:
    """The view as the query of a link on its page."""
    return f"?{urlencode([*view.parameters(), *more.items()])}"


def unfiltered(view: TableView) -> TableView:
    """The view without what narrows single columns."""
    return replace(view, filters=())


def heads(view: TableView) -> list[Head]:
    """The heads: each sorts by its column, turns the order, and the third time gives it up."""
    found = []
    keys = view.sort or ("rank",)
    for column in view.shown:
        at = next((at for at, key in enumerate(keys) if key.lstrip("-") == column.name), None)
        way = ""
        if at is not None:
            way = "descending" if keys[at].startswith("-") else "ascending"
        found.append(
            Head(
                name=column.name,
                words=column.short or column.heading,
                title=column.heading,
                is_number=column.is_number,
                url=address(
                    view.sorted_by(*next_keys(keys if at == 0 == len(keys) - 1 else (), column))
                ),
                add_url=address(view.sorted_by(*next_keys(keys, column))),
                sorted=way,
                place=at + 1 if at is not None and len(keys) > 1 else 0,
            )
        )
    return found


def next_keys(keys: Sequence[str], column: Column) -> tuple[str, ...]:
    """The sort keys after a choice of this column: added, turned, then left out."""
    first = column.first_way
    second = turned(first)
    if first in keys:
        return tuple(second if key == first else key for key in keys)
    if second in keys:
        return tuple(key for key in keys if key != second)
    return (*(key for key in keys if key != "rank"), first)


def turned(key: str) -> str:
    return key.removeprefix("-") if key.startswith("-") else f"-{key}"


def sort_keys(view: TableView) -> list[SortKey]:
    """What the rows are sorted by, first to last."""
    found = []
    for key in view.sort:
        column = NAMED[key.removeprefix("-")]
        rest = tuple(other for other in view.sort if other != key)
        found.append(
            SortKey(
                column.heading,
                "falling" if key.startswith("-") else "rising",
                address(
                    view.sorted_by(*(turned(key) if one == key else one for one in view.sort)),
                    open="sort",
                ),
                address(view.sorted_by(*rest), open="sort"),
            )
        )
    return found


def sort_choices(view: TableView) -> list[tuple[str, str]]:
    """(heading, address) of each column that the rows can also be sorted by."""
    used = {key.lstrip("-") for key in view.sort}
    return [
        (column.heading, address(view.sorted_by(*view.sort, column.first_way), open="sort"))
        for column in COLUMNS
        if column.name not in used and column.name != "rank"
    ]


def column_choices(view: TableView) -> list[Choice]:
    """Every column: those that are shown first, in their order."""
    found = []
    for at, column in enumerate(view.shown):
        found.append(
            Choice(
                column.name,
                column.heading,
                True,
                column.name == ALWAYS,
                swapped(view, at, at - 1) if at else "",
                swapped(view, at, at + 1) if at + 1 < len(view.columns) else "",
            )
        )
    others = [column for column in COLUMNS if column.name not in view.columns]
    return found + [Choice(column.name, column.heading, False, False) for column in others]


def swapped(view: TableView, one: int, other: int) -> str:
    columns = list(view.columns)
    columns[one], columns[other] = columns[other], columns[one]
    return address(view.with_columns(columns), open="columns")


def frozen_choices(view: TableView) -> list[tuple[int, str]]:
    """(count, words) for how many of the first columns stay in sight."""
    most = min(MOST_FROZEN, len(view.columns))
    words = ["none", *("first" if n == 1 else f"first {n}" for n in range(1, most + 1))]
    return list(enumerate(words))


def chips(view: TableView, people: Sequence[User]) -> list[Chip]:
    """What narrows the rows, in words."""
    names = {person.email: str(person) for person in people}
    return [
        Chip(f"{NAMED[one.column].heading} {said(one, names)}", address(view.without(one.column)))
        for one in view.filters
    ]


def said(one: Filter, names: dict[str, str]) -> str:
    """What a filter asks of its column."""
    column = NAMED[one.column]
    words = []
    if one.any_of:
        spelled = dict(column.choices)
        values = " or ".join(spelled.get(value, names.get(value, value)) for value in one.any_of)
        words.append(f"holds {values}" if column.kind is Kind.TEXT else values)
    if one.least and one.most:
        words.append(f"{one.least} to {one.most}")
    elif one.least:
        words.append(f"from {one.least}")
    elif one.most:
        words.append(f"up to {one.most}")
    if one.is_empty is not None:
        words.append("is empty" if one.is_empty else "is not empty")
    return ", ".join(words)


def filter_fields(
    view: TableView, people: Sequence[User], typed: dict[str, str]
) -> list[FilterField]:
    """A field for each column; what was typed and could not be read is still there."""
    members = [(person.email, str(person)) for person in people]
    found = []
    for column in COLUMNS:
        one = view.of(column.name)
        found.append(
            FilterField(
                column,
                one,
                members if column.kind is Kind.PERSON else column.choices,
                one.least or typed.get(f"{column.name}_min", ""),
                one.most or typed.get(f"{column.name}_max", ""),
                one != Filter(column.name),
            )
        )
    return found


def pairs_of(query: str) -> list[tuple[str, str]]:
    """The parameters of a saved query."""
    return parse_qsl(query[:MOST_QUERY], keep_blank_values=False)


def told_view(view: TableView) -> str:
    """What a view shows, in a line of words."""
    by = ", then ".join(NAMED[key.lstrip("-")].heading for key in view.sort)
    sort = [f"sorted by {by}"] if by else []
    words = [*told_choice(view), *sort] or ["all candidates in order"]
    return " · ".join([*words, f"{len(view.columns)} columns"])


def told_choice(view: TableView) -> list[str]:
    """What a view narrows to, part by part; nothing where it holds all candidates."""
    parts = []
    if view.words:
        parts.append(f"“{view.words}”")
    if view.part:
        parts.append(view.part.replace("_", " "))
    return [*parts, *(f"{NAMED[one.column].heading} {said(one, {})}" for one in view.filters)]


CHANGED = {
    "business_unit": "business unit", "task_type": "kind of task", "owner": "owner",
    "stage": "stage",
}  # fmt: skip


def told_change(bulk: BulkChange) -> str:
    """What a bulk change does, in words."""
    if bulk.change == Changing.PARK:
        return "Park"
    if bulk.change == Changing.TEST:
        by = f", by {bulk.due_on:%-d %B %Y}" if bulk.due_on else ""
        return f"Ask {bulk.asked} for {TEST_WORDS.get(bulk.value, bulk.value)}{by}"
    return f"Set {CHANGED[bulk.change]} to {bulk.value or 'nothing'}"


# --- Files ---------------------------------------------------------------------------------------


def rows_to_export(rows: Iterable[Standing], view: TableView) -> Iterator[list[Any]]:
    """The values of each row, in the order of the view."""
    names = [name for name, _ in export_columns(view)]
    for row in rows:
        yield [value_of(row, name) for name in names]


def export_columns(view: TableView) -> list[tuple[str, str]]:
    """(name, heading) of the columns that are shown; the reference, which the table shows beside
    each title, comes first where it has no column of its own."""
    shown = [(column.name, column.heading) for column in view.shown]
    reference = ("reference", NAMED["reference"].heading)
    return shown if reference in shown else [reference, *shown]
