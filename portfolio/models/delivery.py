from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models

from portfolio.models.base import Line, Versioned, choices
from portfolio.models.people import Portfolio, User
from portfolio.models.pipeline import Amount, Guardrail, UseCase
from portfolio.querysets.delivery import (
    AmendmentQuerySet,
    ForecastQuerySet,
    LighthouseQuerySet,
    LighthouseStandingQuerySet,
    MilestoneQuerySet,
    ReadingQuerySet,
)
from portfolio.rules import clock, verdicts
from portfolio.rules import contract as contracts
from portfolio.rules.words import Acceptance, Direction, LimitKind, Verdict


class Lighthouse(Versioned):
    """The delivery of a use case: owner, plan, clock. Active until declared or abandoned."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="lighthouses")
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="lighthouses")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    acceptance = models.CharField(
        max_length=8, choices=choices(Acceptance), default=Acceptance.ASKED.value
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    # The plan, free to change until the contract is sealed.
    start_date = models.DateField(null=True, blank=True)
    start_reason = models.TextField(blank=True)
    planned_weeks = models.PositiveSmallIntegerField(default=16)
    verdict_due = models.DateField(null=True, blank=True, editable=False)
    how_measured = models.TextField(blank=True)
    smallest_sample = models.PositiveIntegerField(null=True, blank=True)
    last_readings = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    no_guardrails = models.BooleanField(default=False)
    # Facts, recorded whatever the stage.
    production_environment = models.CharField(max_length=250, blank=True)
    reading_plan = models.TextField(blank=True)
    review_working_on = models.DateField(null=True, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    shipped_entered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The end.
    retrospective = models.TextField(blank=True)
    declared_verdict = models.CharField(max_length=7, choices=choices(Verdict), blank=True)
    declared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(null=True, blank=True)
    declared_reason = models.TextField(blank=True)
    computed_at_declaration = models.CharField(max_length=7, choices=choices(Verdict), blank=True)
    reasons_at_declaration = ArrayField(
        models.CharField(max_length=20), blank=True, default=list, db_default=[]
    )
    words_at_declaration = ArrayField(models.TextField(), blank=True, default=list, db_default=[])
    abandoned_at = models.DateTimeField(null=True, blank=True)
    # Declared, and its use case was moved back since: the next attempt has another lighthouse.
    left_behind_at = models.DateTimeField(null=True, blank=True, editable=False)
    settle_wanted = models.BigIntegerField(default=0, editable=False)

    objects = LighthouseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case"],
                condition=models.Q(declared_at=None, abandoned_at=None),
                name="one_active_lighthouse_per_use_case",
                violation_error_message="This use case has an active lighthouse already.",
            ),
            models.CheckConstraint(
                condition=models.Q(planned_weeks__range=(8, 16)),
                name="planned_weeks_are_8_to_16",
                violation_error_message="A lighthouse runs 8 to 16 weeks.",
            ),
        ]

    def __str__(self) -> str:
        return f"lighthouse {self.pk} of {self.use_case_id}"

    @property
    def is_active(self) -> bool:
        return self.declared_at is None and self.abandoned_at is None

    @property
    def is_of_this_attempt(self) -> bool:
        """Neither abandoned nor left behind by a retry: what its use case stands on now."""
        return self.abandoned_at is None and self.left_behind_at is None

    @property
    def is_sealed(self) -> bool:
        return hasattr(self, "contract")

    @property
    def is_ship_date_late(self) -> bool:
        """Whether the ship date was entered after the verdict day for a day up to it."""
        if self.shipped_on is None or self.shipped_entered_at is None or self.verdict_due is None:
            return False
        entered_on = clock.today_in(self.portfolio.time_zone, self.shipped_entered_at)
        return verdicts.is_late(entered_on, self.shipped_on, self.verdict_due)

    @property
    def reasons(self) -> list[str]:
        """Why the verdict is a failure: as it was declared, else as it is computed."""
        if self.declared_at is not None:
            return self.reasons_at_declaration
        return self.standing.verdict_reasons if hasattr(self, "standing") else []

    @property
    def reason_words(self) -> list[str]:
        """The same in words."""
        if self.declared_at is not None:
            return self.words_at_declaration
        return self.standing.reason_words if hasattr(self, "standing") else []

    @property
    def would_now_read(self) -> str | None:
        """The verdict as computed today, where a correction changed it after the declaration."""
        if self.declared_at is None or self.standing.verdict == self.computed_at_declaration:
            return None
        return self.standing.verdict


class Contract(Versioned):
    """The success contract as sealed on entering `mobilising`; amendments alone change it."""

    lighthouse = models.OneToOneField(
        Lighthouse, models.PROTECT, primary_key=True, related_name="contract"
    )
    statement = models.TextField()
    metric = models.CharField(max_length=120)
    unit = models.CharField(max_length=40)
    direction = models.CharField(max_length=6, choices=choices(Direction))
    baseline = Amount()
    target = Amount()
    segment = models.CharField(max_length=250)
    guardrails = models.JSONField(default=list)  # [{id, metric, unit, kind, limit}]
    how_measured = models.TextField()
    smallest_sample = models.PositiveIntegerField()
    last_readings = models.PositiveSmallIntegerField(default=1)
    start_date = models.DateField()
    planned_weeks = models.PositiveSmallIntegerField()
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.metric}: {self.baseline} to {self.target}"

    def as_agreed(self) -> contracts.Contract:
        """The contract as the verdict's rules take it."""
        return contracts.Contract(
            metric=self.metric,
            unit=self.unit,
            direction=Direction(self.direction),
            baseline=self.baseline,
            target=self.target,
            guardrails=tuple(
                contracts.Guardrail(
                    id=guardrail["id"],
                    metric=guardrail["metric"],
                    kind=LimitKind(guardrail["kind"]),
                    limit=Decimal(guardrail["limit"]),
                    unit=guardrail["unit"],
                )
                for guardrail in self.guardrails
            ),
            how_measured=self.how_measured,
            smallest_sample=self.smallest_sample,
            last_readings=self.last_readings,
            start_date=self.start_date,
            planned_weeks=self.planned_weeks,
        )


