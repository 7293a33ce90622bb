"""The board: every stage as a column of cards, gates looked through for all cards at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from django.urls import reverse

from portfolio import gates
from portfolio.models import Lighthouse, UseCase
from portfolio.rules import clock
from portfolio.rules.findings import Finding
from portfolio.rules.pipeline import (
    CANDIDATE_STAGES,
    NEEDS_REASON,
    PATH,
    WAYS_OUT,
    Stage,
    is_forward,
    what_moves,
)
from portfolio.rules.rights import Role, may, right_to_move
from portfolio.rules.words import Acceptance, Place, Verdict

COLUMNS = (*PATH, *WAYS_OUT)
CARDS_A_COLUMN = 50


@dataclass(frozen=True)
class Card:
    """A use case on the board."""

    reference: str
    title: str
    url: str
    move_url: str
    version: int
    corner: str
    corner_url: str  # where the number in it comes from
    owner: str
    note: str
    state: str
    foot: str
    is_picked: bool
    moves: str  # the stages it may be dropped on, for the script that drags
    asks: str  # those of them that need a reason first


@dataclass
class Column:
    """A stage with how many stand there, its first cards and the way to more."""

    stage: Stage
    count: int
    cards: list[Card] = field(default_factory=list)
    last: UseCase | None = None
    more_url: str = ""


@dataclass(frozen=True)
class Viewer:
    """Who looks at the board: what a card offers depends on it."""

    user_id: int | None
    role: Role


def columns(
    rows: Sequence[UseCase], counts: Mapping[str, int], viewer: Viewer, zone: str, now: datetime
) -> list[Column]:
    """All columns, each with the cards of these rows; the number of queries does not grow."""
    made = {stage: Column(stage, counts.get(stage, 0)) for stage in COLUMNS}
    for row, card in zip(rows, cards(rows, viewer, zone, now), strict=True):
        column = made[Stage(row.stage)]
        column.cards.append(card)
        column.last = row
    return list(made.values())


def cards(rows: Sequence[UseCase], viewer: Viewer, zone: str, now: datetime) -> list[Card]:
    """The cards of these use cases, in their order."""
    lighthouses = newest_lighthouses(row.pk for row in rows)
    today = clock.today_in(zone, now)
    # A proposed card says at its foot which tests are open; its gate is not asked for that.
    found = next_findings([row for row in rows if row.stage != Stage.PROPOSED])
    return [_card(row, lighthouses.get(row.pk), found.get(row.pk), viewer, today) for row in rows]


def newest_lighthouses(use_case_ids: Iterable[int]) -> dict[int, Lighthouse]:
    """The newest lighthouse of each use case that was not abandoned, in one query."""
    rows = Lighthouse.objects.newest_for_cards(use_case_ids)
    return {row.use_case_id: row for row in rows}


def next_findings(rows: Sequence[UseCase]) -> dict[int, list[Finding]]:
    """What the next gate of each use case says; nothing where there is no next stage."""
    waiting: dict[Stage, list[int]] = defaultdict(list)
    for row in rows:
        following = next_stage(Stage(row.stage))
        if following is not None:
            waiting[following].append(row.pk)
    found: dict[int, list[Finding]] = {}
    for stage, ids in waiting.items():
        found |= gates.look(stage, ids)
    return found


@lru_cache(maxsize=32)
def next_stage(stage: Stage) -> Stage | None:
    """The stage one step forward, where there is one."""
    if stage not in PATH or stage is Stage.DECIDED:
        return None
    return PATH[PATH.index(stage) + 1]


@lru_cache(maxsize=1024)
def ways_for(
    role: Role,
    is_owner: bool,
    stage: Stage,
    parked_from: Stage | None,
    verdict: Verdict,
) -> tuple[Stage, ...]:
    """The moves that somebody with this role and tie may make from here."""
    return tuple(
        to
        for to in what_moves(stage, verdict=verdict)
        if may(role, is_owner, right_to_move(stage, to, parked_from=parked_from), stage=stage)
    )


def ways_of(use_case: UseCase, lighthouse: Lighthouse | None, viewer: Viewer) -> tuple[Stage, ...]:
    """The moves of this use case that the viewer may make."""
    is_owner = (
        lighthouse is not None
        and lighthouse.owner_id == viewer.user_id
        and lighthouse.acceptance == Acceptance.ACCEPTED
    )
    return ways_for(
        viewer.role,
        is_owner,
        Stage(use_case.stage),
        Stage(use_case.parked_from) if use_case.parked_from else None,
        gates.verdict_of(lighthouse),
    )


def move_words(source: Stage, to: Stage) -> str:
    """What a choice of the move menu says."""
    if to is Stage.PARKED:
        return "Park, with a reason…"
    if to is Stage.STOPPED:
        return "Stop for good, with a reason…"
    if source is Stage.DECIDED:
        return "Try again from proposed"
    if is_forward(source, to):
        return f"Move on to {to}"
    return f"Bring back to {to}"


def _card(
    use_case: UseCase,
    lighthouse: Lighthouse | None,
    findings: Sequence[Finding] | None,
    viewer: Viewer,
    today: date,
) -> Card:
    stage = Stage(use_case.stage)
    ways = ways_of(use_case, lighthouse, viewer)
    corner, state, foot = _says(use_case, lighthouse, stage, today)
    number = "score" if stage in CANDIDATE_STAGES else "week"
    reference = use_case.reference
    url = f"{_use_cases()}{reference}/"
    return Card(
        reference=reference,
        title=use_case.title,
        url=url,
        move_url=f"{url}move/",
        version=use_case.revision,
        corner=corner,
        corner_url=f"{url}numbers/{number}/" if any(map(str.isdigit, corner)) else "",
        owner=_owner(lighthouse),
        note=_note(use_case, stage, findings),
        state=state,
        foot=foot,
        is_picked=stage in CANDIDATE_STAGES
        and use_case.standing.rank == 1
        and use_case.standing.place == Place.RANKED,
        moves=" ".join(ways),
        asks=" ".join(to for to in ways if to in NEEDS_REASON),
    )


@lru_cache(maxsize=1)
def _use_cases() -> str:
    """The stem of every use case's address: asked once, not once a card."""
    return reverse("portfolio:use_case", args=["X-1"]).removesuffix("X-1/")


