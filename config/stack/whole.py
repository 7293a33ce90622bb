"""Starts everything on one data folder, looks after it, and ends it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from config.stack import children
from config.stack.place import Place
from config.stack.postgres import tail
from config.stack.servers import Servers
from config.stack.supervisor import Part, Supervisor
from config.stack.trouble import CannotStart
from config.stack.valkey import free_port
from config.stack.watch import Watch

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = ("DATABASE_URL", "REDIS_URL")
WEB_PATIENCE, WORKER_PATIENCE = 120.0, 30.0
WORKER_STATEMENT_TIMEOUT_MS = "60000"


def run(*, sample: bool, folder: Path, port: int, host: str) -> int:
    """Everything runs until Ctrl-C or SIGTERM; the exit code says whether it could start."""
    began = time.monotonic()
    door = reserve(host, port)
    place = Place(folder)
    place.open()
    watch = Watch(place.lock_held())
    supervisor = Supervisor(watch, place.logs, sys.stdout)
    started = False
    try:
        Stack(place, supervisor, door, sample=sample, began=began).start()
        started = True
        supervisor.run()
    except Interrupted:
        pass
    finally:
        if supervisor.told_to_end or started:
            print("\nStopping ...", flush=True)
        supervisor.end()
        place.close()
        watch.dismiss()
        door.close()
    print(f"Stopped. The data stay in {shown(folder)}.", flush=True)
    return 0


class Errand:
    """A command that must succeed before the start goes on."""

    def __init__(self, name: str, command: Sequence[str], stack: "Stack") -> None:
        self.name, self.stack = name, stack
        self.log = stack.place.logs / f"{name}.log"
        self.log_before = self.log.stat().st_size if self.log.is_file() else 0
        with self.log.open("ab") as errors:
            self.child = children.spawn(
                command,
                environment=stack.full_environment(STATEMENT_TIMEOUT_MS="0"),
                output=subprocess.PIPE,
                errors=errors,
                folder=ROOT,
            )
        stack.supervisor.errands.append(self.child)
        stack.supervisor.watch.add(self.child.pid)

    def finish(self) -> str:
        """What it printed; its failure ends the start in words."""
        printed = None
        while printed is None:
            try:
                printed, _ = self.child.communicate(timeout=0.1)
            except subprocess.TimeoutExpired:
                if self.stack.supervisor.told_to_end:
                    children.end(self.child, signal.SIGTERM, 5)
        self.stack.supervisor.watch.drop(self.child.pid)
        with self.log.open("ab") as lines:
            lines.write(printed)
        self.stack.heed()
        if self.child.returncode != 0:
            said = self.log.read_bytes()[self.log_before :].decode(errors="replace")
            raise CannotStart("\n".join(said.splitlines()[-12:]) + f"\nMore in {self.log}")
        return printed.decode(errors="replace")


class Interrupted(Exception):
    """Told to end while still starting."""


class Stack:
    """What runs on one data folder, in the order in which it is started."""

    def __init__(
        self,
        place: Place,
        supervisor: Supervisor,
        door: socket.socket,
        *,
        sample: bool,
        began: float,
    ) -> None:
        self.place, self.supervisor, self.door, self.began = place, supervisor, door, began
        self.sample = sample
        self.port = door.getsockname()[1]
        self.servers = Servers.at(place)
        self.started_at = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self.environment: dict[str, str] = {}
        supervisor.changed = self.tell

    def start(self) -> None:
        """Everything runs and the first page answers; the address was printed."""
        self.step("Starting Pharos ...")
        self.start_servers()
        self.environment = self.build_environment()
        self.tell()
        sign_ins = self.prepare()
        for part in self.processes():
            self.supervisor.add(part)
        self.step("web, worker, importer and beat are starting")
        self.wait_for_first_page()
        self.announce(sign_ins)

    def step(self, words: str) -> None:
        self.supervisor.say(f"  {time.monotonic() - self.began:5.1f} s  {words}")

    def start_servers(self) -> None:
        servers = self.servers
        if servers.valkey:
            self.supervisor.add(Part("valkey", servers.valkey.start, signal.SIGTERM, 10))
        if servers.postgres:
            if not (servers.postgres.folder / "PG_VERSION").is_file():
                self.step("laying out a new database (once)")
            self.supervisor.add(Part("postgres", servers.postgres.start, signal.SIGINT, 20))
            servers.postgres.wait_until_ready()
            self.step("Postgres answers")
        if servers.valkey:
            servers.valkey.wait_until_ready()
            self.step("Valkey answers")
        self.heed()

    def heed(self) -> None:
        if self.supervisor.told_to_end:
            raise Interrupted

    def build_environment(self) -> dict[str, str]:
        """What every process of ours is told; what was set outside comes first."""
        base_url = os.environ.get("BASE_URL") or f"http://localhost:{self.port}"
        static = self.place.folder / "static"
        static.mkdir(exist_ok=True)
        hosts = [str(urlsplit(base_url).hostname), "localhost", "127.0.0.1", "[::1]"]
        return {
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings"),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self.place.secret(),
            "BASE_URL": base_url,
            "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or ",".join(dict.fromkeys(hosts)),
            "STATIC_ROOT": str(static),
            "DATA_DIR": str(self.place.folder),
            **{
                name: os.environ[name]
                for name in ("DATABASE_URL", "REDIS_URL")
                if os.environ.get(name)
            },
            **self.servers.environment(),
        }

    def full_environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, **self.environment, "PYTHONUNBUFFERED": "1", **more}

    def prepare(self) -> str:
        """Schema, static files and the sample are there; the sign-ins that the sample has."""
        self.step("preparing database and static files")
        prepare = [sys.executable, "-m", "config.stack.prepare"]
        release = Errand("release", [*prepare, "release"], self)
        Errand("database", [*prepare, "database"], self).finish()
        printed = ""
        if self.sample and any(ROOT.glob("*/management/commands/load_sample.py")):
            self.step("loading the sample portfolio")
            manage = [sys.executable, str(ROOT / "manage.py")]
            printed = Errand("sample", [*manage, "load_sample"], self).finish()
        release.finish()
        return printed

    def processes(self) -> list[Part]:
        worker = {"STATEMENT_TIMEOUT_MS": WORKER_STATEMENT_TIMEOUT_MS, "WEB_THREADS": "1"}
        gunicorn = ["gunicorn", "--config", str(ROOT / "config/web.py")]
        celery = ["celery", "--app", "config", "--quiet", "--skip-checks"]
        return [
            self.process(
                "web", [*gunicorn, "--bind", f"fd://{self.door.fileno()}", "config.wsgi"], {}
            ),
            self.process("worker", [*celery, "worker", *queue("default")], worker),
            self.process(
                "importer",
                [*celery, "worker", *queue("imports", "simulations")],
                worker,
            ),
            self.process("beat", [*celery, "beat", "--pidfile=", "--loglevel=WARNING"], worker),
        ]

    def process(self, name: str, module: Sequence[str], more: dict[str, str]) -> Part:
        def start() -> subprocess.Popen[bytes]:
            with (self.place.logs / f"{name}.log").open("ab") as errors:
                return children.spawn(
                    [sys.executable, "-m", *module],
                    environment=self.full_environment(**more),
                    output=subprocess.PIPE,
                    errors=errors,
                    keep=[self.door.fileno()] if name == "web" else (),
                    folder=ROOT,
                )

        return Part(name, start)

    def wait_for_first_page(self) -> None:
        """Web answers; the others have had time to, and are named if they do not."""
        if not self.within(WEB_PATIENCE, lambda: answers(self.port, "healthz")):
            log = self.place.logs / "web.log"
            raise CannotStart(f"No page answers. The log {log} ends:\n{tail(log, 12)}")
        if not self.within(WORKER_PATIENCE, lambda: answers(self.port, "readyz")):
            self.supervisor.say(
                f"  Pages answer, but not everything behind them does: see "
                f"{self.environment['BASE_URL']}/readyz and {self.place.logs}"
            )

    def within(self, patience: float, holds: Callable[[], bool]) -> bool:
        """Whether it came to hold in time, while all parts are looked after."""
        until = time.monotonic() + patience
        held = False

        def held_or_late() -> bool:
            nonlocal held
            held = held or holds()
            return held or time.monotonic() > until

        self.supervisor.run(until=held_or_late)
        self.heed()
        return held

    def announce(self, sign_ins: str) -> None:
        self.step("ready")
        self.supervisor.say(f"\nPharos is at {self.environment['BASE_URL']}/\n")
        if sign_ins:
            self.supervisor.say(sign_ins.rstrip() + "\n")
        self.supervisor.say(
            f"Logs are in {shown(self.place.logs)}; mails appear here. Ctrl-C stops everything; "
            "the data stay."
        )

    def tell(self) -> None:
        """Writes what runs into the data folder, for manage.py."""
        self.place.tell(
            {
                "process": os.getpid(),
                "started_at": self.started_at,
                "port": self.port,
                "environment": self.environment,
                "processes": {
                    part.name: part.child.pid
                    for part in self.supervisor.parts
                    if part.child is not None
                },
            }
        )


def queue(name: str, *more: str) -> list[str]:
    """The options of a worker for these queues; workers need no news of each other."""
    return [
        *("--queues", ",".join((name, *more)), "--hostname", f"{name}@%h", "--loglevel=INFO"),
        *("--without-gossip", "--without-mingle"),
    ]


def reserve(host: str, port: int) -> socket.socket:
    """The port is ours from here on, before anything is started; the web server inherits it."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except PermissionError:
        raise CannotStart(
            f"Port {port} needs rights that you do not have. Choose one above 1023, for example "
            f"PORT={free_port()}"
        ) from None
    except OSError as error:
        raise CannotStart(
            f"Port {port} cannot be had ({error.strerror}): another program listens there. Stop "
            f"it, or choose another port, for example: make demo PORT={free_port()}"
        ) from error
    return door


def answers(port: int, page: str) -> bool:
    """Whether this page answers, and well."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/{page}", timeout=2):
            return True
    except OSError:  # an HTTPError is one too
        return False


def shown(path: Path) -> str:
    """The path as a person at this prompt would write it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
