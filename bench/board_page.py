"""The board: the first fifty cards of each column out of a thousand, with what stops each."""

from collections.abc import Iterator

from bench import floors
from bench.rounds import Effort, Line, compare
from bench.world import CARDS, World

AIM = 6
HEADS = """
    SELECT uc.id, uc.reference, uc.title, uc.stage, uc.stage_reason, uc.parked_from, uc.jobs,
           uc.segments, uc.success_metrics, uc.retired_on, uc.revision, st.rank, st.place, st.score,
           st.outcome, st.data, st.review, st.economics, lighthouse.start_date,
           lighthouse.planned_weeks, lighthouse.shipped_on, lighthouse.acceptance,
           lighthouse.declared_verdict, verdict.verdict, owner.name, owner.email
    FROM unnest(%s::text[]) AS stage
    CROSS JOIN LATERAL (
        SELECT uc.* FROM portfolio_usecase uc
        JOIN portfolio_standing st ON st.use_case_id = uc.id
        WHERE uc.portfolio_id = %s AND uc.stage = stage
        ORDER BY st."order", uc.id LIMIT 50
    ) uc
    JOIN portfolio_standing st ON st.use_case_id = uc.id
    LEFT JOIN LATERAL (
        SELECT * FROM portfolio_lighthouse WHERE use_case_id = uc.id AND abandoned_at IS NULL
        ORDER BY id DESC LIMIT 1
    ) lighthouse ON true
    LEFT JOIN portfolio_lighthousestanding verdict ON verdict.lighthouse_id = lighthouse.id
    LEFT JOIN portfolio_user owner ON owner.id = lighthouse.owner_id
"""


def measured(world: World, effort: Effort) -> Iterator[Line]:
    from portfolio.rules.pipeline import Stage

    address = f"/portfolios/{world.board.key}/board/"
    stages = [stage.value for stage in Stage]
    yield compare(
        f"board, first 50 of 9 columns, {CARDS:,}",
        lambda: world.browser.expect(200, "GET", address),
        "one query of the same cards",
        lambda: floors.rows(HEADS, [stages, world.board.pk]),
        rounds=effort.rounds(40),
        aim=AIM,
    )