def _says(
    use_case: UseCase, lighthouse: Lighthouse | None, stage: Stage, today: date
) -> tuple[str, str, str]:
    """The card's corner, its state where it has one, and the words at its foot."""
    standing = use_case.standing
    if stage in CANDIDATE_STAGES:
        corner = f"{standing.score:.1f}" if standing.score is not None else "–"
        return corner, "", candidate_words(use_case)
    if stage in WAYS_OUT:
        return "", "", ""
    verdict = gates.verdict_of(lighthouse)
    if stage is Stage.DECIDED:
        retired = f"retired {use_case.retired_on:%Y}" if use_case.retired_on else ""
        return "", "" if verdict is Verdict.PENDING else verdict.value, retired
    corner = week_words(lighthouse, today).replace(" of ", "/")  # a card is narrow
    if verdict is not Verdict.PENDING:
        return corner, verdict.value, ""
    if lighthouse is None:
        return corner, "", "no lighthouse"
    return corner, "", "shipped" if lighthouse.shipped_on else ""


def candidate_words(use_case: UseCase) -> str:
    """Where a candidate stands in a few words: its rank, or what keeps it from one."""
    standing = use_case.standing
    if standing.place == Place.RANKED and standing.rank:
        return f"#{standing.rank}"
    if any(len(lines) > 1 for lines in (use_case.jobs, use_case.segments)) or (
        len(use_case.success_metrics) > 1
    ):
        return "platform play"
    if standing.place == Place.DISQUALIFIED:
        return "disqualified"
    missing = standing.missing
    if len(missing) > 1:
        return f"{len(missing)} tests open"
    if missing:
        return f"{missing[0]} open"
    return "not rated"


def week_words(lighthouse: Lighthouse | None, today: date) -> str:
    """Week n of m, or when the clock starts."""
    if lighthouse is None or lighthouse.start_date is None:
        return "no clock"
    week = clock.week_of(lighthouse.start_date, today)
    if week is None:
        return f"starts {lighthouse.start_date:%-d %b}"
    if week > lighthouse.planned_weeks:
        return f"{lighthouse.planned_weeks} weeks over"
    return f"week {week} of {lighthouse.planned_weeks}"


def _owner(lighthouse: Lighthouse | None) -> str:
    if lighthouse is None:
        return ""
    if lighthouse.acceptance == Acceptance.ACCEPTED:
        return str(lighthouse.owner)
    return f"{lighthouse.owner}, {lighthouse.acceptance}"


def _note(use_case: UseCase, stage: Stage, findings: Sequence[Finding] | None) -> str:
    """What blocks the next gate, or why it is out of the pipeline."""
    if stage in WAYS_OUT:
        return use_case.stage_reason
    if findings is None or stage is Stage.PROPOSED:
        return ""  # the foot says which tests are open
    failing = [finding for finding in findings if not finding.holds]
    if not failing:
        return f"{next_stage(stage)} is open"
    first = failing[0].why.partition(". ")[0].rstrip(".")
    others = len(failing) - 1
    return f"{first}, and {others} more" if others else first
