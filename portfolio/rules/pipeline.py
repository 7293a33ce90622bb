"""Judges which moves a use case may make."""

from enum import StrEnum

from portfolio.rules.words import Verdict


class Stage(StrEnum):
    PROPOSED = "proposed"
    QUALIFIED = "qualified"
    SELECTED = "selected"
    MOBILISING = "mobilising"
    BUILDING = "building"
    LIVE = "live"
    DECIDED = "decided"
    PARKED = "parked"
    STOPPED = "stopped"


PATH: tuple[Stage, ...] = (
    Stage.PROPOSED,
    Stage.QUALIFIED,
    Stage.SELECTED,
    Stage.MOBILISING,
    Stage.BUILDING,
    Stage.LIVE,
    Stage.DECIDED,
)
CANDIDATE_STAGES = frozenset({Stage.PROPOSED, Stage.QUALIFIED})
WAYS_OUT = (Stage.PARKED, Stage.STOPPED)
NEEDS_REASON = frozenset(WAYS_OUT)


def what_moves(stage: Stage, *, verdict: Verdict = Verdict.PENDING) -> tuple[Stage, ...]:
    """The stages a use case may be moved to: forward first, then back, then the ways out.

    A verdict of failure opens `decided` from `building` too: it never counts as having been live.
    """
    if stage is Stage.STOPPED:
        return ()
    if stage in (Stage.PARKED, Stage.DECIDED):
        return (Stage.PROPOSED,)
    here = PATH.index(stage)
    forward = [PATH[here + 1]]
    if stage is Stage.BUILDING and verdict is Verdict.FAILURE:
        forward.append(Stage.DECIDED)
    return (*forward, *reversed(PATH[:here]), *WAYS_OUT)


def is_forward(source: Stage, target: Stage) -> bool:
    """Whether the move goes on along the path, so that the target's gate guards it."""
    return source in PATH and target in PATH and PATH.index(target) > PATH.index(source)


def closes_lighthouse(source: Stage, target: Stage) -> bool:
    """Whether the move leaves an active lighthouse abandoned, without a verdict."""
    return target in WAYS_OUT and source in PATH


def leaves_behind(target: Stage) -> bool:
    """Whether the move leaves a declared lighthouse behind: what follows is another attempt.

    A verdict belongs to the lighthouse it was declared of; it answers no gate of the next one.
    """
    return target in PATH and PATH.index(target) < PATH.index(Stage.BUILDING)
