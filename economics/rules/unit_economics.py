"""Judges what one interaction costs and what a use case returns, in the likely case.

Domain section 8, in decimals throughout. Where it is silent: an input that is multiplied by a share
of exactly zero is not asked for (nobody reviews: no minutes, no hourly rate); without a ramp given
there is none; a break-even volume is 0 where nothing is fixed, whatever an interaction brings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from itertools import pairwise
from math import ceil

from portfolio.rules.findings import Objection

MONTHS_A_YEAR = 12
MINUTES_AN_HOUR = 60
LONGEST_RAMP_MONTHS = 120
MOST_STEPS = 8
MOST_A_YEAR = Decimal(10) ** 12  # what a year's net is kept up to
MOST_OF_A_FIGURE = Decimal(10) ** 24
_PRECISION = 50
_ZERO = Decimal(0)
_ONE = Decimal(1)


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


@dataclass(frozen=True)
class Economics:
    """What follows from the inputs; None is unknown, and `missing` says what would tell."""

    llm_cost: Decimal | None = None
    cost_per_interaction: Decimal | None = None
    value_per_month: Decimal | None = None
    gross_margin: Decimal | None = None
    net_per_month: Decimal | None = None
    net_margin: Decimal | None = None
    annual_net_value: Decimal | None = None
    break_even_volume: Decimal | None = None
    never_breaks_even: bool = False
    build_cost: Decimal | None = None
    npv_12: Decimal | None = None
    payback_months: Decimal | None = None
    never_pays_back: bool = False
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by output

    @property
    def missing_inputs(self) -> tuple[str, ...]:
        """What stands between test 4 and an answer: the names that the monthly net lacks."""
        return self.missing.get("net_per_month", ())


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
        objections += _object_to_route(route)
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


def _object_to_route(route: Route) -> Iterable[Objection]:
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


def study(inputs: Inputs, route: Route | None) -> Economics:
    """The likely case: every figure that the inputs given so far allow.

    A route that cannot be so counts as not given, a ramp likewise.
    """
    with localcontext() as context:
        context.prec = _PRECISION
        context.rounding = ROUND_HALF_EVEN
        return _study(inputs, route)


FIGURES = (
    "llm_cost", "cost_per_interaction", "value_per_month", "gross_margin", "net_per_month",
    "net_margin", "annual_net_value", "break_even_volume", "npv_12", "payback_months",
)  # fmt: skip


def object_to_figures(economics: Economics) -> tuple[Objection, ...]:
    """Whether what follows is beyond anything that can be meant, or kept."""
    annual = economics.annual_net_value
    if annual is not None and abs(annual) >= MOST_A_YEAR:
        return (
            Objection(
                "volume_per_month",
                "This comes to a trillion a year or more. Check the volume, the value per success "
                "and the costs.",
            ),
        )
    for name in FIGURES:
        figure = getattr(economics, name)
        if figure is not None and abs(figure) >= MOST_OF_A_FIGURE:
            words = (
                f"The {name.replace('_', ' ')} that follows is beyond counting. Check the inputs."
            )
            return (Objection("", words),)
    return ()


def published(value: Decimal | None) -> Decimal | None:
    """A figure as it is stored and compared: six places, half to even."""
    if value is None:
        return None
    with localcontext() as context:
        context.prec = _PRECISION
        return value.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def _study(inputs: Inputs, route: Route | None) -> Economics:
    likely = {name: inputs.likely(name) for name in INPUT_NAMES}
    missing: dict[str, tuple[str, ...]] = {}

    def lacks(output: str, *names: str, also: Iterable[str] = ()) -> bool:
        absent = [*also, *(name for name in names if likely[name] is None)]
        if absent:
            missing[output] = tuple(dict.fromkeys(absent))
        return bool(absent)

    def value_of(name: str) -> Decimal:
        value = likely[name]
        assert value is not None
        return value

    route_lacks, per_call = _price_of_route(inputs, route)
    llm_cost = None
    if not lacks("llm_cost", "calls", "retry_share", also=route_lacks):
        llm_cost = value_of("calls") * (_ONE + value_of("retry_share")) * per_call

    cost = None
    reviewing = () if likely["review_share"] == 0 else ("review_minutes", "hourly_rate")
    if not lacks(
        "cost_per_interaction",
        "tool_cost",
        "review_share",
        *reviewing,
        also=missing.get("llm_cost", ()),
    ):
        assert llm_cost is not None
        calls = value_of("calls") * (_ONE + value_of("retry_share"))
        cost = llm_cost + calls * value_of("tool_cost")
        if reviewing:
            minutes = value_of("review_share") * value_of("review_minutes")
            cost += minutes / MINUTES_AN_HOUR * value_of("hourly_rate")

    value = None
    if not lacks("value_per_month", "volume_per_month", "success_share", "value_per_success"):
        value = (
            value_of("volume_per_month") * value_of("success_share") * value_of("value_per_success")
        )

    gross_margin = net = net_margin = annual = None
    of_cost = missing.get("cost_per_interaction", ())
    of_value = missing.get("value_per_month", ())
    if not lacks("gross_margin", also=(*of_cost, *of_value)):
        assert value is not None
        assert cost is not None
        if value != 0:
            gross_margin = (value - value_of("volume_per_month") * cost) / value
    if not lacks("net_per_month", "fixed_per_month", also=(*of_cost, *of_value)):
        assert value is not None
        assert cost is not None
        net = value - value_of("volume_per_month") * cost - value_of("fixed_per_month")
        annual = MONTHS_A_YEAR * net
        if value != 0:
            net_margin = net / value
    else:
        missing["net_margin"] = missing["annual_net_value"] = missing["net_per_month"]

    break_even, never_breaks_even = None, False
    if not lacks(
        "break_even_volume", "success_share", "value_per_success", "fixed_per_month", also=of_cost
    ):
        assert cost is not None
        brings = value_of("success_share") * value_of("value_per_success") - cost
        fixed = value_of("fixed_per_month")
        if fixed == 0:
            break_even = _ZERO
        elif brings <= 0:
            never_breaks_even = True
        else:
            break_even = fixed / brings

    of_net = missing.get("net_per_month", ())
    monthly = None
    if not of_net:
        assert value is not None
        assert cost is not None
        monthly = _Months(
            at_scale=value - value_of("volume_per_month") * cost,
            fixed=value_of("fixed_per_month"),
            ramp=_ramp(inputs),
        )
    npv = None
    if not lacks("npv_12", "discount_rate", "estimated_build_cost", also=of_net):
        assert monthly is not None
        npv = monthly.npv(value_of("discount_rate")) - value_of("estimated_build_cost")
    payback, never_pays_back = None, False
    if not lacks("payback_months", "estimated_build_cost", also=of_net):
        assert monthly is not None
        payback = monthly.payback(value_of("estimated_build_cost"))
        never_pays_back = payback is None

    return Economics(
        llm_cost=llm_cost,
        cost_per_interaction=cost,
        value_per_month=value,
        gross_margin=gross_margin,
        net_per_month=net,
        net_margin=net_margin,
        annual_net_value=annual,
        break_even_volume=break_even,
        never_breaks_even=never_breaks_even,
        build_cost=likely["estimated_build_cost"],
        npv_12=npv,
        payback_months=payback,
        never_pays_back=never_pays_back,
        missing=missing,
    )


def _price_of_route(inputs: Inputs, route: Route | None) -> tuple[list[str], Decimal]:
    """What keeps Σ share × price of the call from being known, and that sum."""
    if route is None or any(True for _ in _object_to_route(route)):
        return ["route"], _ZERO
    reached = [step for step in route.steps if step.share.likely != 0]
    total = _ZERO
    lacks: list[str] = []
    for step in reached:
        if step.price.per_call is None:
            tokens = [
                name
                for name in ("input_tokens", "cached_share", "output_tokens")
                if getattr(inputs, name) is None
            ]
            lacks += tokens or list(step.price.lacks)
        else:
            total += step.share.likely * step.price.per_call
    return lacks, total


def _ramp(inputs: Inputs) -> Decimal:
    ramp = inputs.likely("ramp_months")
    if ramp is None or not 0 <= ramp <= LONGEST_RAMP_MONTHS:
        return _ZERO
    return ramp


@dataclass(frozen=True)
class _Months:
    """The net of each month: what the interactions bring, ramped up, less what is fixed."""

    at_scale: Decimal
    fixed: Decimal
    ramp: Decimal

    def net(self, month: int) -> Decimal:
        ramped = min(_ONE, month / self.ramp) if self.ramp > 0 else _ONE
        return ramped * self.at_scale - self.fixed

    def npv(self, rate: Decimal) -> Decimal:
        """Twelve months of net, discounted to today."""
        total = _ZERO
        for month in range(1, MONTHS_A_YEAR + 1):
            total += self.net(month) / (_ONE + rate) ** (Decimal(month) / MONTHS_A_YEAR)
        return total

    def payback(self, build_cost: Decimal) -> Decimal | None:
        """The month, interpolated, in which the summed net reaches the build cost; None: never."""
        at_scale = self.at_scale - self.fixed
        if at_scale <= 0:
            return None
        if build_cost <= 0:
            return _ZERO
        summed = _ZERO
        last_ramped = ceil(self.ramp)
        for month in range(1, last_ramped + 1):
            net = self.net(month)
            if summed + net >= build_cost:
                return month - 1 + (build_cost - summed) / net
            summed += net
        # From here on every month brings the same, so the rest is one division.
        return last_ramped + (build_cost - summed) / at_scale
