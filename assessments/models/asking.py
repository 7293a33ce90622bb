from django.db import models

from assessments.models.rating import Criterion
from assessments.querysets.rows import RequestQuerySet
from assessments.rules.four_tests import Test
from portfolio.models import UseCase, User
from portfolio.models.base import Versioned, choices


class Ending(models.TextChoices):
    """How a request came to its end."""

    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Request(Versioned):
    """One person asked for one answer: to a test of a use case, or for their rating of a criterion.

    While it waits it stands in that person's work list. An open request about a test is what
    assigns the test to somebody.
    """

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    test = models.CharField(max_length=9, choices=choices(Test), blank=True)
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, related_name="+")
    asked = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True, max_length=2_000)
    due_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, editable=False)
    ending = models.CharField(max_length=9, choices=Ending, blank=True)
    words = models.TextField("what they said", blank=True, max_length=2_000)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(test="", criterion__isnull=False)
                | (~models.Q(test="") & models.Q(criterion=None)),
                name="a_request_is_about_a_test_or_a_criterion",
            ),
            models.UniqueConstraint(
                fields=["use_case", "test"],
                condition=models.Q(ended_at=None) & ~models.Q(test=""),
                name="a_test_is_assigned_to_one_person",
            ),
            models.UniqueConstraint(
                fields=["use_case", "criterion", "asked"],
                condition=models.Q(ended_at=None, criterion__isnull=False),
                name="a_person_is_asked_once_for_a_rating",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked"], condition=models.Q(ended_at=None), name="request_by_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked} asked for {self.test or self.criterion}"

    @property
    def subject_key(self) -> tuple[str, int | None]:
        return self.test, self.criterion_id

    @property
    def subject(self) -> str:
        """The test's or the criterion's stable name."""
        return self.test or (self.criterion.slug if self.criterion else "")
