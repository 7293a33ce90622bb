"""What a floor stands on: psycopg with its pool, orjson, and a bare WSGI answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache

import orjson
import psycopg
from django.db import connection
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool


@cache
def pool() -> ConnectionPool:
    """Connections to the same database, as any server with threads must keep them."""
    settings = connection.get_connection_params()
    for ours in ("pool", "cursor_factory", "context", "server_side_binding", "prepare_threshold"):
        settings.pop(ours, None)
    settings["options"] = "-c statement_timeout=120000"
    kwargs = {**settings, "autocommit": True}
    return ConnectionPool(kwargs=kwargs, min_size=1, max_size=2, open=True)  # one may be held


@cache
def held() -> psycopg.Connection:
    """One connection for as long as the run lasts, for work that is no answer to a request."""
    return pool().getconn()


def close() -> None:
    if held.cache_info().currsize:
        pool().putconn(held())
        held.cache_clear()
    if pool.cache_info().currsize:
        pool().close()
        pool.cache_clear()


def rows(statement: str, values: Sequence | Mapping = ()) -> list[dict]:
    with pool().connection() as open_one, open_one.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def one(statement: str, values: Sequence | Mapping = ()) -> object:
    with pool().connection() as open_one:
        found = open_one.execute(statement, values, prepare=True).fetchone()
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
