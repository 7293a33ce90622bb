"""The unit economics of a use case: what a person says of it, and what follows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from economics import costing
from economics.models import Assumption, RouteStep, UnitEconomics
from economics.rules import prices
from economics.rules.inputs import (
    INPUT_NAMES,
    Basis,
    Inputs,
    Range,
    Route,
    RouteKind,
    Step,
    ValueKind,
    object_to,
)
from economics.rules.prices import ManualPrice
from economics.rules.unit_economics import object_to_figures
from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.models import MeasuredAssumption, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.findings import Objection
from portfolio.rules.rights import Right


@dataclass(frozen=True)
class Given:
    """One input as somebody states it."""

    range: Range
    basis: Basis = Basis.ASSUMPTION
    source: str = ""


@dataclass(frozen=True)
class GivenStep:
    """One model of the route, priced by the table or by hand."""

    provider: str
    model: str
    share: Range
    manual: ManualPrice | None = None


@dataclass(frozen=True)
class Judgement:
    """The whole of what is said of one case: what is not in it is taken away."""

    inputs: Mapping[str, Given] = field(default_factory=dict)
    route_kind: RouteKind | None = None
    steps: Sequence[GivenStep] = ()
    value_kind: ValueKind | None = None
    currency: str | None = None  # None: that of the portfolio
    usd_rate: Decimal | None = None
    usd_rate_on: date | None = None
    usd_rate_source: str = ""


ROUTE = ("route_kind", "usd_rate", "usd_rate_on", "usd_rate_source")
ASSUMED = ("low", "likely", "high", "basis", "source", "by", "at")
SAID = ("value_kind", "currency", *ROUTE)
NOT_SAID = ("usd_rate_by", "confirmed_by", "confirmed_at", *costing.COMPUTED)
GUESSED = ("low", "likely", "high", "said_by_id", "said_at")


@transaction.atomic
def set_economics(
    actor: Actor,
    use_case_id: int,
    judgement: Judgement,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> UnitEconomics:
    """The unit economics after this, with what follows at today's prices; the ranking follows.

    The judgement replaces what was there; a number that says what it said before keeps who gave it.
    A model that the price table does not know is kept, and what rests on its price is unknown.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.ANSWER_TESTS, use_case)
    portfolio = use_case.portfolio
    today = clock.today_in(portfolio.time_zone, now)
    row = UnitEconomics.objects.for_use_cases([use_case_id]).first()
    is_new = row is None
    row = row or UnitEconomics(use_case=use_case, currency=portfolio.currency)
    row.use_case = use_case
    row.expect_version(seen_version)
    _refuse(objections(judgement, portfolio.currency, today))

    change = _Change(row, actor, now, is_new=is_new)
    change.say(judgement, portfolio.currency)
    change.assume(judgement.inputs)
    change.route(judgement.steps)
    found = costing.cost(
        row, change.assumptions, change.steps, currency=portfolio.currency, on=today
    )
    _refuse(object_to_figures(found.economics))
    net_before = row.net_per_month
    follows_otherwise = costing.apply(row, change.steps, found, now)
    if not change.told and not follows_otherwise:
        return row
    change.save()
    published = costing.publish(row, change.assumptions, change.steps)
    events.record(
        use_case,
        Kind.ECONOMICS_CHANGED,
        by=actor,
        what={
            "changed": change.told,
            "net_per_month": [_plain(net_before), _plain(row.net_per_month)],
            "as_of": costing.told_age(published),
        },
        wants=Bell.RANK,
        touched=[row, published],
    )
    return row


