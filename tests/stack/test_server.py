"""The description of a server: sound by its schema, and its own commands run."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
import yaml

from config.stack.postgres import INITDB
from config.stack.valkey import free_port
from tests.stack.running import ROOT, eventually

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("web", "worker", "importer", "beat", "migrate")


def test_the_file_obeys_the_schema_of_compose():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema"),
            *("vendor.compose-spec", "docker-compose.yml"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_lasting_service_is_watched_and_comes_back():
    for name, service in SERVICES.items():
        if name != "migrate":
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_our_processes_wait_for_servers_and_migrations():
    for name in set(OURS) - {"migrate"}:
        needs = SERVICES[name]["depends_on"]
        assert needs["postgres"]["condition"] == "service_healthy"
        assert needs["redis"]["condition"] == "service_healthy"
        assert needs["migrate"]["condition"] == "service_completed_successfully"


def test_only_the_proxy_takes_a_port_so_that_the_rest_may_be_many():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert not [name for name, service in SERVICES.items() if "container_name" in service]


def test_our_processes_have_no_powers():
    for name in OURS:
        service = SERVICES[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER pharos" in (ROOT / "Dockerfile").read_text()


def test_secrets_come_from_outside_and_are_demanded():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "BASE_URL", "EMAIL_URL"):
        assert f"${{{name}:?" in text
        assert re.search(rf"\$\{{{name}(:-|\}})", text) is None
        assert re.search(rf"^{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_postgres_sorts_as_the_embedded_one():
    told = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    assert tuple(told) == INITDB


def test_every_locked_package_has_a_hash_and_no_lock_names_a_host():
    locks = {}
    for name in ("requirements-server.txt", "requirements.txt", "requirements-work.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert "index-url" not in text
        pins = re.findall(r"^([a-z0-9_.-]+)==(\S+)(.*(?:\n    .*)*)", text, re.MULTILINE)
        assert all("--hash=sha256:" in rest for _, _, rest in pins)
        locks[name] = {(package, version) for package, version, _ in pins}
    # Installing one after another must change nothing.
    assert locks["requirements-server.txt"] <= locks["requirements.txt"]
    assert locks["requirements.txt"] <= locks["requirements-work.txt"]


@pytest.fixture
def server_environment(tmp_path):
    """A database and a broker of its own on the servers that the environment names."""
    name = f"server_{os.getpid()}"
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    broker_url = re.sub(r"/\d+$", "/9", os.environ["REDIS_URL"])
    port = free_port()
    yield {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DATABASE_URL": url.rpartition("/")[0] + f"/{name}",
        "REDIS_URL": broker_url,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "BIND": f"127.0.0.1:{port}",
        "DATA_DIR": str(tmp_path),
    }
    with redis.Redis.from_url(broker_url) as broker:
        broker.flushdb()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.faults
def test_its_own_commands_make_a_system_that_is_ready(server_environment, tmp_path):
    def start(name: str) -> subprocess.Popen[bytes]:
        service = SERVICES[name]
        own = {
            key: str(value)
            for key, value in service["environment"].items()
            if "${" not in str(value) and key not in ("DATA_DIR", "TRUST_PROXY")
        }
        if "PROOF_OF_LIFE" in own:
            own["PROOF_OF_LIFE"] = str(tmp_path / f"{name}-alive")
        with (tmp_path / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                service["command"],
                cwd=ROOT,
                env=server_environment | own,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    migrate = start("migrate")
    assert migrate.wait(120) == 0, (tmp_path / "migrate.log").read_text()
    running = {name: start(name) for name in ("web", "worker", "importer", "beat")}
    # The compose file's own health check asks; only the address differs.
    probe = [*SERVICES["web"]["healthcheck"]["test"][1:-1], server_environment["BASE_URL"]]
    probe[0] = sys.executable
    try:
        for page in ("healthz", "readyz"):
            ask = [*probe[:-1], f"{probe[-1]}/{page}"]
            eventually(
                lambda ask=ask: (
                    subprocess.run(
                        ask, cwd=ROOT, env=server_environment, capture_output=True, check=False
                    ).returncode
                    == 0
                ),
                within=40,
            )
        for name in ("worker", "importer", "beat"):
            eventually((tmp_path / f"{name}-alive").exists, within=20)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        ended = {name: process.wait(30) for name, process in running.items()}
    assert ended == dict.fromkeys(running, 0)
