from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Coalesce, Left, Upper

from portfolio.models.base import Versioned, choices
from portfolio.models.people import Portfolio, User
from portfolio.querysets.pipeline import (
    GateOverrideQuerySet,
    GuardrailQuerySet,
    UseCaseQuerySet,
)
from portfolio.querysets.ranking import (
    RankingQuerySet,
    SimulationQuerySet,
    StandingQuerySet,
)
from portfolio.querysets.searching import use_case_text
from portfolio.rules.likeness import BEGINNING
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Answer, Direction, LimitKind, Place, TaskType

if TYPE_CHECKING:
    from portfolio.models.delivery import Lighthouse


TESTS = ("outcome", "data", "review", "economics")


class Amount(models.DecimalField):
    """A measured value or a sum of money: 18 digits, 6 of them after the point."""

    def __init__(self, **options) -> None:
        super().__init__(**{"max_digits": 18, "decimal_places": 6, **options})


class UseCase(Versioned):
    """A candidate and all that it becomes. Stopped, never deleted."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="use_cases")
    number = models.PositiveIntegerField(editable=False)
    reference = models.CharField(max_length=24, unique=True, editable=False)
    title = models.CharField(max_length=250)
    problem = models.TextField(blank=True)
    jobs = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    segments = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    success_metrics = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    business_unit = models.CharField(max_length=250, blank=True)
    external_key = models.CharField(max_length=250, blank=True)
    task_type = models.CharField(max_length=16, choices=choices(TaskType), blank=True)
    customer_facing = models.BooleanField(default=False)
    stage = models.CharField(max_length=12, choices=choices(Stage), default=Stage.PROPOSED.value)
    stage_entered_at = models.DateTimeField()
    stage_reason = models.TextField(blank=True)
    parked_from = models.CharField(max_length=12, choices=choices(Stage), blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    retired_on = models.DateField(null=True, blank=True)
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    # It was the same idea as this one, and went into it; never to one that was merged itself.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    merged_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What an import knows: the row it came from, the source's own stage, columns nobody mapped.
    import_key = models.CharField(max_length=64, blank=True, editable=False)
    source_stage = models.CharField(max_length=250, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    objects = UseCaseQuerySet.as_manager()

    lighthouses: "models.Manager[Lighthouse]"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "number"], name="one_number_per_use_case"),
            models.UniqueConstraint(
                fields=["portfolio", "import_key"],
                condition=~models.Q(import_key=""),
                name="one_use_case_per_import_key",
            ),
        ]
        indexes = [
            models.Index(fields=["portfolio", "stage", "number"], name="use_case_by_stage"),
            models.Index(fields=["portfolio", "external_key"], name="use_case_by_external_key"),
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="use_case_title_search"),
            GinIndex(OpClass(use_case_text(), "gin_trgm_ops"), name="use_case_search"),
            GinIndex(
                OpClass(Upper(Left("problem", BEGINNING)), "gin_trgm_ops"),
                name="use_case_problem_search",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class SuccessMetric(Versioned):
    """The one number of a use case, and the sentence that it belongs to."""

    use_case = models.OneToOneField(
        UseCase, models.PROTECT, primary_key=True, related_name="success_metric"
    )
    statement = models.TextField(blank=True)
    metric = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=6, choices=choices(Direction), blank=True)
    baseline = Amount(null=True, blank=True)
    target = Amount(null=True, blank=True)
    segment = models.CharField(max_length=250, blank=True)
    other_metrics = ArrayField(models.CharField(max_length=250), default=list, blank=True)

    def __str__(self) -> str:
        return self.metric or "no metric yet"


class Guardrail(Versioned):
    """A metric that must stay at its limit or better while the success metric moves."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="guardrails")
    metric = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=8, choices=choices(LimitKind))
    limit = Amount()
    removed_at = models.DateTimeField(null=True, blank=True)  # readings may still point here

    objects = GuardrailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case", "metric"],
                condition=models.Q(removed_at=None),
                name="one_guardrail_per_metric",
                violation_error_message="This metric has a guardrail already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.kind.replace('_', ' ')} {self.limit.normalize():f}"