class Amendment(Versioned):
    """A sponsor's later change of a sealed contract. It stands beside the verdict for good."""

    lighthouse = models.ForeignKey(Lighthouse, models.PROTECT, related_name="amendments")
    changes = models.JSONField()  # {field: [before, after]}
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AmendmentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.reason


class Milestone(Versioned):
    """A dated promise; done or not, with who and when."""

    lighthouse = models.ForeignKey(Lighthouse, models.PROTECT, related_name="milestones")
    title = Line(max_length=200)
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MilestoneQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title


class Forecast(Versioned):
    """When the owner says it will be in production. Append-only, so that drift can be seen."""

    lighthouse = models.ForeignKey(Lighthouse, models.PROTECT, related_name="forecasts")
    ships_on = models.DateField()
    note = models.TextField(blank=True)
    made_on = models.DateField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = ForecastQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.ships_on}, said on {self.made_on}"


class Reading(Versioned):
    """A measured value of the success metric, or of a guardrail. A correction supersedes."""

    lighthouse = models.ForeignKey(Lighthouse, models.PROTECT, related_name="readings")
    guardrail = models.ForeignKey(
        Guardrail, models.PROTECT, null=True, blank=True, related_name="readings"
    )  # none: the success metric
    metric = models.CharField(
        max_length=120, default="", db_default=""
    )  # as it was called when it was entered
    unit = models.CharField(max_length=40, blank=True, default="", db_default="")
    value = Amount()
    measured_on = models.DateField()
    source = models.CharField(max_length=250, blank=True)
    sample_size = models.PositiveIntegerField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lighthouse", "guardrail", "measured_on"], name="reading_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.measured_on}"

    def is_of(self, metric: str, unit: str) -> bool:
        """Whether it measures this: the name in any case, and the very unit."""
        return self.metric.casefold() == metric.casefold() and self.unit == unit


class LighthouseStanding(Versioned):
    """What workers publish of a lighthouse: the verdict and its reasons."""

    lighthouse = models.OneToOneField(
        Lighthouse, models.PROTECT, primary_key=True, related_name="standing"
    )
    verdict = models.CharField(
        max_length=7, choices=choices(Verdict), default=Verdict.PENDING.value
    )
    verdict_reasons = ArrayField(models.CharField(max_length=20), default=list)
    reason_words = ArrayField(models.TextField(), default=list)
    value_in_force = Amount(null=True)
    computed_at = models.DateTimeField(null=True)
    settle_done = models.BigIntegerField(default=0)

    objects = LighthouseStandingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.lighthouse_id}: {self.verdict}"
