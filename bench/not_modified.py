"""An authenticated question whose answer did not change: 304."""

from collections.abc import Iterator

from bench import floors
from bench.asking import Asker
from bench.rounds import Effort, Line, compare
from bench.world import World

AIM = 3
REVISION = "SELECT revision FROM portfolio_portfolio WHERE key = %s"


class Unchanged:
    """Asks with the tag of its last answer: at a quarter of an hour there is a new one."""

    def __init__(self, world: World, address: str) -> None:
        self.ask = lambda tag: world.script("GET", address, HTTP_IF_NONE_MATCH=tag)
        self.tag = '"none"'

    def __call__(self) -> None:
        answer = self.ask(self.tag)
        if answer.status not in (200, 304):
            raise AssertionError(answer)
        self.tag = answer.headers["ETag"]


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
        yield compare(
            path,
            Unchanged(world, address),
            "bare 304 that asks for one revision",
            lambda: bare.expect(304, "GET", "/", HTTP_IF_NONE_MATCH=known),
            rounds=effort.rounds(300),
            aim=AIM,
        )
