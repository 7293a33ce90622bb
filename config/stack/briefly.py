"""Runs one command beside servers that are thrown away after it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config.stack import children
from config.stack.place import Place
from config.stack.servers import Servers
from config.stack.watch import Watch

DEFAULTS = {"DJANGO_SETTINGS_MODULE": "config.settings", "BASE_URL": "http://localhost:8000"}
ROOT = Path(__file__).resolve().parents[2]


def run(command: Sequence[str], under: Path | None, *, careless: bool = True) -> int:
    """The command's own exit code; its servers and their data are gone when it returns."""
    if under is not None:
        under.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Place(Path(tempfile.mkdtemp(prefix="pharos-", dir=under)))
    place.open()
    watch = Watch(place.lock_held())
    watch.remove_folder(place.folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    servers = Servers.at(place, careless=careless)
    child: subprocess.Popen[bytes] | None = None
    try:
        servers.start()
        for server in servers.children():
            watch.add(server.pid, signal.SIGINT)
        environment = {
            **DEFAULTS,
            "SECRET_KEY": place.secret(),
            **os.environ,
            **servers.environment(),
            "DATA_DIR": str(place.folder),
        }
        child = children.spawn(command, environment=environment, own_group=False)
        watch.add(child.pid)
        # Ctrl-C reaches the command too; it says when it is done with it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = child.wait()
        return code if code >= 0 else 128 - code
    finally:
        if child is not None:
            children.end(child, signal.SIGTERM, 10)
        servers.stop()
        place.remove()
        watch.dismiss()


def run_tests(arguments: Sequence[str], under: Path | None) -> int:
    """Pytest's exit code, run against real servers; without arguments, of all in two rounds."""
    return run([sys.executable, "-m", "config.stack.rounds", *arguments], under)


def run_checks(under: Path | None) -> int:
    """Zero when every check holds; all of them run, so that one answer names all faults."""
    return run([sys.executable, "-m", "config.stack.checks"], under)


def run_bench(arguments: Sequence[str], under: Path | None) -> int:
    """The bench's exit code, beside servers that keep their promises as in earnest."""
    return run([sys.executable, "-m", "bench", *arguments], under, careless=False)
