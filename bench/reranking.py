"""From a committed edit to the published ranking of the whole portfolio."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
from django.utils import timezone

from assessments import ranking
from assessments.models import Criterion, Rating
from assessments.querysets.sheet import read_ratings
from bench import floors
from bench.rounds import Effort, Line, compare
from bench.world import World
from portfolio.models import Portfolio, Standing

AIM = 3


def measured(world: World, effort: Effort) -> Iterator[Line]:
    by_hand = list(Criterion.objects.in_portfolio(world.large.pk).in_force())
    by_hand = [row for row in by_hand if not row.is_derived]
    heaviest = by_hand[0]
    floor = Floor(world.large.pk, [row.pk for row in by_hand], [row.axis for row in by_hand])
    weights = cycle((3, 2))

    def change_a_weight() -> None:
        weight = next(weights)
        Criterion.objects.filter(pk=heaviest.pk).update(weight=weight)
        floor.weights[0] = weight
        Portfolio.objects.want_ranking(world.large.pk)

    def recompute() -> None:
        ranking.recompute(world.large.pk, timezone.now())

    change_a_weight()
    recompute()
    floor.run()
    yield compare(
        f"re-rank of {world.rows:,}, a weight moved",
        recompute,
        "COPY out, numpy means, changes written",
        floor.run,
        rounds=effort.rounds(10),
        aim=AIM,
        before=change_a_weight,
    )
    rated = Rating.objects.filter(criterion=heaviest).first()
    likely = cycle((rated.low, rated.high))

    def rate() -> None:
        Rating.objects.filter(pk=rated.pk).update(likely=next(likely))
        Portfolio.objects.want_ranking(world.large.pk)

    yield compare(
        f"re-rank of {world.rows:,}, one rating",
        recompute,
        "COPY out, numpy means, changes written",
        floor.run,
        rounds=effort.rounds(10),
        aim=AIM,
        before=rate,
    )


class Floor:
    """The least that a ranking of the same ratings could cost, into a table of its own."""

    def __init__(self, portfolio_id: int, criteria: list[int], axes: list[str]) -> None:
        self.portfolio_id = portfolio_id
        self.criteria = np.array(criteria)
        self.is_impact = np.array([axis == "impact" for axis in axes])
        self.weights = [1] * len(criteria)
        database = floors.held()
        columns = ", ".join(
            f'"{field.column}"' for field in Standing._meta.concrete_fields if not field.generated
        )
        database.execute("CREATE TABLE bench_standing (LIKE portfolio_standing INCLUDING ALL)")
        database.execute(
            f"INSERT INTO bench_standing ({columns}) SELECT {columns} FROM portfolio_standing"
            " WHERE portfolio_id = %s",
            [portfolio_id],
        )
        found = Standing.objects.in_portfolio(portfolio_id).in_rank_order()
        self.ids = np.sort(np.fromiter(found.values_list("pk", flat=True), dtype=np.int64))
        self.before = np.zeros((2, len(self.ids)))
        self.run()

    def run(self) -> None:
        """Ratings out, their means, both axes, the order; what changed written back."""
        # Read as the product does, in the one way found that is not dominated by its reader.
        ratings = read_ratings(self.criteria.tolist())
        size = len(self.ids)
        order = np.argsort(self.criteria)
        row = order[np.searchsorted(self.criteria[order], ratings["criterion"].astype(np.int64))]
        cell = row * size + np.searchsorted(self.ids, ratings["use_case"].astype(np.int64))
        cells = len(self.criteria) * size
        sums = np.bincount(cell, weights=ratings["tenths"], minlength=cells)
        counts = np.bincount(cell, minlength=cells)
        means = np.where(counts, sums / np.maximum(counts, 1) / 60, 2.5)
        means = means.reshape(len(self.criteria), size)
        weights = np.array(self.weights, dtype=float)
        impact, feasibility = (
            2 * weights[chosen] @ means[chosen] / weights[chosen].sum()
            for chosen in (self.is_impact, ~self.is_impact)
        )
        score = np.round(impact * feasibility, 4)
        rank = np.empty(size, dtype=np.int64)
        rank[np.lexsort((self.ids, -score))] = np.arange(1, size + 1)
        now = np.stack((rank, score))
        changed = np.flatnonzero((now != self.before).any(axis=0))
        self.before = now
        self._write(
            zip(
                self.ids[changed].tolist(), rank[changed].tolist(), score[changed].tolist(),
                np.round(impact[changed], 4).tolist(), np.round(feasibility[changed], 4).tolist(),
                strict=True,
            )
        )  # fmt: skip

    def _write(self, rows) -> None:
        database = floors.held()
        with database.transaction(), database.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE bench_news (id bigint, rank int, score numeric, impact numeric,"
                " feasibility numeric) ON COMMIT DROP"
            )
            with cursor.copy("COPY bench_news FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                "UPDATE bench_standing AS old SET rank = news.rank, score = news.score,"
                " impact = news.impact, feasibility = news.feasibility"
                " FROM bench_news AS news WHERE old.use_case_id = news.id"
            )
