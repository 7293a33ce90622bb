"""The unit economics as the API shows and takes them."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from economics.actions import Given, GivenStep, Judgement
from economics.models import Assumption, RouteStep, UnitEconomics
from economics.rules.inputs import (
    INPUT_NAMES,
    LABELS,
    MOST_STEPS,
    Basis,
    Range,
    RouteKind,
    ValueKind,
)
from economics.rules.prices import ManualPrice
from portfolio.serializers.fields import PlainDecimal, StrictSerializer, plain

POINTS = ("low", "likely", "high")
BASES = [basis.value for basis in Basis]

NUMBER = {"oneOf": [{"type": "string", "format": "decimal"}, {"type": "number"}]}
RANGE = {
    "type": "object",
    "properties": dict.fromkeys(POINTS, NUMBER),
    "required": list(POINTS),
    "additionalProperties": False,
}
INPUT = {
    **RANGE,
    "properties": {
        **RANGE["properties"],
        "basis": {"type": "string", "enum": BASES},
        "source": {"type": "string", "maxLength": 250},
    },
}


class Points(StrictSerializer):
    low = PlainDecimal()
    likely = PlainDecimal()
    high = PlainDecimal()


class PointsWithSource(Points):
    basis = serializers.ChoiceField(choices=BASES, required=False, default=Basis.ASSUMPTION.value)
    source = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")


@extend_schema_field(
    {"oneOf": [{"type": "string", "format": "decimal"}, {"type": "number"}, RANGE]}
)
class RangeField(serializers.Field):
    """A number, or an object of low, likely and high."""

    parts = Points

    def to_internal_value(self, given):
        if not isinstance(given, dict):
            return Range.point(PlainDecimal().run_validation(given))
        parts = self.parts(data=given)
        parts.is_valid(raise_exception=True)
        return Range(*(parts.validated_data[name] for name in POINTS))

    def to_representation(self, value: Range) -> dict:
        return {name: plain(getattr(value, name)) for name in POINTS}


@extend_schema_field(
    {"oneOf": [{"type": "string", "format": "decimal"}, {"type": "number"}, INPUT]}
)
class InputField(serializers.Field):
    """A number, or an object of low, likely, high and what they rest on."""

    def to_internal_value(self, given):
        if not isinstance(given, dict):
            return Given(Range.point(PlainDecimal().run_validation(given)))
        parts = PointsWithSource(data=given)
        parts.is_valid(raise_exception=True)
        typed = parts.validated_data
        return Given(
            Range(*(typed[name] for name in POINTS)), Basis(typed["basis"]), typed["source"]
        )

    def to_representation(self, value: Assumption) -> dict:
        points = {name: plain(getattr(value, name)) for name in POINTS}
        return {**points, "basis": value.basis, "source": value.source}


class ManualPriceSerializer(StrictSerializer):
    """For a million tokens, in the portfolio's currency."""

    input = PlainDecimal(min_value=Decimal(0))
    cached = PlainDecimal(min_value=Decimal(0), required=False, allow_null=True, default=None)
    output = PlainDecimal(min_value=Decimal(0))
    reason = serializers.CharField(max_length=500)


class RouteStepSerializer(StrictSerializer):
    provider = serializers.CharField(max_length=60, allow_blank=True, required=False, default="")
    model = serializers.CharField(max_length=120, allow_blank=True, required=False, default="")
    share = RangeField()
    manual_price = ManualPriceSerializer(required=False, allow_null=True, default=None)


