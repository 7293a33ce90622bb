"""One use case as its numbers were worked out on an earlier day, from what events and rows keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from assessments.actions.testing import ANSWERS
from assessments.models import Criterion, DataSource, Rating, SealedRating, Widening
from assessments.origins import from_events
from assessments.origins.case import Case
from assessments.rules import four_tests, past, scoring
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.past import (
    Held,
    Opinion,
    Points,
    Standard,
    Standards,
    Then,
)
from assessments.rules.scoring import Contribution, Placing
from portfolio.models import Event, PastPlace, UseCase
from portfolio.models.events import Kind
from portfolio.rules import clock
from portfolio.templatetags.words import day_year

OF_THE_CASE = (
    *from_events.RATED, Kind.USE_CASES_MERGED.value, Kind.TESTS_ANSWERED.value,
    Kind.ECONOMICS_CHANGED.value,
)  # fmt: skip
OF_CRITERIA = (Kind.WEIGHTS_CHANGED.value, Kind.CRITERIA_CHANGED.value)
OF_RANGES = (Kind.RANGES_WIDENED.value, Kind.RANGES_AS_SAID.value)
OF_THE_PORTFOLIO = (*OF_CRITERIA, *OF_RANGES, Kind.PORTFOLIO_CHANGED.value)


@dataclass(frozen=True)
class Answered:
    """One data source as it was said to be, by whom and when; nobody where nothing tells."""

    source: four_tests.Source
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class PastCase:
    """What the numbers of one use case shared when a day ended; each is read once, if asked for.

    A day ends where the portfolio is. The cost in queries does not grow with what happened.
    """

    case: Case
    day: date
    kept: PastPlace

    @cached_property
    def ended(self) -> datetime:
        return clock.midnight(self.portfolio.time_zone, self.day + timedelta(days=1))

    @property
    def portfolio(self):
        return self.case.asked.use_case.portfolio

    @property
    def key(self) -> int:
        return self.case.asked.use_case.pk

    # --- what came of it ------------------------------------------------------------------------

    @cached_property
    def then(self) -> Then:
        """What the score came from, as far as it is known."""
        return Then(
            day=self.day,
            zone=self.portfolio.time_zone,
            fresh_days=int(self.settings["fresh_days"]),
            criteria=self.standards.criteria,
            opinions=self.held.opinions,
            factors=self.factors,
            scale=[Decimal(amount) for amount in self.settings["value_scale"]],
            value=self.kept.annual_net_value,
            value_as_of=self.value_age[0],
            readiness=self.readiness,
            data_as_of=self.data_age[0],
        )

    @cached_property
    def sheet(self) -> scoring.Sheet:
        return self.then.sheet()

    @cached_property
    def placing(self) -> Placing:
        """What these parts give, by the rule of the ranking."""
        return scoring.rank(self.sheet).placing(0)

    @cached_property
    def explained(self) -> dict[str, Contribution]:
        return {part.slug: part for part in scoring.explain(self.sheet, 0)}

    def standard(self, slug: str) -> Standard | None:
        return next((one for one in self.standards.criteria if one.slug == slug), None)

    def oldest(self, axes: Sequence[Axis]) -> datetime | None:
        """The age of the oldest criterion that weighed on these axes."""
        mine = (one for one in self.standards.criteria if one.axis in axes and one.weight > 0)
        ages = (self.then.as_of(one) for one in mine)
        return min((age for age in ages if age is not None), default=None)

    def may_see_others(self, slug: str) -> bool:
        """As of today: who may rate it now and has not yet sees nothing of then either."""
        return self.case.may_see_others(self.key, slug, self._raters.get(slug, set()))

    # --- what the portfolio was -----------------------------------------------------------------

    @cached_property
    def _of_portfolio(self) -> list[Event]:
        rows = Event.objects.in_portfolio(self.case.portfolio_id).of_kinds(OF_THE_PORTFOLIO)
        return list(rows.since(self.ended).in_key_order())

    @cached_property
    def standards(self) -> Standards:
        rows = Criterion.objects.in_portfolio(self.case.portfolio_id).in_order()
        later = [event.what for event in self._of_portfolio if event.kind in OF_CRITERIA]
        return past.standards_at([_standard(row) for row in rows], reversed(later))

    @cached_property
    def factors(self) -> dict[int, Decimal]:
        """By what factor each person's ranges counted as wider."""
        rows = Widening.objects.in_portfolio(self.case.portfolio_id)
        changes = (event.what for event in self._of_portfolio if event.kind in OF_RANGES)
        before = past.rolled_back(
            {row.person_id: row.factor for row in rows},
            ((what["person"], from_events.decimal(what["factor"][0])) for what in changes),
        )
        return {person: factor for person, factor in before.items() if factor is not None}

    @cached_property
    def settings(self) -> dict[str, Any]:
        now = {name: getattr(self.portfolio, name) for name in ("fresh_days", "value_scale")}
        changes = (pair for what in self._settings_changed for pair in what.get("was", {}).items())
        return past.rolled_back(now, changes)

    @property
    def _settings_changed(self) -> Iterator[Mapping[str, Any]]:
        changed = (event for event in self._of_portfolio if event.kind == Kind.PORTFOLIO_CHANGED)
        return (event.what for event in changed)

    # --- what people had said -------------------------------------------------------------------

    @cached_property
    def _keys(self) -> list[int]:
        """This one, and those that went into it since."""
        return [self.key, *UseCase.objects.merged_into_it(self.key)]

    @cached_property
    def _events(self) -> list[Event]:
        rows = Event.objects.about_any(self._keys).of_kinds(OF_THE_CASE).with_names()
        return list(rows.in_key_order())

    @cached_property
    def _mine(self) -> list[Event]:
        """What happened to this one, and not to what went into it."""
        return [event for event in self._events if event.use_case_id == self.key]

    @cached_property
    def held(self) -> Held:
        """The ratings in force; a blind one from its round's close on, as old as it is."""
        sealed = SealedRating.objects.said_at(self._keys)
        history = list(from_events.history(self._events, sealed))
        rows = {
            (row.criterion.slug, row.assessor_id): Opinion(
                (row.low, row.likely, row.high), row.rated_at, row.evidence, row.after_seeing
            )
            for row in self._ratings
        }
        return past.held_at(self.key, history, rows, self.ended)

    @cached_property
    def _ratings(self) -> list[Rating]:
        return list(Rating.objects.of(self.key).with_names())

    @cached_property
    def _raters(self) -> dict[str, set[int]]:
        """Who has rated it by now, by criterion."""
        found: dict[str, set[int]] = {}
        for row in self._ratings:
            found.setdefault(row.criterion.slug, set()).add(row.assessor_id)
        return found

    @cached_property
    def names(self) -> dict[int, str]:
        told = {event.by_id: str(event.by) for event in self._events if event.by_id}
        return {**told, **{row.assessor_id: str(row.assessor) for row in self._ratings}}

    # --- what was derived -----------------------------------------------------------------------

    @cached_property
    def _of_data(self) -> list[Event]:
        """What happened to the answers about the data."""
        return [event for event in self._mine if from_events.is_about_data(event)]

    @cached_property
    def sources(self) -> list[Answered]:
        """The required data sources."""
        later = (event.what for event in self._of_data if event.at >= self.ended)
        now = [
            {name: getattr(row, name) for name in ("name", *ANSWERS)}
            for row in DataSource.objects.of(self.key).in_order()
        ]
        told = (pair for what in later for pair in from_events.sources_before(what))
        then = past.rolled_back({"sources": now}, told)["sources"]
        said: dict[str, Event] = {}
        for event in self._of_data:
            if event.at < self.ended:
                before, after = event.what.get("changed", {}).get("data.sources", ((), ()))
                there = {one["name"].casefold(): from_events.answers(one) for one in before}
                for one in after:
                    if there.get(one["name"].casefold()) != from_events.answers(one):
                        said[one["name"].casefold()] = event
        return [
            Answered(
                from_events.source(one), *from_events.who_and_when(said.get(one["name"].casefold()))
            )
            for one in then
            if one["required"]
        ]

    @property
    def confirmed(self) -> tuple[str, datetime] | None:
        """Who had put their name to the data, and when; None where the history tells of nobody."""
        told = [event for event in self._of_data if event.at < self.ended]
        for event in reversed(told):
            if "data.confirmed_by" in event.what.get("changed", {}):
                address = event.what["changed"]["data.confirmed_by"][1]
                return (address, event.at) if address else None
        return None

    @cached_property
    def readiness(self) -> Points | None:
        found = four_tests.data_readiness([one.source for one in self.sources])
        return (found.low, found.likely, found.high) if found else None

    @cached_property
    def data_age(self) -> tuple[datetime | None, bool]:
        """How old the answers about the data were, and whether that is known."""
        return self._age(self._of_data, "data_as_of")

    @cached_property
    def _of_economics(self) -> list[Event]:
        return [
            event
            for event in self._mine
            if event.kind == Kind.ECONOMICS_CHANGED or "economics" in event.what
        ]

    @cached_property
    def net_told(self) -> Event | None:
        """What last told the net a month."""
        told = [one for one in self._of_economics if one.at < self.ended]
        return next((one for one in reversed(told) if "net_per_month" in one.what), None)

    @cached_property
    def value_age(self) -> tuple[datetime | None, bool]:
        """How old the annual net value was, and whether that is known."""
        return self._age(self._of_economics, "as_of")

    def _age(self, events: Sequence[Event], name: str) -> tuple[datetime | None, bool]:
        if not any(event.at >= self.ended for event in events):
            column = "value_as_of" if name == "as_of" else name
            return getattr(self.case.standing, column), True
        before = [event.what for event in events if event.at < self.ended]
        if not before or name not in before[-1]:
            return None, not before
        told = before[-1][name]
        return (datetime.fromisoformat(told) if told else None), True

    # --- what is not known ----------------------------------------------------------------------

    def doubts(self, slugs: Sequence[str]) -> list[str]:
        """What the history does not say for sure about these criteria."""
        found = []
        for slug, who in sorted(self.held.unsure):
            criterion = self.standard(slug)
            if slug in slugs and criterion is not None:
                found.append(
                    f"What {self.names[who]} held of {criterion.name} by then is not known for"
                    " sure: it was not recorded when it changed."
                )
        found += [
            f"The weight of {criterion.name} then is not known for sure: a change of it was not"
            " recorded."
            for criterion in self.standards.criteria
            if criterion.slug in slugs and criterion.slug in self.standards.unsure
        ]
        kinds = {one.derived_from for one in self.standards.criteria if one.slug in slugs}
        if Derivation.ANNUAL_VALUE in kinds and self.kept.annual_net_value is not None:
            if not self.value_age[1]:
                found.append(_NO_AGE.format("the annual net value"))
            found += self._unkept("value_scale", "The value scale")
        if Derivation.DATA_READINESS in kinds and self.readiness and not self.data_age[1]:
            found.append(_NO_AGE.format("the answers about the data"))
        found += self._unkept("fresh_days", "The days until a rating is stale")
        if any("time_zone" in what.get("changed", ()) for what in self._settings_changed):
            found.append("The portfolio’s days began elsewhere then.")
        return found

    def _unkept(self, name: str, words: str) -> list[str]:
        changes = [what for what in self._settings_changed if name in what.get("changed", ())]
        if not changes or name in changes[0].get("was", {}):
            return []
        return [f"{words} changed after {day_year(self.day)}; what held then was not kept."]


_NO_AGE = "How old {} was then was not kept: it counts as fresh here."


def _standard(row: Criterion) -> Standard:
    return Standard(
        slug=row.slug,
        name=row.name,
        axis=Axis(row.axis),
        weight=row.weight,
        position=row.position,
        question=row.question,
        derived_from=row.derived_from,
        is_in_force=row.retired_at is None,
    )
