from django.db import models
from django.db.models.functions import Lower

from portfolio.models.base import Line, Versioned, choices
from portfolio.models.people import Portfolio, User
from portfolio.models.pipeline import UseCase
from portfolio.querysets.table import (
    BulkChangeQuerySet,
    BulkChangeRowQuerySet,
    SavedViewQuerySet,
)
from portfolio.rules.words import Changing


class SavedView(Versioned):
    """Columns, order and filters of the table under a name; seen by its owner, or by members."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = Line(max_length=80)
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


class BulkChange(Versioned):
    """One change to many candidates. `done` says how far the worker has committed."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "under way"
        DONE = "done", "done"
        STOPPED = "stopped", "stopped"
        FAILED = "failed", "failed"
        UNDOING = "undoing", "being undone"
        UNDONE = "undone", "undone"

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    change = models.CharField(max_length=16, choices=choices(Changing))
    value = models.CharField(max_length=250, blank=True)
    reason = models.TextField(blank=True)
    asked = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # for a test
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)  # what the undo left as it was
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.change} of {self.total}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING, self.State.UNDOING)

    @property
    def may_be_undone(self) -> bool:
        """Whether it is at its end, changed something, and was not undone yet."""
        ended = (self.State.DONE, self.State.STOPPED, self.State.FAILED)
        return self.state in ended and bool(self.changed) and self.undone_by_id is None


class BulkChangeRow(models.Model):
    """One candidate of a bulk change: what it had, what it has now, or why not."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        CHANGED = "changed", "changed"
        UNCHANGED = "unchanged", "as it was"
        REFUSED = "refused", "refused"
        UNDONE = "undone", "undone"
        KEPT = "kept", "not undone"

    bulk = models.ForeignKey(BulkChange, models.PROTECT, related_name="rows")
    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    why = models.TextField(blank=True)
    conditions = models.JSONField(default=list)  # of a gate that did not open
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = BulkChangeRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bulk", "use_case"], name="one_row_per_candidate_of_a_bulk_change"
            )
        ]
        indexes = [models.Index(fields=["bulk", "state", "position"], name="bulk_row_by_state")]

    def __str__(self) -> str:
        return f"{self.use_case_id}: {self.state}"
