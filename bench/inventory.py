"""Brings a real inventory into a running Pharos over its API, makes some ready and rates them.

    python -m bench.inventory http://localhost:8000 TOKEN PORTFOLIO FILE [HOW MANY]

The answers are made up and spread by chance with a fixed seed, so that two runs are the same. The
token is that of somebody who may write in the portfolio, such as `manage.py issue_token EMAIL
--scope write` prints.
"""

import json
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY = 300
BY_HAND = (
    "stakeholder_pull", "headroom", "visibility", "reuse", "ai_fit", "time_to_value", "tolerance",
    "compliance", "narrowness", "review_path",
)  # fmt: skip


@dataclass(frozen=True)
class Api:
    """One person's way in, which waits where it is told to."""

    base: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, kind: str = "") -> Any:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": kind or "application/json",
        }
        address = path if path.startswith("http") else f"{self.base}/api/v1/{path}"
        while True:
            asked = urllib.request.Request(address, raw, headers, method=method)
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refusal:
                if refusal.code != 429:
                    raise SystemExit(
                        f"{method} {path}: {refusal.code} {refusal.read().decode()[:500]}"
                    ) from refusal
                time.sleep(float(refusal.headers.get("Retry-After", 1)))


def main(base: str, token: str, key: str, file: str, many: str = str(READY)) -> None:
    api = Api(base.rstrip("/"), token)
    print(send(api, key, Path(file)), flush=True)
    chance = random.Random(2024)
    for at, reference in enumerate(candidates(api, key, int(many)), 1):
        make_ready(api, reference, chance)
        if at % 50 == 0:
            print(f"{at} are ready and rated", flush=True)
    began = time.monotonic()
    while (ranking := api("GET", f"portfolios/{key}/ranking/?page_size=5"))["stale"] or ranking[
        "certainty_stale"
    ]:
        time.sleep(0.5)
    print(f"ranked, and how sure: {time.monotonic() - began:.1f} s after the last answer")
    for row in ranking["results"]:
        print(f"{row['rank']:>3} {row['reference']:<10} {row['score']:>8} {row['p_first']:>7}"
              f" {row['title'][:70]}")  # fmt: skip


def send(api: Api, key: str, file: Path) -> str:
    """What the import did, once it is done."""
    border = uuid.uuid4().hex
    name = f'Content-Disposition: form-data; name="file"; filename="{file.name}"'
    body = b"\r\n".join(
        [f"--{border}".encode(), name.encode(), b"", file.read_bytes(), f"--{border}--".encode()]
    )
    sent = api(
        "POST", f"portfolios/{key}/imports/", body, f"multipart/form-data; boundary={border}"
    )
    while True:
        row = api("GET", f"portfolios/{key}/imports/{sent['id']}/")
        if row["state"] in ("done", "failed"):
            return ", ".join(
                f"{name} {row[name]}" for name in ("state", "created", "unchanged", "failed")
            )
        time.sleep(0.5)


def candidates(api: Api, key: str, many: int) -> Iterator[str]:
    page = f"use-cases/?portfolio={key}&stage=proposed&page_size=500"
    while page and many:
        found = api("GET", page)
        for row in found["results"][:many]:
            yield row["reference"]
        many -= min(many, len(found["results"]))
        page = found["next"]


def make_ready(api: Api, reference: str, chance: random.Random) -> None:
    """All four tests, and a rating of every criterion that people rate."""
    target = chance.randint(1, 6)
    api("PATCH", f"use-cases/{reference}/tests/", {
        "outcome": {
            "statement": f"Cut handling from 8 h to {target} h for every case of the desk",
            "metric": "handling time", "unit": "h", "direction": "lower", "baseline": "8",
            "target": str(target), "segment": "case workers",
        },
        "data": {"sources": [{
            "name": "cases", "system": "case file", "use": "retrieve", "required": True,
            "schema_consistent": chance.random() < 0.7, "clean": chance.random() < 0.6,
            "access_cleared": True, "usable": "yes",
        }]},
        "review": {
            "reviewer": "case worker", "outputs": "all", "decision": "approve, edit or reject",
            "feedback": "edits join the evaluation set",
        },
    })  # fmt: skip
    volume = chance.randint(2_000, 60_000)
    api("PUT", f"use-cases/{reference}/unit-economics/", {
        "calls": 1, "input_tokens": {"low": 900, "likely": 1_400, "high": 2_600},
        "output_tokens": 400, "cached_share": 0, "retry_share": "0.05", "tool_cost": "0.001",
        "route": {"kind": "split",
                  "steps": [{"provider": "openai", "model": "gpt-5-mini", "share": "1"}]},
        "review_share": "0.2", "review_minutes": "2", "hourly_rate": "38",
        "volume_per_month": volume, "success_share": "0.7",
        "value_per_success": str(chance.randint(2, 12)), "value_kind": "capacity",
        "fixed_per_month": "1500",
    })  # fmt: skip
    ratings = []
    for slug in BY_HAND:
        low, likely, high = sorted(chance.randint(5, 50) for _ in range(3))
        ratings.append({"criterion": slug, "low": f"{low / 10}", "likely": f"{likely / 10}",
                        "high": f"{high / 10}", "evidence": "Made up for a trial."})  # fmt: skip
    api("PUT", f"use-cases/{reference}/ratings/", ratings)


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
