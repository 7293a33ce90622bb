"""Reads what people said and what came true of it: the cases that calibration judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from assessments.models import Rating, Widening
from assessments.rules import calibration
from assessments.rules.calibration import Case, Day, Judgement, Kind, Range
from portfolio import settling
from portfolio.models import (
    Event,
    Forecast,
    Lighthouse,
    MeasuredAssumption,
    Portfolio,
    Reading,
    UseCase,
    User,
)
from portfolio.models.events import Kind as Happened
from portfolio.rules import clock
from portfolio.rules.words import Verdict

TIME_TO_VALUE = "time_to_value"  # the slug of the criterion


@dataclass(frozen=True)
class Told:
    """One thing that somebody said, of what and when, and what came true on which day."""

    kind: Kind
    person_id: int
    use_case: UseCase
    case: Case
    said_on: date | None  # None: before the start, and nothing tells when
    true_on: date
    about: str = ""  # the input, where it is an assumption
    source: str = ""  # of the measurement


@dataclass(frozen=True)
class Person:
    """Everything of one person that came true or did not, the latest truth first."""

    user: User
    told: Sequence[Told]
    widening: Widening | None = None  # of this person's ratings, where a sponsor set one

    @property
    def kinds(self) -> list[Judgement]:
        """What each kind says, in their order; also of a kind without a case."""
        return [calibration.judge(kind, [one.case for one in self.of(kind)]) for kind in Kind]

    @property
    def ranges(self) -> Judgement:
        """What all of the person's ranges say together: assumptions and ratings."""
        return calibration.judge_ranges(
            [one.case for one in self.told if isinstance(one.case, Range)]
        )

    def of(self, kind: Kind) -> list[Told]:
        return [one for one in self.told if one.kind is kind]


def people(portfolio: Portfolio, now: datetime) -> list[Person]:
    """Everybody of whom something can be judged or is widened, by name.

    Seven queries, however much there is; one more where somebody rated again after a start.
    """
    today = clock.today_in(portfolio.time_zone, now)
    by_person: dict[int, list[Told]] = defaultdict(list)
    for told in (*assumptions(portfolio), *forecasts(portfolio), *ratings(portfolio, today)):
        by_person[told.person_id].append(told)
    widened = {
        row.person_id: row for row in Widening.objects.in_portfolio(portfolio.pk).with_people()
    }
    users = User.objects.with_ids({*by_person, *widened})
    found = [
        Person(user, sorted(by_person[key], key=_latest_first), widened.get(key))
        for key, user in users.items()
    ]
    return sorted(found, key=lambda one: (str(one.user).casefold(), one.user.pk))


def person(portfolio: Portfolio, person_id: int, now: datetime) -> Person | None:
    """One of these, or none."""
    return next((one for one in people(portfolio, now) if one.user.pk == person_id), None)


def _latest_first(told: Told) -> tuple[int, int, int]:
    said_on = told.said_on or date.min
    return -told.true_on.toordinal(), -said_on.toordinal(), told.use_case.number


def assumptions(portfolio: Portfolio) -> list[Told]:
    """The assumptions of the economics that a measurement has replaced."""
    zone = portfolio.time_zone
    rows = MeasuredAssumption.objects.in_portfolio(portfolio.pk).newest().with_use_case()
    return [
        Told(
            Kind.ASSUMPTION,
            row.said_by_id,
            row.use_case,
            Range(row.low, row.likely, row.high, row.measured),
            clock.today_in(zone, row.said_at),
            clock.today_in(zone, row.measured_at),
            row.name.replace("_", " "),
            row.source,
        )
        for row in rows
    ]


def forecasts(portfolio: Portfolio) -> list[Told]:
    """The forecasts made before the day on which it shipped."""
    said: dict[tuple[int, int], list[Forecast]] = defaultdict(list)
    for row in Forecast.objects.come_true(portfolio.pk):
        if row.made_by_id is not None:
            said[row.lighthouse_id, row.made_by_id].append(row)
    found = []
    for (_, person_id), rows in said.items():
        lighthouse = rows[0].lighthouse
        if lighthouse.shipped_on is None:
            continue
        for made_on, day in calibration.statements([(row.made_on, row.ships_on) for row in rows]):
            case = Day(day, lighthouse.shipped_on)
            found.append(
                Told(
                    Kind.FORECAST, person_id, lighthouse.use_case, case, made_on,
                    lighthouse.shipped_on,
                )
            )  # fmt: skip
    return found


