from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import BooleanField, F, Func, Q, Value

KeyOrder = Sequence[str]  # names of columns that are never null, "-" before a falling one


class ComesAfter(Func):
    """Whether (first, second, …) lies beyond these values: one comparison, which an index answers.

    The same spelled with AND and OR makes Postgres walk over every row before it.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[F], values: Sequence[object], *, falling: bool) -> None:
        super().__init__(*columns, *map(Value, values))
        self.sign = "<" if falling else ">"

    def as_sql(self, compiler, connection, **context):
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        values = [value for _, given in parts for value in given]
        return f"({left}) {self.sign} ({right})", values


def in_key_order(rows: models.QuerySet, order: KeyOrder, *, backwards: bool = False):
    """The rows in this order, or in the opposite one."""
    falls = [name.startswith("-") != backwards for name in order]
    columns = [F(name.lstrip("-")) for name in order]
    return rows.order_by(
        *(
            column.desc() if down else column.asc()
            for column, down in zip(columns, falls, strict=True)
        )
    )


def beyond(
    rows: models.QuerySet, order: KeyOrder, values: Sequence[object], *, backwards: bool = False
):
    """The rows after the one with these values, found by the index that the order has."""
    falls = {name.startswith("-") != backwards for name in order}
    columns = [F(name.lstrip("-")) for name in order]
    if len(falls) == 1:
        return rows.filter(ComesAfter(columns, values, falling=falls.pop()))
    # Where directions differ, the first column alone bounds the walk of the index.
    steps, equal = Q(), {}
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        comes_after = "lt" if name.startswith("-") != backwards else "gt"
        steps |= Q(**equal, **{f"{column}__{comes_after}": value})
        equal[column] = value
    first = order[0].lstrip("-")
    edge = "lte" if order[0].startswith("-") != backwards else "gte"
    return rows.filter(steps, **{f"{first}__{edge}": values[0]})
