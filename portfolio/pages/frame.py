"""The frame of every page: where one is, where one can go, and where a finding is mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from portfolio import rights
from portfolio.models import Portfolio
from portfolio.rules.findings import Finding, Mend

# Where each finding is mended: the page, the place on it, and the words of the link.
MENDS: dict[str, tuple[str, str, str]] = {
    Mend.TESTS: ("assessments:tests", "", "answer the tests"),
    Mend.SCOPE: ("portfolio:split_use_case", "", "split it"),
    Mend.DISQUALIFIERS: ("assessments:tests", "#disqualifiers", "see what speaks against it"),
    Mend.RATINGS: ("assessments:ratings", "", "rate it"),
    Mend.RANKING: ("assessments:ratings", "", "see its score"),
    Mend.LIGHTHOUSE: ("portfolio:lighthouse", "", "open the lighthouse"),
    Mend.FACTS: ("portfolio:lighthouse", "#facts", "say it there"),
    Mend.CONTRACT: ("portfolio:lighthouse", "#contract", "complete the contract"),
    Mend.VERDICT: ("portfolio:lighthouse", "#verdict", "see the verdict"),
    Mend.RETROSPECTIVE: ("portfolio:lighthouse", "#retrospective", "write it"),
}


def shell(request) -> dict[str, Any]:
    """The frame of every page: where one is, where one can go, what one may do there."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"shell": None}
    current = getattr(request, "portfolio", None)
    may = getattr(request, "may", frozenset())
    if current is not None and not may:
        may = rights.held(actor, current)
    return {
        "shell": {
            "actor": actor,
            "portfolio": current,
            "portfolios": Portfolio.objects.visible_to(actor).by_name(),
            "may": may,
        },
        "may": may,
    }


def mend_address(reference: str, mend: str) -> str:
    """The page where a finding about this use case is mended."""
    name, place, _ = MENDS[mend]
    return reverse(name, args=[reference]) + place


def mend_words(mend: str) -> str:
    """What the link to it says."""
    return MENDS[mend][2]


def told_findings(reference: str, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A gate's conditions as the component takes them: what fails comes with its link."""
    return [
        {
            "condition": finding.condition,
            "holds": finding.holds,
            "why": finding.why,
            "mend_url": mend_address(reference, finding.mend),
            "mend_words": mend_words(finding.mend),
        }
        for finding in findings
    ]
