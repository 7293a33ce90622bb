from django.db import models

from assessments.querysets.calibration import WideningQuerySet
from assessments.rules.calibration import LEAST_FACTOR, MOST_FACTOR
from portfolio.models import Portfolio, User
from portfolio.models.base import Versioned


class Widening(Versioned):
    """By what factor a person's ratings are stretched around likely in one portfolio."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    factor = models.DecimalField(max_digits=2, decimal_places=1)
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    objects = WideningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "person"], name="one_widening_per_person_and_portfolio"
            ),
            models.CheckConstraint(
                condition=models.Q(factor__gte=LEAST_FACTOR, factor__lte=MOST_FACTOR),
                name="ranges_widen_by_1_1_to_3",
                violation_error_message="Ranges are widened by a factor of 1.1 to 3.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} × {self.factor}"
