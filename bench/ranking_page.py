"""The ranking as a page: 100 rows of the table and up to 2,000 bubbles of the picture."""

from collections.abc import Iterator

from assessments.pages.ranking import MOST_BUBBLES
from assessments.views.ranking import ROWS
from bench import floors
from bench.asking import Asker
from bench.rounds import Effort, Line, compare
from bench.world import World
from portfolio.models import Portfolio

AIM = 8
IN_ORDER = """
    SELECT uc.reference, uc.title, uc.business_unit, st.rank, st.place, st.score, st.impact,
           st.feasibility, st.annual_net_value, st.unrated
    FROM portfolio_standing st JOIN portfolio_usecase uc ON uc.id = st.use_case_id
    WHERE st.portfolio_id = %s AND st.score IS NOT NULL ORDER BY st."order", st.use_case_id
    LIMIT %s
"""


def measured(world: World, effort: Effort) -> Iterator[Line]:
    address = f"/portfolios/{world.large.key}/ranking/"

    def answer(environ: dict) -> tuple[str, bytes]:
        table = floors.rows(IN_ORDER, [world.large.pk, ROWS])
        picture = floors.rows(IN_ORDER, [world.large.pk, MOST_BUBBLES])
        return "200 OK", floors.as_json({"table": table, "picture": picture})

    bare = Asker(floors.bare(answer))
    drawn = min(world.rows, MOST_BUBBLES)
    yield compare(
        f"ranking page, {ROWS} rows, {drawn:,} drawn",
        lambda: world.browser.expect(200, "GET", address),
        "psycopg + orjson of the same rows",
        lambda: bare.expect(200, "GET", address),
        rounds=effort.rounds(30),
        aim=AIM,
    )
    state = poll_state(world, address)
    yield compare(
        "ranking page, polled, nothing new",
        lambda: world.browser.expect(204, "GET", state, HTTP_HX_REQUEST="true"),
        "a page that does nothing",
        lambda: world.browser.expect(200, "POST", "/nothing/"),
        rounds=effort.rounds(200),
    )


def poll_state(world: World, address: str) -> str:
    """The address that the open page asks every two seconds."""
    row = Portfolio.objects.with_ranking().get(pk=world.large.pk)
    return f"{address}?seen={row.revision}.{row.ranking.done}.{row.simulation.done}"