def ratings(portfolio: Portfolio, today: date) -> list[Told]:
    """The ratings of time to value in force before a start, where it is known what became of it.

    An abandoned lighthouse has no verdict, and none of its ratings is right or wrong.
    """
    rows = Lighthouse.objects.in_portfolio(portfolio.pk).not_abandoned().started()
    decided = [row for row in rows if _is_decided(row, today)]
    if not decided:
        return []
    ids = {row.use_case_id for row in decided}
    rated: dict[int, list[Rating]] = defaultdict(list)
    for rating in Rating.objects.for_use_cases(ids).of_slug(TIME_TO_VALUE):
        rated[rating.use_case_id].append(rating)
    measured = _measured([row.pk for row in decided])
    in_force = _InForce(portfolio.time_zone)
    found = []
    for row in decided:
        met = _met_on(row, measured[row.pk], today)
        start = _start_of(row)
        true = calibration.time_to_value(start, met)
        for rating in rated[row.use_case_id]:
            points = in_force.before(start, rating, ids)
            if points is not None:
                (low, likely, high), said_on = points
                found.append(
                    Told(
                        Kind.TIME_TO_VALUE, rating.assessor_id, row.use_case,
                        Range(low, likely, high, true), said_on, met or _known_on(row, today),
                    )
                )  # fmt: skip
    return found


def _start_of(row: Lighthouse) -> date:
    """As the contract has it, which an amendment may have moved."""
    if row.is_sealed:
        return row.contract.start_date
    assert row.start_date is not None
    return row.start_date


def _is_decided(row: Lighthouse, today: date) -> bool:
    computed = row.standing.verdict if hasattr(row, "standing") else Verdict.PENDING
    has_verdict = bool(row.declared_verdict) or computed != Verdict.PENDING
    return calibration.is_decided(_start_of(row), has_verdict, today)


def _known_on(row: Lighthouse, today: date) -> date:
    """The day from which on it is known that the target was not met."""
    return min(row.verdict_due or today, today)


def _measured(ids: Sequence[int]) -> Mapping[int, list[Reading]]:
    """The readings of each lighthouse."""
    found: dict[int, list[Reading]] = defaultdict(list)
    for row in Reading.objects.for_lighthouses(ids).in_order():
        found[row.lighthouse_id].append(row)
    return found


def _met_on(row: Lighthouse, readings: Sequence[Reading], today: date) -> date | None:
    agreed = settling.agreed_contract(row)
    if agreed is None:
        return None
    counting = settling.as_agreed(readings, agreed)
    return calibration.met_on(agreed, counting, row.shipped_on, today)


Points = tuple[Decimal, Decimal, Decimal]


def _points(told: Sequence[str]) -> Points:
    low, likely, high = (Decimal(point) for point in told)
    return low, likely, high


class _InForce:
    """What a rating said when a day began; the events are asked once, and only if one must."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._told: dict[tuple[int, int], list[tuple[date, dict]]] | None = None

    def before(
        self, start: date, rating: Rating, ids: Iterable[int]
    ) -> tuple[Points, date | None] | None:
        """The points in force before the start and the day they were given on; None where nothing
        was said by then."""
        given_on = clock.today_in(self.zone, rating.rated_at)
        if given_on < start:
            return (rating.low, rating.likely, rating.high), given_on
        if self._told is None:
            self._told = self._read(ids)
        in_force: tuple[Points, date | None] | None = None
        for day, told in self._told.get((rating.use_case_id, rating.assessor_id), ()):
            if day < start:
                in_force = _points(told["after"]), day
            elif told.get("before"):
                return _points(told["before"]), in_force[1] if in_force else None
            else:
                break
        return in_force

    def _read(self, ids: Iterable[int]) -> dict[tuple[int, int], list[tuple[date, dict]]]:
        """The ratings of time to value as events told them, by use case and person, in order."""
        found: dict[tuple[int, int], list[tuple[date, dict]]] = defaultdict(list)
        kinds = (Happened.RATED, Happened.RATING_REVISED)
        for event in Event.objects.about_any(ids).of_kinds(kinds).in_key_order():
            if event.use_case_id is None or event.by_id is None:
                continue
            for told in event.what.get("ratings", ()):
                if told.get("criterion") == TIME_TO_VALUE:
                    day = clock.today_in(self.zone, event.at)
                    found[event.use_case_id, event.by_id].append((day, told))
        return found
