"""What the reviewer and CI run: what reads the code, then all tests but browsers and kills.

Needs the servers' addresses.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.stack import rounds

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "BASE_URL": "https://pharos.acme.example",
    "EMAIL_URL": "smtp://user:secret@mail.acme.example:587",
    "TRUST_PROXY": "yes",
    "DEBUG": "no",
}


@dataclass(frozen=True)
class Check:
    """A command that exits with 0 where something holds."""

    name: str
    command: list[str]
    variables: dict[str, str] = field(default_factory=dict)

    def holds(self, *, quietly: bool) -> bool:
        """Runs it; what it says is told as it comes, or quietly: when it is done."""
        if not quietly:
            print(f"── {self.name}", flush=True)
        began = time.monotonic()
        done = subprocess.run(
            self.command,
            cwd=ROOT,
            env={**os.environ, **self.variables},
            stdout=subprocess.PIPE if quietly else None,
            stderr=subprocess.STDOUT if quietly else None,
            text=True,
            check=False,
        )
        words = "holds" if done.returncode == 0 else "DOES NOT HOLD"
        said = f"── {self.name}\n{done.stdout}" if quietly else ""
        print(f"{said}   {words} ({time.monotonic() - began:.1f} s)", flush=True)
        return done.returncode == 0


def readings() -> list[Check]:
    """Those that read the code, each on one core: side by side, and what takes longest first."""
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    document = [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]
    deploy = [*manage, "check", "--deploy", "--fail-level", "WARNING"]
    return [
        Check("types", [*python, "mypy"]),
        Check("API document", document),
        Check("Django", [*manage, "check", "--fail-level", "WARNING"]),
        Check("Django, deployed", deploy, PRODUCTION),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("rooms", [_script("lint-imports"), "--no-cache"]),
        Check("templates", [_script("djade"), "--check", "--target-version", "5.2", *templates]),
        Check("format", [*python, "ruff", "format", "--check", "--quiet"]),
        Check("mistakes", [*python, "ruff", "check", "--quiet"]),
    ]


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def main() -> int:
    """The number of checks that do not hold."""
    checks = readings()
    tests = Check("tests", rounds.MOST)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        held = list(pool.map(lambda check: check.holds(quietly=True), checks))
    held.append(tests.holds(quietly=False))
    failed = [check.name for check, holds in zip([*checks, tests], held, strict=True) if not holds]
    print(f"\nNot holding: {', '.join(failed)}" if failed else "\nEverything holds.", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
