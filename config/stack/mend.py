"""Mends what can be mended without thinking: format, order of imports, templates."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Zero when nothing is left that needs a person."""
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    ruff = [sys.executable, "-m", "ruff"]
    if templates:  # it answers 1 when it changed something
        djade = [
            str(Path(sys.executable).with_name("djade")),
            "--target-version",
            "5.2",
            *templates,
        ]
        subprocess.run(djade, cwd=ROOT, check=False)
    left = subprocess.run([*ruff, "check", "--fix"], cwd=ROOT, check=False).returncode
    return left or subprocess.run([*ruff, "format"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
