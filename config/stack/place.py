"""The data folder: whose it is, its lock, its secret, and what others may know of what runs."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.stack.trouble import CannotStart

LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
AWKWARD = set(" ,\"'\\")
LEFTOVERS_PATIENCE = 20.0


class Place:
    """One data folder, opened by one starter at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.logs = self.folder / "logs"
        self.state = self.folder / "state.json"
        self.lock: int | None = None

    def open(self) -> None:
        """Makes the folder and takes its lock, or refuses in words."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"The data folder {self.folder} cannot be used ({error.strerror}). "
                "Give another one, for example DATA_DIR=/tmp/pharos"
            ) from error
        self._take_lock()
        self.state.unlink(missing_ok=True)

    def _take_lock(self) -> None:
        until = time.monotonic() + LEFTOVERS_PATIENCE
        told = False
        while True:
            try:
                fcntl.flock(self.lock_held(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                starter = self.starter()
                if starter or time.monotonic() > until:
                    raise CannotStart(self._in_use(starter)) from None
                if not told:
                    print("An earlier start was killed; waiting for what it left to end ...")
                    told = True
                time.sleep(0.1)
            else:
                os.ftruncate(self.lock_held(), 0)
                os.pwrite(self.lock_held(), f"{os.getpid()}\n".encode(), 0)
                return

    def lock_held(self) -> int:
        """The open file whose lock says that this folder is ours."""
        if self.lock is None:
            raise CannotStart(f"The data folder {self.folder} is not open.")
        return self.lock

    def starter(self) -> int | None:
        """The process that holds this folder, where it is alive."""
        try:
            starter = int((self.folder / "lock").read_text())
            os.kill(starter, 0)
        except PermissionError:
            return starter
        except (ValueError, OSError):
            return None
        return starter

    def _in_use(self, starter: int | None) -> str:
        running = read_state(self.folder)
        address = f" at {running['environment'].get('BASE_URL')}" if running else ""
        process = f" (process {starter})" if starter else ""
        return (
            f"The data folder {self.folder} is in use: Pharos runs on it already{process}{address}."
            " Stop that one first, or start beside it: make demo DATA_DIR=.pharos-2 PORT=8001"
        )

    def sockets(self) -> Path:
        """A closed folder whose path a unix socket (107 bytes) and a list of hosts can hold."""
        folder = self.folder / "run"
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER or set(str(folder)) & AWKWARD:
            name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"pharos-{os.geteuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to somebody else. Set DATA_DIR to another folder.")
        folder.chmod(0o700)
        return folder

    def secret(self) -> str:
        """The key that signs sessions: made once, kept, readable by its owner alone."""
        kept = self.folder / "secret"
        if not kept.is_file():
            write_privately(kept, secrets.token_urlsafe(48))
        return kept.read_text().strip()

    def tell(self, state: Mapping[str, object]) -> None:
        """Writes what runs here, for manage.py and for whoever watches."""
        write_privately(self.state, json.dumps(state, indent=1))

    def close(self) -> None:
        """Nothing runs here any more."""
        self.state.unlink(missing_ok=True)
        sockets = self.sockets()
        if sockets.parent != self.folder:
            shutil.rmtree(sockets, ignore_errors=True)
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def remove(self) -> None:
        """The folder is gone, for servers that are thrown away."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def is_held(folder: Path) -> bool:
    """Whether a starter holds this data folder now."""
    try:
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def read_state(folder: Path) -> dict[str, Any] | None:
    """What runs on this data folder, or None where nothing does."""
    if not is_held(folder):
        return None
    try:
        return dict(json.loads((folder / "state.json").read_text()))
    except (OSError, ValueError):
        return None


def write_privately(path: Path, text: str) -> None:
    """The file holds the text, whole or not at all, for its owner's eyes."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
