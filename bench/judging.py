"""What the ranking page stands on: knowing's worth, other weights, search, exports, one number."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
from django.utils import timezone

from assessments.models import Criterion
from assessments.querysets.sheet import Fresh, read_ratings, read_use_cases
from assessments.rules.knowing import value_of_knowing
from assessments.rules.simulation import simulate
from assessments.what_if import Supposed
from bench import floors
from bench.asking import Asker
from bench.ranking_page import IN_ORDER
from bench.rounds import Effort, Line, compare
from bench.simulating import CANDIDATES, drawn_up
from bench.world import World

FOUND = """
    SELECT reference, title, business_unit, stage FROM portfolio_usecase
    WHERE lower(title) LIKE '%%desk 99%%' ORDER BY number LIMIT 8
"""
EXPORTED = 10**9  # all of them


def measured(world: World, effort: Effort) -> Iterator[Line]:
    yield knowing(effort)
    yield what_if(world, effort)
    yield search(world, effort)
    yield export(world, effort)
    yield number(world, effort)


def knowing(effort: Effort) -> Line:
    """Exact, for every criterion of every candidate that could still win."""
    candidates = effort.size(CANDIDATES)
    opinions = drawn_up(np.random.default_rng(11), candidates)
    return compare(
        f"value of knowing, {candidates:,} candidates",
        lambda: value_of_knowing(opinions, []),
        "one simulation of the same candidates",
        lambda: simulate(opinions),
        rounds=effort.rounds(5),
        aim=1,
    )


def what_if(world: World, effort: Effort) -> Line:
    """Every candidate under two sets of weights, against reading what that needs."""
    portfolio, now = world.large, timezone.now()
    criteria = [
        row.pk
        for row in Criterion.objects.in_portfolio(portfolio.pk).in_force()
        if not row.is_derived
    ]

    def read() -> None:
        read_use_cases(portfolio.pk, Fresh.of(portfolio, now))
        read_ratings(criteria)

    other = {"headroom": Decimal(9), "ai_fit": Decimal(1)}
    return compare(
        f"what if, {world.rows:,} candidates",
        lambda: Supposed.of(portfolio.pk, now, other, {}),
        "COPY of the same rows and ratings",
        read,
        rounds=effort.rounds(10),
        aim=3,
    )


def search(world: World, effort: Effort) -> Line:
    """From anywhere, as it is typed."""
    bare = Asker(floors.bare(lambda _: ("200 OK", floors.as_json(floors.rows(FOUND)))))
    return compare(
        "search from anywhere",
        lambda: world.browser.expect(200, "GET", "/search/?q=desk+99", HTTP_HX_REQUEST="true"),
        "psycopg + orjson of the hits",
        lambda: bare.expect(200, "GET", "/"),
        rounds=effort.rounds(100),
    )


def export(world: World, effort: Effort) -> Line:
    """The whole table as CSV, streamed."""

    def floor(environ: dict) -> tuple[str, bytes]:
        found = floors.rows(IN_ORDER, [world.large.pk, EXPORTED])
        lines = io.StringIO()
        writer = csv.writer(lines)
        writer.writerows(row.values() for row in found)
        return "200 OK", lines.getvalue().encode()

    bare = Asker(floors.bare(floor))
    address = f"/portfolios/{world.large.key}/ranking/export/csv/"
    return compare(
        f"export of {world.rows:,} rows",
        lambda: world.browser.expect(200, "GET", address),
        "psycopg + csv of the same rows",
        lambda: bare.expect(200, "GET", "/"),
        rounds=effort.rounds(10),
    )


def number(world: World, effort: Effort) -> Line:
    """Where one score comes from."""
    address = f"/use-cases/{world.large.key}-1/numbers/feasibility/"
    return compare(
        "where a number comes from",
        lambda: world.browser.expect(200, "GET", address, HTTP_HX_REQUEST="true"),
        "a page that does nothing",
        lambda: world.browser.expect(200, "POST", "/nothing/"),
        rounds=effort.rounds(100),
    )
