"""One move through a gate and back, by a script and by a form, each in its own transaction."""

from collections.abc import Iterator
from itertools import cycle

import orjson

from bench.rounds import Effort, Line, compare
from bench.world import World
from portfolio.models import UseCase

AIM = 2


def measured(world: World, effort: Effort) -> Iterator[Line]:
    rows = UseCase.objects.in_portfolio(world.board.pk).in_stage("proposed").by_number()
    by_script, by_form = (row.reference for row in rows[:2])
    there_and_back = cycle(("qualified", "proposed"))

    def move_by_script() -> None:
        body = orjson.dumps({"to": next(there_and_back)})
        world.script.expect(200, "POST", f"/api/v1/use-cases/{by_script}/move/", body)

    yield compare(
        "one move, API",
        move_by_script,
        "an authenticated POST that does nothing",
        lambda: world.script.expect(200, "POST", "/api/v1/nothing/", b'{"to": "qualified"}'),
        rounds=effort.rounds(200),
        aim=AIM,
    )
    to_and_fro = cycle(("qualified", "proposed"))

    def move_by_form() -> None:
        body = f"to={next(to_and_fro)}".encode()
        world.browser.expect(302, "POST", f"/use-cases/{by_form}/move/", body)

    yield compare(
        "one move, form",
        move_by_form,
        "a signed-in POST that does nothing",
        lambda: world.browser.expect(200, "POST", "/nothing/", b"to=qualified"),
        rounds=effort.rounds(200),
        aim=AIM,
    )
