"""What every kind of hostile input begins with."""

import json

from tests.access_world import World

FAR = "9999-12-31"


def names_of(world: World) -> dict:
    return {**world.own, "token": world.tokens["sponsor"]}


def who(way) -> str:
    return "sponsor" if "sponsor" in way.who else min(way.who)


def errors_of(answer) -> list[dict]:
    return json.loads(answer.content).get("errors", [])
