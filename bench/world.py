"""The company that is measured: a large portfolio to list and rank, a small one with a board."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection
from django.utils import timezone

from assessments import certainty, ranking
from assessments.models import Criterion, DataSource, FourTests, Rating
from bench.asking import Asker, signed_in, with_token
from bench.laying import lay, settle_down
from config.wsgi import application
from portfolio.actions.portfolios import open_portfolio
from portfolio.actions.tokens import create_token
from portfolio.models import (
    ApiToken,
    Lighthouse,
    LighthouseStanding,
    Membership,
    Portfolio,
    Ranking,
    Standing,
    SuccessMetric,
    UseCase,
    User,
)
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage

CARDS = 1_000
ASSESSORS = 3
RATINGS_EACH = 10  # of a candidate in the large portfolio, by several people


@dataclass
class World:
    """Who is there, after `lay_down`."""

    rows: int
    ratings: int = 0
    sponsor: User = field(init=False)
    large: Portfolio = field(init=False)
    board: Portfolio = field(init=False)

    def lay_down(self, wanted: Collection[str]) -> None:
        """Everything by SQL, then a ranking by its worker, then what autovacuum would do."""
        people = [
            User.objects.create_user(f"person{n}@bench.example", None, name=f"Person {n}")
            for n in range(ASSESSORS)
        ]
        self.sponsor = people[0]
        self.sponsor.may_open_portfolios = True
        self.sponsor.save()
        actor = Actor(user=self.sponsor)
        self.large = open_portfolio(actor, key="BENCH", name="A hundred thousand ideas")
        self.board = open_portfolio(actor, key="CARDS", name="A thousand cards")
        for portfolio in (self.large, self.board):
            for person in people[1:]:
                Membership.objects.create(portfolio=portfolio, user=person, role="contributor")
        self._lay_large(people)
        self._lay_board()
        settle_down()
        for portfolio in (self.large, self.board):
            ranking.rebuild(portfolio.pk, timezone.now())
            certainty.simulate(portfolio.pk, timezone.now())
        settle_down()
        self.ratings = Ranking.objects.get(pk=self.large.pk).ratings

    def _lay_large(self, people: list[User]) -> None:
        numbers = f"generate_series(1, {self.rows}) AS n"
        _lay_use_cases(self.large, numbers, stage="CASE WHEN n % 10 = 0 THEN 'qualified'"
                                                   " ELSE 'proposed' END")  # fmt: skip
        _lay_standings(self.large, answers="CASE WHEN use_case.number % 4 = 0 THEN 0 ELSE 2 END")
        by_hand = Criterion.objects.in_portfolio(self.large.pk).in_force()
        criteria = [row.pk for row in by_hand if not row.is_derived]
        assessors = [one.pk for one in people]
        chosen = f"""
            (SELECT DISTINCT use_case.id AS use_case_id, n,
                    ({_array(criteria)})[1 + (use_case.number * 7 + n * 3) % {len(criteria)}]
                        AS criterion_id,
                    ({_array(assessors)})[1 + (use_case.number + n) % {len(assessors)}]
                        AS assessor_id,
                    (use_case.number * 31 + n * 17) % 31 AS point
             FROM portfolio_usecase AS use_case, generate_series(1, {RATINGS_EACH}) AS n
             WHERE use_case.portfolio_id = {self.large.pk}) AS chosen
        """
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # these keys are there
        lay(
            Rating, chosen, use_case_id="use_case_id", criterion_id="criterion_id",
            assessor_id="assessor_id", low="point / 10.0", likely="point / 10.0 + 1",
            high="point / 10.0 + 1.9", rated_at="now()",
            evidence="'Said by ' || assessor_id || ' after a look at the queue.'",
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")

    def _lay_board(self) -> None:
        stages = ", ".join(f"'{stage}'" for stage in Stage)
        at = f"1 + n % {len(Stage)}"
        _lay_use_cases(self.board, f"generate_series(1, {CARDS}) AS n",
                       stage=f"(ARRAY[{stages}])[{at}]")  # fmt: skip
        _lay_standings(self.board, answers="2")
        use_cases = f"portfolio_usecase WHERE portfolio_id = {self.board.pk}"
        lay(
            SuccessMetric, use_cases, use_case_id="id", metric="'first response time'", unit="'h'",
            statement="'Cut first response from 8 h to 0.5 h for 40 % of queries.'",
            direction="'lower'", baseline="8", target="0.5", segment="'tier-1 agents'",
        )  # fmt: skip
        lay(
            FourTests, use_cases, use_case_id="id", reviewer="'team lead on shift'",
            outputs="'all'", decision="'approve, edit or reject in the queue'",
            feedback="'edits go to the evaluation set weekly'",
            data_confirmed_by_id=str(self.sponsor.pk), data_confirmed_at="now()",
        )  # fmt: skip
        lay(
            DataSource, use_cases, use_case_id="id", name="'tickets'", system="'Zendesk'",
            use="'retrieve'", required="true", schema_consistent="true", is_clean="true",
            access_cleared="true", usable="'yes'",
            answered_at="now()",
        )  # fmt: skip
        in_delivery = "('selected', 'mobilising', 'building', 'live', 'decided')"
        lay(
            Lighthouse, f"{use_cases} AND stage IN {in_delivery}", use_case_id="id",
            portfolio_id="portfolio_id", owner_id=str(self.sponsor.pk), acceptance="'accepted'",
            answered_at="now()", created_at="now()", start_date="current_date - 20",
            verdict_due="current_date + 91",
        )  # fmt: skip
        lay(LighthouseStanding, "portfolio_lighthouse", lighthouse_id="id")

    # --- who asks -----------------------------------------------------------------------------

    @cached_property
    def script(self) -> Asker:
        """The sponsor's script, with a token that may write."""
        actor = Actor(user=self.sponsor)
        _, secret = create_token(
            actor, name="bench", scope=ApiToken.Scope.WRITE, now=timezone.now()
        )
        return with_token(application, secret)

    @cached_property
    def browser(self) -> Asker:
        """The sponsor's browser, signed in."""
        return signed_in(application, self.sponsor)


