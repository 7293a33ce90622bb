"""`make bench`: measures every hot path beside its floor and prints a table.

make bench                       everything, with 100,000 use cases
make bench ARGS=--quick          a tenth of the rows and of the rounds
make bench ARGS=--try            hardly any: whether everything can still be measured
make bench ARGS="board move"     only these paths
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from config import garbage

PATHS = (
    "list", "deep", "ranking", "judging", "board", "move", "rerank", "simulate", "unchanged",
    "import",
)  # fmt: skip


def main() -> int:
    """Zero when all was measured; a missed aim is marked, it is no failure."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__,
    )  # fmt: skip
    less = parser.add_mutually_exclusive_group()
    less.add_argument("--quick", action="store_true", help="a tenth of the rows and rounds")
    less.add_argument("--try", dest="tried", action="store_true", help="a hundredth of both")
    parser.add_argument("--rows", type=int, help="use cases in the large portfolio")
    parser.add_argument("paths", nargs="*", metavar="path", help=f"any of: {', '.join(PATHS)}")
    asked = parser.parse_args()
    if unknown := set(asked.paths) - set(PATHS):
        parser.error(f"no such path: {', '.join(sorted(unknown))}")
    start_django()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)  # never in a database that somebody uses
    try:
        measure(asked)
    finally:
        from bench.floors import close

        close()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return 0


def start_django() -> None:
    """The application as it is deployed, its static files collected into the run's own folder."""
    folder = Path(os.environ.get("DATA_DIR", ".pharos")) / "bench"
    os.environ.setdefault("STATIC_ROOT", str(folder / "static"))
    os.environ.setdefault("STATEMENT_TIMEOUT_MS", "60000")  # what a worker gets
    os.environ["API_REQUESTS_PER_MINUTE"] = "1000000"  # counted as ever, reached by nobody
    import django

    django.setup()
    logging.getLogger().setLevel(logging.WARNING)  # nothing but the table is read
    garbage.settle()
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "bench.urls"
    settings.MEDIA_ROOT = folder / "media"
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.LOGGING_CONFIG = None
    call_command("collectstatic", interactive=False, verbosity=0)


def measure(asked: argparse.Namespace) -> None:
    from bench.rounds import EARNEST, QUICK, TRIED
    from bench.table import head, line
    from bench.world import World

    began = time.perf_counter()
    effort = TRIED if asked.tried else QUICK if asked.quick else EARNEST
    world = World(rows=asked.rows or effort.size(100_000))
    wanted = asked.paths or PATHS
    world.lay_down(wanted)
    took = time.perf_counter() - began
    print(f"{world.rows:,} use cases and {world.ratings:,} ratings laid down in {took:.0f} s.")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.\n\n{head()}", flush=True)
    for path in wanted:
        for one in _lines(path, world, effort):
            print(line(one), flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


def _lines(path: str, world, effort) -> Iterator:
    module = {
        "list": "api_list", "deep": "deep_page", "ranking": "ranking_page", "judging": "judging",
        "board": "board_page", "move": "moving", "rerank": "reranking", "simulate": "simulating",
        "unchanged": "not_modified", "import": "importing",
    }[path]  # fmt: skip
    yield from import_module(f"bench.{module}").measured(world, effort)


if __name__ == "__main__":
    sys.exit(main())
