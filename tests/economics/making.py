"""Cases of unit economics, as the API would give them and as the action takes them."""

from decimal import Decimal

from economics.actions import Given, GivenStep, Judgement
from economics.rules.inputs import Range, RouteKind, ValueKind

NUMBERS = {
    "calls": "1",
    "input_tokens": "1200",
    "cached_share": "0",
    "output_tokens": "300",
    "retry_share": "0.05",
    "tool_cost": "0.001",
    "review_share": "0.1",
    "review_minutes": "2",
    "hourly_rate": "40",
    "volume_per_month": "50000",
    "success_share": "0.6",
    "value_per_success": "1.50",
    "fixed_per_month": "2000",
    "estimated_build_cost": "120000",
    "discount_rate": "0.1",
    "ramp_months": "3",
}
STEP = GivenStep("openai", "gpt-5-mini", Range.point(1))


def make_judgement(*, steps=(STEP,), kind=RouteKind.SPLIT, without=(), **changes) -> Judgement:
    """Support triage: everything is known, and it nets about 36,000 a month."""
    said = {
        key: changes.pop(key)
        for key in ("currency", "usd_rate", "usd_rate_on", "usd_rate_source")
        if key in changes
    }
    numbers = {**NUMBERS, **changes}
    inputs = {
        name: value if isinstance(value, Given) else Given(Range.point(Decimal(value)))
        for name, value in numbers.items()
        if name not in without
    }
    return Judgement(
        inputs=inputs,
        route_kind=kind if steps else None,
        steps=steps,
        value_kind=ValueKind.AVOIDED,
        **said,
    )


BODY = {
    "currency": "USD", "calls": 1, "input_tokens": {"low": 800, "likely": 1200, "high": 2500},
    "output_tokens": 300, "cached_share": 0, "retry_share": "0.05",
    "route": {
        "kind": "cascade",
        "steps": [
            {"provider": "openai", "model": "gpt-5-mini", "share": "1"},
            {"provider": "anthropic", "model": "claude-sonnet-4-5", "share": "0.2"},
        ],
    },
    "tool_cost": "0.001", "review_share": "0.1", "review_minutes": "2", "hourly_rate": "40",
    "volume_per_month": 50000, "success_share": "0.6", "value_per_success": "1.50",
    "value_kind": "avoided", "fixed_per_month": "2000", "estimated_build_cost": "120000",
    "discount_rate": "0.1", "ramp_months": 3,
}  # fmt: skip
