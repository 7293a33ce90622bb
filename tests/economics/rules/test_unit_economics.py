"""The unit economics against a second computation in fractions, written from domain section 8."""

from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.rules import unit_economics
from economics.rules.inputs import Inputs, Range, Route, RouteKind, Step, StepPrice, object_to
from economics.rules.unit_economics import study
from tests.bounds import examples

point = Range.point
INPUTS = Inputs(
    calls=point(1),
    input_tokens=Range(Decimal(800), Decimal(1200), Decimal(2500)),
    cached_share=point(0),
    output_tokens=point(300),
    retry_share=point("0.05"),
    tool_cost=point("0.001"),
    review_share=point("0.1"),
    review_minutes=point(2),
    hourly_rate=point(40),
    volume_per_month=point(50_000),
    success_share=point("0.6"),
    value_per_success=point("1.50"),
    fixed_per_month=point(2000),
    estimated_build_cost=point(120_000),
    discount_rate=point("0.1"),
    ramp_months=point(3),
)
CASCADE = Route(
    RouteKind.CASCADE,
    (
        Step(point(1), StepPrice(Decimal("0.0009"))),
        Step(point("0.2"), StepPrice(Decimal("0.0081"))),
    ),
)


def test_the_example_of_the_contract_adds_up():
    found = study(INPUTS, CASCADE)
    # 1.05 × (0.0009 + 0.2 × 0.0081) = 0.002646; + 1.05 × 0.001 + 0.1 × 2 ÷ 60 × 40
    assert found.llm_cost == Decimal("0.002646")
    assert unit_economics.published(found.cost_per_interaction) == Decimal("0.137029")
    assert found.value_per_month == 45_000
    assert unit_economics.published(found.net_per_month) == Decimal("36148.533333")
    assert unit_economics.published(found.annual_net_value) == Decimal("433782.4")
    assert not found.missing
    assert not found.never_pays_back


def by_hand(inputs, route):
    """Every figure in fractions; None where never or undefined. NPV in floats."""
    v = {f.name: Fraction(getattr(inputs, f.name).likely) for f in fields(Inputs)}
    llm = (
        v["calls"]
        * (1 + v["retry_share"])
        * sum(Fraction(s.share.likely) * Fraction(s.price.per_call) for s in route.steps)
    )
    cost = (
        llm
        + v["calls"] * (1 + v["retry_share"]) * v["tool_cost"]
        + v["review_share"] * v["review_minutes"] / 60 * v["hourly_rate"]
    )
    value = v["volume_per_month"] * v["success_share"] * v["value_per_success"]
    net = value - v["volume_per_month"] * cost - v["fixed_per_month"]
    each = v["success_share"] * v["value_per_success"] - cost
    if v["fixed_per_month"] == 0:
        break_even = Fraction(0)
    else:
        break_even = None if each <= 0 else v["fixed_per_month"] / each

    def net_of(month):
        ramp = min(Fraction(1), month / v["ramp_months"]) if v["ramp_months"] else Fraction(1)
        return ramp * v["volume_per_month"] * each - v["fixed_per_month"]

    rate = 1 + float(v["discount_rate"])
    npv = sum(float(net_of(m)) / rate ** (m / 12) for m in range(1, 13))
    payback = None
    if net > 0:
        summed, month = Fraction(0), 0
        build = v["estimated_build_cost"]
        while summed < build and month < 3000:
            month += 1
            if summed + net_of(month) >= build:
                payback = month - 1 + (build - summed) / net_of(month)
            summed += net_of(month)
        if build == 0:
            payback = Fraction(0)
        elif month >= 3000:
            payback = "too far to walk"
    return {
        "llm_cost": llm,
        "cost_per_interaction": cost,
        "value_per_month": value,
        "gross_margin": (value - v["volume_per_month"] * cost) / value if value else None,
        "net_per_month": net,
        "net_margin": net / value if value else None,
        "annual_net_value": 12 * net,
        "break_even_volume": break_even,
        "npv_12": npv - float(v["estimated_build_cost"]),
        "payback_months": payback,
    }


def amount(most, places=3):
    return st.decimals(0, most, places=places, allow_nan=False).map(point)


