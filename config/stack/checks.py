"""What the reviewer runs and what CI runs, one after the other; needs the servers' addresses."""

import os
import subprocess
import sys
import time
from pathlib import Path

from config.stack import rounds

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "BASE_URL": "https://pharos.acme.example",
    "EMAIL_URL": "smtp://user:secret@mail.acme.example:587",
    "TRUST_PROXY": "yes",
    "DEBUG": "no",
}


def checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Name, command and further variables of each check."""
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    document = [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]
    deploy = [*manage, "check", "--deploy", "--fail-level", "WARNING"]
    return [
        ("format", [*python, "ruff", "format", "--check", "--quiet"], {}),
        ("mistakes", [*python, "ruff", "check", "--quiet"], {}),
        ("rooms", [sys.executable, _script("lint-imports"), "--no-cache"], {}),
        ("templates", [_script("djade"), "--check", "--target-version", "5.2", *templates], {}),
        ("Django", [*manage, "check", "--fail-level", "WARNING"], {}),
        ("Django, deployed", deploy, PRODUCTION),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("API document", document, {}),
        ("types", [*python, "mypy"], {}),
        ("quick tests", rounds.QUICK, {}),
    ]


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def main() -> int:
    """The number of checks that do not hold."""
    failed = []
    for name, command, more in checks():
        print(f"── {name}", flush=True)
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **more}, check=False)
        words = "holds" if done.returncode == 0 else "DOES NOT HOLD"
        print(f"   {words} ({time.monotonic() - began:.1f} s)", flush=True)
        if done.returncode != 0:
            failed.append(name)
    print(f"\nNot holding: {', '.join(failed)}" if failed else "\nEverything holds.", flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
