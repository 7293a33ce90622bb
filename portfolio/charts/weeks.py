"""The strip of weeks of a lighthouse: phases, milestones, forecasts, today and the verdict day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portfolio.charts.scales import LETTER, LINE, DateScale, Tick, day_words, path, rounded

PHASES = (("confirm", 1, 2), ("mobilise", 3, 4), ("build, evaluate, iterate, ship", 5, None))


@dataclass(frozen=True)
class Promise:
    """A milestone: state is done, overdue or open; `shipped` is the ship date's own."""

    title: str
    due_on: date
    state: str = "open"


@dataclass(frozen=True)
class Prediction:
    """A forecast: the day it was made and the day it promises."""

    made_on: date
    ships_on: date


@dataclass(frozen=True)
class Span:
    x: float
    width: float
    words: str
    is_now: bool


@dataclass(frozen=True)
class Mark:
    """A milestone drawn; `words_y` is the line its title stands on, `anchor` how it leans."""

    x: float
    y: float
    words: str
    title: str
    words_y: float
    anchor: str
    state: str
    shape: str


@dataclass(frozen=True)
class Guess:
    """A forecast drawn, newest lowest; `is_late` is past the verdict day."""

    x: float
    y: float
    made: str
    title: str
    is_late: bool
    is_beyond: bool


@dataclass(frozen=True)
class Words:
    """What stands beside a line of the strip: where, and to which side it leans."""

    words: str
    x: float
    y: float
    anchor: str

    @property
    def span(self) -> tuple[float, float]:
        """From where to where they reach; rather more than less."""
        wide = len(self.words) * LETTER
        return (self.x - wide, self.x) if self.anchor == "end" else (self.x, self.x + wide)


@dataclass(frozen=True)
class WeekStrip:
    """The weeks of one lighthouse on one line, ready to print."""

    width: int
    height: int
    left: float
    right: float
    phases: list[Span]
    weeks: list[Tick]
    milestones: list[Mark]
    guesses: list[Guess]
    trail: str
    is_receding: bool
    today_x: float | None
    today_words: Words | None
    verdict_x: float
    verdict_words: Words


def _lines(places: Sequence[tuple[float, str]], most: int) -> list[int]:
    """For words centred on their places, the first line on which each has room."""
    ends = [-math.inf] * most
    found = []
    for x, words in places:
        half = len(words) * 3.1 + 4
        line = next((at for at in range(most) if x - half >= ends[at]), most - 1)
        ends[line] = max(ends[line], x + half)
        found.append(line)
    return found


def week_strip(
    *, start: date, planned_weeks: int, verdict_due: date, today: date,
    milestones: Sequence[Promise] = (), forecasts: Sequence[Prediction] = (),
    shipped_on: date | None = None, most_forecasts: int = 8, width: int = 960,
) -> WeekStrip:  # fmt: skip
    """Phases, milestones, today, the trail of forecasts and the verdict day, on a line of weeks.

    A day past the strip's end is held at its edge and says its date in words.
    """
    trail = sorted(forecasts, key=lambda one: one.made_on)[-most_forecasts:]
    end = start + timedelta(weeks=planned_weeks)
    latest = max([end, *(one.ships_on for one in trail), *(one.due_on for one in milestones)])
    last = min(latest, end + timedelta(weeks=max(2, planned_weeks // 4)))
    last = max(last, end + timedelta(days=5))
    left, right = (76.0 if trail else 8.0), width - 12.0
    scale = DateScale(start, last, left, right)

    def at(day: date) -> float:
        return scale.at(min(max(day, start), last))

    phases = []
    for words, first_week, last_week in PHASES:
        if first_week > planned_weeks:
            continue
        until = min(last_week or planned_weeks, planned_weeks)
        begins = start + timedelta(weeks=first_week - 1)
        ends = start + timedelta(weeks=until)
        x = at(begins)
        phases.append(Span(x + 1, rounded(at(ends) - x - 2), words, is_now=begins <= today < ends))

    shipped = [Promise("shipped", shipped_on, "shipped")] if shipped_on else []
    promised = sorted([*milestones, *shipped], key=lambda one: one.due_on)
    most_lines = 3 if len(promised) > 3 else 2
    lines = _lines([(at(one.due_on), one.title) for one in promised], most_lines)
    marks = []
    for one, line in zip(promised, lines, strict=True):
        x = at(one.due_on)
        half = len(one.title) * 3.1
        anchor = "start" if x - half < left else "end" if x + half > right else "middle"
        marks.append(
            Mark(
                x=x, y=60, words=one.title, words_y=82 + 14 * line, anchor=anchor, state=one.state,
                title=f"{one.title}: {day_words(one.due_on)}, {one.state}",
                shape=f"M{x} 54l6 6-6 6-6-6z",
            )
        )  # fmt: skip
    below = 60.0 if not marks else 82.0 + 14 * max(lines)

    guesses = []
    for place, guess in enumerate(trail):
        guesses.append(
            Guess(
                x=at(guess.ships_on), y=rounded(below + 22 + 16 * place),
                made=day_words(guess.made_on), is_late=guess.ships_on > verdict_due,
                is_beyond=guess.ships_on > last,
                title=f"On {day_words(guess.made_on)}: "
                f"in production on {day_words(guess.ships_on)}",
            )
        )  # fmt: skip
    height = rounded(below + 22 + 16 * max(len(guesses) - 1, 0) + 30)
    today_x = at(today) if start <= today <= last else None
    verdict_x = at(verdict_due + timedelta(days=1))
    verdict = Words(f"verdict {day_words(verdict_due)}", verdict_x - 6, height - 3, "end")
    now = None
    if today_x is not None:
        now = Words("today", today_x + 5, height - 3, "start")
        if now.span[1] > width:
            now = Words("today", today_x - 5, height - 3, "end")
        if now.span[0] < verdict_x + 5 and verdict.span[0] < now.span[1] + 5:
            # In the last weeks there is no room beside the verdict's words: they go below.
            height += LINE
            verdict = replace(verdict, y=height - 3)
    return WeekStrip(
        width=width, height=int(height), left=left, right=right, phases=phases,
        weeks=[
            Tick(scale.at(start + timedelta(days=7 * week + 3)), str(week + 1))
            for week in range(planned_weeks)
        ],
        milestones=marks, guesses=guesses,
        trail=path([(guess.x, guess.y) for guess in guesses]) if len(guesses) > 1 else "",
        is_receding=len(trail) > 1 and trail[-1].ships_on > trail[0].ships_on,
        today_x=today_x, today_words=now, verdict_x=verdict_x, verdict_words=verdict,
    )  # fmt: skip
