from django.core.validators import MaxLengthValidator
from django.db import models

from portfolio.models.base import Versioned
from portfolio.models.people import User
from portfolio.models.pipeline import UseCase
from portfolio.querysets.discussion import CommentQuerySet


class Comment(Versioned):
    """What somebody said about a use case. Removed, it leaves a trace and no words."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+", db_index=False)
    about = models.CharField(max_length=80, blank=True)  # a criterion, say; empty for the whole
    text = models.TextField(
        max_length=5_000,
        blank=True,
        validators=[MaxLengthValidator(5_000, "At most 5,000 characters.")],
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at=None) ^ models.Q(text=""),
                name="a_comment_says_something_until_removed",
                violation_error_message="Write what you want to say.",
            ),
        ]
        indexes = [models.Index(fields=["use_case", "-id"], name="comment_by_use_case")]

    def __str__(self) -> str:
        return self.text[:80]
