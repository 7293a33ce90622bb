from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.apps import apps
from django.db import connection, models

from portfolio.querysets.people import VisibleQuerySet, keyed_portfolio


def stamp(model: type[models.Model], keys: Sequence[int], revision: int) -> None:
    """Mark these rows as changed by this event: one plain statement, since every change does it."""
    key = connection.ops.quote_name(model._meta.pk.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET revision = %s WHERE {key} = ANY(%s)",
            [revision, list(keys)],
        )


def put_down(
    event: models.Model,
    touched: Mapping[type[models.Model], Sequence[int]],
    *,
    ranking: bool,
) -> int:
    """Write an event under the next number, and that number on its portfolio and all it touched.

    One statement: the portfolio is locked, and others wait for the commit.
    """
    portfolio = event._meta.get_field("portfolio").related_model
    tables = {
        f"touched_{place}": (model._meta.db_table, model._meta.pk.column, list(keys))
        for place, (model, keys) in enumerate(touched.items())
        if model is not portfolio  # it has the number already
    }
    stamps = "".join(
        f" {name} AS (UPDATE {table} SET revision = taken.revision FROM taken"
        f" WHERE {table}.{connection.ops.quote_name(key)} = ANY(%s)),"
        for name, (table, key, _) in tables.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (SELECT nextval('portfolio_revision') AS revision),"
            f"{stamps}"
            " raised AS (UPDATE portfolio_portfolio SET revision = taken.revision,"
            " ranking_wanted = CASE WHEN %s THEN taken.revision ELSE ranking_wanted END"
            " FROM taken WHERE id = %s)"
            " INSERT INTO portfolio_event (id, portfolio_id, use_case_id, kind, at, by_id, what)"
            " SELECT revision, %s::bigint, %s::bigint, %s::varchar, %s::timestamptz, %s::bigint,"
            " %s::jsonb FROM taken RETURNING id",
            [
                *(keys for _, _, keys in tables.values()),
                ranking, event.portfolio_id, event.portfolio_id, event.use_case_id,
                str(event.kind), event.at, event.by_id, json.dumps(event.what),
            ],
        )  # fmt: skip
        return cursor.fetchone()[0]


class EventQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def in_portfolio_keyed(self, key: str):
        return self.filter(portfolio_id=keyed_portfolio(key))

    def about_reference(self, reference: str):
        """About the use case known by this reference, and about those that were merged into it."""
        return self.filter(
            use_case__in=apps.get_model("portfolio", "UseCase").objects.keys_told_with(reference)
        )

    def by_address(self, email: str):
        return self.filter(by__email=email.strip().lower())

    def about_any(self, use_case_ids: Iterable[int]):
        """About one of these use cases."""
        return self.filter(use_case_id__in=list(use_case_ids))

    def about(self, use_case_id: int):
        return self.filter(use_case_id=use_case_id)

    def of_kinds(self, kinds: Iterable[str]):
        return self.filter(kind__in=list(kinds))

    def without(self, kinds: Iterable[str]):
        return self.exclude(kind__in=list(kinds))

    def entered_stage(self, stage: str):
        """Moves into this stage."""
        return self.filter(kind="moved", what__to=stage)

    def by_person(self, user_id: int):
        return self.filter(by_id=user_id)

    def before(self, event_id: int):
        return self.filter(pk__lt=event_id)

    def until(self, moment: datetime):
        return self.filter(at__lte=moment)

    def moves_after(self, moment: datetime):
        """The moves from stage to stage after this moment, the first one first."""
        return self.filter(kind="moved", at__gte=moment).order_by("pk")

    def since(self, moment: datetime):
        return self.filter(at__gte=moment)

    def last_before(self, moment: datetime) -> int:
        """The id of the last event before this moment, 0 where there is none."""
        rows = self.filter(at__lt=moment).order_by("-pk")
        return rows.values_list("pk", flat=True).first() or 0

    def newest_first(self):
        return self.order_by("-pk")

    def in_key_order(self):
        """As they happened."""
        return self.order_by("pk")

    def with_names(self):
        return self.select_related("by", "use_case", "portfolio")

    def changed_since(self, revision: int, horizon: int):
        return self.filter(pk__gt=revision, pk__lte=horizon).order_by("pk")


class TombstoneQuerySet(VisibleQuerySet):
    def of_kind(self, kind: str):
        return self.filter(kind=kind)

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def in_portfolio_keyed(self, key: str):
        return self.filter(portfolio_id=keyed_portfolio(key))

    def under(self, parent_id: int):
        return self.filter(parent_id=parent_id)

    def told_to(self, user_id: int):
        """Of rows that were one person's or everybody's: those that this person saw."""
        return self.filter(models.Q(parent_id=None) | models.Q(parent_id=user_id))

    def besides(self, rows: models.QuerySet):
        """Without those of rows that are there."""
        return self.exclude(row_id__in=rows.values("pk"))

    def changed_since(self, revision: int, horizon: int):
        return self.filter(revision__gt=revision, revision__lte=horizon).order_by("revision", "pk")
