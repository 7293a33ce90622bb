from django.db import models
from django.db.models.functions import Lower

from portfolio.models.base import Versioned
from portfolio.models.people import Portfolio, User
from portfolio.querysets.table import SavedViewQuerySet


class SavedView(Versioned):
    """Columns, order and filters of the table under a name; seen by its owner, or by members."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    is_shared = models.BooleanField(default=False)
    query = models.CharField(max_length=4_000, blank=True)  # as it stands in an address
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "portfolio",
                "owner",
                Lower("name"),
                name="one_view_of_a_name_per_person",
                violation_error_message="You have a view of this name. Choose another name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
