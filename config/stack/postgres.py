"""An embedded Postgres: its own data folder, one unix socket in a closed folder, no network."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.stack import binaries, children
from config.stack.leash import NOBODY
from config.stack.trouble import CannotStart

NAME = "pharos"
# The builtin provider sorts and folds alike everywhere; docker-compose.yml gives the same.
INITDB = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
MOST_CONNECTIONS = 100
# For servers that are thrown away after use: nothing there needs to survive a power cut. Nor is
# anything counted: tests take back what they write, and a table counted as empty is planned as one.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
START_PATIENCE, STOP_PATIENCE = 60.0, 20.0


@dataclass
class Postgres:
    """One server over one data folder; `start` may be called again after it died."""

    data: Path
    sockets: Path
    log: Path
    careless: bool = False
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.programs = binaries.postgres()
        self.folder = self.data / f"postgres-{self.programs.major}"
        self.identity = _identity()

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@{quote(str(self.sockets), safe='')}/{NAME}"

    def start(self) -> subprocess.Popen[bytes]:
        """The server's process, started; `wait_until_ready` tells when it answers."""
        if not (self.folder / "PG_VERSION").is_file():
            self._initialise()
        self._own(self.folder)
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            f"max_connections={MOST_CONNECTIONS}",
            "shared_buffers=128MB",
            "log_line_prefix=%m [%p] ",
            *(CARELESS if self.careless else ()),
        ]
        program = [str(self.programs.program("postgres")), "-D", str(self.folder)]
        for setting in settings:
            program += ["-c", setting]
        with self.log.open("ab") as log:
            self.child = children.spawn(
                program, output=log, errors=log, last_signal="INT", identity=self.identity
            )
        return self.child

    def wait_until_ready(self) -> None:
        """Returns when the server answers and the database is there."""
        until = time.monotonic() + START_PATIENCE
        admin = f"host={self.sockets} user={NAME} dbname=postgres connect_timeout=5"
        while True:
            if self.child is None or self.child.poll() is not None:
                raise CannotStart(f"Postgres did not start. Its log ends:\n{tail(self.log)}")
            try:
                with psycopg.connect(admin, autocommit=True) as connection:
                    found = connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)
                    ).fetchone()
                    if not found:
                        connection.execute(f'CREATE DATABASE "{NAME}"')
                    return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise CannotStart(f"Postgres does not answer: {error}") from error
                time.sleep(0.03)

    def stop(self) -> None:
        if self.child is not None:
            children.end(self.child, signal.SIGINT, STOP_PATIENCE)

    def _initialise(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)  # a start that was killed half-way
        unfinished = self.folder.with_name(self.folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._own(unfinished)
        program = [
            str(self.programs.program("initdb")),
            *("-D", str(unfinished), "-U", NAME, "--auth-local=trust", "--auth-host=reject"),
            *INITDB,
            *(("--no-sync",) if self.careless else ()),
            "--no-instructions",
        ]
        with self.log.open("ab") as log:
            child = children.spawn(
                program, output=log, errors=log, last_signal="KILL", identity=self.identity
            )
            if child.wait() != 0:
                raise CannotStart(
                    f"Postgres could not lay out {unfinished}. Its log ends:\n{tail(self.log)}"
                )
        unfinished.rename(self.folder)

    def _own(self, folder: Path) -> None:
        """The folder belongs to whom the server runs as, also after a start by other means."""
        owner = NOBODY if self.identity == "nobody" else os.geteuid()
        if folder.stat().st_uid != owner and os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)


def _identity() -> str:
    """How the server must run so that Postgres accepts it; see leash.py."""
    if os.geteuid() != 0 and _has_name():
        return "same"
    for identity in ("namespace", "nobody") if os.geteuid() == 0 else ("namespace",):
        trial = [sys.executable, "-I", "-S", str(children.LEASH), "0", "KILL", identity, "true"]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return identity
    raise CannotStart(
        "Postgres accepts neither root nor a user without a name, and no user namespace can be had "
        "here. Start as an ordinary user, or set DATABASE_URL."
    )


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, indented, for a message."""
    if not log.is_file():
        return "  (empty)"
    return "\n".join("  " + line for line in log.read_text(errors="replace").splitlines()[-lines:])
