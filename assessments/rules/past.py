"""Judges what a candidate's ratings and criteria were when an earlier day ended.

Ratings are told forwards, each replacing the one before it; criteria stand now and are rolled back,
each change giving back its before. What neither tells stays unknown, and is said to be.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from assessments.rules import ageing, scoring
from assessments.rules.ageing import Age, Aged
from assessments.rules.calibration import widened_ends
from assessments.rules.criteria import (
    Axis,
    Criterion,
    Derivation,
    Derived,
    InputAge,
    derive_annual_value,
    derive_range,
    millionths,
)
from portfolio.rules.age import is_stale
from portfolio.rules.clock import today_in

Points = tuple[Decimal, Decimal, Decimal]
Key = tuple[str, int]  # a criterion's slug and a person
Name = TypeVar("Name")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Opinion:
    """What one person held of one criterion, and since when."""

    points: Points
    given_at: datetime
    evidence: str = ""
    after_seeing: bool = False

    def ends(self, factor: Decimal | None) -> tuple[Decimal, Decimal]:
        """Low and high as they count while it is fresh."""
        low, likely, high = self.points
        return (low, high) if factor is None else widened_ends(low, likely, high, factor)


@dataclass(frozen=True)
class Told:
    """A rating that began to count, and what the same person had said before."""

    at: datetime
    use_case: int
    key: Key
    before: Points | None
    opinion: Opinion


@dataclass(frozen=True)
class Merged:
    """A use case that went into another one; of two ratings by one person the newer counts."""

    at: datetime
    survivor: int
    gone: int


@dataclass(frozen=True)
class Held:
    """The ratings in force, and those of which nothing says for sure whether and how they were."""

    opinions: Mapping[Key, Opinion]
    unsure: frozenset[Key] = frozenset()


def held_at(
    use_case: int,
    history: Sequence[Told | Merged],
    rows: Mapping[Key, Opinion],
    ended: datetime,
) -> Held:
    """The ratings of a use case at that moment, from all that was told of it and of what went into
    it, in order, and from its `rows` as they are now: one that nothing tells of stands as it is
    since it was given."""
    held: dict[int, dict[Key, Opinion]] = defaultdict(dict)
    for one in history:
        if one.at < ended:
            _apply(held, one)
    then = dict(held[use_case])
    later = [one for one in history if one.at >= ended]
    seen: set[Key] = set()
    unsure: set[Key] = set()
    for one in later:
        if isinstance(one, Told) and one.use_case == use_case and one.key not in seen:
            seen.add(one.key)
            found = held[use_case].get(one.key)
            if (found.points if found else None) != one.before:
                unsure.add(one.key)
        _apply(held, one)
    told = {one.key for one in history if isinstance(one, Told)}
    may_have_come = any(isinstance(one, Merged) and one.survivor == use_case for one in later)
    for key, row in rows.items():
        if key in told or row.given_at >= ended:
            continue
        if may_have_come:
            unsure.add(key)
        else:
            then[key] = row
    return Held(then, frozenset(unsure))


def _apply(held: dict[int, dict[Key, Opinion]], one: Told | Merged) -> None:
    if isinstance(one, Told):
        held[one.use_case][one.key] = one.opinion
        return
    mine = held[one.survivor]
    for key, other in held.pop(one.gone, {}).items():
        if key not in mine or other.given_at > mine[key].given_at:
            mine[key] = other


@dataclass(frozen=True)
class Standard:
    """A criterion as it stood."""

    slug: str
    name: str
    axis: Axis
    weight: Decimal
    position: int = 0
    question: str = ""
    derived_from: str = ""
    is_in_force: bool = True


@dataclass(frozen=True)
class Standards:
    """The criteria in force in the order in which people read them, and those that some change
    says were otherwise than the next one found them."""

    criteria: Sequence[Standard]
    unsure: frozenset[str] = frozenset()


_READ = {"weight": Decimal, "axis": Axis, "name": str, "question": str, "position": int}


def standards_at(now: Iterable[Standard], changes: Iterable[Mapping[str, Any]]) -> Standards:
    """The criteria before these changes, which come as events keep them, the newest first."""
    held = {one.slug: one for one in now}
    unsure: set[str] = set()

    def give_back(slug: str, name: str, before: Any, after: Any) -> None:
        if slug not in held or getattr(held[slug], name) != after:
            unsure.add(slug)
        if slug in held:
            held[slug] = replace(held[slug], **{name: before})

    for what in changes:
        edited = {slug: {"weight": pair} for slug, pair in what.get("weights", {}).items()}
        if "edited" in what:
            edited[what["edited"]] = what.get("changed", {})
        for slug, fields in edited.items():
            for name, pair in fields.items():
                if name in _READ:
                    give_back(slug, name, *(_READ[name](value) for value in pair))
        if "retired" in what:
            give_back(what["retired"], "is_in_force", True, False)
        if "brought_back" in what:
            give_back(what["brought_back"], "is_in_force", False, True)
        held.pop(what.get("added", ""), None)
    in_force = [one for one in held.values() if one.is_in_force]
    return Standards(sorted(in_force, key=lambda one: _as_read(one)), frozenset(unsure))


def _as_read(one: Standard) -> tuple[bool, int]:
    return one.axis is not Axis.IMPACT, one.position


def rolled_back(
    now: Mapping[Name, Value], changes: Iterable[tuple[Name, Value]]
) -> dict[Name, Value]:
    """These values before the changes, which name each its before and come in order."""
    before: dict[Name, Value] = {}
    for name, value in changes:
        before.setdefault(name, value)
    return {**now, **before}


@dataclass(frozen=True)
class Then:
    """All that one candidate's score came from when a day ended."""

    day: date
    zone: str
    fresh_days: int
    criteria: Sequence[Standard]
    opinions: Mapping[Key, Opinion]
    factors: Mapping[int, Decimal] = field(default_factory=dict)
    scale: Sequence[Decimal] = ()
    value: Decimal | None = None
    value_as_of: datetime | None = None
    readiness: Points | None = None
    data_as_of: datetime | None = None

    def of(self, slug: str) -> dict[int, Opinion]:
        """Who held what of one criterion."""
        return {who: one for (about, who), one in self.opinions.items() if about == slug}

    def age(self, who: int, one: Opinion) -> Age:
        """How old an opinion was by then, and between which ends it counted."""
        given_on = today_in(self.zone, one.given_at)
        ends = one.ends(self.factors.get(who))
        return ageing.age_of(given_on, self.day, self.fresh_days, *ends)

    def counted(self, who: int, one: Opinion) -> Decimal:
        """What one opinion came to by then, widened and aged."""
        low, high = one.ends(self.factors.get(who))
        added = ageing.added_to_mean(Fraction(low + high), self.age(who, one).periods)
        return scoring.expected_value(low, one.points[1], high, added)

    def is_stale(self, at: datetime | None) -> bool:
        """Whether what was as old as that was past its days by then."""
        return at is not None and is_stale(today_in(self.zone, at), self.day, self.fresh_days)

    def as_of(self, one: Standard) -> datetime | None:
        """How old what a criterion was worth was."""
        if one.derived_from == Derivation.ANNUAL_VALUE:
            return self.value_as_of
        if one.derived_from == Derivation.DATA_READINESS:
            return self.data_as_of
        return min((said.given_at for said in self.of(one.slug).values()), default=None)

    def sheet(self) -> scoring.Sheet:
        """The ranking's sheet with this one candidate in it."""
        size = len(self.criteria)
        tenths, counts = (np.zeros((size, 1), dtype=np.int64) for _ in range(2))
        aged: list[tuple[int, ...]] = []
        for row, criterion in enumerate(self.criteria):
            for who, one in self.of(criterion.slug).items():
                low, high = one.ends(self.factors.get(who))
                tenths[row] += scoring.rating_tenths(low, one.points[1], high)
                counts[row] += 1
                if self.is_stale(one.given_at):
                    periods = self.age(who, one).periods
                    aged.append((row, 0, int(low * 10), int(high * 10), periods))
        columns = np.array(aged, dtype=np.int64).reshape(-1, 5).T
        return scoring.Sheet(
            criteria=tuple(Criterion(one.slug, one.axis, one.weight) for one in self.criteria),
            ids=np.zeros(1, dtype=np.int64),
            numbers=np.ones(1, dtype=np.int64),
            ready=np.ones(1, dtype=np.bool_),
            disqualified=np.zeros(1, dtype=np.bool_),
            tenths=tenths,
            counts=counts,
            derived={one.slug: self._derived(one) for one in self.criteria if one.derived_from},
            aged=Aged(*columns) if aged else None,
        )

    def _derived(self, one: Standard) -> Derived:
        at = self.as_of(one)
        age = InputAge(
            stale=np.array([self.is_stale(at)]),
            periods=np.array([self._periods(at)], dtype=np.int64),
        )
        if one.derived_from == Derivation.ANNUAL_VALUE:
            return derive_annual_value(*millionths([self.value]), self.scale, age)
        low, likely, high = self.readiness or (Decimal(0),) * 3
        summed, known = millionths([low + 4 * likely + high])
        ends, _ = millionths([low + high])
        known &= self.readiness is not None
        return derive_range(summed, ends, known, age)

    def _periods(self, at: datetime | None) -> int:
        if at is None:
            return 0
        return ageing.periods_since(today_in(self.zone, at), self.day, self.fresh_days)
