"""The list of use cases as a script pulls it: 50 of all, the first of them."""

from collections.abc import Iterator

from bench import floors
from bench.asking import Asker
from bench.rounds import Effort, Line, compare
from bench.world import World

AIM = 4
# The fields of the answer, in its order and form; one statement, by the key that the list has.
FIRST_FIFTY = """
    SELECT uc.id, uc.reference, p.key AS portfolio, uc.title, uc.problem, uc.jobs, uc.segments,
           uc.success_metrics, uc.business_unit, uc.external_key, uc.task_type, uc.customer_facing,
           uc.stage, uc.stage_entered_at, uc.stage_reason, uc.parked_from, uc.source_stage,
           origin.reference AS split_from, uc.retired_on, proposer.email AS proposed_by,
           uc.created_at, owner.email AS owner, lighthouse.id AS lighthouse,
           least(st.outcome, st.data, st.review, st.economics) = 2 AS ready,
           array_remove(ARRAY[CASE WHEN st.outcome <> 2 THEN 'outcome' END,
                              CASE WHEN st.data <> 2 THEN 'data' END,
                              CASE WHEN st.review <> 2 THEN 'review' END,
                              CASE WHEN st.economics <> 2 THEN 'economics' END], NULL) AS missing,
           st.impact, st.feasibility, st.score, st.rank, uc.revision AS version, uc.revision
    FROM portfolio_usecase uc
    JOIN portfolio_portfolio p ON p.id = uc.portfolio_id
    JOIN portfolio_standing st ON st.use_case_id = uc.id
    LEFT JOIN portfolio_usecase origin ON origin.id = uc.split_from_id
    LEFT JOIN portfolio_user proposer ON proposer.id = uc.proposed_by_id
    LEFT JOIN LATERAL (SELECT id, owner_id FROM portfolio_lighthouse
                       WHERE use_case_id = uc.id AND abandoned_at IS NULL
                       ORDER BY id DESC LIMIT 1) lighthouse ON true
    LEFT JOIN portfolio_user owner ON owner.id = lighthouse.owner_id
    WHERE uc.portfolio_id = %s ORDER BY uc.number LIMIT 50
"""


def measured(world: World, effort: Effort) -> Iterator[Line]:
    address = f"/api/v1/use-cases/?portfolio={world.large.key}"

    def answer(environ: dict) -> tuple[str, bytes]:
        rows = floors.rows(FIRST_FIFTY, [world.large.pk])
        return "200 OK", floors.as_json({"next": None, "previous": None, "results": rows})

    bare = Asker(floors.bare(answer))
    yield compare(
        "API list, 50 use cases",
        lambda: world.script.expect(200, "GET", address),
        "psycopg + orjson of the same rows",
        lambda: bare.expect(200, "GET", address),
        rounds=effort.rounds(200),
        aim=AIM,
    )
