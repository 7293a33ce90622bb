"""A use case's page: the next thing to do about it, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from portfolio import gates
from portfolio.charts.ranks import RankLines, Track, rank_lines
from portfolio.models import Lighthouse, PastPlace, UseCase
from portfolio.pages import frame
from portfolio.rules import clock
from portfolio.rules.findings import Finding, passes
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Verdict


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now, as a sentence with the place to do it."""

    words: str
    url: str = ""
    url_words: str = ""


def newest(use_case: UseCase) -> Lighthouse | None:
    """The lighthouse that counts now: the newest, unless it was abandoned or left behind."""
    found = next(iter(use_case.newest_lighthouse), None)
    return None if found is None or found.abandoned_at or found.left_behind_at else found


def next_step(
    use_case: UseCase,
    lighthouse: Lighthouse | None,
    to: Stage | None,
    findings: Sequence[Finding],
    may_move: bool,
    today: date,
) -> NextStep:
    """What comes next for this use case, whoever does it."""
    stage = Stage(use_case.stage)
    since = f"{use_case.stage_entered_at:%-d %B %Y}"
    if stage is Stage.STOPPED:
        return NextStep(f"Stopped on {since}: {use_case.stage_reason}")
    if stage is Stage.PARKED:
        words = f"Parked since {since}: {use_case.stage_reason}"
        return NextStep(f"{words.rstrip('.')}. Bring it back when that has changed.")
    if stage is Stage.DECIDED:
        return _after(use_case, lighthouse)
    failing = [finding for finding in findings if not finding.holds]
    clock_words = _clock_words(lighthouse, today)
    if passes(findings) and to is not None:
        invitation = "move it on" if may_move else "a sponsor or its owner can move it on"
        return NextStep(
            f"{clock_words}Everything that {to} asks for is there: {invitation}.",
            reverse("portfolio:move", args=[use_case.reference]) if may_move else "",
            f"Move it to {to}",
        )
    first = failing[0]
    others = len(failing) - 1
    further = f" After that, {others} more for {to}." if others else f" Then {to} is open."
    return NextStep(
        # Its first sentence: the whole stands with the gate below.
        f"{clock_words}{first.why.split('. ')[0].rstrip('.')}.{further}",
        frame.mend_address(use_case.reference, first.mend),
        frame.mend_words(first.mend).capitalize(),
    )


def _after(use_case: UseCase, lighthouse: Lighthouse | None) -> NextStep:
    verdict = gates.verdict_of(lighthouse)
    if use_case.retired_on:
        return NextStep(f"Decided, and retired on {use_case.retired_on:%-d %B %Y}.")
    if verdict is Verdict.VICTORY:
        words = "Victory. It stays in use; what it taught makes the next one cheaper."
    elif verdict is Verdict.FAILURE:
        words = "Failure, read off the metric. It can be tried again with a new lighthouse."
    else:
        words = "Decided without a verdict."
    return NextStep(
        words, reverse("portfolio:lighthouse", args=[use_case.reference]), "See how it went"
    )


def _clock_words(lighthouse: Lighthouse | None, today: date) -> str:
    if lighthouse is None or lighthouse.start_date is None or lighthouse.verdict_due is None:
        return ""
    week = clock.week_of(lighthouse.start_date, today)
    if week is None:
        return f"The clock starts on {lighthouse.start_date:%-d %B}. "
    if today > lighthouse.verdict_due:
        return f"The clock ran out on {lighthouse.verdict_due:%-d %B}. "
    return f"Week {week} of {lighthouse.planned_weeks}. "


@dataclass(frozen=True)
class OfferedPart:
    """One combination of a wide scope, offered as a candidate of its own."""

    title: str
    job: str
    segment: str
    success_metric: str
    is_proposed: bool = True  # ticked before anybody chose

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (self.job, self.segment, self.success_metric)))


MOST_PARTS = 24


def offered_parts(use_case: UseCase) -> list[OfferedPart]:
    """Every combination of job, segment and success metric, each with a title of its own.

    Proposed is one for each line of the first wide list: a split into all of them is seldom meant.
    """
    lists = [use_case.jobs, use_case.segments, use_case.success_metrics]
    wide = [len(lines) > 1 for lines in lists]
    firsts = [lines[0] if lines else "" for lines in lists]
    leading = wide.index(True) if any(wide) else 0
    parts = []
    for job in lists[0] or [""]:
        for segment in lists[1] or [""]:
            for metric in lists[2] or [""]:
                told = [
                    words
                    for words, is_wide in zip((job, segment, metric), wide, strict=True)
                    if is_wide
                ]
                title = f"{use_case.title}: {', '.join(told)}"[:250]
                given = (job, segment, metric)
                is_proposed = all(
                    given[at] == firsts[at] for at in range(len(lists)) if at != leading
                )
                parts.append(OfferedPart(title, job, segment, metric, is_proposed))
    return parts[:MOST_PARTS]


def is_wide(use_case: UseCase) -> bool:
    """Whether the scope names more than one job, segment or success metric."""
    return any(
        len(lines) > 1 for lines in (use_case.jobs, use_case.segments, use_case.success_metrics)
    )


def rank_line(use_case: UseCase, today: date) -> RankLines | None:
    """Its own rank since the history began; none while there is less than a day of it."""
    places = PastPlace.objects.of_use_cases([use_case.pk]).until(today)
    points = [(place.day, place.rank) for place in places]
    if not points:
        return None
    url = reverse("portfolio:history", args=[use_case.reference])
    track = Track(use_case.reference, use_case.title, url, points, is_pick=points[-1][1] == 1)
    last, rank = points[-1]
    return rank_lines([track], points[0][0], last if rank is None else today, height=150)
