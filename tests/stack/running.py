"""Starts whole systems as a person would, and looks for what they leave behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.stack.postgres import tail
from config.stack.valkey import free_port

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL", "DATA_DIR", "MAKELEVEL", "PORT")


def bare_environment(**more: str) -> dict[str, str]:
    """The environment of a person who has set nothing of ours."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | more


def stack(
    *words: str, data_dir: Path, code: int | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """`python -m config.stack WORDS`, to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "config.stack", *words],
        cwd=ROOT,
        env=bare_environment(DATA_DIR=str(data_dir), **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done


class System:
    """`python -m config.stack run` on one data folder; with verb "demo" it has the sample."""

    def __init__(self, data_dir: Path, *, verb: str = "run", **more: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.lines: list[str] = []
        self.starter = subprocess.Popen(
            [sys.executable, "-m", "config.stack", verb],
            cwd=ROOT,
            env=bare_environment(DATA_DIR=str(data_dir), PORT=str(self.port), **more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self) -> "System":
        return self

    def __exit__(self, *trouble: object) -> None:
        if self.starter.poll() is None:
            self.end()

    def _read(self) -> None:
        for line in self.starter.stdout or ():
            self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self) -> "System":
        eventually(lambda: "Ctrl-C" in self.said or self.starter.poll() is not None, within=150)
        assert self.page("readyz") == 200, self.said + self.last_words()
        return self

    def page(self, address: str) -> int:
        """The status of a page; 0 where nothing answers."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/{address}", timeout=5
            ) as page:
                return int(page.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def last_words(self) -> str:
        """How each log ends, for the message of a test that failed."""
        logs = sorted((self.data_dir / "logs").glob("*.log"))
        return "".join(f"\n{log.name}:\n{tail(log)}" for log in logs)

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.data_dir / "state.json").read_text()))

    def process(self, name: str) -> int | None:
        found = self.state["processes"].get(name)
        return int(found) if found else None

    def end(self, number: int = signal.SIGTERM) -> None:
        """The starter gets the signal and is gone; what it leaves is another question."""
        self.starter.send_signal(number)
        self.starter.wait(60)
        self.reader.join(20)
        if self.starter.stdout:
            self.starter.stdout.close()

    def left_behind(self) -> list[str]:
        """The processes that still belong to this data folder."""
        mark = str(self.data_dir).encode()
        left = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                told = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
                if mark in told and int(folder.name) != os.getpid():
                    left.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return left


def eventually(holds: Callable[[], object], *, within: float) -> None:
    """Returns as soon as it holds; fails when it does not in time."""
    patience = threading.Event()
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, f"not within {within} s"
        patience.wait(0.05)
