from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q

KeyOrder = Sequence[str]  # names of columns that are never null, "-" before a falling one


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
    """The rows after the one with these values. The first column bounds the walk of the index."""
    steps, equal = Q(), {}
    for name, value in zip(order, values, strict=True):
        column = name.lstrip("-")
        comes_after = "lt" if name.startswith("-") != backwards else "gt"
        steps |= Q(**equal, **{f"{column}__{comes_after}": value})
        equal[column] = value
    first = order[0].lstrip("-")
    edge = "lte" if order[0].startswith("-") != backwards else "gte"
    return rows.filter(steps, **{f"{first}__{edge}": values[0]})
