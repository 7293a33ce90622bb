"""Works out what a use case costs and returns in the likely case, and publishes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from django.db import transaction

from economics.models import Assumption, RouteStep, UnitEconomics
from economics.rules import prices
from economics.rules.inputs import NET_INPUTS, Inputs, Route, RouteKind, Step, StepPrice
from economics.rules.unit_economics import FIGURES, Economics, published, study
from portfolio import events, standing
from portfolio.bells import Bell
from portfolio.models import Standing
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.age import as_old_as

FLAGS = ("never_breaks_even", "never_pays_back")
COMPUTED = (*FIGURES, *FLAGS, "build_cost", "missing", "price_date", "priced_by", "computed_at")
PRICED = ("price_per_call", "priced_as", "price_words")
_PER_CALL = Decimal("1e-12")
_AT_A_TIME = 500


@dataclass(frozen=True)
class PricedStep:
    """What one call of a step costs in the portfolio's currency, or why that is unknown."""

    per_call: Decimal | None
    priced_as: str = ""
    words: str = ""
    lacks: tuple[str, ...] = ("price",)


@dataclass(frozen=True)
class Costing:
    """The likely case of one use case, with the price of each step it rests on."""

    economics: Economics
    steps: tuple[PricedStep, ...]
    price_date: date

    @property
    def net_per_month(self) -> Decimal | None:
        return published(self.economics.net_per_month)

    @property
    def annual_net_value(self) -> Decimal | None:
        return published(self.economics.annual_net_value)


def cost(
    row: UnitEconomics,
    assumptions: Iterable[Assumption],
    steps: Sequence[RouteStep],
    *,
    currency: str,
    on: date,
) -> Costing:
    """The likely case at the prices of that day. `currency` is the portfolio's as it is now."""
    inputs = Inputs(**{given.name: given.range for given in assumptions})
    rate = _usd_rate(row, currency)
    priced = tuple(price_of_step(step, inputs, currency, rate, on) for step in steps)
    route = None
    if row.route_kind and steps:
        route = Route(
            RouteKind(row.route_kind),
            tuple(
                Step(step.share, StepPrice(price.per_call, price.lacks))
                for step, price in zip(steps, priced, strict=True)
            ),
        )
    return Costing(study(inputs, route), priced, on)


def _usd_rate(row: UnitEconomics, currency: str) -> Decimal | None:
    """What a US dollar is worth here; a rate typed for another currency is none."""
    if currency == prices.CURRENCY:
        return Decimal(1)
    return row.usd_rate if row.currency == currency else None


def price_of_step(
    step: RouteStep, inputs: Inputs, currency: str, usd_rate: Decimal | None, on: date
) -> PricedStep:
    """What one call of the step costs in the likely case."""
    fresh, cached_share = inputs.likely("input_tokens"), inputs.likely("cached_share")
    output = inputs.likely("output_tokens")
    if fresh is None or cached_share is None or output is None:
        tokens = None
    else:
        tokens = (fresh, fresh * cached_share, output)
    manual = step.manual
    if manual is not None:
        per_call = None if tokens is None else prices.price_by_hand(manual, *tokens)
        name = f"{step.provider} {step.model}".strip() or "a model"
        return PricedStep(_rounded(per_call), f"{name} at a manual price", _wait(per_call))
    # Without tokens, none are priced, so that an unknown name is still told at once.
    found = prices.price_of_call(step.provider, step.model, on, *(tokens or (Decimal(0),) * 3))
    if isinstance(found, prices.UnknownModel):
        return PricedStep(None, words=found.words)
    priced_as = f"{found.provider} {found.model_name}"
    if usd_rate is None:
        return PricedStep(
            None,
            priced_as,
            f"The table's prices are in US dollars. Say what a dollar is worth in {currency}, "
            "or give a manual price.",
            lacks=("usd_rate",),
        )
    per_call = None if tokens is None else found.per_call * usd_rate
    return PricedStep(_rounded(per_call), priced_as, _wait(per_call))


def _wait(per_call: Decimal | None) -> str:
    return "" if per_call is not None else "Say how many tokens a call takes, then it has a price."


def _rounded(per_call: Decimal | None) -> Decimal | None:
    """As it is kept, so that what is published follows from what is shown."""
    if per_call is None:
        return None
    with localcontext() as context:
        context.prec = 50
        return per_call.quantize(_PER_CALL, ROUND_HALF_EVEN)


def apply(
    row: UnitEconomics, steps: Sequence[RouteStep], costing: Costing, now: datetime | None
) -> bool:
    """Whether the figures on these rows changed; they hold them now, and are not saved yet."""
    before = snapshot(row, steps)
    for name in FIGURES:
        setattr(row, name, published(getattr(costing.economics, name)))
    for name in FLAGS:
        setattr(row, name, getattr(costing.economics, name))
    # The stubs do not see that these amounts may be null.
    row.build_cost = costing.economics.build_cost  # type: ignore[assignment]
    row.missing = {name: list(names) for name, names in costing.economics.missing.items()}
    row.price_date, row.priced_by = costing.price_date, prices.PRICED_BY
    for step, price in zip(steps, costing.steps, strict=True):
        step.price_per_call = price.per_call  # type: ignore[assignment]
        step.priced_as, step.price_words = price.priced_as, price.words
    changed = snapshot(row, steps) != before
    row.computed_at = now
    return changed


