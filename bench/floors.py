"""What a floor stands on: one open psycopg connection, orjson, and a bare WSGI answer."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache

import orjson
import psycopg
from django.db import connection
from psycopg.rows import dict_row


@cache
def floor_connection() -> psycopg.Connection:
    """A connection to the same database that stays open: no pool, no frame, no questions."""
    settings = connection.get_connection_params()
    for ours in ("pool", "cursor_factory", "context", "server_side_binding", "prepare_threshold"):
        settings.pop(ours, None)
    settings["options"] = "-c statement_timeout=120000"
    return psycopg.connect(**settings, autocommit=True)


def close() -> None:
    if floor_connection.cache_info().currsize:
        floor_connection().close()
        floor_connection.cache_clear()


def rows(statement: str, values: Sequence | Mapping = ()) -> list[dict]:
    with floor_connection().cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def one(statement: str, values: Sequence | Mapping = ()):
    found = floor_connection().execute(statement, values, prepare=True).fetchone()
    return found[0] if found else None


def as_json(found: object) -> bytes:
    return orjson.dumps(found, default=_written, option=orjson.OPT_UTC_Z)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(type(value))


def bare(answer: Callable[[dict], tuple[str, bytes]]) -> Callable:
    """The least WSGI application around an answer: (status, body) from the environment."""

    def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
        status, body = answer(environ)
        start_response(
            status,
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    return application


def wait_for_quiet(seconds: float = 0.0) -> None:
    """Let the servers finish what earlier work left them, before a long measurement."""
    floor_connection().execute("CHECKPOINT")
    time.sleep(seconds)
