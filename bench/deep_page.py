"""A page deep in a list, which is to cost what the first one costs."""

from collections.abc import Iterator

from bench.rounds import Effort, Line, compare
from bench.world import World
from portfolio.doors.paging import Cursor
from portfolio.models import Ranking, Standing

AIM = 1.1


def measured(world: World, effort: Effort) -> Iterator[Line]:
    first = f"/api/v1/use-cases/?portfolio={world.large.key}"
    deep = Cursor([world.rows * 9 // 10]).written()
    yield compare(
        "API list, deep page",
        lambda: world.script.expect(200, "GET", f"{first}&cursor={deep}"),
        "its first page",
        lambda: world.script.expect(200, "GET", first),
        rounds=effort.rounds(200),
        aim=AIM,
    )
    first_ranked = f"/api/v1/portfolios/{world.large.key}/ranking/"
    ticket = Ranking.objects.get(pk=world.large.pk).done
    row = Standing.objects.get(portfolio=world.large, rank=world.rows * 9 // 10)
    deep_ranked = Cursor([row.order, row.pk], ticket=ticket).written()
    yield compare(
        "API ranking, deep page",
        lambda: world.script.expect(200, "GET", f"{first_ranked}?cursor={deep_ranked}"),
        "its first page",
        lambda: world.script.expect(200, "GET", first_ranked),
        rounds=effort.rounds(200),
        aim=AIM,
    )