def snapshot(row: UnitEconomics, steps: Sequence[RouteStep]) -> dict[str, object]:
    """Everything that is published of these rows, but when."""
    told: dict[str, object] = {
        name: getattr(row, name) for name in COMPUTED if name not in ("price_date", "computed_at")
    }
    for step in steps:
        for name in PRICED:
            told[f"steps.{step.position}.{name}"] = getattr(step, name)
    return told


def publish(
    row: UnitEconomics, assumptions: Iterable[Assumption], steps: Iterable[RouteStep]
) -> Standing:
    """The standing after these figures; the caller records the event."""
    return standing.publish_economics(
        row.pk,
        net_per_month=row.net_per_month,
        annual_net_value=row.annual_net_value,
        as_of=as_of(row, assumptions, steps),
    )


def as_of(
    row: UnitEconomics, assumptions: Iterable[Assumption], steps: Iterable[RouteStep]
) -> datetime | None:
    """How old the net is: as its oldest input, or as when somebody last stood by them all.

    None while the net is unknown.
    """
    if row.net_per_month is None:
        return None
    given = [one.at for one in assumptions if one.name in NET_INPUTS]
    return as_old_as([*given, *(step.at for step in steps)], row.confirmed_at)


def told_age(row: Standing) -> str | None:
    """How old the net is, as an event keeps it."""
    return row.value_as_of.isoformat() if row.value_as_of else None


@dataclass(frozen=True)
class Difference:
    """A published figure that is not what follows from the inputs now."""

    reference: str
    figure: str
    published: object
    computed: object


def differences(use_case_ids: Iterable[int]) -> Iterator[Difference]:
    """What is published and would be computed otherwise, at each case's own price date."""
    for row, assumptions, steps in _cases(use_case_ids):
        before = {**snapshot(row, steps), **_of_standing(row)}
        if row.price_date is None:
            continue
        portfolio = row.use_case.portfolio
        costing = cost(row, assumptions, steps, currency=portfolio.currency, on=row.price_date)
        apply(row, steps, costing, row.computed_at)
        after = {
            **snapshot(row, steps),
            "standing.net_per_month": row.net_per_month,
            "standing.annual_net_value": row.annual_net_value,
            "standing.value_as_of": as_of(row, assumptions, steps),
        }
        for name, value in after.items():
            if before[name] != value:
                yield Difference(row.use_case.reference, name, before[name], value)


def rebuild(use_case_ids: Iterable[int], now: datetime) -> int:
    """How many cases were published anew, each at its own price date. Safe to repeat."""
    ids = list(use_case_ids)
    wrong = {difference.reference for difference in differences(ids)}
    count = 0
    for row, *_ in _cases(ids):
        if row.use_case.reference in wrong:
            count += _rebuild_one(row.pk, now)
    return count


@transaction.atomic
def _rebuild_one(use_case_id: int, now: datetime) -> int:
    row = UnitEconomics.objects.get_for_change(use_case_id)
    [(_, assumptions, steps)] = _cases([use_case_id])
    portfolio = row.use_case.portfolio
    on = row.price_date or now.date()
    costing = cost(row, assumptions, steps, currency=portfolio.currency, on=on)
    apply(row, steps, costing, now)
    row.save(update_fields=list(COMPUTED))
    for step in steps:
        step.save(update_fields=list(PRICED))
    published_row = publish(row, assumptions, steps)
    events.record(
        row.use_case,
        Kind.ECONOMICS_CHANGED,
        by=Actor.system(),
        what={"rebuilt": True, "as_of": told_age(published_row)},
        wants=Bell.RANK,
        touched=[row, published_row],
    )
    return 1


def _of_standing(row: UnitEconomics) -> dict[str, object]:
    found = row.use_case.standing
    return {
        "standing.net_per_month": found.net_per_month,
        "standing.annual_net_value": found.annual_net_value,
        "standing.value_as_of": found.value_as_of,
    }


def _cases(
    use_case_ids: Iterable[int],
) -> Iterator[tuple[UnitEconomics, list[Assumption], list[RouteStep]]]:
    """Each of these cases with its inputs and steps, three queries for every 500."""
    ids = list(use_case_ids)
    for start in range(0, len(ids), _AT_A_TIME):
        some = ids[start : start + _AT_A_TIME]
        assumptions: dict[int, list[Assumption]] = defaultdict(list)
        for given in Assumption.objects.for_use_cases(some):
            assumptions[given.economics_id].append(given)
        steps: dict[int, list[RouteStep]] = defaultdict(list)
        for step in RouteStep.objects.for_use_cases(some).in_order():
            steps[step.economics_id].append(step)
        for row in UnitEconomics.objects.for_use_cases(some).with_standing():
            yield row, assumptions[row.pk], steps[row.pk]
