"""What events tell of a use case, in the words of the rules that look at an earlier day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from assessments.actions.testing import ANSWERS
from assessments.rules import four_tests
from assessments.rules.past import Key, Merged, Opinion, Points, Told
from portfolio.models import Event
from portfolio.models.events import Kind

RATED = (Kind.RATED.value, Kind.RATING_REVISED.value)


def history(
    events: Sequence[Event], sealed: Mapping[tuple[int, int, str, int], datetime]
) -> Iterator[Told | Merged]:
    """What these events tell of ratings, in order."""
    gone: dict[str, int] = {}
    for event in events:
        if event.use_case is None or event.use_case_id is None:
            continue
        if event.kind == Kind.USE_CASES_MERGED:
            gone[event.use_case.reference] = event.use_case_id
            if event.what.get("from") in gone:
                yield Merged(event.at, event.use_case_id, gone[event.what["from"]])
        elif event.kind in RATED and event.by_id is not None:
            for told in event.what.get("ratings", ()):
                key: Key = (told["criterion"], event.by_id)
                blind = (event.what.get("round", 0), event.use_case_id, *key)
                opinion = Opinion(
                    points(told["after"]),
                    sealed.get(blind, event.at),
                    told.get("evidence", ""),
                    told.get("after_seeing", False),
                )
                before = points(told["before"]) if told.get("before") else None
                yield Told(event.at, event.use_case_id, key, before, opinion)


def points(told: Sequence[str]) -> Points:
    low, likely, high = (Decimal(point) for point in told)
    return low, likely, high


def decimal(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)


def is_about_data(event: Event) -> bool:
    if event.kind == Kind.USE_CASES_MERGED:
        return "sources" in event.what or "data_confirmed_by" in event.what.get("answers", ())
    changed = event.what.get("changed", {})
    return event.kind == Kind.TESTS_ANSWERED and any(name.startswith("data.") for name in changed)


def sources_before(what: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    if "data.sources" in what.get("changed", {}):
        yield "sources", what["changed"]["data.sources"][0]
    elif "sources" in what:  # they came with a merge, as there were none
        yield "sources", []


def answers(told: Mapping[str, Any]) -> list[Any]:
    return [told.get(name) for name in ANSWERS]


def source(told: Mapping[str, Any]) -> four_tests.Source:
    return four_tests.Source(
        name=told["name"],
        required=told["required"],
        schema_consistent=told["schema_consistent"],
        clean=told["is_clean"],
        access_cleared=told["access_cleared"],
        usable=four_tests.Usable(told["usable"]) if told["usable"] else None,
    )


def who_and_when(event: Event | None) -> tuple[str, datetime | None]:
    if event is None:
        return "", None
    return (str(event.by) if event.by else ""), event.at
