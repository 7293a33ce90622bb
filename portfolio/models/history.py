from django.db import models

from portfolio.models.people import Portfolio, User
from portfolio.models.pipeline import TESTS, Amount, UseCase
from portfolio.querysets.history import MeasuredAssumptionQuerySet, PastPlaceQuerySet
from portfolio.rules.words import Answer


class PastPlace(models.Model):
    """What the ranking last said of a use case on a day on which that changed.

    What it said on any day is the last row up to that day. Only the publisher writes it.
    """

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+", db_index=False)
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()  # in the portfolio's time zone
    rank = models.PositiveIntegerField(null=True)  # none: no candidate any more
    place = models.PositiveSmallIntegerField(null=True)
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    impact = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    feasibility = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    unrated = models.PositiveSmallIntegerField(default=0)
    stale_inputs = models.PositiveSmallIntegerField(default=0)
    p_first = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    p_top3 = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    rank_low = models.PositiveIntegerField(null=True)
    rank_high = models.PositiveIntegerField(null=True)
    annual_net_value = Amount(null=True)
    outcome = models.PositiveSmallIntegerField(default=0)
    data = models.PositiveSmallIntegerField(default=0)
    review = models.PositiveSmallIntegerField(default=0)
    economics = models.PositiveSmallIntegerField(default=0)
    disqualified = models.PositiveSmallIntegerField(default=0)

    objects = PastPlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use_case", "day"], name="one_past_place_a_day")
        ]
        indexes = [models.Index(fields=["portfolio", "day"], name="past_place_by_day")]

    def __str__(self) -> str:
        return f"{self.use_case_id} on {self.day}: {self.rank}"

    @property
    def ready(self) -> bool:
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """The tests that were not answered yes, in their order."""
        return [test for test in TESTS if getattr(self, test) != Answer.YES]


class MeasuredAssumption(models.Model):
    """What somebody assumed of an input of the economics, and what was measured in its place.

    Append-only, written by the room that keeps the economics. A later measurement of the same input
    is a row of its own that repeats the assumption: the newest row holds. What was assumed after
    something had been measured is in no row.
    """

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=24)  # of the input
    low = Amount()
    likely = Amount()
    high = Amount()
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()
    measured = Amount()
    measured_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    measured_at = models.DateTimeField()
    source = models.CharField(max_length=250, blank=True)  # of the measurement

    objects = MeasuredAssumptionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["use_case", "name", "-id"], name="measured_assumption_newest")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.likely} was {self.measured}"
