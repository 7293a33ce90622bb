"""Lists are paged by key: the deepest page costs what the first one costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import F
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from portfolio.errors import RuleBroken
from portfolio.querysets.paging import beyond, in_key_order

USUAL_SIZE, MOST_ROWS = 50, 500
LAST_KEY = 2**63 - 1  # no column of an order holds more


class RankingChanged(RuleBroken):
    """The order that a cursor points into was replaced meanwhile."""

    code = "ranking_changed"


@dataclass(frozen=True)
class Cursor:
    """The key of the row at a page's edge, which way to go on, and the order's ticket if any."""

    values: list
    backwards: bool = False
    ticket: int | None = None

    def written(self) -> str:
        packed = json.dumps([self.values, self.backwards, self.ticket], default=str)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, raw: str, length: int) -> "Cursor":
        """The cursor, or ValueError when nobody here wrote it."""
        try:
            packed = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
            values, backwards, ticket = json.loads(packed)
        except (ValueError, TypeError, RecursionError) as fault:
            raise ValueError(raw) from fault
        known = isinstance(values, list) and len(values) == length and isinstance(backwards, bool)
        if not known or not all(type(v) in (str, int) for v in values):  # a bool is no int here
            raise ValueError(raw)
        if any(is_beyond_all(value) for value in values):
            raise ValueError(raw)
        return cls(values, backwards, ticket)

    def fitting(self, queryset, order: Sequence[str]) -> list:
        """The values as the columns of this order take them, or ValueError."""
        query = queryset.all().query  # looking for a column may join its table
        found = []
        for name, value in zip(order, self.values, strict=True):
            column = F(name.lstrip("-")).resolve_expression(query).output_field
            try:
                fit = column.to_python(value)
                CharField(allow_blank=True, trim_whitespace=False).run_validation(str(fit))
            except (ModelValidationError, ValidationError, UnicodeError) as fault:
                raise ValueError(self.values) from fault
            if is_beyond_all(fit):
                raise ValueError(self.values)
            found.append(fit)
        return found


def is_beyond_all(value: object) -> bool:
    """Whether it is a number that no column holds."""
    return isinstance(value, int) and abs(value) > LAST_KEY


@dataclass(frozen=True)
class Page:
    """One page of rows, and the cursors to the pages beside it."""

    rows: list
    next: str | None
    previous: str | None
    gone: tuple = ()  # (place among the answers, tombstone), for who catches up


def cut_page(
    queryset, order: Sequence[str], size: int, cursor: str | None, ticket: int | None = None
) -> Page:
    """The page at `cursor` of these rows in `order`, whose last column is unique.

    Raises ValueError for a cursor that was not written here, RankingChanged for one into an
    order that was replaced.
    """
    at = Cursor.read(cursor, len(order)) if cursor else None
    backwards = at is not None and at.backwards
    if at is not None:
        if ticket is not None and at.ticket != ticket:
            raise RankingChanged("The ranking was replaced meanwhile. Begin again at its top.")
        queryset = beyond(queryset, order, at.fitting(queryset, order), backwards=backwards)
    rows = list(in_key_order(queryset, order, backwards=backwards)[: size + 1])
    goes_on = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()

    def edge(row, *, back: bool) -> str:
        return Cursor([_value(row, name) for name in order], back, ticket).written()

    has_next = bool(rows) and (backwards or goes_on)
    has_previous = bool(rows) and (goes_on if backwards else at is not None)
    return Page(
        rows,
        edge(rows[-1], back=False) if has_next else None,
        edge(rows[0], back=True) if has_previous else None,
    )


def cut_changes(rows, tombstones, size: int, cursor: str | None, column: str = "revision") -> Page:
    """The page at `cursor` of what changed, the deleted among the rest, in the order it happened.

    Both querysets are narrowed to what changed; `tombstones` may be None. A cursor here is
    (revision, whether it stands at a tombstone, key): within one revision the rows come first.
    """
    at = Cursor.read(cursor, 3) if cursor else None
    if at is not None:
        if not all(isinstance(value, int) for value in at.values):
            raise ValueError(cursor)
        revision, is_gone, key = at.values
        rows = beyond(rows, (column, "pk"), (revision, LAST_KEY if is_gone else key))
        if tombstones is not None:
            tombstones = beyond(tombstones, ("revision", "pk"), (revision, key if is_gone else -1))
    found = [
        ((_value(row, column), 0, _value(row, "pk")), row)
        for row in in_key_order(rows, (column, "pk"))[: size + 1]
    ]
    if tombstones is not None:
        buried = in_key_order(tombstones, ("revision", "pk"))[: size + 1]
        found += [((stone.revision, 1, stone.pk), stone) for stone in buried]
        found.sort(key=lambda pair: pair[0])
    page = found[:size]
    goes_on = len(found) > size
    return Page(
        rows=[row for (_, is_gone, _), row in page if not is_gone],
        next=Cursor(list(page[-1][0])).written() if goes_on else None,
        previous=None,
        gone=tuple((place, row) for place, ((_, gone, _), row) in enumerate(page) if gone),
    )


def _value(row, name: str):
    """A key column of a row, be it an object or, where a list reads no objects, a dict."""
    name = name.lstrip("-")
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row


class KeyPagination(BasePagination):
    """`next` and `previous` as addresses; the view names its order, and a ticket if it has one."""

    def paginate_queryset(self, queryset, request, view=None):
        size = whole_parameter(request, "page_size", USUAL_SIZE, least=1, most=MOST_ROWS)
        cursor = request.query_params.get("cursor")
        self.horizon = view.horizon
        try:
            if self.horizon is None:
                self.page = cut_page(queryset, view.order, size, cursor, view.ticket())
            else:
                gone = view.changed_tombstones()
                self.page = cut_changes(queryset, gone, size, cursor, view.revision_column)
        except ValueError as fault:
            raise ValidationError(
                {"cursor": ["This cursor was not given by this list."]}
            ) from fault
        self.here = request.build_absolute_uri()
        return self.page.rows

    def get_paginated_response(self, data):
        def address(cursor):
            return replace_query_param(self.here, "cursor", cursor) if cursor else None

        results = list(data)
        for place, stone in self.page.gone:
            results.insert(place, {"id": stone.row_id, "deleted_at": stone.deleted_at})
        return Response(
            {
                "next": address(self.page.next),
                "previous": address(self.page.previous),
                "results": results,
            },
            # Who catches up asks the next time from here on.
            headers=None if self.horizon is None else {"X-Revision": str(self.horizon)},
        )

    def get_paginated_response_schema(self, schema):
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view):
        def parameter(name, schema, words):
            return {"name": name, "in": "query", "required": False, "schema": schema,
                    "description": words}  # fmt: skip

        return [
            parameter("cursor", {"type": "string"}, "From `next` or `previous` of a page."),
            parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
                f"Rows a page, {USUAL_SIZE} unless told.",
            ),
        ]


def whole_parameter(request, name: str, usual: int, *, least: int, most: int) -> int:
    """A whole number from the query, or 400 in words."""
    raw = request.query_params.get(name)
    if raw is None:
        return usual
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20 and least <= int(raw) <= most):
        raise ValidationError({name: [f"Give a whole number from {least} to {most}."]})
    return int(raw)
