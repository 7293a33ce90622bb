"""Runs the tests: most of them on every core, then whole systems and screens."""

import subprocess
import sys
from collections.abc import Sequence

PYTEST = [sys.executable, "-m", "pytest"]
# Who is done takes over from who is not: a few tests take as long as a thousand others.
EVERY_CORE = ["--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal"]
# Whole systems wait more than they work: a file each, two at a time.
TWO_FILES = ["--numprocesses=2", "--dist=loadfile"]
MOST = [*PYTEST, "-m", "not (browser or faults)", *EVERY_CORE]
SYSTEMS = [*PYTEST, "-m", "browser or faults", *TWO_FILES]
REST = "--rest"  # what `make check` leaves out


def main(arguments: Sequence[str]) -> int:
    """Pytest's exit code: of what the arguments choose, or the first of both rounds that failed."""
    if list(arguments) == [REST]:
        rounds = [SYSTEMS]
    else:
        rounds = [[*PYTEST, *arguments]] if arguments else [MOST, SYSTEMS]
    codes = [subprocess.run(command, check=False).returncode for command in rounds]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
