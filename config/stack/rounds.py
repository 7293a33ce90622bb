"""Runs the tests: the quick ones on every core, then those that take long or watch the time."""

import subprocess
import sys
from collections.abc import Sequence

PYTEST = [sys.executable, "-m", "pytest"]
LONG = "browser or faults or thorough"
QUICK = [*PYTEST, "-m", f"not ({LONG})", "--numprocesses=auto", "--maxprocesses=4"]
ALONE = [*PYTEST, "-m", LONG]


def main(arguments: Sequence[str]) -> int:
    """Pytest's exit code: of what the arguments choose, or the first of both rounds that failed."""
    rounds = [[*PYTEST, *arguments]] if arguments else [QUICK, ALONE]
    codes = [subprocess.run(command, check=False).returncode for command in rounds]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
