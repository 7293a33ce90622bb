"""Says what the table of candidates can show, and reads a view of it from an address.

A view is columns in an order, several sort keys and filters. It is written as the parameters of an
address, the same for the page, the API, a saved view and an export:

    columns=rank,title,score   sort=-score,title   frozen=2   q=words   show=ranked
    stage=proposed&stage=qualified   business_unit=care   score_min=20   changed_max=2026-03-01
    empty=owner   filled=annual_net_value
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from enum import StrEnum

from portfolio.rules.words import Place, TaskType

MOST_WORDS = 200
MOST_VALUES = 50
MOST_SORT_KEYS = 5
MOST_FROZEN = 4
LARGEST = Decimal(10) ** 15
FIRST_YEAR, LAST_YEAR = 1990, 2190
PARTS = tuple(place.name.lower() for place in Place)


class Kind(StrEnum):
    """What a column holds: it says how the column is sorted, filtered, aligned and written."""

    TEXT = "text"
    CHOICE = "choice"
    PERSON = "person"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    MONEY = "money"
    MOMENT = "moment"


NUMBERS = frozenset({Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.MONEY})


@dataclass(frozen=True)
class Column:
    """One column of the table: its heading, what it holds, and what it can be narrowed to."""

    name: str
    heading: str
    kind: Kind
    short: str = ""  # the heading where there is little room
    choices: tuple[tuple[str, str], ...] = ()
    rises: bool = False  # the lowest number is the best one, so it comes first

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def is_ranged(self) -> bool:
        """Whether it is narrowed by a least and a most."""
        return self.is_number or self.kind is Kind.MOMENT

    @property
    def first_way(self) -> str:
        """How it is sorted when it is chosen first: text rises, numbers fall."""
        return f"-{self.name}" if self.is_ranged and not self.rises else self.name


YES_NO = (("yes", "yes"), ("no", "no"))
ANSWERS = (("yes", "yes"), ("no", "no"), ("unknown", "unknown"))
TASKS = tuple((task.value, task.value) for task in TaskType)
STAGES = (("proposed", "proposed"), ("qualified", "qualified"))
TESTS = (
    ("outcome", "outcome"), ("data", "data"), ("review", "human in the loop"),
    ("economics", "unit economics"),
)  # fmt: skip

COLUMNS = (
    Column("rank", "Rank", Kind.COUNT, "#", rises=True),
    Column("title", "Candidate", Kind.TEXT),
    Column("reference", "Reference", Kind.TEXT),
    Column("stage", "Stage", Kind.CHOICE, choices=STAGES),
    Column("owner", "Owner", Kind.PERSON),
    Column("business_unit", "Business unit", Kind.TEXT),
    Column("task_type", "Kind of task", Kind.CHOICE, "Task", choices=TASKS),
    Column("ready", "Ready", Kind.CHOICE, choices=YES_NO),
    Column("missing", "Tests missing", Kind.CHOICE, "Missing", choices=TESTS),
    Column("outcome", "Outcome", Kind.CHOICE, choices=ANSWERS),
    Column("data", "Data", Kind.CHOICE, choices=ANSWERS),
    Column("review", "Human in the loop", Kind.CHOICE, "Review", choices=ANSWERS),
    Column("economics", "Unit economics", Kind.CHOICE, "Econ.", choices=ANSWERS),
    Column("impact", "Impact", Kind.NUMBER),
    Column("feasibility", "Feasibility", Kind.NUMBER, "Feasib."),
    Column("score", "Score", Kind.NUMBER),
    Column("p_first", "Best", Kind.SHARE),
    Column("p_top3", "Among the best three", Kind.SHARE, "Top 3"),
    Column("rank_low", "Best rank in 80 %", Kind.COUNT, "From", rises=True),
    Column("rank_high", "Worst rank in 80 %", Kind.COUNT, "To", rises=True),
    Column("annual_net_value", "Value a year", Kind.MONEY),
    Column("unrated", "Criteria unrated", Kind.COUNT, "Unrated"),
    Column("customer_facing", "Customers see it", Kind.CHOICE, "Public", choices=YES_NO),
    Column("changed", "Last change", Kind.MOMENT, "Changed"),
    Column("external_key", "External key", Kind.TEXT, "Key"),
    Column("source_stage", "Stage in its source", Kind.TEXT, "Source"),
)
NAMED = {column.name: column for column in COLUMNS}
USUAL = ("rank", "title", "score", "p_first", "impact", "feasibility", "annual_net_value")
USUAL_FROZEN = 2
ALWAYS = "title"  # the head of its row

PLAIN = frozenset({"columns", "sort", "frozen", "q", "show", "empty", "filled"})


@dataclass(frozen=True)
class Filter:
    """What one column is narrowed to."""

    column: str
    any_of: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    is_empty: bool | None = None

    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """Least and most of a column of numbers; a count is held to whole ones."""
        kind = NAMED[self.column].kind
        least = amount(self.least, kind) if self.least else None
        most = amount(self.most, kind) if self.most else None
        if kind is Kind.COUNT:
            least = least.to_integral_value(ROUND_CEILING) if least is not None else None
            most = most.to_integral_value(ROUND_FLOOR) if most is not None else None
        return least, most

    def days(self) -> tuple[date | None, date | None]:
        """First and last day of a column of moments."""
        return (
            date.fromisoformat(self.least) if self.least else None,
            date.fromisoformat(self.most) if self.most else None,
        )


@dataclass(frozen=True)
class Objection:
    """A parameter that says nothing here, in words for the person who wrote it."""

    parameter: str
    words: str


@dataclass(frozen=True)
class TableView:
    """What a person wants to see: columns, order, filters. `objections` are left out of it."""

    columns: tuple[str, ...] = USUAL
    sort: tuple[str, ...] = ()
    frozen: int = USUAL_FROZEN
    words: str = ""
    part: str = ""
    filters: tuple[Filter, ...] = ()
    objections: tuple[Objection, ...] = ()

    @property
    def shown(self) -> tuple[Column, ...]:
        return tuple(NAMED[name] for name in self.columns)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.part or self.filters)

    @property
    def is_in_order(self) -> bool:
        """Whether the rows stand in the order of the ranking."""
        return not self.sort

    def uses(self) -> set[str]:
        """The columns that are shown, sorted by or narrowed."""
        return {
            *self.columns,
            *(key.lstrip("-") for key in self.sort),
            *(one.column for one in self.filters),
        }

    def of(self, column: str) -> Filter:
        found = [one for one in self.filters if one.column == column]
        return found[0] if found else Filter(column)

    def sorted_by(self, *keys: str) -> TableView:
        return replace(self, sort=() if keys == ("rank",) else tuple(keys))

    def with_columns(self, columns: Sequence[str]) -> TableView:
        return replace(self, columns=with_title(columns))

    def without(self, column: str) -> TableView:
        """The view without what narrows this column."""
        return replace(self, filters=tuple(one for one in self.filters if one.column != column))

    def in_part(self, part: str) -> TableView:
        """The same of one part of the order, or of all."""
        return replace(self, part=part)

    def everything(self) -> TableView:
        """The same columns and order of all rows."""
        return replace(self, words="", part="", filters=())

    def parameters(self) -> list[tuple[str, str]]:
        """The view as the parameters of an address; what is usual is left out."""
        said: list[tuple[str, str]] = []
        if self.words:
            said.append(("q", self.words))
        if self.part:
            said.append(("show", self.part))
        if self.columns != USUAL:
            said.append(("columns", ",".join(self.columns)))
        if self.frozen != USUAL_FROZEN:
            said.append(("frozen", str(self.frozen)))
        if self.sort:
            said.append(("sort", ",".join(self.sort)))
        for one in self.filters:
            said += [(one.column, value) for value in one.any_of]
            if one.least:
                said.append((f"{one.column}_min", one.least))
            if one.most:
                said.append((f"{one.column}_max", one.most))
            if one.is_empty is not None:
                said.append(("empty" if one.is_empty else "filled", one.column))
        return said


def parameter_names() -> frozenset[str]:
    """Every parameter that a view may have."""
    ranged = [column.name for column in COLUMNS if column.is_ranged]
    return (
        PLAIN
        | {column.name for column in COLUMNS if not column.is_ranged}
        | {f"{name}_min" for name in ranged}
        | {f"{name}_max" for name in ranged}
    )


def read_view(parameters: Iterable[tuple[str, str]]) -> TableView:
    """The view that these parameters say; what they say wrongly is among its objections.

    Parameters of other things (a cursor, a page size) are passed over.
    """
    reader = _Reader()
    for name, value in parameters:
        reader.read(name, value)
    return reader.view()


def amount(raw: str, kind: Kind) -> Decimal:
    """The number as typed, "50%" and "1,200" too; ValueError where it is none."""
    text = raw.strip().replace(",", "").replace("\u00a0", "")
    is_percent = text.endswith("%")
    try:
        found = Decimal(text.rstrip("% "))
    except InvalidOperation as fault:
        raise ValueError(raw) from fault
    if not found.is_finite() or abs(found) > LARGEST:
        raise ValueError(raw)
    return found / 100 if is_percent and kind is Kind.SHARE else found


def with_title(columns: Sequence[str]) -> tuple[str, ...]:
    """These columns once each; the title is always among them."""
    chosen = tuple(dict.fromkeys(columns))
    if ALWAYS in chosen:
        return chosen
    at = 1 if chosen[:1] == ("rank",) else 0
    return (*chosen[:at], ALWAYS, *chosen[at:])


class _Reader:
    """Gathers a view parameter by parameter."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self.sort: list[str] = []
        self.frozen = USUAL_FROZEN
        self.words = self.part = ""
        self.filters: dict[str, Filter] = {}
        self.objections: list[Objection] = []

    def view(self) -> TableView:
        columns = with_title(self.columns) if self.columns else USUAL
        sort = tuple(self.sort)
        return TableView(
            columns=columns,
            sort=() if sort == ("rank",) else sort,
            frozen=self.frozen,
            words=self.words,
            part=self.part,
            filters=tuple(self.filters.values()),
            objections=tuple(self.objections),
        )

    def read(self, name: str, value: str) -> None:
        value = value.strip()
        if not value or name not in parameter_names():
            return
        if "\x00" in value or len(value) > 2_000:
            self.object(name, "This cannot be read. Write it anew.")
        elif name == "columns":
            self.read_columns(value)
        elif name == "sort":
            self.read_sort(value)
        elif name == "frozen":
            self.read_frozen(value)
        elif name == "q":
            self.words = value[:MOST_WORDS]
        elif name == "show":
            self.read_part(value)
        elif name in ("empty", "filled"):
            self.read_emptiness(name, value)
        elif name in NAMED:
            self.read_values(NAMED[name], value)
        else:
            column, _, end = name.rpartition("_")
            self.read_bound(NAMED[column], end, value)

    def object(self, parameter: str, words: str) -> None:
        self.objections.append(Objection(parameter, words))

    def read_columns(self, value: str) -> None:
        for name in value.split(","):
            name = name.strip()
            if name not in NAMED:
                self.object("columns", f"“{name[:40]}” is not a column. Known: {known(NAMED)}.")
            elif name not in self.columns:
                self.columns.append(name)

    def read_sort(self, value: str) -> None:
        for key in value.split(","):
            key = key.strip()
            name = key.removeprefix("-")
            if name not in NAMED:
                self.object("sort", f"“{name[:40]}” is not a column. Known: {known(NAMED)}.")
            elif len(self.sort) == MOST_SORT_KEYS:
                self.object("sort", f"At most {MOST_SORT_KEYS} columns to sort by.")
                return
            elif name not in [one.lstrip("-") for one in self.sort]:
                self.sort.append(key)

    def read_frozen(self, value: str) -> None:
        if value in [str(count) for count in range(MOST_FROZEN + 1)]:
            self.frozen = int(value)
        else:
            self.object("frozen", f"Give a whole number from 0 to {MOST_FROZEN}.")

    def read_part(self, value: str) -> None:
        if value in PARTS:
            self.part = value
        else:
            self.object("show", f"“{value[:40]}” is not a part. Known: {known(PARTS)}.")

    def read_emptiness(self, name: str, value: str) -> None:
        for column in value.split(","):
            column = column.strip()
            if column in NAMED:
                self.put(column, is_empty=name == "empty")
            else:
                self.object(name, f"“{column[:40]}” is not a column. Known: {known(NAMED)}.")

    def read_values(self, column: Column, value: str) -> None:
        so_far = self.filters.get(column.name, Filter(column.name)).any_of
        if column.choices and value not in dict(column.choices):
            allowed = known(dict(column.choices))
            self.object(column.name, f"“{value[:40]}” is not one of {allowed}.")
        elif len(so_far) == MOST_VALUES:
            self.object(column.name, f"At most {MOST_VALUES} values here.")
        elif value not in so_far:
            value = value.lower() if column.kind is Kind.PERSON else value
            self.put(column.name, any_of=(*so_far, value[:MOST_WORDS]))

    def read_bound(self, column: Column, end: str, value: str) -> None:
        parameter = f"{column.name}_{end}"
        try:
            if column.kind is Kind.MOMENT:
                value = day(value)
            else:
                amount(value, column.kind)
        except ValueError:
            example = "2026-03-01" if column.kind is Kind.MOMENT else "20"
            what = "a day" if column.kind is Kind.MOMENT else "a number"
            words = f"“{value[:40]}” is not {what}. Write one such as {example}."
            self.object(parameter, f"{column.heading}: {words}")
            return
        if end == "min":
            self.put(column.name, least=value)
        else:
            self.put(column.name, most=value)

    def put(self, column: str, **said) -> None:
        self.filters[column] = replace(self.filters.get(column, Filter(column)), **said)


def day(raw: str) -> str:
    """The day as typed, or ValueError."""
    found = date.fromisoformat(raw)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(raw)
    return found.isoformat()


def known(names: Iterable[str]) -> str:
    return ", ".join(names)
