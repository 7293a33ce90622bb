"""Tells the warden which processes must not outlive this one; see warden.py."""

import signal
import subprocess
import sys
from pathlib import Path

WARDEN = Path(__file__).with_name("warden.py")


class Watch:
    """A warden and what it was told, so that a second warden can take over."""

    def __init__(self, lock: int) -> None:
        self.lock = lock
        self.watched: dict[int, int] = {}
        self.folders: list[Path] = []
        self._call_warden()

    def _call_warden(self) -> None:
        self.warden = subprocess.Popen(
            [sys.executable, "-I", "-S", WARDEN],
            stdin=subprocess.PIPE,
            pass_fds=(self.lock,),
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def add(self, process: int, signal_number: int = signal.SIGTERM) -> None:
        self.watched[process] = signal_number
        self._say(f"+ {process} {int(signal_number)}")

    def drop(self, process: int) -> None:
        if self.watched.pop(process, None) is not None:
            self._say(f"- {process}")

    def remove_folder(self, folder: Path) -> None:
        self.folders.append(folder)
        self._say(f"remove {folder}")

    def look(self) -> None:
        """Calls another warden where the first was killed."""
        if self.warden.poll() is None:
            return
        self._call_warden()
        for process, signal_number in self.watched.items():
            self._say(f"+ {process} {int(signal_number)}")
        for folder in self.folders:
            self._say(f"remove {folder}")

    def dismiss(self) -> None:
        """Everything was ended in good order; the warden leaves."""
        self._say("bye")
        if self.warden.stdin:
            self.warden.stdin.close()
        self.warden.wait()

    def _say(self, words: str) -> None:
        try:
            if self.warden.stdin:
                self.warden.stdin.write(words + "\n")
                self.warden.stdin.flush()
        except (BrokenPipeError, ValueError):
            return  # `look` calls another one and repeats it all
