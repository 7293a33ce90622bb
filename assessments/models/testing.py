from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from assessments.querysets.rows import (
    AnswerDraftQuerySet,
    DataSourceQuerySet,
    FourTestsQuerySet,
    PersonsNoQuerySet,
)
from assessments.rules.four_tests import Outputs, Test, Usable, Use
from portfolio.models import UseCase, User
from portfolio.models.base import Versioned, choices


class FourTests(Versioned):
    """What people answered to the four tests, beside the success metric and the data sources."""

    use_case = models.OneToOneField(UseCase, models.PROTECT, primary_key=True, related_name="+")
    reviewer = models.CharField(max_length=250, blank=True)
    outputs = models.CharField(max_length=16, choices=choices(Outputs), blank=True)
    sampled_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    decision = models.TextField(blank=True)
    feedback = models.TextField(blank=True)
    data_confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    data_confirmed_at = models.DateTimeField(null=True, blank=True)
    outcome_evidence = models.TextField(blank=True)
    data_evidence = models.TextField(blank=True)
    review_evidence = models.TextField(blank=True)
    economics_evidence = models.TextField(blank=True)

    objects = FourTestsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "four tests"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sampled_percent=None)
                | models.Q(sampled_percent__range=(1, 100)),
                name="a_sample_is_1_to_100_percent",
                violation_error_message="A sampled share is 1 to 100 %.",
            ),
        ]

    def __str__(self) -> str:
        return f"the four tests of {self.use_case_id}"


class DataSource(Versioned):
    """One source that a use case stands on; an unanswered question is none, not no."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120)
    system = models.CharField(max_length=120, blank=True)
    use = models.CharField(max_length=8, choices=choices(Use), blank=True)
    required = models.BooleanField(default=True)
    schema_consistent = models.BooleanField(null=True, blank=True)
    is_clean = models.BooleanField(null=True, blank=True)
    access_cleared = models.BooleanField(null=True, blank=True)
    usable = models.CharField(max_length=8, choices=choices(Usable), blank=True)
    # Who last said so, and when; saying the same again changes neither.
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField()

    objects = DataSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case", "name"],
                name="one_data_source_per_name",
                violation_error_message="A source of this name is there already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PersonsNo(Versioned):
    """A person's no to a test; it stands above what is derived until it is withdrawn."""

    use_case = models.ForeignKey(UseCase, models.PROTECT, related_name="+")
    test = models.CharField(max_length=9, choices=choices(Test))
    reason = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = PersonsNoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use_case", "test"],
                condition=models.Q(withdrawn_at=None),
                name="one_standing_no_per_test",
            ),
        ]

    def __str__(self) -> str:
        return f"no to {self.test}: {self.reason}"


class AnswerDraft(models.Model):
    """What a person typed and has not saved yet; seen by nobody else, and no part of history."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    use_case = models.ForeignKey(UseCase, models.CASCADE, related_name="+")
    part = models.CharField(max_length=12)
    typed = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = AnswerDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "use_case", "part"], name="one_draft_per_part")
        ]

    def __str__(self) -> str:
        return f"draft of {self.part} by {self.user_id}"

    def clean(self) -> None:
        if len(str(self.typed)) > 100_000:
            raise ValidationError("A draft holds 100,000 characters at most.")
