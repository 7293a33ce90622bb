"""An embedded Valkey: on loopback, with a password, keeping what it was told across a kill."""

import os
import secrets
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.stack import binaries, children
from config.stack.postgres import tail
from config.stack.trouble import CannotStart

START_PATIENCE, STOP_PATIENCE = 20.0, 10.0
MOST_PORTS_TRIED = 5


@dataclass
class Valkey:
    """One server over one data folder; `start` may be called again after it died."""

    data: Path
    log: Path
    careless: bool = False
    port: int = field(default=0, init=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), init=False)
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.program = binaries.valkey()
        self.folder = self.data / "valkey"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        """The server's process; the port is chosen once, so that others find it after a restart."""
        self.port = self.port or free_port()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": self.port,
            "requirepass": self.password,
            "dir": f'"{self.folder}"',
            "appendonly": "no" if self.careless else "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        # In a file that only we may read: everyone on the machine sees a command line.
        configuration = self.data / "valkey.conf"
        with os.fdopen(
            os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
        ) as lines:
            lines.writelines(f"{name} {value}\n" for name, value in settings.items())
        with self.log.open("ab") as log:
            self.child = children.spawn(
                [self.program, configuration], output=log, errors=log, folder=self.folder
            )
        return self.child

    def wait_until_ready(self) -> None:
        """Returns when the server answers; another port is tried where ours was taken."""
        until = time.monotonic() + START_PATIENCE
        tried = 1
        while not self.answers():
            if self.child is None or self.child.poll() is not None:
                if tried == MOST_PORTS_TRIED:
                    raise CannotStart(f"Valkey did not start. Its log ends:\n{tail(self.log)}")
                tried += 1
                self.port = 0
                self.start()
            if time.monotonic() > until:
                raise CannotStart(f"Valkey does not answer. Its log ends:\n{tail(self.log)}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether it says PONG to our password, so that it is ours and has read its data."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                heard = b""
                while heard.count(b"\r\n") < 2:
                    more = line.recv(1024)
                    if not more:
                        return False
                    heard += more
                return heard == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        if self.child is not None:
            children.end(self.child, signal.SIGTERM, STOP_PATIENCE)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