class RouteSerializer(StrictSerializer):
    """`usd_rate`: what one US dollar of the price table is worth in the portfolio's currency."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in RouteKind])
    steps = RouteStepSerializer(many=True, min_length=1, max_length=MOST_STEPS)
    usd_rate = PlainDecimal(required=False, allow_null=True, default=None)
    usd_rate_on = serializers.DateField(required=False, allow_null=True, default=None)
    usd_rate_source = serializers.CharField(
        max_length=250, required=False, allow_blank=True, default=""
    )


class EconomicsChangeSerializer(StrictSerializer):
    """The whole of it: what is left out is taken away."""

    currency = serializers.CharField(max_length=3, required=False)
    value_kind = serializers.ChoiceField(
        choices=["", *(kind.value for kind in ValueKind)], required=False, default=""
    )
    route = RouteSerializer(required=False, allow_null=True, default=None)

    def get_fields(self):
        inputs = {
            name: InputField(required=False, allow_null=True, help_text=LABELS[name])
            for name in INPUT_NAMES
        }
        return {**super().get_fields(), **inputs}

    def judgement(self) -> Judgement:
        """What the body says, for the action."""
        typed = self.validated_data
        route = typed["route"] or {}
        return Judgement(
            inputs={name: typed[name] for name in INPUT_NAMES if typed.get(name) is not None},
            route_kind=RouteKind(route["kind"]) if route else None,
            steps=[_step(step) for step in route.get("steps", ())],
            value_kind=ValueKind(typed["value_kind"]) if typed["value_kind"] else None,
            currency=typed.get("currency"),
            usd_rate=route.get("usd_rate"),
            usd_rate_on=route.get("usd_rate_on"),
            usd_rate_source=route.get("usd_rate_source", ""),
        )


def _step(typed: dict) -> GivenStep:
    manual = typed["manual_price"]
    price = None
    if manual is not None:
        price = ManualPrice(manual["input"], manual["output"], manual["reason"], manual["cached"])
    return GivenStep(typed["provider"], typed["model"], typed["share"], price)


class PricedStepSerializer(serializers.ModelSerializer):
    """A step with what one call of it costs in the likely case; null is unknown, `why` says why."""

    share = RangeField(read_only=True)
    manual_price = serializers.SerializerMethodField()
    price_per_call = PlainDecimal(max_digits=32, decimal_places=12, read_only=True)
    why = serializers.CharField(source="price_words", read_only=True)

    class Meta:
        model = RouteStep
        fields = [
            "provider", "model", "share", "manual_price", "price_per_call", "priced_as", "why",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ManualPriceSerializer(allow_null=True))
    def get_manual_price(self, step: RouteStep):
        price = step.manual
        if price is None:
            return None
        return {
            "input": plain(price.input),
            "cached": None if price.cached is None else plain(price.cached),
            "output": plain(price.output),
            "reason": price.reason,
        }


class PricedRouteSerializer(serializers.Serializer):
    kind = serializers.CharField(source="route_kind")
    steps = PricedStepSerializer(many=True)
    usd_rate = PlainDecimal(allow_null=True)
    usd_rate_on = serializers.DateField(allow_null=True)
    usd_rate_source = serializers.CharField()


class LikelySerializer(serializers.Serializer):
    likely = PlainDecimal(max_digits=32, allow_null=True)


class GivenBySerializer(serializers.Serializer):
    by = serializers.EmailField(source="by.email", allow_null=True, default=None)
    at = serializers.DateTimeField()


FIGURE = {"max_digits": 32, "decimal_places": 6, "read_only": True, "allow_null": True}


class EconomicsSerializer(serializers.Serializer):
    """The inputs, and what follows from them in the likely case; null is unknown."""

    use_case = serializers.CharField(source="use_case.reference", read_only=True)
    currency = serializers.CharField(read_only=True)
    value_kind = serializers.CharField(read_only=True)
    route = serializers.SerializerMethodField()
    cost_per_interaction = PlainDecimal(**FIGURE)
    llm_cost = PlainDecimal(**FIGURE)
    value_per_month = PlainDecimal(**FIGURE)
    net_per_month = PlainDecimal(**FIGURE)
    gross_margin = PlainDecimal(**FIGURE)
    net_margin = PlainDecimal(**FIGURE)
    break_even_volume = PlainDecimal(**FIGURE)
    never_breaks_even = serializers.BooleanField(read_only=True)
    annual_net_value = serializers.SerializerMethodField()
    build_cost = PlainDecimal(**FIGURE)
    payback_months = PlainDecimal(**FIGURE)
    never_pays_back = serializers.BooleanField(read_only=True)
    npv_12 = PlainDecimal(**FIGURE)
    missing = serializers.ListField(
        source="missing_inputs", child=serializers.CharField(), read_only=True
    )
    missing_for = serializers.DictField(
        source="missing", child=serializers.ListField(child=serializers.CharField()),
        read_only=True,
    )  # fmt: skip
    as_of = serializers.DateTimeField(
        source="use_case.standing.value_as_of", read_only=True, allow_null=True,
        help_text="How old the net is: as its oldest input, or as when somebody stood by them all.",
    )  # fmt: skip
    confirmed_by = serializers.EmailField(
        source="confirmed_by.email",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="Who stood by them all.",
    )
    confirmed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    price_date = serializers.DateField(read_only=True, allow_null=True)
    priced_by = serializers.CharField(read_only=True)
    given = serializers.SerializerMethodField()
    revision = serializers.IntegerField(read_only=True)

    def get_fields(self):
        shown = super().get_fields()
        for name in INPUT_NAMES:
            shown[name] = InputShown(source="*", help_text=LABELS[name])
        return shown

    @extend_schema_field(PricedRouteSerializer(allow_null=True))
    def get_route(self, row: UnitEconomics):
        return PricedRouteSerializer(row).data if row.route_kind else None

    @extend_schema_field(LikelySerializer)
    def get_annual_net_value(self, row: UnitEconomics):
        return LikelySerializer({"likely": row.annual_net_value}).data

    @extend_schema_field(serializers.DictField(child=GivenBySerializer()))
    def get_given(self, row: UnitEconomics):
        """Who gave each input and when."""
        return {one.name: GivenBySerializer(one).data for one in row.assumptions_there.values()}


@extend_schema_field({"nullable": True, **INPUT})
class InputShown(serializers.Field):
    """One input as it stands; null where nobody gave it."""

    def __init__(self, **options) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, row: UnitEconomics):
        found = row.assumptions_there.get(self.field_name)
        return None if found is None else InputField().to_representation(found)
