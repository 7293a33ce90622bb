"""Starts programs as children that cannot outlive this process."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")


def spawn(
    program: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    output: int | IO[bytes] | None = None,
    errors: int | IO[bytes] | None = None,
    last_signal: str = "TERM",
    identity: str = "same",
    keep: Sequence[int] = (),
    own_group: bool = True,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """The running program, in a process group of its own, on a leash to this process."""
    leash = ["-I", "-S", str(LEASH), str(os.getpid()), last_signal, identity]
    return subprocess.Popen(
        [sys.executable, *leash, *program],
        env=dict(environment) if environment is not None else None,
        stdin=subprocess.DEVNULL if own_group else None,
        stdout=output,
        stderr=errors,
        pass_fds=tuple(keep),
        start_new_session=own_group,
        cwd=folder,
    )


def end(child: subprocess.Popen[bytes], signal_number: int, patience: float) -> None:
    """The child is gone: asked by the signal, and killed when patience runs out."""
    if child.poll() is not None:
        return
    child.send_signal(signal_number)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        kill_group(child.pid)
        child.wait()


def kill_group(leader: int) -> None:
    """Nothing of this process group is left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