def _lay_use_cases(portfolio: Portfolio, numbers: str, *, stage: str) -> None:
    lay(
        UseCase, numbers, portfolio_id=str(portfolio.pk), number="n",
        reference=f"'{portfolio.key}-' || n", title="'Sort what arrives at desk ' || n",
        problem="'It waits for ' || n % 50 || ' hours until somebody looks at it; nobody counts.'",
        jobs="ARRAY['sort what arrives']", segments="ARRAY['people at the desk']",
        success_metrics="ARRAY['hours until answered']", business_unit="'Unit ' || n % 40",
        external_key="'KEY-' || n", task_type="'routine'", stage=stage,
        stage_entered_at="now()", created_at="now()", proposed_by_id=str(_any_member(portfolio)),
        revision=str(portfolio.revision),
    )  # fmt: skip
    Portfolio.objects.take_numbers(portfolio.pk, UseCase.objects.in_portfolio(portfolio.pk).count())


def _lay_standings(portfolio: Portfolio, *, answers: str) -> None:
    lay(
        Standing, f"portfolio_usecase AS use_case WHERE portfolio_id = {portfolio.pk}",
        use_case_id="id", portfolio_id="portfolio_id", number="number", outcome="2", data="2",
        review="2", economics=answers, data_readiness_low="4 - number % 4",
        data_readiness_likely="5 - number % 4", data_readiness_high="5 - number % 4",
        net_per_month="number % 90000", annual_net_value="12 * (number % 90000)",
        revision=str(portfolio.revision),
    )  # fmt: skip


def _any_member(portfolio: Portfolio) -> int:
    return Membership.objects.in_portfolio(portfolio.pk).first().user_id


def _array(keys: list[int]) -> str:
    return f"ARRAY[{', '.join(map(str, keys))}]"
