"""Runs the tests: most of them on every core, then alone whole systems and screens."""

import subprocess
import sys
from collections.abc import Sequence

PYTEST = [sys.executable, "-m", "pytest"]
EVERY_CORE = ["--numprocesses=auto", "--maxprocesses=4"]
QUICK = [*PYTEST, "-m", "not (browser or faults or thorough)", *EVERY_CORE]
THOROUGH = [*PYTEST, "-m", "thorough and not (browser or faults)", *EVERY_CORE]
MOST = [*PYTEST, "-m", "not (browser or faults)", *EVERY_CORE]
# Whole systems, which wait more than they work: a file each, two at a time.
ALONE = [*PYTEST, "-m", "browser or faults", "--numprocesses=2", "--dist=loadfile"]
REST = "--rest"  # what `make check` has left out


def main(arguments: Sequence[str]) -> int:
    """Pytest's exit code: of what the arguments choose, or the first of both rounds that failed."""
    if list(arguments) == [REST]:
        rounds = [THOROUGH, ALONE]
    else:
        rounds = [[*PYTEST, *arguments]] if arguments else [MOST, ALONE]
    codes = [subprocess.run(command, check=False).returncode for command in rounds]
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