class GateOverride(models.Model):
    """A sponsor's written reason for passing a gate that did not open. It stays for good."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="overrides")
    from_stage = models.CharField(max_length=12, choices=choices(Stage))
    to_stage = models.CharField(max_length=12, choices=choices(Stage))
    conditions = models.JSONField(default=list)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = GateOverrideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.from_stage} to {self.to_stage}: {self.reason}"


class Standing(Versioned):
    """What a ranking and the other rooms publish of a use case: numbers only, one narrow row."""

    use_case = models.OneToOneField(
        UseCase, models.PROTECT, primary_key=True, related_name="standing"
    )
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    # By the ranking's worker.
    rank = models.PositiveIntegerField(null=True)
    # Never null, so that a page deep in the order is found by the index as fast as the first.
    order = models.GeneratedField(
        expression=Coalesce("rank", models.Value(2_147_483_647)),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    place = models.PositiveSmallIntegerField(
        null=True, choices=[(place.value, place.name.lower()) for place in Place]
    )
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    impact = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    feasibility = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    unrated = models.PositiveSmallIntegerField(default=0)
    stale_inputs = models.PositiveSmallIntegerField(default=0)
    # By the simulation's worker: chances from 0 to 1, and the ends of 80 % intervals.
    p_first = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    p_top3 = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    rank_low = models.PositiveIntegerField(null=True)
    rank_high = models.PositiveIntegerField(null=True)
    impact_low = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    impact_high = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    feasibility_low = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    feasibility_high = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    # By the four tests: an `Answer` each.
    outcome = models.PositiveSmallIntegerField(default=0)
    data = models.PositiveSmallIntegerField(default=0)
    review = models.PositiveSmallIntegerField(default=0)
    economics = models.PositiveSmallIntegerField(default=0)
    economics_overruled = models.BooleanField(default=False)  # a person answered no
    data_readiness_low = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    data_readiness_likely = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    data_readiness_high = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    data_as_of = models.DateTimeField(null=True)  # as old as what it comes from
    # By disqualifiers that are open: a bit each, 0 is none. A scope that is too wide is read from
    # the use case itself.
    disqualified = models.PositiveSmallIntegerField(default=0)
    # By the economics.
    net_per_month = Amount(null=True)
    annual_net_value = Amount(null=True)
    value_as_of = models.DateTimeField(null=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["portfolio", "order", "use_case"], name="standing_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.use_case_id}: {self.rank}"

    @property
    def ready(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """The tests that are not answered yes, in their order."""
        return [test for test in TESTS if getattr(self, test) != Answer.YES]


class Ranking(models.Model):
    """How far a portfolio's ranking has come; apart from it, so that publishing blocks no edit."""

    portfolio = models.OneToOneField(
        Portfolio, models.PROTECT, primary_key=True, related_name="ranking"
    )
    done = models.BigIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)
    candidates = models.PositiveIntegerField(default=0)
    ranked = models.PositiveIntegerField(default=0)
    ratings = models.PositiveIntegerField(default=0)

    objects = RankingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.portfolio_id} at {self.done}"


class Simulation(models.Model):
    """How far the certainty of a ranking has come; apart from it, so that no rank waits for it."""

    portfolio = models.OneToOneField(
        Portfolio, models.PROTECT, primary_key=True, related_name="simulation"
    )
    done = models.BigIntegerField(default=0)  # of which ranking: its `done`
    computed_at = models.DateTimeField(null=True)
    simulated = models.PositiveIntegerField(default=0)
    # The chance that the first candidate scores above the second.
    p_lead = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    # What would swap these two: {"weight": {slug, now, to}, "value": {slug, use_case, now, to},
    # "rating": {slug, use_case, assessor, now, to}, or None where no single rating can}.
    flips = models.JSONField(default=dict)
    # What could change the pick if it were known: [{use_case, criterion, chance, gain}, ...].
    unknowns = models.JSONField(default=list)

    objects = SimulationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.portfolio_id} at {self.done}"
