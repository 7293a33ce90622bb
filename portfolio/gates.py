"""The gates: rooms register what a stage asks; a move and the board look through all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portfolio.rules.pipeline import Finding, Stage


@dataclass(frozen=True)
class Gathering:
    """What one room asks before a stage is entered.

    `facts` takes the ids of use cases and returns facts by id, in a number of queries that does
    not grow with them; `judge` is pure and returns a finding for every condition.
    """

    facts: Callable[[Sequence[int]], Mapping[int, Any]]
    judge: Callable[[Any], list[Finding]]


_gatherings: dict[Stage, list[Gathering]] = defaultdict(list)


def register(stage: Stage, gathering: Gathering) -> None:
    """Called by a room once, in `AppConfig.ready()`."""
    if gathering not in _gatherings[stage]:
        _gatherings[stage].append(gathering)


def look(stage: Stage, use_case_ids: Sequence[int]) -> dict[int, list[Finding]]:
    """Every condition for entering the stage, for each of these use cases."""
    findings: dict[int, list[Finding]] = {pk: [] for pk in use_case_ids}
    for gathering in _gatherings[stage]:
        facts = gathering.facts(use_case_ids)
        for pk in use_case_ids:
            findings[pk].extend(gathering.judge(facts[pk]))
    return findings
