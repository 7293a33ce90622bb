"""One use case as its numbers were worked out: read where a number asks for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from assessments.models import Criterion, Rating, Round
from assessments.ranking import Sheet
from assessments.rules import scoring, what_if
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.scoring import Contribution
from portfolio import rights
from portfolio.models import Ranking, Simulation, Standing
from portfolio.origins import Asked
from portfolio.rules.rights import Right
from portfolio.rules.words import Place
from portfolio.templatetags.words import number

CRITERION = "criterion."
RATINGS, TESTS, ECONOMICS = "assessments:ratings", "assessments:tests", "economics:economics"


@dataclass(frozen=True)
class Case:
    """What the numbers of one use case share; each is read once, and only if it is asked for."""

    asked: Asked

    @cached_property
    def standing(self) -> Standing:
        return self.asked.use_case.standing

    @cached_property
    def ranking(self) -> Ranking:
        return self.asked.use_case.portfolio.ranking

    @cached_property
    def criteria(self) -> list[Criterion]:
        return list(Criterion.objects.in_portfolio(self.portfolio_id).in_force())

    @property
    def portfolio_id(self) -> int:
        return self.asked.use_case.portfolio_id

    @property
    def reference(self) -> str:
        return self.asked.use_case.reference

    @cached_property
    def explained(self) -> dict[str, Contribution]:
        """Each criterion's part in the score, under the weights asked for."""
        read = Sheet.read(self.portfolio_id, self.asked.now, self.asked.use_case.pk)
        if not len(read.sheet.ids):
            return {}
        sheet = what_if.reweighed(read.sheet, self.asked.weights)
        return {part.slug: part for part in scoring.explain(sheet, 0)}

    @cached_property
    def ratings(self) -> dict[int, list[Rating]]:
        """Every rating of the use case, by criterion."""
        found: dict[int, list[Rating]] = {one.pk: [] for one in self.criteria}
        rows = Rating.objects.of(self.asked.use_case.pk).of_criteria_in_force()
        for row in rows.with_names().in_order():
            found.setdefault(row.criterion_id, []).append(row)
        return found

    def may_see_others(self, use_case_id: int, slug: str, assessors: Collection[int]) -> bool:
        """As the forms have it: who may rate sees what others said once their own is there, and in
        an open blind round that asks them not even then."""
        me = self.asked.actor.user_id
        if me is None or not self.may_rate:
            return True
        return me in assessors and slug not in self._asked_blind(use_case_id, me)

    def _asked_blind(self, use_case_id: int, me: int) -> set[str]:
        if use_case_id not in self._blind:
            rounds = Round.objects.open_to(use_case_id, me)
            self._blind[use_case_id] = {one.slug for row in rounds for one in row.criteria.all()}
        return self._blind[use_case_id]

    @cached_property
    def _blind(self) -> dict[int, set[str]]:
        return {}

    @cached_property
    def run(self) -> Simulation | None:
        return Simulation.objects.filter(pk=self.portfolio_id).first()

    @cached_property
    def may_rate(self) -> bool:
        """Whether the person may; by a token that only reads they would be anchored as well."""
        person = replace(self.asked.actor, may_write=True)
        return Right.RATE in rights.held(person, self.asked.use_case)

    @property
    def is_first(self) -> bool:
        return self.standing.place == Place.RANKED and self.standing.rank == 1

    def as_of(self, criterion: Criterion) -> datetime | None:
        """How old what a criterion is worth is."""
        if criterion.derived_from == Derivation.ANNUAL_VALUE:
            return self.standing.value_as_of
        if criterion.derived_from == Derivation.DATA_READINESS:
            return self.standing.data_as_of
        return min((row.rated_at for row in self.ratings[criterion.pk]), default=None)

    def oldest(self, axes: Sequence[Axis]) -> datetime | None:
        """The age of the oldest criterion that weighs on these axes."""
        ages = [
            self.as_of(one) for one in self.criteria if one.axis in axes and self.weight(one) > 0
        ]
        return min((age for age in ages if age is not None), default=None)

    def weight(self, criterion: Criterion) -> Decimal:
        return self.asked.weights.get(criterion.slug, criterion.weight)

    def axis_value(self, axis: Axis) -> Decimal | None:
        """As published; under other weights, as they give it."""
        published = getattr(self.standing, axis.value)
        if not self.asked.weights or published is None:
            return published
        points = [part.points for part in self.explained.values() if part.axis is axis]
        return sum(points, Decimal(0)) if any(self._rated(axis)) else None

    def _rated(self, axis: Axis) -> list[bool]:
        return [part.is_rated for part in self.explained.values() if part.axis is axis]

    def name_of(self, slug: str) -> str:
        return next((one.name for one in self.criteria if one.slug == slug), slug)

    def supposing(self) -> list[str]:
        if not self.asked.weights:
            return []
        moved = [
            f"{one.name} {number(self.weight(one))} instead of {number(one.weight)}"
            for one in self.criteria
            if self.weight(one) != one.weight
        ]
        return [f"With other weights than the saved ones: {', '.join(moved)}."] if moved else []
