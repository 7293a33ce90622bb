from django.db import models

from portfolio.models.base import Versioned
from portfolio.models.people import Portfolio, User
from portfolio.querysets.intake import (
    ImportProblemQuerySet,
    ImportQuerySet,
    RememberedMappingQuerySet,
)


class Import(Versioned):
    """A file of candidates on its way in. `position` says how far the worker has committed."""

    class State(models.TextChoices):
        LOOKING = "looking", "being looked at"
        UPLOADED = "uploaded", "waiting for its columns to be mapped"
        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="imports")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    file_name = models.CharField(max_length=250)
    state = models.CharField(max_length=8, choices=State, default=State.UPLOADED)
    # How the file is read.
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheet = models.CharField(max_length=250, blank=True)
    header_row = models.PositiveIntegerField(default=1)
    columns = models.JSONField(default=list)
    survey = models.JSONField(default=dict)  # what was found in the file; empty: not looked at yet
    # What its columns and stages mean.
    mapping = models.JSONField(default=dict)  # {column: field}
    stages = models.JSONField(default=dict)  # {the source's stage: ours}
    key_columns = models.JSONField(default=list)
    already_there = models.BooleanField(default=False)
    override_reason = models.TextField(blank=True)
    dry_run = models.BooleanField(default=False)
    # How far it is.
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    duplicates = models.JSONField(default=list)  # [{row, title, like}], the first of them
    duplicate_count = models.PositiveIntegerField(default=0)
    retitled = models.JSONField(default=list)  # [{row, reference, was, title}], the first of them
    retitled_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.file_name


class ImportProblem(models.Model):
    """Why a row, or a cell of it, did not come in; with the row, to be mended and sent again."""

    running = models.ForeignKey(Import, models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=250, blank=True)
    message = models.TextField()
    cells = models.JSONField(default=list)
    key = models.CharField(max_length=64, blank=True)
    kept_out = models.BooleanField(default=True)  # else the row came in all the same

    objects = ImportProblemQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["running", "row"], name="problem_by_row")]

    def __str__(self) -> str:
        return f"row {self.row}: {self.message}"


class RememberedMapping(models.Model):
    """How a portfolio mapped a file with these columns the last time."""

    portfolio = models.ForeignKey(Portfolio, models.CASCADE, related_name="+")
    columns_digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    stages = models.JSONField(default=dict)
    key_columns = models.JSONField(default=list)
    used_at = models.DateTimeField()

    objects = RememberedMappingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "columns_digest"], name="one_mapping_per_set_of_columns"
            )
        ]

    def __str__(self) -> str:
        return self.columns_digest
