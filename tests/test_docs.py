"""Runs what the documentation tells people to type, against a whole system with the sample."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stack.running import ROOT, System, bare_environment

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
PERSON = "dana@larkmoor.example"


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, with the line each begins at."""
    words = page.read_text()
    return [
        Block(found[1], found[2], words.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(words)
    ]


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    with System(tmp_path_factory.mktemp("docs") / "data", verb="demo") as started:
        yield started.wait_until_ready()


@pytest.fixture(scope="module")
def surroundings(system) -> dict[str, str]:
    """What a reader has set by the end of the first section."""
    issued = subprocess.run(
        [sys.executable, "manage.py", "issue_token", PERSON, "--scope", "write"],
        cwd=ROOT,
        env=bare_environment(DATA_DIR=str(system.data_dir)),
        capture_output=True,
        text=True,
        check=True,
    )
    return bare_environment(
        DATA_DIR=str(system.data_dir),
        PHAROS=f"http://127.0.0.1:{system.port}",
        TOKEN=issued.stdout.strip(),
    )


def run(command: list[str], place: Path, surroundings: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=place, env=surroundings, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def lacking(shown, answer, path: str = "") -> list[str]:
    """What an example shows and the answer does not have; values may differ, shapes may not."""
    if isinstance(shown, dict):
        if not isinstance(answer, dict):
            return [path]
        missing = [f"{path}.{name}" for name in shown if name not in answer]
        return missing + [
            gap
            for name, part in shown.items()
            if name in answer
            for gap in lacking(part, answer[name], f"{path}.{name}")
        ]
    if isinstance(shown, list) and shown and isinstance(answer, list):
        return lacking(shown[0], answer[0], f"{path}[0]") if answer else [f"{path}[0]"]
    return [] if type(shown) is type(answer) or None in (shown, answer) else [path]


@pytest.mark.faults
def test_the_examples_of_the_api_run(system, surroundings, tmp_path):
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    told, script = "", ""
    for block in blocks(DOCS / "api.md"):
        if block.language == "sh":
            told = run(["bash", "-euo", "pipefail", "-c", block.text], tmp_path, surroundings)
        elif block.language == "python":
            script += block.text
        else:
            missing = lacking(json.loads(block.text), json.loads(told))
            assert not missing, f"docs/api.md:{block.line}"
    (tmp_path / "client.py").write_text(script)
    said = run([sys.executable, "client.py"], tmp_path, surroundings)
    assert "Pallet damage reports" in said
    assert "done 1 new, 0 kept out" in said


@pytest.mark.parametrize(
    "told", sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]), ids=lambda told: told.name
)
def test_links_lead_somewhere(told):
    broken = [link for link in LINK.findall(told.read_text()) if not (told.parent / link).exists()]
    assert not broken


def test_every_page_of_the_documentation_is_in_an_index():
    for index, pages in (
        (DOCS / "README.md", DOCS.glob("*.md")),
        (DOCS / "decisions" / "README.md", (DOCS / "decisions").glob("*.md")),
    ):
        told = set(LINK.findall(index.read_text()))
        assert {page.name for page in pages} - {"README.md"} <= told
