import re
from decimal import Decimal
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower

from portfolio.models.base import Line, Versioned, choices
from portfolio.querysets.people import (
    ApiTokenQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    PortfolioQuerySet,
    UserManager,
)
from portfolio.rules.rights import Role

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}\Z")


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail."""

    email = models.EmailField("e-mail", max_length=254)
    name = Line(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    may_open_portfolios = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_per_email",
                violation_error_message="Somebody with this e-mail address is here already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.strip().lower()


def default_value_scale() -> list[Decimal]:
    return [Decimal(n) for n in (0, 50_000, 150_000, 500_000, 1_500_000, 5_000_000)]


@cache
def known_time_zones() -> frozenset[str]:
    """All that this computer knows, read from its files once."""
    return frozenset(available_timezones())


def is_time_zone(name: str) -> None:
    """Known to this computer and to the database: days are counted by both."""
    if name not in known_time_zones() or not PortfolioQuerySet.knows_time_zone(name):
        raise ValidationError(
            f"“{name}” is not a time zone. Write one such as Europe/Berlin or America/New_York."
        )


class Portfolio(Versioned):
    """Use cases ranked against each other; the boundary of access."""

    key = models.CharField(
        max_length=10,
        unique=True,
        validators=[
            RegexValidator(
                KEY, "A key is 2 to 10 capital letters and digits, beginning with a letter."
            )
        ],
        help_text="Short, for references such as ACME-12. It stays for good.",
        error_messages={"unique": "Another portfolio has this key. Choose a different one."},
    )
    name = Line(max_length=120)
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", "A currency has three letters, such as EUR.")],
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[is_time_zone])
    value_scale = ArrayField(
        models.DecimalField(max_digits=16, decimal_places=2), size=6, default=default_value_scale
    )
    is_value_scale_confirmed = models.BooleanField(default=False)
    shortlist_size = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(3), MaxValueValidator(5)]
    )
    fresh_days = models.PositiveSmallIntegerField(
        "days until a rating is stale",
        default=90,
        validators=[MinValueValidator(7), MaxValueValidator(3_650)],
    )
    # Published by who owns the criteria: {slug: weight}, of those in use.
    weights = models.JSONField(default=dict, editable=False)
    ranking_wanted = models.BigIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PortfolioQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shortlist_size__range=(3, 5)),
                name="shortlist_is_3_to_5",
                violation_error_message="A shortlist holds 3 to 5 candidates.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ranking_stale(self) -> bool:
        """Whether an input of the ranking changed since it was published."""
        return self.ranking_wanted > self.ranking.done

    @property
    def is_certainty_stale(self) -> bool:
        """Whether the percentages published last are of an older ranking."""
        return self.is_ranking_stale or self.ranking.done > self.simulation.done

    def clean(self) -> None:
        scale = self.value_scale
        if len(scale) != 6 or any(low >= high for low, high in pairwise(scale)):
            raise ValidationError(
                {"value_scale": "Six amounts, each above the one before, for 0 to 5."}
            )


class Membership(Versioned):
    """A person's role in one portfolio."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=choices(Role))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "user"],
                name="one_role_per_member",
                violation_error_message="This person is a member already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class Invitation(Versioned):
    """A role offered to an e-mail address. The link is signed, so no secret is stored."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="invitations")
    email = models.EmailField("e-mail", max_length=254)
    role = models.CharField(max_length=12, choices=choices(Role))
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "portfolio",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
                violation_error_message="This address has an open invitation. Revoke it first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def is_open(self, now) -> bool:
        return self.state(now) == "open"

    def state(self, now) -> str:
        """open, expired, accepted or revoked."""
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class ApiToken(models.Model):
    """A secret for scripts, kept as a hash, on behalf of one person."""

    class Scope(models.TextChoices):
        READ = "read", "read"
        WRITE = "write", "read and write"

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    portfolio = models.ForeignKey(
        Portfolio, models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = Line(max_length=80)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=12, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def is_expired(self, now) -> bool:
        return self.expires_at is not None and self.expires_at <= now
