"""The commands of `python -m config.stack`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from config.stack.leash import die_with_parent
from config.stack.trouble import CannotStart

VERBS = {
    "demo": "run everything, with the sample portfolio",
    "run": "run everything, without sample data",
    "test": "run pytest beside servers of its own: test [-- PYTEST ARGUMENTS]",
    "check": "run every check, and the tests without browsers and kills",
    "bench": "measure beside servers of its own: bench [-- BENCH ARGUMENTS]",
    "with": "run any command beside servers of its own: with -- COMMAND",
}


def main() -> int:
    """The exit code of the verb that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m config.stack", description="Starts and stops what Pharos consists of."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, what in VERBS.items():
        one = verbs.add_parser(verb, help=what, description=what)
        if verb in ("demo", "run"):
            one.add_argument("--port", type=int, help="default: PORT, else 8000")
            one.add_argument("--host", help="default: HOST, else 127.0.0.1")
            one.add_argument("--data-dir", type=Path, help="default: DATA_DIR, else .pharos")
        elif verb != "check":
            one.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    if os.environ.get("MAKELEVEL"):
        # Started by make: a killed make must not leave this running unseen.
        die_with_parent(signal.SIGTERM, os.getppid())
    try:
        return _do(asked, parser)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except CannotStart as trouble:
        print(f"\nPharos cannot start. {trouble}", file=sys.stderr)
        return 2


def _do(asked: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from config.stack import briefly, whole  # after the arguments, so that --help is quick

    if asked.verb in ("demo", "run"):
        return whole.run(
            sample=asked.verb == "demo",
            folder=asked.data_dir or Path(os.environ.get("DATA_DIR") or ".pharos"),
            port=asked.port if asked.port is not None else _port(),
            host=asked.host or os.environ.get("HOST") or "127.0.0.1",
        )
    under = Path(os.environ["DATA_DIR"]) if os.environ.get("DATA_DIR") else None
    if asked.verb == "check":
        return briefly.run_checks(under)
    command = _without_dashes(asked.command)
    if asked.verb == "test":
        return briefly.run_tests(command, under)
    if asked.verb == "bench":
        return briefly.run_bench(command, under)
    if not command:
        parser.error("say which command, for example: with -- python manage.py check")
    return briefly.run(command, under)


def _without_dashes(words: Sequence[str]) -> list[str]:
    return list(words[1:] if words[:1] == ["--"] else words)


def _port() -> int:
    raw = os.environ.get("PORT") or "8000"
    if not raw.isdigit() or int(raw) > 65535:
        raise CannotStart(f"PORT cannot be read ({raw}). For example: PORT=8001")
    return int(raw)


if __name__ == "__main__":
    sys.exit(main())
