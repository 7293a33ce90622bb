"""Writes the three locks anew, each with hashes and without naming any host.

The largest is solved first and holds the others to its versions, so that installing one after
another changes nothing.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {  # file: extras
    "requirements-work.txt": ("demo", "work"),
    "requirements.txt": ("demo",),
    "requirements-server.txt": (),
}


def main() -> int:
    """Zero when all three locks are written."""
    uv = shutil.which("uv")
    if uv is None:
        print("This needs uv. Install it, for example: pip install uv", file=sys.stderr)
        return 2
    largest = next(iter(LOCKS))
    for lock, extras in LOCKS.items():
        print(f"Solving {lock} ...", flush=True)
        command = [uv, "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--python-version", "3.11", "--quiet"]
        command += ["--output-file", lock, *sys.argv[1:]]
        for extra in extras:
            command += ["--extra", extra]
        if lock != largest:
            command += ["--constraints", largest]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