share = st.one_of(st.sampled_from([point(0), point(1)]), amount(1))
whole_inputs = st.builds(
    Inputs,
    calls=amount(5),
    input_tokens=amount(9000),
    cached_share=share,
    output_tokens=amount(900),
    retry_share=share,
    tool_cost=amount(1),
    review_share=share,
    review_minutes=amount(10),
    hourly_rate=amount(90),
    volume_per_month=st.one_of(st.just(point(0)), amount(90_000)),
    success_share=share,
    value_per_success=amount(60),
    fixed_per_month=st.one_of(st.just(point(0)), amount(5000)),
    estimated_build_cost=st.one_of(st.just(point(0)), amount(500_000)),
    discount_rate=amount(1),
    ramp_months=st.one_of(st.just(point(0)), amount(14, places=1)),
)
price = st.decimals(0, 1, places=6, allow_nan=False).map(StepPrice)


@st.composite
def routes(draw):
    shares = [draw(st.integers(0, 100)) for _ in range(draw(st.integers(1, 3)))]
    kind = draw(st.sampled_from(RouteKind))
    if kind is RouteKind.CASCADE:
        shares = [100, *sorted(shares, reverse=True)]
    else:
        shares.append(max(0, 100 - sum(shares)))
        while sum(shares) > 100:
            shares[shares.index(max(shares))] -= sum(shares) - 100
            shares = [max(0, one) for one in shares]
    return Route(kind, tuple(Step(point(Decimal(s) / 100), draw(price)) for s in shares))


def close(found, expected):
    return abs(Fraction(found) - expected) <= Fraction(1, 10**24) * max(1, abs(expected))


@settings(max_examples=examples(120), deadline=None)
@given(whole_inputs, routes())
def test_every_figure_is_that_of_fractions(inputs, route):
    assert object_to(inputs, route) == ()
    found, expected = study(inputs, route), by_hand(inputs, route)
    assert not found.missing
    for name, value in expected.items():
        figure = getattr(found, name)
        if name == "npv_12":
            assert float(figure) == pytest.approx(value, rel=1e-9, abs=1e-6)
        elif value is None:
            assert figure is None, name
        elif value != "too far to walk":
            assert close(figure, value), name
    assert found.never_breaks_even is (expected["break_even_volume"] is None)
    assert found.never_pays_back is (expected["payback_months"] is None)


MONEY = {
    "volume_per_month": point(100),
    "success_share": point(1),
    "value_per_success": point(12),
    "fixed_per_month": point(200),
    "tool_cost": point(0),
    "review_share": point(0),
    "retry_share": point(0),
}
FREE = Route(RouteKind.SPLIT, (Step(point(1), StepPrice(Decimal(0))),))


@pytest.mark.parametrize(
    ("build", "ramp", "months"),
    [
        (0, 0, "0"),
        (1000, 0, "1"),
        (1500, 0, "1.5"),
        (12_000, 0, "12"),
        (12_500, 0, "12.5"),  # carried on past twelve
        ("799.4", 3, "1.999"),
        (1000, 3, "2.2"),  # nets 200, 600, 1000: 800 after two months
        (1800, 3, "3"),
        (2000, 3, "3.2"),
    ],
)
def test_payback_is_interpolated_within_its_month(build, ramp, months):
    inputs = replace(INPUTS, **MONEY, estimated_build_cost=point(build), ramp_months=point(ramp))
    assert study(inputs, FREE).payback_months == Decimal(months)


@pytest.mark.parametrize(("fixed", "never"), [(1199, False), (1200, True), (1201, True)])
def test_payback_is_never_where_nothing_is_left(fixed, never):
    found = study(replace(INPUTS, **{**MONEY, "fixed_per_month": point(fixed)}), FREE)
    assert found.never_pays_back is never
    assert (found.payback_months is None) is never


def test_break_even_is_never_where_an_interaction_loses_and_zero_where_nothing_is_fixed():
    losing = replace(INPUTS, **{**MONEY, "value_per_success": point(0), "tool_cost": point(1)})
    assert study(losing, FREE).never_breaks_even
    assert study(replace(losing, fixed_per_month=point(0)), FREE).break_even_volume == 0


def test_margins_are_unknown_where_there_is_no_value():
    found = study(replace(INPUTS, value_per_success=point(0)), CASCADE)
    assert (found.gross_margin, found.net_margin) == (None, None)
    assert found.net_per_month < 0


