from django.db import models

from portfolio.models.people import User
from portfolio.querysets.running import KeptAnswerQuerySet, PulseQuerySet


class Pulse(models.Model):
    """When a kind of process was last heard from."""

    name = models.CharField(max_length=80, primary_key=True)
    heard_at = models.DateTimeField()

    objects = PulseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} at {self.heard_at}"


class KeptAnswer(models.Model):
    """The answer to a POST with an `Idempotency-Key`, given again to the same question."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    method = models.CharField(max_length=6)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # none: still running
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    at = models.DateTimeField()

    objects = KeptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "method", "path", "key"], name="one_answer_per_question"
            )
        ]
        indexes = [models.Index(fields=["at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"
