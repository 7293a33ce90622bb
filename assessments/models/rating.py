import re
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Cast

from assessments.querysets.rows import CriterionQuerySet, DisqualifierQuerySet, RatingQuerySet
from assessments.rules.calibration import widened_ends
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.four_tests import Disqualification
from portfolio.models import Portfolio, UseCase, User
from portfolio.models.base import Line, Versioned, choices

SLUG = re.compile(r"\A[a-z][a-z0-9_]{1,39}\Z")


class Criterion(Versioned):
    """What candidates are rated on. Retired, never deleted."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    slug = models.CharField(
        max_length=40,
        validators=[RegexValidator(SLUG, "Small letters, digits and _, such as ai_fit.")],
    )
    name = Line(max_length=80)
    axis = models.CharField(max_length=11, choices=choices(Axis))
    weight = models.DecimalField(
        max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    question = models.TextField()
    anchor_0 = models.CharField("what 0 looks like", max_length=250, blank=True)
    anchor_3 = models.CharField("what 3 looks like", max_length=250, blank=True)
    anchor_5 = models.CharField("what 5 looks like", max_length=250, blank=True)
    derived_from = models.CharField(
        max_length=14, choices=choices(Derivation), blank=True, editable=False
    )
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "slug"],
                name="one_criterion_per_slug",
                violation_error_message="A criterion with this slug is there already.",
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0),
                name="a_weight_is_never_below_zero",
                violation_error_message="A weight is 0 or more.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_derived(self) -> bool:
        return bool(self.derived_from)


class Point(models.DecimalField):
    """0 to 5, with one decimal."""

    def __init__(self, **options) -> None:
        checks = [
            MinValueValidator(0, "A rating is 0 to 5."),
            MaxValueValidator(5, "A rating is 0 to 5."),
        ]
        super().__init__(**{"max_digits": 2, "decimal_places": 1, "validators": checks, **options})


class Points:
    """What is said as low, likely and high."""

    low: Decimal
    likely: Decimal
    high: Decimal

    @property
    def points(self) -> list[str]:
        """As events keep them: "3.5" each."""
        return [f"{point:.1f}" for point in (self.low, self.likely, self.high)]


class Rating(Points, Versioned):
    """One assessor's judgement of one criterion: low, likely, high on 0 to 5."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="ratings", db_index=False)
    assessor = models.ForeignKey(User, models.PROTECT, related_name="+")
    low = Point()
    likely = Point()
    high = Point()
    evidence = models.TextField(blank=True)
    rated_at = models.DateTimeField()
    # Said by an assessor of a blind round after that had closed and shown what all others said.
    after_seeing = models.BooleanField(default=False, db_default=False)
    # low + 4 × likely + high in tenths, so that ranking a whole portfolio needs no arithmetic.
    tenths = models.GeneratedField(
        expression=Cast((F("low") + 4 * F("likely") + F("high")) * 10, models.SmallIntegerField()),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    widened_by: Decimal | None = None  # the factor, where `with_names` read it

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case", "criterion", "assessor"], name="one_rating_per_assessor"
            ),
            models.CheckConstraint(
                condition=models.Q(low__gte=0, low__lte=F("likely"), likely__lte=F("high"))
                & models.Q(high__lte=5),
                name="low_likely_high_rise_from_0_to_5",
                violation_error_message="Low, likely and high rise, from 0 to 5.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["criterion", "use_case"], include=["tenths"], name="rating_for_ranking"
            ),
            models.Index(fields=["criterion", "rated_at"], name="rating_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.low} to {self.high}, likely {self.likely}"

    @property
    def counts_as(self) -> tuple[Decimal, Decimal]:
        """Its ends as they count while it is fresh."""
        if self.widened_by is None:
            return self.low, self.high
        return widened_ends(self.low, self.likely, self.high, self.widened_by)

    @property
    def counts_low(self) -> Decimal:
        return self.counts_as[0]

    @property
    def counts_high(self) -> Decimal:
        return self.counts_as[1]


class Disqualifier(Versioned):
    """Why a use case should not be taken on, raised with evidence."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=18, choices=choices(Disqualification))
    evidence = models.TextField()
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    resolution = models.TextField(blank=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    overruled_reason = models.TextField(blank=True)
    overruled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    overruled_at = models.DateTimeField(null=True, blank=True)

    objects = DisqualifierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case", "kind"],
                condition=models.Q(resolved_at=None, overruled_at=None),
                name="one_open_disqualifier_per_kind",
                violation_error_message="This one is raised already, and open.",
            ),
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None and self.overruled_at is None

    @property
    def words(self) -> str:
        return Disqualification(self.kind).words
