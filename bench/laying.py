"""Fills tables by SQL: one INSERT … SELECT, and each field's default where nothing is said."""

from collections.abc import Mapping

from django.db import connection, models

Expressions = Mapping[str, str]


def lay(model: type[models.Model], source: str, **columns: str) -> int:
    """How many rows `INSERT INTO model SELECT columns FROM source` made.

    Columns are SQL over `source`; a column that is not named gets the default of its field.
    """
    names, values, given = [], [], []
    for field in model._meta.concrete_fields:
        if field.generated or (field.primary_key and field.attname not in columns):
            continue
        names.append(f'"{field.column}"')
        if field.attname in columns:
            values.append(_verbatim(columns[field.attname]))
            continue
        kind = field.rel_db_type(connection) if field.is_relation else field.db_type(connection)
        values.append(f"%s::{kind}")
        given.append(field.get_db_prep_save(field.get_default(), connection))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(names)})"
            f" SELECT {', '.join(values)} FROM {_verbatim(source)}",
            given,
        )
        return cursor.rowcount


def _verbatim(expression: str) -> str:
    """The expression with its remainders kept from being read as places for values."""
    return expression.replace("%", "%%")


def settle_down() -> None:
    """Let the planner know what is there, as autovacuum would in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
