from django.db import models

from portfolio.models.base import Versioned
from portfolio.models.people import Portfolio, User
from portfolio.models.pipeline import UseCase
from portfolio.querysets.likeness import LikenessQuerySet, LookalikeQuerySet


class Likeness(models.Model):
    """How far the look for duplicates has come in a portfolio: up to which revision."""

    portfolio = models.OneToOneField(
        Portfolio, models.PROTECT, primary_key=True, related_name="likeness"
    )
    done = models.BigIntegerField(default=0)

    objects = LikenessQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.portfolio_id} at {self.done}"


class Lookalike(Versioned):
    """Two use cases that look the same, until somebody says that they are not, or merges them."""

    class State(models.TextChoices):
        OPEN = "open", "perhaps the same"
        DIFFERENT = "different", "said to be different"
        GONE = "gone", "not alike any more"

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    first = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    second = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    alike = models.DecimalField(max_digits=4, decimal_places=3)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    told_apart_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    told_apart_at = models.DateTimeField(null=True)

    objects = LookalikeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_row_per_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="a_pair_is_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["portfolio", "-alike", "id"], name="lookalike_by_likeness"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.alike}"

    @property
    def open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def different(self) -> bool:
        return self.state == self.State.DIFFERENT
