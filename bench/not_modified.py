"""An authenticated question whose answer did not change: 304."""

from collections.abc import Iterator

from bench import floors
from bench.asking import Asker
from bench.rounds import Effort, Line, compare
from bench.world import World

AIM = 3
REVISION = "SELECT revision FROM portfolio_portfolio WHERE key = %s"


def measured(world: World, effort: Effort) -> Iterator[Line]:
    def answer(environ: dict) -> tuple[str, bytes]:
        tag = f'"r{floors.one(REVISION, [world.large.key])}"'
        return ("304 Not Modified" if environ.get("HTTP_IF_NONE_MATCH") == tag else "200 OK"), b""

    bare = Asker(floors.bare(answer))
    known = f'"r{floors.one(REVISION, [world.large.key])}"'
    for path, address in (
        ("304 of a list", f"/api/v1/use-cases/?portfolio={world.large.key}"),
        ("304 of the status", f"/api/v1/portfolios/{world.large.key}/status/"),
        ("304 of one use case", f"/api/v1/use-cases/{world.large.key}-1/"),
    ):
        tag = world.script.expect(200, "GET", address).headers["ETag"]
        yield compare(
            path,
            lambda address=address, tag=tag: world.script.expect(
                304, "GET", address, HTTP_IF_NONE_MATCH=tag
            ),
            "bare 304 that asks for one revision",
            lambda: bare.expect(304, "GET", "/", HTTP_IF_NONE_MATCH=known),
            rounds=effort.rounds(300),
            aim=AIM,
        )
