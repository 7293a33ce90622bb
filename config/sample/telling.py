"""Tells the sample's story through the real actions, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from assessments import ranking
from assessments.actions.disqualifying import raise_disqualifier
from assessments.actions.rating import Judgement as Rated
from assessments.actions.rating import rate
from assessments.actions.rounds import Asked, close_round, open_round
from assessments.actions.testing import answer_tests
from config.sample.candidates import BY_HAND, Candidate
from config.sample.company import CURRENCY, KEY, NAME, PASSWORD, PEOPLE, TIME_ZONE
from economics.actions import Given, GivenStep, Judgement, set_economics
from economics.rules.inputs import Basis, Range, RouteKind, ValueKind
from portfolio import settling
from portfolio.actions import delivery, milestones, readings, recording, verdicts
from portfolio.actions.candidates import propose_use_case
from portfolio.actions.pipeline import move
from portfolio.actions.portfolios import open_portfolio
from portfolio.models import (
    Event,
    Lighthouse,
    Membership,
    Milestone,
    Portfolio,
    Reading,
    UseCase,
    User,
)
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Verdict

WORKING_HOUR = time(15, tzinfo=UTC)  # in the morning where the company sits

Step = Callable[[datetime], None]


class Teller:
    """Gathers what happened on which day, then lets it happen in that order, once and for all.

    Everything goes through the actions that pages and API use, with the day as their clock; only
    the events, which are dated by when they are recorded, are dated back afterwards.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.told_until: datetime | None = None
        self.steps: list[tuple[float, int, Step]] = []
        self.actors: dict[str, Actor] = {}
        self.use_cases: dict[str, UseCase] = {}
        self.lighthouses: dict[str, Lighthouse] = {}
        self.readings: dict[str, int] = {}
        self.milestones: dict[tuple[str, str], int] = {}
        self.worked_out: dict[str, Judgement] = {}

    # --- the clock of the story ---------------------------------------------------------------

    def at(self, days: float) -> datetime:
        """An instant so many days before this morning, whatever the hour is now."""
        morning = datetime.combine(clock.today_in(TIME_ZONE, self.now), WORKING_HOUR)
        return min(morning - timedelta(days=days), self.now)

    def day(self, days: float) -> date:
        """The day in the company's time zone; below zero it is still to come."""
        return clock.today_in(TIME_ZONE, self.at(max(days, 0))) + timedelta(days=max(-days, 0))

    def then(self, days: float, step: Step) -> None:
        """Let this happen so many days ago."""
        self.steps.append((-days, len(self.steps), step))

    @transaction.atomic
    def tell(self) -> Portfolio:
        """The portfolio with everything in it: all of it, or nothing."""
        self._open()
        for days_on, _, step in sorted(self.steps, key=lambda one: one[:2]):
            when = self.at(-days_on)
            self._end_days(when)
            self.told_until = when
            step(when)
            self._date_back(when)
        for row in Lighthouse.objects.filter(portfolio=self.portfolio):
            settling.settle(row.pk, self.now)
        self._end_days(self.now)
        ranking.rebuild(self.portfolio.pk, self.now)
        self._date_back(self.now)
        # What the bells would ask for is done; the sweep looks after anything else.
        connection.run_on_commit.clear()
        self.portfolio.refresh_from_db()
        return self.portfolio

    def _end_days(self, until: datetime) -> None:
        """Rank as each day before this one ended: what was said ages on days without news too."""
        passing = self.told_until or until
        while _day(passing) < _day(until):
            ranking.rebuild(self.portfolio.pk, passing)
            self._date_back(passing)
            passing += timedelta(days=1)

    def _date_back(self, when: datetime) -> None:
        told = Event.objects.filter(portfolio=self.portfolio, pk__gt=self._last)
        told.update(at=when)
        newest = Event.objects.filter(portfolio=self.portfolio).order_by("-pk").first()
        self._last = newest.pk if newest else 0

    def _open(self) -> None:
        password = make_password(PASSWORD)  # once: it is slow on purpose
        users = {
            person.slug: User.objects.create(
                email=person.email,
                name=person.name,
                password=password,
                may_open_portfolios=person.role == "sponsor",
            )
            for person in PEOPLE
        }
        self.actors = {slug: Actor(user=user) for slug, user in users.items()}
        sponsor = self.actors["dana"]
        self.portfolio = open_portfolio(
            sponsor, key=KEY, name=NAME, currency=CURRENCY, time_zone=TIME_ZONE
        )
        for person in PEOPLE[1:]:
            Membership.objects.create(
                portfolio=self.portfolio,
                user=users[person.slug],
                role=person.role,
                revision=self.portfolio.revision,
            )
        opened = self.at(210)
        Portfolio.objects.filter(pk=self.portfolio.pk).update(created_at=opened)
        Membership.objects.filter(portfolio=self.portfolio).update(created_at=opened)
        self._last = 0
        self._date_back(opened)

    # --- candidates ---------------------------------------------------------------------------

    def candidate(self, told: Candidate) -> None:
        """A candidate from its proposal to the ratings, over the days that followed."""
        self.then(told.days, lambda now: self._propose(told, now))
        if told.outcome or told.sources or told.review:
            self.then(told.days - 1.2, lambda now: self._answer(told, now))
        if told.economics:
            self.then(told.days - 1.6, lambda now: self._work_out(told, now))
        for place, who in enumerate(told.assessors if told.rated else ()):
            self.then(
                told.days - 2 - 0.3 * place,
                lambda now, who=who, place=place: self._rate(told, who, place, now),
            )
        if told.qualified is not None:
            self.move(told.slug, told.qualified, told.by, Stage.QUALIFIED)

    def _propose(self, told: Candidate, now: datetime) -> None:
        self.use_cases[told.slug] = propose_use_case(
            self.actors[told.by],
            self.portfolio.pk,
            {
                "title": told.title,
                "problem": told.problem,
                "jobs": list(told.jobs),
                "segments": list(told.segments),
                "success_metrics": list(told.metrics),
                "business_unit": told.unit,
                "task_type": told.task_type,
                "customer_facing": told.customer_facing,
            },
            now=now,
        )

    def _answer(self, told: Candidate, now: datetime) -> None:
        given: dict[str, Any] = {}
        if told.outcome:
            given["outcome"] = told.outcome
        if told.sources:
            given["data"] = {"sources": told.sources}
        if told.review:
            given["review"] = told.review
        answer_tests(self.actors[told.by], self.use_cases[told.slug].pk, given, now=now)

    def _work_out(self, told: Candidate, now: datetime) -> None:
        assert told.economics is not None
        measured = told.economics["measured"]
        inputs = {
            name: Given(
                _range(value),
                Basis.MEASUREMENT if name in measured else Basis.ASSUMPTION,
                "logs of last quarter" if name in measured else "",
            )
            for name, value in told.economics["inputs"].items()
        }
        steps = [
            GivenStep(provider, model, Range.point(share))
            for provider, model, share in told.economics["models"]
        ]
        said = self.worked_out[told.slug] = Judgement(
            inputs=inputs,
            route_kind=RouteKind.CASCADE if len(steps) > 1 else RouteKind.SPLIT,
            steps=steps,
            value_kind=ValueKind(told.economics["kind"]),
        )
        set_economics(self.actors["mei"], self.use_cases[told.slug].pk, said, now=now)

    def measure(self, slug: str, by: str, days: float, source: str, **measured: str) -> None:
        """What production showed of some inputs of the economics, in the place of assumptions."""

        def step(now: datetime) -> None:
            said = self.worked_out[slug]
            found = {
                name: Given(Range.point(Decimal(value)), Basis.MEASUREMENT, source)
                for name, value in measured.items()
            }
            self.worked_out[slug] = replace(said, inputs={**said.inputs, **found})
            set_economics(self.actors[by], self.use_cases[slug].pk, self.worked_out[slug], now=now)

        self.then(days, step)

    def _rate(self, told: Candidate, who: str, place: int, now: datetime) -> None:
        """Assessors lean a little apart, in a way that is the same every time."""
        judgements = []
        for position, (slug, digit) in enumerate(zip(BY_HAND, told.rated, strict=True)):
            lean = Decimal((position + 2 * place) % 3 - 1) / 2 if place else Decimal(0)
            likely = min(max(int(digit) + lean, Decimal(0)), Decimal(5))
            spread = Decimal("0.5") + Decimal((position + place) % 3) / 2
            judgements.append(
                Rated(
                    slug,
                    max(likely - spread, Decimal(0)),
                    likely,
                    min(likely + spread / 2, Decimal(5)).quantize(Decimal("0.1")),
                    told.evidence.get(slug, "") if place == 0 else "",
                )
            )
        rate(self.actors[who], self.use_cases[told.slug].pk, judgements, now=now)

    def blind_round(
        self,
        name: str,
        opened: float,
        closed: float,
        slugs: tuple[str, ...],
        criteria: tuple[str, ...],
        said: Mapping[str, Mapping[tuple[str, str], tuple[str, str, str, str]]],
    ) -> None:
        """A round of the assessors in `said`, who say (low, likely, high, evidence) in turn."""
        made: list[int] = []

        def open_it(now: datetime) -> None:
            asked = Asked(
                [self.use_cases[slug].reference for slug in slugs],
                criteria,
                [self.actors[who].person.email for who in said],
                clock.today_in(TIME_ZONE, now) + timedelta(days=7),
                name,
            )
            made.append(open_round(self.actors["dana"], self.portfolio.pk, asked, now=now).pk)

        def say(who: str, slug: str, now: datetime) -> None:
            points = {key[1]: given for key, given in said[who].items() if key[0] == slug}
            judgements = [
                Rated(criterion, Decimal(low), Decimal(likely), Decimal(high), evidence)
                for criterion, (low, likely, high, evidence) in points.items()
            ]
            rate(self.actors[who], self.use_cases[slug].pk, judgements, now=now)

        self.then(opened, open_it)
        for place, who in enumerate(said):
            for slug in slugs:
                self.then(
                    opened - 1 - place,
                    lambda now, who=who, slug=slug: say(who, slug, now),
                )
        self.then(closed, lambda now: close_round(self.actors["dana"], made[0], now=now))

    def disqualify(self, slug: str, days: float, by: str, kind: str, evidence: str) -> None:
        self.then(
            days,
            lambda now: raise_disqualifier(
                self.actors[by], self.use_cases[slug].pk, kind, evidence, now=now
            ),
        )

    def answer(self, slug: str, days: float, by: str, given: dict[str, Any]) -> None:
        self.then(
            days,
            lambda now: answer_tests(self.actors[by], self.use_cases[slug].pk, given, now=now),
        )

    def confirm_data(self, slug: str, days: float, by: str) -> None:
        address = next(person.email for person in PEOPLE if person.slug == by)
        self.answer(slug, days, by, {"data": {"confirmed_by": address}})

    # --- the pipeline and the lighthouses -------------------------------------------------------

    def move(
        self, slug: str, days: float, by: str, to: Stage, *, reason: str = "", override: str = ""
    ) -> None:
        def step(now: datetime) -> None:
            if to is Stage.SELECTED:
                ranking.recompute(self.portfolio.pk, now)  # the gate asks for a rank
            move(
                self.actors[by],
                self.use_cases[slug].pk,
                to,
                reason=reason,
                override=override,
                now=now,
            )

        self.then(days, step)

    def draw_up(self, slug: str, days: float, owner: str, weeks: int, *, accepted=True) -> None:
        def step(now: datetime) -> None:
            address = next(person.email for person in PEOPLE if person.slug == owner)
            self.lighthouses[slug] = delivery.draw_up(
                self.actors["dana"],
                self.use_cases[slug].pk,
                owner=address,
                planned_weeks=weeks,
                now=now,
            )

        self.then(days, step)
        if accepted:
            self.then(
                days - 0.2,
                lambda now: delivery.answer_ownership(
                    self.actors[owner], self.lighthouses[slug].pk, accept=True, now=now
                ),
            )

    def plan(self, slug: str, days: float, by: str, **changes: object) -> None:
        self.then(
            days,
            lambda now: delivery.plan(self.actors[by], self.lighthouses[slug].pk, changes, now=now),
        )

    def milestone(
        self, slug: str, by: str, title: str, set_on: float, due: float, done: float | None = None
    ) -> None:
        """A promise made `set_on` days ago for the day `due`, reached on the day `done`."""

        def promise(now: datetime) -> None:
            found = milestones.add_milestone(
                self.actors[by],
                self.lighthouses[slug].pk,
                title=title,
                due_on=self.day(due),
                now=now,
            )
            self.milestones[slug, title] = found.pk

        def reach(now: datetime) -> None:
            row = Milestone.objects.get(pk=self.milestones[slug, title])
            milestones.change_milestone(
                self.actors[by], row.pk, {"done_on": self.day(done or 0)}, now=now
            )

        self.then(set_on, promise)
        if done is not None:
            self.then(done, reach)

    def forecast(self, slug: str, by: str, made: float, ships: float, note: str = "") -> None:
        self.then(
            made,
            lambda now: recording.give_forecast(
                self.actors[by],
                self.lighthouses[slug].pk,
                ships_on=self.day(ships),
                note=note,
                now=now,
            ),
        )

    def ship(self, slug: str, by: str, days: float) -> None:
        self.then(
            days,
            lambda now: recording.record_ship_date(
                self.actors[by], self.lighthouses[slug].pk, shipped_on=self.day(days), now=now
            ),
        )

    def reading(
        self,
        slug: str,
        by: str,
        days: float,
        metric: str,
        value: str,
        sample: int,
        source: str,
        *,
        name: str = "",
        corrects: str = "",
        entered: float | None = None,
    ) -> None:
        """A value measured so many days ago, entered then or on the day `entered`."""

        def step(now: datetime) -> None:
            row: Reading = readings.record_reading(
                self.actors[by],
                self.lighthouses[slug].pk,
                readings.NewReading(metric, Decimal(value), self.day(days), source, sample),
                supersedes=self.readings[corrects] if corrects else None,
                now=now,
            )
            if name:
                self.readings[name] = row.pk

        self.then(days if entered is None else entered, step)

    def look_back(self, slug: str, by: str, days: float, words: str) -> None:
        self.then(
            days,
            lambda now: recording.write_retrospective(
                self.actors[by], self.lighthouses[slug].pk, retrospective=words
            ),
        )

    def declare(self, slug: str, days: float, verdict: Verdict) -> None:
        def step(now: datetime) -> None:
            settling.settle(self.lighthouses[slug].pk, now)  # a worker's part, on that day
            verdicts.declare(
                self.actors["dana"], self.lighthouses[slug].pk, verdict=verdict, now=now
            )

        self.then(days, step)


def _day(when: datetime) -> date:
    return clock.today_in(TIME_ZONE, when)


def _range(value: Any) -> Range:
    if isinstance(value, tuple):
        return Range(*(Decimal(point) for point in value))
    return Range.point(value)
