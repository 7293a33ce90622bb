"""Ends what a killed starter left behind; run as a file: `python -I warden.py [LOCK]`.

Its starter writes one line a change: `+ PID SIGNAL`, `- PID`, `remove FOLDER`, `bye`. When the
line breaks without a `bye`, the starter was killed: every process still named is asked to end by
its signal, then killed with its group, and the folders are removed. It holds the data folder's
lock meanwhile, so that nobody starts on data that are still in use.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

PATIENCE = 6.0


def main() -> None:
    """Returns when there is nothing left to watch."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watched: dict[int, int] = {}
    folders: list[Path] = []
    for line in sys.stdin:
        word, *rest = line.split(maxsplit=1)
        if word == "bye":
            return
        if word == "remove":
            folders.append(Path(rest[0].rstrip("\n")))
        elif word == "+":
            process, signal_number = rest[0].split()
            watched[int(process)] = int(signal_number)
        else:
            watched.pop(int(rest[0]), None)
    end_all(watched)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end_all(watched: dict[int, int]) -> None:
    """None of these processes, and nobody of a group that one of them leads, is left."""
    until = time.monotonic() + PATIENCE
    for process, signal_number in watched.items():
        _send(process, signal_number)
    while any(_lives(process) for process in watched) and time.monotonic() < until:
        time.sleep(0.05)
    for process in watched:
        _send(process, signal.SIGKILL)
        _send(-process, signal.SIGKILL)


def _send(process: int, signal_number: int) -> None:
    try:
        os.kill(process, signal_number)
    except (ProcessLookupError, PermissionError):
        return


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Whether it has ended and only waits to be counted; who cannot tell says no."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


if __name__ == "__main__":
    main()
