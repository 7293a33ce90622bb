"""What the page of the four tests shows besides its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from assessments.rules.four_tests import Test, TestState
from portfolio.rules.words import Answer

TEST_NAMES = {
    Test.OUTCOME: "Outcome",
    Test.DATA: "Data",
    Test.REVIEW: "Human in the loop",
    Test.ECONOMICS: "Unit economics",
}


@dataclass(frozen=True)
class Question:
    """The next thing to answer: of which test, and in words."""

    test: str
    name: str
    words: str


def next_question(states: Mapping[Test, TestState]) -> Question | None:
    """What would bring a use case closest to ready; none where it is."""
    for test, state in states.items():
        if state.answer is not Answer.YES and state.missing:
            return Question(test.value, TEST_NAMES[test], state.missing[0].words)
    return None


def as_posted(kept: Mapping[str, list[str]]) -> QueryDict:
    """A draft as if it had been posted."""
    posted = QueryDict(mutable=True)
    for name, values in kept.items():
        posted.setlist(name, values)
    return posted
