from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

import orjson
from django.db import connection, models
from psycopg.types.json import Jsonb

from portfolio.querysets.people import VisibleQuerySet


class ImportQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def newest_first(self):
        return self.select_related("by", "portfolio").order_by("-pk")

    def with_people(self):
        return self.select_related("by", "portfolio")

    def unfinished(self):
        """Work for a worker: started by a person and not yet at its end."""
        return self.filter(state__in=["looking", "queued", "running"])

    def left_unfinished(self):
        """Unfinished, and no worker is at them now."""
        return self.unfinished().select_for_update(of=("self",), skip_locked=True)

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))

    def claim(self, pk: int):
        """An unfinished import, locked for a batch; none while another worker holds it."""
        return (
            self.unfinished()
            .filter(pk=pk)
            .select_related("by")
            .select_for_update(of=("self",), skip_locked=True)
            .first()
        )


class ImportProblemQuerySet(models.QuerySet):
    def of(self, import_id: int):
        return self.filter(running_id=import_id)

    def by_row(self):
        return self.order_by("row", "pk")

    def beyond_row(self, row: int):
        return self.filter(row__gt=row)

    def forget(self) -> None:
        self.delete()


class RememberedMappingQuerySet(models.QuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_digest(self, digest: str):
        return self.filter(columns_digest=digest)

    def latest_first(self):
        return self.order_by("-used_at")


def copy_in(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model by COPY; they have their keys already."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = rows[0]._meta.db_table
    attributes = attrgetter(*(field.attname for field in fields))
    documents = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
    ):
        for row in rows:
            values = list(attributes(row))
            for place in documents:
                values[place] = Jsonb(values[place], dumps=orjson.dumps)
            copy.write_row(values)


def take_keys(model: type[models.Model], count: int) -> Iterable[int]:
    """So many primary keys that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]
