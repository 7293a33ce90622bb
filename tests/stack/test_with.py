"""Servers for one command are real, and gone after it."""

import sys

from tests.stack.running import stack

ASK = """
import os, pathlib, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    (word,) = connection.execute("SELECT lower('É')").fetchone()
    letters = "unnest(array['b', 'É', 'a', 'Z']) AS letter"
    ask = f"SELECT string_agg(letter, '' ORDER BY letter) FROM {letters}"
    (order,) = connection.execute(ask).fetchone()
with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
    assert broker.ping()
print(word, order, os.environ["DATA_DIR"])
raise SystemExit(7)
"""


def test_a_command_has_servers_and_its_own_exit_code(tmp_path):
    under = tmp_path / "an awkward, 'quoted' name"
    done = stack("with", "--", sys.executable, "-c", ASK, data_dir=under, code=7)
    word, order, folder = done.stdout.strip().split(maxsplit=2)
    assert word == "é"
    assert order == "ZabÉ"  # as in docker-compose.yml, and nowhere by a language's rules
    assert folder.startswith(str(under))
    assert list(under.iterdir()) == []
