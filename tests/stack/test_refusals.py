"""What a start says when it cannot: plainly, before anything runs, with what to do."""

import socket
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment as env
from config.stack.place import LONGEST_SOCKET_FOLDER, Place
from config.stack.trouble import CannotStart
from config.stack.valkey import free_port
from tests.stack.running import ROOT, bare_environment, stack


def test_a_port_in_use_is_said_with_another_one(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = stack("run", "--port", str(port), data_dir=tmp_path / "place", code=2)
    assert f"Port {port} cannot be had" in done.stderr
    assert "make demo PORT=" in done.stderr
    assert not (tmp_path / "place").exists()


def test_a_port_that_is_no_number_is_said(tmp_path):
    done = stack("run", data_dir=tmp_path / "place", PORT="http", code=2)
    assert "PORT cannot be read (http). For example: PORT=8001" in done.stderr


def test_a_database_that_does_not_answer_is_said(tmp_path):
    away = f"postgresql://pharos@127.0.0.1:{free_port()}/pharos"
    done = stack("run", "--port", "0", data_dir=tmp_path / "place", code=2, DATABASE_URL=away)
    assert "The database of DATABASE_URL does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_malformed_address_is_said_with_an_example(tmp_path):
    wrong = {"DATABASE_URL": "mysql://db/pharos"}
    done = stack("run", "--port", "0", data_dir=tmp_path / "place", code=2, **wrong)
    assert "DATABASE_URL cannot be read" in done.stderr
    assert "For example: DATABASE_URL=postgresql://" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_in_use_is_said_with_its_process(tmp_path):
    place = Place(tmp_path / "place")
    place.open()
    try:
        done = stack("run", "--port", "0", data_dir=tmp_path / "place", code=2)
    finally:
        place.close()
    assert "is in use: Pharos runs on it already (process " in done.stderr
    assert "DATA_DIR=" in done.stderr


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"cannot be used .* DATA_DIR="):
        Place(tmp_path / "file" / "place").open()


def test_a_deep_data_folder_has_its_socket_elsewhere(tmp_path):
    place = Place(tmp_path / ("deep" * 20) / ("deeper" * 10))
    place.open()
    try:
        sockets = place.sockets()
        assert len(str(sockets)) <= LONGEST_SOCKET_FOLDER
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert place.sockets() == sockets
    finally:
        place.close()
    assert not sockets.exists()


def test_the_secret_is_made_once_and_kept_private(tmp_path):
    place = Place(tmp_path / "place")
    place.open()
    try:
        assert place.secret() == place.secret()
        assert len(env.secret(place.secret())) >= 50
        assert (place.folder / "secret").stat().st_mode & 0o777 == 0o600
    finally:
        place.close()


def test_manage_says_that_nothing_runs(tmp_path):
    done = manage("migrate", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"Nothing runs on {tmp_path}" in done.stderr
    assert "make demo" in done.stderr


def test_a_missing_variable_is_named_with_an_example():
    done = manage("check", DATABASE_URL="postgresql://pharos@db/pharos")
    assert done.returncode == 1
    assert done.stderr.strip().startswith("manage.py cannot start. SECRET_KEY is not set.")
    assert "SECRET_KEY=$(openssl rand -base64 48)" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("raw", "parse", "fault"),
    [
        ("maybe", env.yes_or_no, "say yes or no"),
        ("many", env.whole, "invalid literal"),
        ("mysql://db/pharos", env.url("postgres", "postgresql"), "postgres:// or postgresql://"),
        ("short", env.secret, "at least 50 characters"),
    ],
)
def test_a_malformed_variable_is_named_with_an_example(monkeypatch, raw, parse, fault):
    monkeypatch.setenv("SOMETHING", raw)
    with pytest.raises(ImproperlyConfigured) as refused:
        env.read("SOMETHING", parse, example="this")
    assert "SOMETHING cannot be read" in str(refused.value)
    assert fault in str(refused.value)
    assert "For example: SOMETHING=this" in str(refused.value)


def manage(command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env=bare_environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )
