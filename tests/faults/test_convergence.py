"""Whatever is killed, nothing acknowledged is lost and ranks and verdicts come out right."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from decimal import Decimal
from http.client import HTTPException

import psycopg
import pytest

from tests.stack.running import ROOT, System, bare_environment, eventually

pytestmark = pytest.mark.faults

SPONSOR = "sponsor@acme.example"
EDITS, AT_ONCE = 500, 4
VICTIMS = ("worker", "web", "valkey")
FEWEST_KILLS, MOST_KILLS = 4, 12
CONVERGED_WITHIN = 10
CANDIDATES = 12
RATED = ("stakeholder_pull", "headroom", "visibility", "ai_fit", "time_to_value", "tolerance")


class Script:
    """An API client that asks again, with the same key, until it has an answer."""

    def __init__(self, system: System, token: str) -> None:
        self.base = f"http://127.0.0.1:{system.port}/api/v1/"
        self.token = token

    def ask(self, method: str, address: str, body=None, *, patience: float = 60) -> dict:
        """The answer to a request that must succeed. A POST takes effect once."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        request = urllib.request.Request(
            self.base + address,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers=headers,
        )
        until = time.monotonic() + patience
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                told = error.read().decode()
                error.close()
                if error.code not in (429, 502, 503) and "still_running" not in told:
                    pytest.fail(f"{method} {address}: {error.code} {told}")
            except (OSError, ValueError, HTTPException):
                pass  # the web server was killed before or while it answered
            assert time.monotonic() < until, f"{method} {address} was never answered"
            threading.Event().wait(0.1)

    def everything(self, address: str) -> list[dict]:
        """All rows of a list, page by page."""
        rows, page = [], self.ask("GET", address)
        while True:
            rows += page["results"]
            if page["next"] is None:
                return rows
            page = self.ask("GET", page["next"].removeprefix(self.base))


def manage(system: System, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=bare_environment(DATA_DIR=str(system.data_dir)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        input="lantern-at-dusk-7\n",
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.strip()


def set_the_scene(script: Script) -> tuple[list[str], int]:
    """Twelve candidates, and a lighthouse whose verdict day is over; references, lighthouse id."""
    script.ask("POST", "portfolios/", {"key": "ACME", "name": "Acme Care"})
    references = [
        script.ask("POST", "use-cases/", {"portfolio": "ACME", "title": f"Candidate {n}"})[
            "reference"
        ]
        for n in range(CANDIDATES + 1)
    ]
    running = references.pop()
    outcome = {
        "statement": "Cut first response from 8 h to 0.5 h",
        "metric": "first response time", "unit": "h", "direction": "lower",
        "baseline": "8", "target": "0.5", "segment": "tier-1 agents",
    }  # fmt: skip
    script.ask("PATCH", f"use-cases/{running}/tests/", {"outcome": outcome})
    move(script, running, "qualified")
    today = date.today()
    lighthouse = script.ask(
        "POST",
        "lighthouses/",
        {
            "use_case": running, "owner": SPONSOR, "planned_weeks": 8,
            "start_date": str(today - timedelta(days=100)),
            "start_reason": "It ran before it was brought in here.",
        },
    )["id"]  # fmt: skip
    script.ask("POST", f"lighthouses/{lighthouse}/acceptance/", {"accept": True})
    script.ask(
        "PATCH",
        f"lighthouses/{lighthouse}/",
        {
            "how_measured": "Exported weekly", "smallest_sample": 1, "no_guardrails": True,
            "production_environment": "eu-west cluster", "reading_plan": "Weekly, by the owner",
        },
    )  # fmt: skip
    for stage in ("selected", "mobilising"):
        move(script, running, stage)
    shipped = today - timedelta(days=80)
    script.ask("PATCH", f"lighthouses/{lighthouse}/", {"shipped_on": str(shipped)})
    return references, lighthouse


def move(script: Script, reference: str, stage: str) -> None:
    body = {"to": stage, "override": "It runs already."}
    script.ask("POST", f"use-cases/{reference}/move/", body)


class Deeds:
    """What was acknowledged: the test's own book, kept apart from the system's."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.titles: list[str] = []
        self.ratings: dict[tuple[str, str], Decimal] = {}
        self.readings: list[tuple[str, str]] = []


def edit(n: int, script: Script, deeds: Deeds, references: list[str], lighthouse: int) -> None:
    """One edit, acknowledged before it is written down."""
    kind = n % 5
    if kind == 0:
        title = f"Proposed under fire {n}"
        script.ask("POST", "use-cases/", {"portfolio": "ACME", "title": title})
        with deeds.lock:
            deeds.titles.append(title)
    elif kind == 1:
        measured, value = date.today() - timedelta(days=45 + n % 30), f"{(n % 17) / 10 + 0.1:.1f}"
        script.ask(
            "POST",
            f"lighthouses/{lighthouse}/readings/",
            {
                "metric": "first response time", "value": value, "measured_on": str(measured),
                "source": f"export {n}", "sample_size": 100,
            },
        )  # fmt: skip
        with deeds.lock:
            deeds.readings.append((f"export {n}", value))
    else:
        # Each pair of candidate and criterion belongs to one edit in flight at a time.
        pair = (references[n % len(references)], RATED[(n // len(references)) % len(RATED)])
        likely = Decimal(n % 51) / 10
        with LOCKS[pair]:
            script.ask(
                "PUT",
                f"use-cases/{pair[0]}/ratings/",
                [{"criterion": pair[1], "low": str(likely), "likely": str(likely),
                  "high": str(likely), "evidence": f"edit {n}"}],
            )  # fmt: skip
            with deeds.lock:
                deeds.ratings[pair] = likely


LOCKS: dict[tuple[str, str], threading.Lock] = {}


def kill_at_random(system: System, dice: random.Random, over: threading.Event) -> int:
    """Kills worker, web and Valkey, its data wiped, while the edits go on; how often."""
    killed = 0
    for name in itertools.islice(itertools.cycle(dice.sample(VICTIMS, 3)), MOST_KILLS):
        killed += kill(system, name)
        if over.wait(dice.uniform(0.5, 3.0)):
            break
    return killed


def kill(system: System, name: str) -> bool:
    """Whether it was there to be killed. A web server on its way back is left to arrive."""
    before = system.process(name)
    if before is None or (name == "web" and system.page("healthz") != 200):
        return False
    os.kill(before, signal.SIGKILL)
    if name == "valkey":
        shutil.rmtree(system.data_dir / "valkey", ignore_errors=True)
    return True


@pytest.mark.parametrize("seed", [1])
def test_nothing_acknowledged_is_lost_and_all_comes_out_right(tmp_path, seed):
    dice = random.Random(seed)
    with System(tmp_path / "place") as system:
        system.wait_until_ready()
        manage(system, "create_sponsor", SPONSOR, "--password-stdin")
        script = Script(system, manage(system, "issue_token", SPONSOR, "--scope", "write"))
        references, lighthouse = set_the_scene(script)
        LOCKS.update({(ref, slug): threading.Lock() for ref in references for slug in RATED})
        deeds, over = Deeds(), threading.Event()
        with ThreadPoolExecutor(AT_ONCE + 1) as hands:
            killing = hands.submit(kill_at_random, system, dice, over)
            edits = [
                hands.submit(edit, n, script, deeds, references, lighthouse) for n in range(EDITS)
            ]
            wait(edits)
            over.set()
        for done in edits:
            done.result()
        assert killing.result() >= FEWEST_KILLS
        kill(system, dice.choice(VICTIMS))
        last = time.monotonic()
        eventually(lambda: everything_is_settled(system), within=CONVERGED_WITHIN)
        print(f"settled {time.monotonic() - last:.1f} s after the last kill")
        eventually(lambda: system.page("healthz") == 200, within=CONVERGED_WITHIN)
        nothing_is_missing_or_twice(script, deeds, references, lighthouse)
        manage(system, "rebuild", "--check")


def nothing_is_missing_or_twice(script, deeds: Deeds, references, lighthouse) -> None:
    titles = [row["title"] for row in script.everything("use-cases/?portfolio=ACME&page_size=500")]
    under_fire = sorted(title for title in titles if title.startswith("Proposed under fire"))
    assert under_fire == sorted(deeds.titles)
    rows = script.everything(f"lighthouses/{lighthouse}/readings/?page_size=500")
    kept = sorted((row["source"], Decimal(row["value"])) for row in rows)
    assert kept == sorted((source, Decimal(value)) for source, value in deeds.readings)
    for reference in references:
        mine = {
            row["criterion"]: Decimal(row["likely"])
            for row in script.ask("GET", f"use-cases/{reference}/ratings/")["results"]
        }
        told = {slug: likely for (ref, slug), likely in deeds.ratings.items() if ref == reference}
        assert mine == told


def everything_is_settled(system: System) -> bool:
    """No ticket is behind: every ranking and verdict answers the last change of its inputs."""
    with psycopg.connect(system.state["environment"]["DATABASE_URL"]) as connection:
        behind = connection.execute(
            "SELECT (SELECT count(*) FROM portfolio_portfolio p JOIN portfolio_ranking r"
            "        ON r.portfolio_id = p.id WHERE p.ranking_wanted > r.done)"
            " + (SELECT count(*) FROM portfolio_lighthouse l"
            "    LEFT JOIN portfolio_lighthousestanding s"
            "    ON s.lighthouse_id = l.id WHERE l.settle_wanted > coalesce(s.settle_done, -1))"
        ).fetchone()
    return behind == (0,)
