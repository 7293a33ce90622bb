from django.db import models
from django.db.models import F

from assessments.models.rating import Criterion, Point, Points
from assessments.querysets.rounds import RoundQuerySet, SealedRatingQuerySet
from assessments.rules.rounds import Ending
from portfolio.models import Portfolio, UseCase, User
from portfolio.models.base import Line, Versioned, choices


class Round(Versioned):
    """A blind round: who rates which candidates on which criteria, unseen, up to which day."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    name = Line(max_length=120)
    due_on = models.DateField()
    candidates = models.ManyToManyField(UseCase, related_name="+")
    criteria = models.ManyToManyField(Criterion, related_name="+")
    assessors = models.ManyToManyField(User, related_name="+")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=9, choices=choices(Ending), blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at=None, closed_because="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(closed_because="")),
                name="a_closed_round_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"], condition=models.Q(closed_at=None), name="round_still_open"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def closed_words(self) -> str:
        return Ending(self.closed_because).words if self.closed_because else ""


class SealedRating(Points, Versioned):
    """What an assessor said in a blind round: unseen until it closes, then kept as it was said.

    It is no Rating, so whatever reads ratings cannot see it (docs/decisions).
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="+", db_index=False)
    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    assessor = models.ForeignKey(User, models.PROTECT, related_name="+")
    low = Point()
    likely = Point()
    high = Point()
    evidence = models.TextField(blank=True)
    rated_at = models.DateTimeField()

    objects = SealedRatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "use_case", "criterion", "assessor"],
                name="one_sealed_rating_per_assessor",
            ),
            models.CheckConstraint(
                condition=models.Q(low__gte=0, low__lte=F("likely"), likely__lte=F("high"))
                & models.Q(high__lte=5),
                name="sealed_low_likely_high_rise",
                violation_error_message="Low, likely and high rise, from 0 to 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"sealed in round {self.round_id}"