@pytest.mark.parametrize(
    ("absent", "unknown"),
    [
        ("calls", {"llm_cost", "cost_per_interaction", "net_per_month", "break_even_volume"}),
        ("tool_cost", {"cost_per_interaction", "net_per_month"}),
        ("hourly_rate", {"cost_per_interaction", "net_per_month", "gross_margin"}),
        ("volume_per_month", {"value_per_month", "net_per_month", "payback_months"}),
        ("fixed_per_month", {"net_per_month", "net_margin", "annual_net_value", "npv_12"}),
        ("estimated_build_cost", {"npv_12", "payback_months"}),
        ("discount_rate", {"npv_12"}),
        ("ramp_months", set()),
    ],
)
def test_a_missing_input_makes_unknown_what_needs_it_and_is_named(absent, unknown):
    found = study(replace(INPUTS, **{absent: None}), CASCADE)
    for name in unknown:
        assert getattr(found, name) is None
        assert absent in found.missing[name]
    assert not found.never_pays_back
    known = {"llm_cost", "value_per_month", "net_per_month", "npv_12"} - set(found.missing)
    assert all(getattr(found, name) is not None for name in known)


def test_nothing_given_names_everything_that_test_four_needs():
    assert study(Inputs(), None).missing_inputs == (
        "route",
        "calls",
        "retry_share",
        "tool_cost",
        "review_share",
        "review_minutes",
        "hourly_rate",
        "volume_per_month",
        "success_share",
        "value_per_success",
        "fixed_per_month",
    )


def test_nobody_reviews_so_nobody_is_asked_for_minutes():
    inputs = replace(INPUTS, review_share=point(0), review_minutes=None, hourly_rate=None)
    found = study(inputs, CASCADE)
    assert not found.missing
    assert found.cost_per_interaction == found.llm_cost + Decimal("0.00105")


def test_an_unknown_price_is_unknown_and_never_zero():
    route = Route(RouteKind.CASCADE, (CASCADE.steps[0], Step(point("0.2"))))
    found = study(INPUTS, route)
    assert found.cost_per_interaction is None
    assert found.missing_inputs == ("price",)
    assert study(replace(INPUTS, output_tokens=None), route).missing_inputs == ("output_tokens",)


def test_a_step_that_is_never_reached_needs_no_price():
    route = Route(RouteKind.CASCADE, (CASCADE.steps[0], Step(point(0))))
    assert study(INPUTS, route).missing_inputs == ()


@pytest.mark.parametrize(
    ("kind", "shares", "faults"),
    [
        ("split", ["1"], 0),
        ("split", ["0.3", "0.7"], 0),
        ("split", ["0.3", "0.6"], 1),
        ("split", ["0.3", "0.71"], 1),
        ("split", [], 1),
        ("cascade", ["1"], 0),
        ("cascade", ["1", "0.2", "0.2"], 0),
        ("cascade", ["1", "0.2", "0.3"], 1),
        ("cascade", ["0.9", "0.2"], 1),
        ("cascade", ["1", "1.2"], 2),
    ],
)
def test_a_route_must_hang_together(kind, shares, faults):
    route = Route(RouteKind(kind), tuple(Step(point(s), StepPrice(Decimal(1))) for s in shares))
    found = object_to(Inputs(), route)
    assert len(found) == faults
    assert {objection.field for objection in found} <= {"route"}
    assert ("route" in study(INPUTS, route).missing_inputs) is bool(faults)


def test_later_shares_of_a_cascade_may_be_ranges_and_those_of_a_split_may_not():
    later = Range(Decimal("0.1"), Decimal("0.2"), Decimal("0.4"))
    cascade = Route(RouteKind.CASCADE, (Step(point(1)), Step(later)))
    assert object_to(Inputs(), cascade) == ()
    split = Route(RouteKind.SPLIT, (Step(point("0.8")), Step(later)))
    assert [objection.field for objection in object_to(Inputs(), split)] == ["route"]


@pytest.mark.parametrize(
    ("field", "given_range", "faults"),
    [
        ("success_share", ("0", "0.5", "1"), 0),
        ("success_share", ("0", "0.5", "1.01"), 1),
        ("success_share", ("-0.01", "0.5", "1"), 1),
        ("volume_per_month", ("10", "20", "30"), 0),
        ("volume_per_month", ("20", "10", "30"), 1),
        ("volume_per_month", ("10", "40", "30"), 1),
        ("hourly_rate", ("-1", "0", "1"), 1),
        ("hourly_rate", ("NaN", "0", "1"), 1),
        ("ramp_months", ("0", "6", "121"), 1),
        ("discount_rate", ("0", "0.1", "2"), 0),
    ],
)
def test_what_cannot_be_so_is_told_at_its_field(field, given_range, faults):
    found = object_to(replace(Inputs(), **{field: Range(*map(Decimal, given_range))}), None)
    assert [objection.field for objection in found] == [field] * faults
