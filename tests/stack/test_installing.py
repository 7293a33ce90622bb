"""A clone's first start installs what is locked; one that was cut off does not spoil the next."""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.stack.running import ROOT

pytestmark = pytest.mark.faults
LOCK = "requirements.txt"
ASKS = ("-c", "import lantern; print(lantern.__file__)")


@pytest.fixture
def clone(tmp_path) -> Path:
    """A project with nothing but what installs it, and a lock of one small package."""
    stack = tmp_path / "clone" / "config" / "stack"
    stack.mkdir(parents=True)
    for name in ("bootstrap.py", "leash.py"):
        shutil.copy(ROOT / "config" / "stack" / name, stack)
    wheel = small_package(tmp_path / "wheels")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "clone" / LOCK
    lock.write_text(f"# what is locked\nlantern==1.0 \\\n    --hash=sha256:{digest}\n")
    return tmp_path / "clone"


def small_package(folder: Path) -> Path:
    folder.mkdir()
    about = "lantern-1.0.dist-info"
    files = {
        "lantern.py": b"",
        f"{about}/METADATA": b"Metadata-Version: 2.1\nName: lantern\nVersion: 1.0\n",
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(held).digest()).decode()[:43]},"
        f"{len(held)}\n"
        for name, held in files.items()
    ]
    files[f"{about}/RECORD"] = "".join([*record, f"{about}/RECORD,,\n"]).encode()
    wheel = folder / "lantern-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name, held in files.items():
            packed.writestr(name, held)
    return wheel


def start(clone: Path) -> subprocess.Popen[str]:
    links = str(clone.parent / "wheels")
    return subprocess.Popen(
        [sys.executable, "config/stack/bootstrap.py", LOCK, *ASKS],
        cwd=clone,
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,
    )


def hear_ctrl_c() -> None:
    """What a shell begins in the background is deaf to it, and so is all that this begins."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def said_by(clone: Path) -> str:
    starter = start(clone)
    said, _ = starter.communicate(timeout=120)
    assert starter.returncode == 0, said
    return said


def test_the_first_start_installs_and_the_second_does_not(clone):
    first, second = said_by(clone), said_by(clone)
    assert "Installing up to 1 locked packages" in first
    assert first.splitlines()[-1] == second.strip()
    assert str(clone / ".venv") in second


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("reached", ["pyvenv.cfg", "bin/python", "shares/0.txt"])
def test_a_start_that_was_cut_off_does_not_spoil_the_next(clone, reached, how):
    starter = start(clone)
    until = time.monotonic() + 60
    while not (clone / ".venv" / reached).exists():
        assert time.monotonic() < until, "it never got that far"
        time.sleep(0.005)
    os.killpg(starter.pid, how)
    said, _ = starter.communicate(timeout=30)
    assert starter.returncode != 0, said
    if how == signal.SIGINT:
        assert "Stopped while installing" in said
        assert "Traceback" not in said
    assert str(clone / ".venv") in said_by(clone)
