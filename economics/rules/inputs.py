"""What the unit economics are worked out from, and what of it cannot be so. Domain section 8."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from portfolio.rules.findings import Objection

_ZERO = Decimal(0)
LONGEST_RAMP_MONTHS = 120
MOST_STEPS = 8


class RouteKind(StrEnum):
    SPLIT = "split"
    CASCADE = "cascade"


class ValueKind(StrEnum):
    """What kind of value it is; kinds are never added up without saying so."""

    CASH = "cash"
    CAPACITY = "capacity"
    AVOIDED = "avoided"


class Basis(StrEnum):
    """What a number rests on."""

    ASSUMPTION = "assumption"
    MEASUREMENT = "measurement"


@dataclass(frozen=True)
class Range:
    low: Decimal
    likely: Decimal
    high: Decimal

    @classmethod
    def point(cls, value: Decimal | int | str) -> "Range":
        """A range of one value."""
        return cls(Decimal(value), Decimal(value), Decimal(value))

    @property
    def is_point(self) -> bool:
        return self.low == self.likely == self.high


@dataclass(frozen=True)
class Inputs:
    """What is asked, each unknown until somebody says it. Money is in the portfolio's currency."""

    calls: Range | None = None  # per interaction
    input_tokens: Range | None = None  # per call
    cached_share: Range | None = None  # of the input tokens
    output_tokens: Range | None = None  # per call
    retry_share: Range | None = None
    tool_cost: Range | None = None  # per call
    review_share: Range | None = None
    review_minutes: Range | None = None  # per reviewed output
    hourly_rate: Range | None = None
    volume_per_month: Range | None = None
    success_share: Range | None = None
    value_per_success: Range | None = None
    fixed_per_month: Range | None = None
    estimated_build_cost: Range | None = None
    discount_rate: Range | None = None  # yearly
    ramp_months: Range | None = None

    def likely(self, name: str) -> Decimal | None:
        given: Range | None = getattr(self, name)
        return None if given is None else given.likely


INPUT_NAMES = tuple(input_field.name for input_field in fields(Inputs))
# What the net at target scale follows from, beside the route; the others bear on what comes later.
NET_INPUTS = frozenset(INPUT_NAMES) - {"estimated_build_cost", "discount_rate", "ramp_months"}
SHARES = frozenset({"cached_share", "retry_share", "review_share", "success_share"})
LABELS: Mapping[str, str] = {
    "calls": "calls per interaction",
    "input_tokens": "input tokens per call",
    "cached_share": "cached share of the input",
    "output_tokens": "output tokens per call",
    "retry_share": "retry share",
    "tool_cost": "tool cost per call",
    "review_share": "share of outputs reviewed",
    "review_minutes": "minutes per reviewed output",
    "hourly_rate": "hourly rate of the reviewer",
    "volume_per_month": "interactions a month at target scale",
    "success_share": "success share",
    "value_per_success": "value per success",
    "fixed_per_month": "fixed cost a month",
    "estimated_build_cost": "estimated build cost",
    "discount_rate": "yearly discount rate",
    "ramp_months": "ramp months",
    "route": "route over models",
    "price": "price of a model",
    "usd_rate": "exchange rate of the US dollar",
}


@dataclass(frozen=True)
class StepPrice:
    """What one call costs in the likely case, in the portfolio's currency; None is unknown."""

    per_call: Decimal | None
    lacks: tuple[str, ...] = ("price",)  # what would tell, where it is unknown


@dataclass(frozen=True)
class Step:
    share: Range
    price: StepPrice = StepPrice(None)


@dataclass(frozen=True)
class Route:
    kind: RouteKind
    steps: tuple[Step, ...]


def object_to(inputs: Inputs, route: Route | None) -> tuple[Objection, ...]:
    """Everything that cannot be so in what was entered; what is missing is no objection."""
    objections: list[Objection] = []
    for name in INPUT_NAMES:
        given: Range | None = getattr(inputs, name)
        if given is not None:
            objections += _object_to_range(
                name, given, LABELS[name], is_share=name in SHARES, at_least=_ZERO
            )
    ramp = inputs.ramp_months
    if ramp is not None and ramp.high > LONGEST_RAMP_MONTHS:
        objections.append(
            Objection("ramp_months", f"A ramp takes at most {LONGEST_RAMP_MONTHS} months.")
        )
    if route is not None:
        objections += object_to_route(route)
    return tuple(objections)


def _object_to_range(
    name: str, given: Range, label: str, *, is_share: bool, at_least: Decimal
) -> Iterable[Objection]:
    values = (given.low, given.likely, given.high)
    if not all(value.is_finite() for value in values):
        yield Objection(name, f"The {label} must be a number.")
        return
    if not given.low <= given.likely <= given.high:
        yield Objection(
            name, f"Low, likely and high of the {label} must rise: low ≤ likely ≤ high."
        )
    if is_share and (min(values) < 0 or max(values) > 1):
        yield Objection(name, f"The {label} is a share: between 0 and 1, so 20 % is 0.2.")
    elif min(values) < at_least:
        yield Objection(name, f"The {label} cannot be below {at_least}.")


def object_to_route(route: Route) -> Iterable[Objection]:
    """What of the route cannot be so; its prices are not looked at."""
    steps = route.steps
    if not steps:
        yield Objection("route", "Name at least one model.")
        return
    if len(steps) > MOST_STEPS:
        yield Objection("route", f"A route has at most {MOST_STEPS} steps.")
    for number, step in enumerate(steps, start=1):
        yield from _object_to_range(
            "route", step.share, f"share of step {number}", is_share=True, at_least=_ZERO
        )
    if route.kind is RouteKind.SPLIT:
        if not all(step.share.is_point for step in steps):
            yield Objection("route", "The shares of a split are points, not ranges.")
        total = sum((step.share.likely for step in steps), _ZERO)
        if total != 1:
            yield Objection("route", f"The shares of a split add up to 1; these add up to {total}.")
        return
    first = steps[0].share
    if not (first.is_point and first.likely == 1):
        yield Objection("route", "The first step of a cascade takes everything: its share is 1.")
    for number, (before, after) in enumerate(pairwise(steps), start=2):
        if any(
            getattr(after.share, case) > getattr(before.share, case)
            for case in ("low", "likely", "high")
        ):
            yield Objection(
                "route",
                f"Step {number} of a cascade cannot be reached more often than the step before.",
            )
