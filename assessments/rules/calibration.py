"""Judges how far to trust what a person says, by what came true of it. Domain section 4.

A range is said as the ends of a PERT distribution: low and high are the least and the most that is
held possible, so taken at its word it holds everything that comes true. Ends are rounded, though,
and people say "between 5 and 9" of what they think all but certain; so nine in ten is what is asked
for here. Ranges are overconfident when so few of them held the truth that somebody whose ranges
hold nine in ten would do as badly less than once in twenty times. A range of one point holds the
truth only where it is exactly that.

A forecast is one day without a range: half shipped by the day said and half after it is what to
expect of days that are neither hopeful nor cautious. The same one in twenty is asked of them.

Nothing is claimed of fewer than LEAST cases.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction
from statistics import median

from portfolio.rules import verdicts
from portfolio.rules.contract import Contract

LEAST = 5
RANGES_HOLD = Fraction(9, 10)
DAYS_KEPT = Fraction(1, 2)
SURPRISE = Fraction(1, 20)
LEAST_FACTOR = Decimal("1.1")
MOST_FACTOR = Decimal(3)
_TENTH = Decimal("0.1")
_TOP = Decimal(5)  # of what is rated
_Z = 1.959964  # of the normal distribution, between whose ends 95 % lie

QUICK_WEEKS = 13  # one quarter
LAST_WEEKS = 16
QUICK, SLOW, NEVER = Decimal(5), Decimal(3), Decimal(1)
DAYS_A_WEEK = 7


class Kind(StrEnum):
    """What people say that later comes true, or does not."""

    ASSUMPTION = "assumption"
    FORECAST = "forecast"
    TIME_TO_VALUE = "time_to_value"

    @property
    def heading(self) -> str:
        return {
            Kind.ASSUMPTION: "Assumptions of the economics",
            Kind.FORECAST: "Forecasts of the ship date",
            Kind.TIME_TO_VALUE: "Ratings of time to value",
        }[self]


class Finding(StrEnum):
    """What can be said of the cases of one kind."""

    TOO_FEW = "too_few"
    FITS = "fits"
    OVERCONFIDENT = "overconfident"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class Range:
    """Low, likely and high as somebody said them, and what came true."""

    low: Decimal
    likely: Decimal
    high: Decimal
    true: Decimal

    @property
    def fits(self) -> bool:
        return self.low <= self.true <= self.high

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    @property
    def stretch(self) -> Fraction | None:
        """By how much it had to be stretched around likely to reach the truth; 0 where likely was
        right, None where it has no width on that side."""
        off = Fraction(self.true) - Fraction(self.likely)
        if not off:
            return Fraction(0)
        side = (self.high if off > 0 else self.low) - self.likely
        return off / Fraction(side) if side else None

    @property
    def share_off(self) -> Fraction | None:
        """How far the truth lay above likely, as a share of likely; None of a likely zero."""
        if not self.likely:
            return None
        return (Fraction(self.true) - Fraction(self.likely)) / Fraction(self.likely)

    @property
    def points_off(self) -> Fraction:
        """How far likely lay above the truth, in points."""
        return Fraction(self.likely) - Fraction(self.true)


@dataclass(frozen=True)
class Day:
    """The day on which somebody said that it would ship, and the one on which it did."""

    said: date
    true: date

    @property
    def fits(self) -> bool:
        return self.true <= self.said

    @property
    def days_late(self) -> int:
        return (self.true - self.said).days


Case = Range | Day


@dataclass(frozen=True)
class Judgement:
    """What the cases of one kind say: how many fitted what came true, and what may be claimed.

    `low` and `high` are the ends of the 95 % interval of the share (Wilson's). `off` is the median
    error: a share of the likely value, days late, or points too high.
    """

    kind: Kind | None  # None: ranges of every kind together
    n: int
    held: int
    finding: Finding
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)
    off: Fraction | None = None
    factor: Decimal | None = None  # by which to widen, where overconfident
    held_then: int | None = None  # how many would have held if widened by it
    points: int = 0  # ranges of one point: no stretching widens them

    @property
    def is_claimed(self) -> bool:
        return self.finding is not Finding.TOO_FEW

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.held, self.n) if self.n else None


def judge(kind: Kind, cases: Sequence[Case]) -> Judgement:
    """What these cases of one kind and one person say."""
    days = [case for case in cases if isinstance(case, Day)]
    ranges = [case for case in cases if isinstance(case, Range)]
    if kind is Kind.FORECAST:
        held = sum(day.fits for day in days)
        off = [Fraction(day.days_late) for day in days]
        return _judged(kind, len(days), held, _of_days(len(days), held), off)
    found = judge_ranges(ranges)
    errors = [one.points_off for one in ranges]
    if kind is Kind.ASSUMPTION:
        errors = [one.share_off for one in ranges if one.share_off is not None]
    return replace(found, kind=kind, off=_median(errors) if found.is_claimed else None)


def judge_ranges(ranges: Sequence[Range]) -> Judgement:
    """What all ranges of one person say together, whatever they are ranges of."""
    n, held = len(ranges), sum(one.fits for one in ranges)
    finding = _of_ranges(n, held)
    found = replace(_judged(None, n, held, finding, []), points=sum(one.is_point for one in ranges))
    if finding is not Finding.OVERCONFIDENT:
        return found
    factor = widening(ranges)
    held_then = sum(is_held_by(one, factor) for one in ranges)
    return replace(found, factor=factor, held_then=held_then)


def _judged(
    kind: Kind | None, n: int, held: int, finding: Finding, off: Sequence[Fraction]
) -> Judgement:
    if finding is Finding.TOO_FEW:
        return Judgement(kind, n, held, finding)
    low, high = wilson(n, held)
    return Judgement(kind, n, held, finding, low, high, _median(off))


def _of_ranges(n: int, held: int) -> Finding:
    if n < LEAST:
        return Finding.TOO_FEW
    is_surprising = at_most(held, n, RANGES_HOLD) < SURPRISE
    return Finding.OVERCONFIDENT if is_surprising else Finding.FITS


def _of_days(n: int, held: int) -> Finding:
    if n < LEAST:
        return Finding.TOO_FEW
    if at_most(held, n, DAYS_KEPT) < SURPRISE:
        return Finding.TOO_EARLY
    return Finding.TOO_LATE if at_most(n - held, n, DAYS_KEPT) < SURPRISE else Finding.FITS


def _median(errors: Sequence[Fraction]) -> Fraction | None:
    return median(errors) if errors else None


def at_most(held: int, n: int, share: Fraction) -> Fraction:
    """The chance that at most so many of n hold when each does with this share; exact."""
    yes, whole = share.numerator, share.denominator
    no = whole - yes
    ways = sum(math.comb(n, k) * yes**k * no ** (n - k) for k in range(held + 1))
    return Fraction(ways, whole**n)


def wilson(n: int, held: int) -> tuple[Fraction, Fraction]:
    """Between which shares the true one lies with 95 %, by Wilson's score interval."""
    share, slack = held / n, _Z**2 / n
    middle = (share + slack / 2) / (1 + slack)
    half = _Z * math.sqrt(share * (1 - share) / n + slack / (4 * n)) / (1 + slack)
    # At the ends it is exactly 0 or 1, which floats miss by a hair.
    low = Fraction(0) if not held else Fraction(max(0.0, middle - half))
    high = Fraction(1) if held == n else Fraction(min(1.0, middle + half))
    return low.limit_denominator(10**6), high.limit_denominator(10**6)


def widening(ranges: Sequence[Range]) -> Decimal:
    """The smallest factor, in tenths, with which nine in ten of these would have held the truth.

    Ranges are stretched around their likely value. At least 1; MOST_FACTOR where not even that
    would do.
    """
    needed = math.ceil(RANGES_HOLD * len(ranges))
    reached = sorted(one.stretch for one in ranges if one.stretch is not None)
    if needed > len(reached):
        return MOST_FACTOR
    if not needed:
        return Decimal(1)
    tenths = Decimal(math.ceil(reached[needed - 1] * 10))
    return min(max(tenths * _TENTH, Decimal(1)), MOST_FACTOR)


def is_held_by(one: Range, factor: Decimal) -> bool:
    """Whether the range, stretched by this factor, would have held what came true."""
    return one.stretch is not None and one.stretch <= Fraction(factor)


def statements(said: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """Which of one person's forecasts of one lighthouse count, as (day made, day said).

    Given in the order in which they were made. Of one day the last counts, and the same day said
    again is no further forecast: it counts once, as of when it was first said.
    """
    last_of_day = dict(said)
    found: list[tuple[date, date]] = []
    for made, day in last_of_day.items():
        if not found or found[-1][1] != day:
            found.append((made, day))
    return found


# --- Widening a rating ----------------------------------------------------------------------------


def widened_ends(
    low: Decimal, likely: Decimal, high: Decimal, factor: Decimal
) -> tuple[Decimal, Decimal]:
    """Both ends of a rating as they count: so many times as far from likely, within 0 to 5.

    They are rounded outwards to a tenth, so that a widened rating is a rating like any other: what
    rests on it stays exact, and the page shows the very ends that count. Age widens them further.
    """
    wide_low = (likely - factor * (likely - low)).quantize(_TENTH, ROUND_FLOOR)
    wide_high = (likely + factor * (high - likely)).quantize(_TENTH, ROUND_CEILING)
    return max(wide_low, Decimal(0)), min(wide_high, _TOP)


# --- What came true of a rating of time to value --------------------------------------------------


def met_on(
    contract: Contract, readings: Sequence[verdicts.Reading], shipped_on: date | None, today: date
) -> date | None:
    """The day on which the target was met first, within 16 weeks of the start; None if it was not.

    Readings count as for the verdict, but up to the end of week 16 whatever the planned weeks: the
    criterion asks how soon, not whether the plan was kept. Where the contract asks for several last
    readings, the day is that of the last of them.
    """
    to_the_last_week = replace(contract, planned_weeks=LAST_WEEKS)
    counting = [
        reading
        for reading in verdicts.what_counts(to_the_last_week, readings, shipped_on, today)
        if reading.guardrail is None
    ]
    in_a_row = 0
    for reading in counting:
        in_a_row = in_a_row + 1 if contract.meets(reading.value) else 0
        if in_a_row >= contract.last_readings:
            return reading.measured_on
    return None


def time_to_value(start: date, met: date | None) -> Decimal:
    """What the rating should have been: 5, 3 or 1, as domain section 4 says."""
    if met is None:
        return NEVER
    if met < start + timedelta(days=QUICK_WEEKS * DAYS_A_WEEK):
        return QUICK
    return SLOW if met < start + timedelta(days=LAST_WEEKS * DAYS_A_WEEK) else NEVER


def is_decided(start: date, has_verdict: bool, today: date) -> bool:
    """Whether time to value can be read: a verdict is out, or the 16 weeks are over."""
    return has_verdict or today >= start + timedelta(days=LAST_WEEKS * DAYS_A_WEEK)


# --- In words -------------------------------------------------------------------------------------


def words(found: Judgement) -> str:
    """What may be said of it, as a clause without a subject."""
    if found.finding is Finding.TOO_FEW:
        return f"too few yet: {found.n} of {LEAST}"
    if found.kind is Kind.FORECAST:
        kept = f"{found.held} of {found.n} shipped by the day said"
        return {
            Finding.TOO_EARLY: f"too early: {kept}",
            Finding.TOO_LATE: f"on the safe side: {kept}",
        }.get(found.finding, f"{kept}, as it should be: about half")
    held = f"{found.held} of {found.n} ranges held what came true"
    if found.finding is Finding.OVERCONFIDENT:
        return f"overconfident: {held}, where nine in ten should"
    return f"{held}: nothing speaks against them"


def error_words(found: Judgement) -> str:
    """The median error in words; nothing while nothing is claimed."""
    if found.off is None or found.kind is None:
        return ""
    off = found.off
    if found.kind is Kind.FORECAST:
        days = round(abs(off))
        if not days:
            return "ships on the day said, in the middle of the cases"
        late = "later" if off > 0 else "earlier"
        return f"ships {days} day{'' if days == 1 else 's'} {late} than said"
    if found.kind is Kind.TIME_TO_VALUE:
        points = f"{float(abs(off)):.1f}".removesuffix(".0")
        if points == "0":
            return "rates neither too high nor too low"
        many = "point" if points == "1" else "points"
        return f"rates {points} {many} too {'high' if off > 0 else 'low'}"
    percent = round(abs(off) * 100)
    if not percent:
        return "what is measured is what was held likely"
    return f"what is measured lies {percent} % {'above' if off > 0 else 'below'} what was likely"
