"""Installs what is locked into `.venv`, once, and goes on as that Python; run as a file.

    python3 config/stack/bootstrap.py LOCK PYTHON-ARGUMENT ...

Needs nothing but Python 3.11. A stamp remembers the lock's checksum, so that the next start takes
no time; a lock file keeps two starts in one clone from installing over each other; and a mark says
that a new folder is not whole yet, so that nobody builds on half of one.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TURN = VENV / "install.lock"
UNFINISHED = VENV / "unfinished"
SHARES = VENV / "shares"
LEASH = Path(__file__).with_name("leash.py")
MOST_SHARES = 4
PROGRESS_EVERY = 20  # packages
# All of the first is in the second, at the same versions.
CONTAINS = {"requirements.txt": ("requirements-work.txt",)}


def main() -> None:
    """Becomes `.venv`'s Python, with everything installed that the lock names."""
    if sys.version_info < (3, 11):  # noqa: UP036 - runs before anything is sure
        sys.exit(f"Pharos needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    lock, *arguments = sys.argv[1:]
    if not is_installed(lock):
        install_alone(lock)
    python = str(VENV / "bin" / "python")
    os.chdir(ROOT)
    # What is installed is compiled once, where it is first imported. Whoever forbids that has every
    # process of ours compile Django and all the rest anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(python, [python, *arguments])


def is_installed(lock: str) -> bool:
    """Whether this lock, or one that contains it, was installed whole and its Python still runs."""
    return (
        any(
            stamp(name).is_file() and stamp(name).read_text() == checksum(name)
            for name in (lock, *CONTAINS.get(lock, ()))
        )
        and python_runs()
    )


def python_runs() -> bool:
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    return subprocess.run([python, "-I", "-S", "-c", ""], check=False).returncode == 0


def stamp(lock: str) -> Path:
    return VENV / f"installed-{lock}"


def checksum(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def install_alone(lock: str) -> None:
    """Installs while nobody else does; who waited finds it done."""
    VENV.mkdir(exist_ok=True)
    with TURN.open("w") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start installs in this folder; waiting for it ...")
            fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_installed(lock):
            install(lock)


def install(lock: str) -> None:
    """Everything in the lock; into a new folder each core brings in its share of the packages.

    Pip has nothing to weigh: versions, hashes and dependencies are in the lock, so a package does
    not care which others are there. Where something is there already, one pip alone sees to it.
    """
    began = time.monotonic()
    is_new = UNFINISHED.exists() or not python_runs()
    if is_new:
        UNFINISHED.touch()
        say(f"Making .venv with Python {sys.version.split()[0]} ...")
        make_venv()
    packages = locked_in(lock)
    say(f"Installing up to {len(packages)} locked packages (once) ...")
    shares = min(os.cpu_count() or 1, MOST_SHARES) if is_new else 1
    refused = bring_in([packages[first::shares] for first in range(shares)], began)
    if refused and shares > 1:
        refused = bring_in([packages], began)
    if refused:
        sys.exit(
            "The locked packages could not be installed. pip said:\n"
            + "".join(f"  {line}\n" for line in refused.splitlines()[-12:])
            + "Mend that (often the network, or a proxy that pip does not know), then try again."
        )
    UNFINISHED.unlink(missing_ok=True)
    stamp(lock).write_text(checksum(lock))
    say(f"  {time.monotonic() - began:4.0f} s  installed")


def locked_in(lock: str) -> list[str]:
    """The lines of each package: its version and its hashes."""
    return [part for part in re.split(r"(?m)^(?=\w)", (ROOT / lock).read_text()) if "==" in part]


def bring_in(shares: list[list[str]], began: float) -> str:
    """A pip for each share, side by side; what the first that failed has said, or nothing."""
    shutil.rmtree(SHARES, ignore_errors=True)
    SHARES.mkdir()
    asked = [SHARES / f"{number}.txt" for number in range(len(shares))]
    told = [path.with_suffix(".log") for path in asked]
    for path, share in zip(asked, shares, strict=True):
        path.write_text("".join(share))
    pips = [pip(*pair) for pair in zip(asked, told, strict=True)]
    total, shown = sum(map(len, shares)), 0
    while any(one.poll() is None for one in pips):
        time.sleep(0.1)
        fetched = sum(path.read_text(errors="replace").count("Collecting ") for path in told)
        if fetched - shown >= PROGRESS_EVERY or shown < fetched == total:
            shown = fetched
            say(f"  {time.monotonic() - began:4.0f} s  {fetched} of {total} fetched")
    failed = [path for path, one in zip(told, pips, strict=True) if one.returncode != 0]
    words = failed[0].read_text(errors="replace") if failed else ""
    shutil.rmtree(SHARES)
    return words


def pip(asked: Path, told: Path) -> subprocess.Popen[bytes]:
    python = str(VENV / "bin" / "python")
    command = [
        *(python, "-I", "-S", str(LEASH), str(os.getpid()), "TERM", "same"),
        *(python, "-m", "pip", "install"),
        *("--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input"),
        *("--progress-bar", "off", "-r", str(asked)),
        "--no-compile",  # Python compiles what it imports, the smaller part, as it goes
    ]
    with told.open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def make_venv() -> None:
    for left in VENV.iterdir():
        if left not in (TURN, UNFINISHED):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    made = subprocess.run(
        [sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        sys.exit(
            f"{sys.executable} cannot make a virtual environment:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu: apt-get install python3-venv. Or name another Python: "
            "make demo PYTHON=/path/to/python3.12"
        )


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped while installing; the next start does the rest.")
