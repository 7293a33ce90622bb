"""The commands of `python -m config.stack`."""

import argparse
import os
import sys
from pathlib import Path

from config.stack import briefly
from config.stack.trouble import CannotStart


def main() -> int:
    """The exit code of the verb that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m config.stack", description="Starts and stops what Pharos consists of."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, what in (
        ("test", "run pytest beside servers of its own: test [-- PYTEST ARGUMENTS]"),
        ("with", "run any command beside servers of its own: with -- COMMAND"),
    ):
        one = verbs.add_parser(verb, help=what, description=what)
        one.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    command = [word for word in asked.command if word != "--" or asked.command.index(word) > 0]
    under = Path(os.environ["DATA_DIR"]) if os.environ.get("DATA_DIR") else None
    try:
        if asked.verb == "test":
            return briefly.run_tests(command, under)
        if not command:
            parser.error("say which command, for example: with -- python manage.py check")
        return briefly.run(command, under)
    except CannotStart as trouble:
        print(f"\nPharos cannot start. {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