@transaction.atomic
def confirm_economics(
    actor: Actor, use_case_id: int, *, now: datetime, seen_version: int | None = None
) -> UnitEconomics:
    """The unit economics as they are, with the actor's name to it that they still hold.

    What follows from them is as old as this then, and the ranking follows.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.ANSWER_TESTS, use_case)
    row = UnitEconomics.objects.for_use_cases([use_case_id]).first()
    if row is None:
        raise ValidationError("Nobody has said anything yet that could still hold.")
    row.expect_version(seen_version)
    row.confirmed_by_id, row.confirmed_at = actor.user_id, now
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    assumptions = list(Assumption.objects.of(row.pk))
    published = costing.publish(row, assumptions, RouteStep.objects.of(row.pk))
    events.record(
        use_case,
        Kind.ECONOMICS_CHANGED,
        by=actor,
        what={"confirmed": True, "as_of": costing.told_age(published)},
        wants=Bell.RANK,
        touched=[row, published],
    )
    return row


def objections(judgement: Judgement, currency: str, today: date) -> list[Objection]:
    """Everything that cannot be so in what was said; what is missing is no objection."""
    inputs = Inputs(**{name: given.range for name, given in judgement.inputs.items()})
    route = None
    if judgement.steps:
        if judgement.route_kind is None:
            return [Objection("route.kind", "Say whether the route is a split or a cascade.")]
        route = Route(judgement.route_kind, tuple(Step(step.share) for step in judgement.steps))
    found = list(object_to(inputs, route))
    for position, step in enumerate(judgement.steps):
        found += prices.object_to_price(position, step.model, step.manual)
    if judgement.currency not in (None, currency):
        found.append(
            Objection("currency", f"The portfolio counts in {currency}; give the money in that.")
        )
    if judgement.usd_rate is None:
        return found
    if currency == prices.CURRENCY:
        words = "The portfolio counts in US dollars, as the price table does: no rate is needed."
        found.append(Objection("route.usd_rate", words))
    elif judgement.usd_rate <= 0:
        found.append(Objection("route.usd_rate", "An exchange rate is above zero."))
    if judgement.usd_rate_on is None:
        found.append(Objection("route.usd_rate_on", "Say of which day the exchange rate is."))
    elif judgement.usd_rate_on > today:
        found.append(Objection("route.usd_rate_on", "A rate of a day to come is not known yet."))
    return found


def _refuse(found: Sequence[Objection]) -> None:
    if found:
        faults: dict[str, list[str]] = {}
        for objection in found:
            faults.setdefault(objection.field or "__all__", []).append(objection.words)
        raise ValidationError(faults)


class _Change:
    """What one judgement changes: rows to save, told name by name as [before, after]."""

    def __init__(self, row: UnitEconomics, actor: Actor, now: datetime, *, is_new: bool) -> None:
        self.row, self.actor, self.now, self.is_new = row, actor, now, is_new
        self.told: dict[str, Any] = {}
        self.assumptions: list[Assumption] = []
        self.steps: list[RouteStep] = []
        self._there = [] if is_new else list(Assumption.objects.of(row.pk))
        self._steps_there = [] if is_new else list(RouteStep.objects.of(row.pk).in_order())
        self._changed: list[Assumption] = []
        self._measured: list[tuple[dict[str, Any], Assumption]] = []  # (before, after)
        self._is_rerouted = False

    def say(self, judgement: Judgement, currency: str) -> None:
        row = self.row
        rate_before = (row.usd_rate, row.usd_rate_on, row.usd_rate_source)
        for name, value in {
            "value_kind": judgement.value_kind.value if judgement.value_kind else "",
            "route_kind": judgement.route_kind.value if judgement.route_kind else "",
            "currency": currency,
            "usd_rate": judgement.usd_rate,
            "usd_rate_on": judgement.usd_rate_on if judgement.usd_rate is not None else None,
            "usd_rate_source": judgement.usd_rate_source.strip() if judgement.usd_rate else "",
        }.items():
            before = getattr(row, name)
            if before != value:
                self.told[name] = [_plain(before), _plain(value)]
                setattr(row, name, value)
        if rate_before != (row.usd_rate, row.usd_rate_on, row.usd_rate_source):
            row.usd_rate_by_id = self.actor.user_id if row.usd_rate is not None else None
        row.full_clean(exclude=["use_case", *NOT_SAID])

    def assume(self, inputs: Mapping[str, Given]) -> None:
        there = {given.name: given for given in self._there}
        faults: dict[str, list[str]] = {}
        for name in (name for name in INPUT_NAMES if name in inputs):
            given = inputs[name]
            found = there.get(name)
            after = (
                given.range.low, given.range.likely, given.range.high, given.basis.value,
                given.source.strip(),
            )  # fmt: skip
            before = (
                (found.low, found.likely, found.high, found.basis, found.source) if found else None
            )
            if found is not None and before == after:
                self.assumptions.append(found)
                continue
            if found is not None and given.basis is Basis.MEASUREMENT:
                self._measured.append((_as_it_was(found), found))
            found = found or Assumption(economics=self.row, name=name)
            found.low, found.likely, found.high, found.basis, found.source = after
            found.by_id, found.at = self.actor.user_id, self.now
            try:
                # The rules hold its constraints already; here each would cost a query.
                found.full_clean(
                    exclude=["economics", "by"], validate_unique=False, validate_constraints=False
                )
            except ValidationError as fault:
                faults[name] = fault.messages
                continue
            self.told[name] = [_told(before), _told(after)]
            self.assumptions.append(found)
            self._changed.append(found)
        if faults:
            raise ValidationError(faults)
        for name in there.keys() - inputs.keys():
            self.told[name] = [_told((there[name].low, there[name].likely, there[name].high)), None]
        self._doomed = [there[name].pk for name in there.keys() - inputs.keys()]

    def route(self, given: Sequence[GivenStep]) -> None:
        kept = {_key(step): step for step in self._steps_there}
        faults: dict[str, list[str]] = {}
        for position, one in enumerate(given):
            manual = one.manual
            step = RouteStep(
                economics=self.row,
                position=position,
                provider=one.provider.strip(),
                model=one.model.strip(),
                share_low=one.share.low,
                share_likely=one.share.likely,
                share_high=one.share.high,
                manual_input=manual.input if manual else None,
                manual_cached=manual.cached if manual else None,
                manual_output=manual.output if manual else None,
                manual_reason=manual.reason.strip() if manual else "",
                by_id=self.actor.user_id,
                at=self.now,
            )
            if (same := kept.get(_key(step))) is not None:
                step.by_id, step.at = same.by_id, same.at
            try:
                step.full_clean(
                    exclude=["economics", "by", *costing.PRICED], validate_unique=False,
                    validate_constraints=False,
                )  # fmt: skip
            except ValidationError as fault:
                for name, words in fault.message_dict.items():
                    faults[f"route.steps.{position}.{name}"] = words
            self.steps.append(step)
        if faults:
            raise ValidationError(faults)
        before = [_key(step) for step in self._steps_there]
        after = [_key(step) for step in self.steps]
        if before == after:
            self.steps = self._steps_there
            return
        self._is_rerouted = True
        self.told["route"] = [
            [str(part) for part in map(_told_step, self._steps_there)],
            [str(part) for part in map(_told_step, self.steps)],
        ]

    def save(self) -> None:
        row = self.row
        if self.is_new:
            row.save(force_insert=True)
        else:
            row.save(update_fields=[*SAID, "usd_rate_by", *costing.COMPUTED])
        for pk in self._doomed:
            Assumption.objects.filter(pk=pk).delete()
        there = [given for given in self._changed if given.pk is not None]
        for given in there:
            given.save(update_fields=ASSUMED)
        Assumption.objects.bulk_create([given for given in self._changed if given.pk is None])
        self._keep_measured()
        if self._is_rerouted:
            for step in self._steps_there:
                step.delete()
            RouteStep.objects.bulk_create(self.steps)
        else:
            for step in self.steps:
                step.save(update_fields=list(costing.PRICED))

    def _keep_measured(self) -> None:
        """What was assumed stays beside what is measured now, for who looks how good guesses are.

        What was assumed before anything was measured is what counts: it is repeated beside each
        later measurement, and an assumption made in between is no guess any more.
        """
        if not self._measured:
            return
        known = MeasuredAssumption.objects.newest_of(self.row.pk)
        rows = []
        for before, given in self._measured:
            first = known.get(given.name)
            if first is not None:
                said = {name: getattr(first, name) for name in GUESSED}
            elif before["basis"] == Basis.ASSUMPTION and before["said_by_id"] is not None:
                said = {name: before[name] for name in GUESSED}
            else:
                continue
            rows.append(
                MeasuredAssumption(
                    use_case=self.row.use_case,
                    name=given.name,
                    measured=given.likely,
                    measured_by_id=given.by_id,
                    measured_at=given.at,
                    source=given.source,
                    **said,
                )
            )
        MeasuredAssumption.objects.bulk_create(rows)


def _as_it_was(given: Assumption) -> dict[str, Any]:
    """What the row says before it is overwritten, and on what basis."""
    return {
        "low": given.low, "likely": given.likely, "high": given.high, "basis": given.basis,
        "said_by_id": given.by_id, "said_at": given.at,
    }  # fmt: skip


def _key(step: RouteStep) -> tuple:
    """What makes two steps say the same."""
    return (
        step.provider, step.model, step.share, step.manual_input, step.manual_cached,
        step.manual_output, step.manual_reason,
    )  # fmt: skip


def _told(values: tuple | None) -> list[str | None] | None:
    return None if values is None else [_plain(value) for value in values]


def _told_step(step: RouteStep) -> str:
    by_hand = " by hand" if step.manual else ""
    return f"{step.provider} {step.model} {_plain(step.share_likely)}{by_hand}".strip()


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    return str(value)
