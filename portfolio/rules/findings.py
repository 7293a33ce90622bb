"""What a judgement finds: of a gate, whether its conditions hold; of an entry, what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mend(StrEnum):
    """Where a finding is mended; the doors turn it into a link."""

    TESTS = "tests"
    SCOPE = "scope"
    DISQUALIFIERS = "disqualifiers"
    RATINGS = "ratings"
    RANKING = "ranking"
    LIGHTHOUSE = "lighthouse"
    FACTS = "facts"
    CONTRACT = "contract"
    VERDICT = "verdict"
    RETROSPECTIVE = "retrospective"


@dataclass(frozen=True)
class Finding:
    """One condition of a gate: whether it holds, why (not), and where it is mended."""

    condition: str
    holds: bool
    why: str
    mend: str


@dataclass(frozen=True)
class Objection:
    """One thing wrong with what was entered: the field at fault and words for the person."""

    field: str
    words: str


def passes(findings: Iterable[Finding]) -> bool:
    """Whether every condition holds."""
    return all(finding.holds for finding in findings)
