"""A worker that no longer hears leaves, so that it can be started again."""

import os
import subprocess
import sys

import pytest

from config.celery import app
from config.hearing import EXIT_DEAF
from tests.stack.running import ROOT, eventually

pytestmark = pytest.mark.faults


def test_a_deaf_worker_leaves(tmp_path):
    name = f"deaf{os.getpid()}@here"
    proof = tmp_path / "alive"
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "--app", "config", "--skip-checks", "worker"),
                *("--queues", f"deaf{os.getpid()}", "--hostname", name, "--concurrency", "1"),
            ],
            cwd=ROOT,
            env={**os.environ, "PROOF_OF_LIFE": str(proof)},
            stdout=log,
            stderr=log,
        )
    try:
        eventually(proof.exists, within=30)
        with app.connection_for_write() as line:
            app.control.cancel_consumer(f"echo.{name}", destination=[name], connection=line)
        assert worker.wait(20) == EXIT_DEAF
    finally:
        worker.kill()
        worker.wait()
    assert "worker deaf" in (tmp_path / "log").read_text()
