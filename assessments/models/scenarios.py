from decimal import Decimal

from django.db import models
from django.db.models.functions import Lower

from assessments.querysets.scenarios import ScenarioQuerySet
from portfolio.models import Portfolio, User
from portfolio.models.base import Line, Versioned


class Scenario(Versioned):
    """A named set of weights to look at: its author's alone, or shared with the portfolio."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    name = Line(max_length=80)
    weights = models.JSONField(default=dict)  # {slug: weight as text}
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_shared = models.BooleanField("shared", default=False)
    changed_at = models.DateTimeField()

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "portfolio", "by", Lower("name"),
                name="one_scenario_per_name_and_person",
                violation_error_message="You have a scenario of this name already.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def over(self, saved: dict[str, Decimal]) -> dict[str, Decimal]:
        """Its weights: what came later has the saved one, what was retired is left out."""
        return {slug: Decimal(self.weights.get(slug, weight)) for slug, weight in saved.items()}
