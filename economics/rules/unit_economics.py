"""Judges what one interaction costs and what a use case returns, in the likely case.

Domain section 8, in decimals throughout. Where it is silent: an input that is multiplied by a share
of exactly zero is not asked for (nobody reviews: no minutes, no hourly rate); without a ramp given
there is none; a break-even volume is 0 where nothing is fixed, whatever an interaction brings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import partial
from math import prod

from economics.rules.inputs import LONGEST_RAMP_MONTHS, Inputs, Route, object_to_route
from economics.rules.months import MONTHS_A_YEAR, Months
from portfolio.rules.findings import Objection

MINUTES_AN_HOUR = 60
MOST_A_YEAR = Decimal(10) ** 12  # what a year's net is kept up to
MOST_OF_A_FIGURE = Decimal(10) ** 24
TOKENS = ("input_tokens", "cached_share", "output_tokens")  # what a price table asks for
_PRECISION = 50
_ZERO = Decimal(0)
_ONE = Decimal(1)


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


@dataclass(frozen=True)
class _Figure:
    """A number or what would tell it; neither, where it is never reached or not defined."""

    value: Decimal | None
    lacks: tuple[str, ...] = ()

    @property
    def is_never(self) -> bool:
        return self.value is None and not self.lacks


def _follows(formula: Callable[..., Decimal | None], *parts: _Figure) -> _Figure:
    """What the formula makes of its parts; where some are unknown, all that these lack."""
    lacks = tuple(dict.fromkeys(name for part in parts for name in part.lacks))
    return _Figure(None, lacks) if lacks else _Figure(formula(*(part.value for part in parts)))


def _study(inputs: Inputs, route: Route | None) -> Economics:
    def given(name: str) -> _Figure:
        value = inputs.likely(name)
        return _Figure(value, () if value is not None else (name,))

    volume, fixed = given("volume_per_month"), given("fixed_per_month")
    success, value_each = given("success_share"), given("value_per_success")
    rate, build_cost = given("discount_rate"), given("estimated_build_cost")

    calls = _follows(
        lambda calls, retries: calls * (1 + retries), given("calls"), given("retry_share")
    )
    llm_cost = _follows(lambda price, calls: calls * price, _price_of_route(inputs, route), calls)
    tools = _follows(lambda calls, each: calls * each, calls, given("tool_cost"))
    cost = _follows(lambda *parts: sum(parts, _ZERO), llm_cost, tools, _reviewing(given))

    value = _follows(lambda *parts: prod(parts, start=_ONE), volume, success, value_each)
    brought = _follows(lambda cost, value, volume: value - volume * cost, cost, value, volume)
    gross_margin = _follows(_share_of, brought, value)
    net = _follows(lambda brought, fixed: brought - fixed, brought, fixed)
    net_margin = _follows(_share_of, net, value)
    annual = _follows(lambda net: MONTHS_A_YEAR * net, net)
    break_even = _follows(_break_even, cost, success, value_each, fixed)

    months = partial(Months, ramp=_ramp(inputs))
    npv = _follows(
        lambda brought, fixed, rate, build: months(brought, fixed).npv(rate) - build,
        brought, fixed, rate, build_cost,
    )  # fmt: skip
    payback = _follows(
        lambda brought, fixed, build: months(brought, fixed).payback(build),
        brought, fixed, build_cost,
    )  # fmt: skip

    figures = {
        "llm_cost": llm_cost,
        "cost_per_interaction": cost,
        "value_per_month": value,
        "gross_margin": gross_margin,
        "net_per_month": net,
        "net_margin": net_margin,
        "annual_net_value": annual,
        "break_even_volume": break_even,
        "npv_12": npv,
        "payback_months": payback,
    }
    return Economics(
        **{name: figure.value for name, figure in figures.items()},
        build_cost=build_cost.value,
        never_breaks_even=break_even.is_never,
        never_pays_back=payback.is_never,
        missing={name: figure.lacks for name, figure in figures.items() if figure.lacks},
    )


def _reviewing(given: Callable[[str], _Figure]) -> _Figure:
    """What people cost who look at outputs, per interaction; nothing where nobody does."""
    share = given("review_share")
    if share.value == 0:
        return share
    return _follows(
        lambda share, minutes, rate: share * minutes / MINUTES_AN_HOUR * rate,
        share, given("review_minutes"), given("hourly_rate"),
    )  # fmt: skip


def _share_of(part: Decimal, value: Decimal) -> Decimal | None:
    return part / value if value else None


def _break_even(
    cost: Decimal, success: Decimal, value_each: Decimal, fixed: Decimal
) -> Decimal | None:
    """The volume a month that pays what is fixed; None is never."""
    brings = success * value_each - cost
    if fixed == 0:
        return _ZERO
    return fixed / brings if brings > 0 else None


def _price_of_route(inputs: Inputs, route: Route | None) -> _Figure:
    """Σ share × price of the call, over the steps that are reached."""
    if route is None or any(object_to_route(route)):
        return _Figure(None, ("route",))
    total = _ZERO
    lacks: list[str] = []
    for step in route.steps:
        if step.share.likely == 0:
            continue
        if step.price.per_call is None:
            tokens = [name for name in TOKENS if getattr(inputs, name) is None]
            lacks += tokens or step.price.lacks
        else:
            total += step.share.likely * step.price.per_call
    return _Figure(None if lacks else total, tuple(lacks))


def _ramp(inputs: Inputs) -> Decimal:
    ramp = inputs.likely("ramp_months")
    return ramp if ramp is not None and 0 <= ramp <= LONGEST_RAMP_MONTHS else _ZERO
