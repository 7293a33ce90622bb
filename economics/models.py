from django.db import models

from economics.querysets import AssumptionQuerySet, RouteStepQuerySet, UnitEconomicsQuerySet
from economics.rules.inputs import INPUT_NAMES, LABELS, Basis, Range, RouteKind, ValueKind
from economics.rules.prices import ManualPrice
from portfolio.models import UseCase, User
from portfolio.models.base import Versioned, choices
from portfolio.models.pipeline import Amount


class Figure(models.DecimalField):
    """What follows from the inputs: wider than an amount, as quotients can be."""

    def __init__(self, **options) -> None:
        super().__init__(**{"max_digits": 32, "decimal_places": 6, "null": True, **options})


class PerCall(models.DecimalField):
    """What one call costs: small, so with twelve decimals."""

    def __init__(self, **options) -> None:
        super().__init__(**{"max_digits": 32, "decimal_places": 12, "null": True, **options})


class UnitEconomics(Versioned):
    """What one interaction of a use case costs and returns, and what follows in the likely case.

    The figures are published here by `costing`, at the prices of `price_date`; none is unknown.
    """

    use_case = models.OneToOneField(UseCase, models.PROTECT, primary_key=True, related_name="+")
    value_kind = models.CharField(max_length=8, choices=choices(ValueKind), blank=True)
    route_kind = models.CharField(max_length=7, choices=choices(RouteKind), blank=True)
    currency = models.CharField(max_length=3)  # that of the portfolio when this was last saved
    # What one US dollar of the price table is worth in that currency, as a person read it.
    usd_rate = Amount(null=True, blank=True)
    usd_rate_on = models.DateField(null=True, blank=True)
    usd_rate_source = models.CharField(max_length=250, blank=True)
    usd_rate_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    # Who last looked at all of it and left it as it is, and when.
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    llm_cost = Figure()
    cost_per_interaction = Figure()
    value_per_month = Figure()
    gross_margin = Figure()
    net_per_month = Figure()
    net_margin = Figure()
    annual_net_value = Figure()
    break_even_volume = Figure()
    never_breaks_even = models.BooleanField(default=False)
    build_cost = Figure()
    npv_12 = Figure()
    payback_months = Figure()
    never_pays_back = models.BooleanField(default=False)
    missing = models.JSONField(default=dict)  # by figure: the inputs that it lacks
    price_date = models.DateField(null=True)
    priced_by = models.CharField(max_length=60, blank=True)
    computed_at = models.DateTimeField(null=True)

    objects = UnitEconomicsQuerySet.as_manager()

    assumptions: "models.Manager[Assumption]"
    steps: "models.Manager[RouteStep]"

    class Meta:
        verbose_name_plural = "unit economics"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(usd_rate=None) | models.Q(usd_rate__gt=0),
                name="a_usd_rate_is_above_zero",
                violation_error_message="An exchange rate is above zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"the unit economics of {self.use_case_id}"

    @property
    def assumptions_there(self) -> dict[str, "Assumption"]:
        """Each input that somebody gave, by its name."""
        return {given.name: given for given in self.assumptions.all()}

    @property
    def missing_inputs(self) -> list[str]:
        """What test 4 waits for."""
        return self.missing.get("net_per_month", [])


class Assumption(models.Model):
    """One input: low, likely, high, what it rests on, and who gave it when."""

    economics = models.ForeignKey(UnitEconomics, models.PROTECT, related_name="assumptions")
    name = models.CharField(max_length=24, choices=[(name, LABELS[name]) for name in INPUT_NAMES])
    low = Amount()
    likely = Amount()
    high = Amount()
    basis = models.CharField(max_length=11, choices=choices(Basis), default=Basis.ASSUMPTION.value)
    source = models.CharField(max_length=250, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = AssumptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["economics", "name"], name="one_assumption_per_input"),
            models.CheckConstraint(
                condition=models.Q(low__lte=models.F("likely"))
                & models.Q(likely__lte=models.F("high"))
                & models.Q(low__gte=0),
                name="an_assumption_rises_from_zero_or_more",
                violation_error_message="Low ≤ likely ≤ high, none below 0.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.likely}"

    @property
    def range(self) -> Range:
        return Range(self.low, self.likely, self.high)


class RouteStep(models.Model):
    """One model that interactions are sent to, with its share and what a call of it costs."""

    economics = models.ForeignKey(UnitEconomics, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=120, blank=True)
    share_low = models.DecimalField(max_digits=7, decimal_places=6)
    share_likely = models.DecimalField(max_digits=7, decimal_places=6)
    share_high = models.DecimalField(max_digits=7, decimal_places=6)
    # A manual price, for a million tokens, in the currency of the economics.
    manual_input = Amount(null=True, blank=True)
    manual_cached = Amount(null=True, blank=True)
    manual_output = Amount(null=True, blank=True)
    manual_reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    # Published by `costing`, as of the economics' price date.
    price_per_call = PerCall()
    priced_as = models.CharField(max_length=250, blank=True)
    price_words = models.CharField(max_length=500, blank=True)  # why there is none

    objects = RouteStepQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["economics", "position"],
                name="one_route_step_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.provider} {self.model}".strip()

    @property
    def share(self) -> Range:
        return Range(self.share_low, self.share_likely, self.share_high)

    @property
    def manual(self) -> ManualPrice | None:
        if self.manual_input is None or self.manual_output is None:
            return None
        return ManualPrice(
            self.manual_input, self.manual_output, self.manual_reason, self.manual_cached
        )
