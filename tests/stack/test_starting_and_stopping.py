"""However a system ends, nothing runs on and nothing committed is gone."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.stack.running import ROOT, System, bare_environment, eventually

pytestmark = pytest.mark.faults


def remember(system: System, words: str) -> None:
    with psycopg.connect(system.state["environment"]["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (words text)")
        connection.execute("INSERT INTO remembered VALUES (%s)", [words])


def remembered(system: System) -> list[str]:
    with psycopg.connect(system.state["environment"]["DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT words FROM remembered ORDER BY words").fetchall()
    return [words for (words,) in rows]


def test_no_end_leaves_a_process_or_loses_a_row(tmp_path):
    known = []
    for how in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        with System(tmp_path / "place") as system:
            system.wait_until_ready()
            if known:
                assert remembered(system) == sorted(known)
            remember(system, how.name)
            known.append(how.name)
            system.end(how)
        eventually(lambda system=system: not system.left_behind(), within=15)
        if how != signal.SIGKILL:
            assert system.starter.returncode == 0
            assert "The data stay" in system.said
            assert not (tmp_path / "place" / "state.json").exists()


def test_nothing_is_left_when_the_warden_is_killed_with_the_starter(tmp_path):
    with System(tmp_path / "place") as system:
        eventually(lambda: "Postgres answers" in system.said, within=60)
        os.kill(warden_of(system.starter.pid), signal.SIGKILL)
        system.end(signal.SIGKILL)
    eventually(lambda: not system.left_behind(), within=15)


def warden_of(starter: int) -> int:
    children = Path(f"/proc/{starter}/task/{starter}/children").read_text().split()
    (warden,) = [child for child in children if "warden.py" in command_of(child)]
    return int(warden)


def command_of(process: str) -> str:
    return Path(f"/proc/{process}/cmdline").read_text()


def test_every_dead_part_comes_back(tmp_path):
    with System(tmp_path / "place") as system:
        system.wait_until_ready()
        for name in ("web", "worker", "importer", "beat", "postgres", "valkey"):
            kill_and_await(system, name)
        eventually(lambda: system.page("readyz") == 200, within=30)
        listed = subprocess.run(
            [sys.executable, "manage.py", "showmigrations", "portfolio"],
            cwd=ROOT,
            env=bare_environment(DATA_DIR=str(system.data_dir)),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "[X] 0001" in listed.stdout
        assert "[ ]" not in listed.stdout
    eventually(lambda: not system.left_behind(), within=15)


def kill_and_await(system: System, name: str) -> None:
    before = system.process(name)
    os.kill(before, signal.SIGKILL)
    if name == "valkey":
        shutil.rmtree(system.data_dir / "valkey")
    eventually(lambda: system.process(name) not in (None, before), within=20)
    assert f"{name} ended (killed by SIGKILL)" in system.said
