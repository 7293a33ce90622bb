"""Keeps parts running: starts them, starts them again when they die, ends them in order."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from config.stack import children
from config.stack.postgres import tail
from config.stack.watch import Watch

FIRST_WAIT, LONGEST_WAIT = 0.2, 2.0
LONG_ENOUGH = 20.0  # a part that lived this long starts with a clean slate
LARGEST_LOG = 20_000_000
LOOK_SECONDS, HURRIED_SECONDS = 0.5, 0.25


@dataclass
class Part:
    """One process that should always be there."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: int = signal.SIGTERM
    patience: float = 8.0
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    wait: float = field(default=0.0, init=False)
    again_at: float | None = field(default=None, init=False)


class Supervisor:
    """Runs parts until it is told to end by a signal."""

    def __init__(self, watch: Watch, logs: Path, say: TextIO) -> None:
        self.watch = watch
        self.logs = logs
        self.say_to = say
        self.parts: list[Part] = []
        self.errands: list[subprocess.Popen[bytes]] = []
        self.told_to_end = 0
        self.is_ending = False
        self.changed: Callable[[], None] = lambda: None
        self._outputs: dict[int, tuple[str, bytes]] = {}
        self._waker, self._wake = os.pipe()
        for end in (self._waker, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _note(self, number: int, frame: object) -> None:
        self.told_to_end = number

    def say(self, words: str) -> None:
        self._print(words)
        with (self.logs / "stack.log").open("a") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {words.strip()}\n")

    def _print(self, words: str) -> None:
        try:
            print(words, file=self.say_to, flush=True)
        except OSError:  # nobody reads any more: the terminal is gone, or `| head` has enough
            self.say_to = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of this process

    def add(self, part: Part) -> Part:
        """The part runs, and goes on doing so."""
        self.parts.append(part)
        self._start(part)
        return part

    def _start(self, part: Part) -> None:
        part.child = part.start()
        part.started_at = time.monotonic()
        part.again_at = None
        self.watch.add(part.child.pid, part.stop_signal)
        if part.child.stdout is not None:
            os.set_blocking(part.child.stdout.fileno(), False)
            self._outputs[part.child.stdout.fileno()] = (part.name, b"")
        self.changed()

    def run(self, until: Callable[[], bool] | None = None) -> None:
        """Looks after the parts until told to end, or until the condition holds."""
        look_at_logs = 0.0
        while not self.told_to_end and not (until and until()):
            self.look()
            if time.monotonic() > look_at_logs:
                self._shorten_logs()
                self.watch.look()
                look_at_logs = time.monotonic() + 30
            self._wait(HURRIED_SECONDS if until else LOOK_SECONDS)

    def look(self) -> None:
        """Every dead part is started again, at a growing distance."""
        now = time.monotonic()
        for part in self.parts:
            if part.child is not None and part.child.poll() is not None:
                self._bury(part, now)
            if part.again_at is not None and now >= part.again_at:
                self._start(part)

    def _bury(self, part: Part, now: float) -> None:
        child = part.child
        if child is None:
            return
        self.watch.drop(child.pid)
        children.kill_group(child.pid)  # what it left of itself
        self._drain()
        if child.stdout is not None:
            self._outputs.pop(child.stdout.fileno(), None)
            child.stdout.close()
        lived = now - part.started_at
        part.wait = (
            FIRST_WAIT if lived > LONG_ENOUGH else min(max(part.wait * 2, FIRST_WAIT), LONGEST_WAIT)
        )
        part.again_at = now + part.wait
        part.child = None
        log = self.logs / f"{part.name}.log"
        last_words = f"\n{tail(log, 1)}" if child.returncode > 0 else ""
        self.say(
            f"{part.name} ended ({cause(child.returncode)}); starting it again in "
            f"{part.wait:.1f} s. Its log: {log}{last_words}"
        )
        self.changed()

    def _wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._waker, *self._outputs], [], [], seconds)
        if self._waker in ready:
            os.read(self._waker, 4096)
        self._drain()

    def _drain(self) -> None:
        """What parts print (mails above all) appears here and in their logs."""
        for source, (name, before) in list(self._outputs.items()):
            try:
                heard = os.read(source, 65536)
            except BlockingIOError:
                continue
            if not heard:
                self._outputs.pop(source)
                continue
            with (self.logs / f"{name}.log").open("ab") as log:
                log.write(heard)
            *lines, rest = (before + heard).split(b"\n")
            self._outputs[source] = (name, rest)
            for line in lines if not self.is_ending else ():
                self._print(f"{name} | {line.decode(errors='replace')}")

    def _shorten_logs(self) -> None:
        """A log that grew large is moved aside; writers append, so cutting it is safe."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG:
                log.with_suffix(".log.1").write_bytes(log.read_bytes())
                os.truncate(log, 0)

    def end(self) -> None:
        """All parts have ended, the last started last asked; the servers outlive their users."""
        self.is_ending = True
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for errand in self.errands:
            children.end(errand, signal.SIGTERM, 3)
        users = [part for part in self.parts if part.name not in SERVERS]
        servers = [part for part in self.parts if part.name in SERVERS]
        for group in (users, servers):
            self._end(group)

    def _end(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if part.child is not None:
                part.child.send_signal(part.stop_signal)
        until = time.monotonic() + max((part.patience for part in parts), default=0)
        while any(part.child and part.child.poll() is None for part in parts):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
            self._drain()
        for part in parts:
            if part.child is not None:
                children.kill_group(part.child.pid)
                part.child.wait()
                self.watch.drop(part.child.pid)
        self._drain()


SERVERS = ("postgres", "valkey")


def cause(returncode: int) -> str:
    """Why a process ended, in words."""
    if returncode < 0:
        return f"killed by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"
