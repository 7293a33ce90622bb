"""What happened, told in words: the event's kind and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.urls import reverse

from portfolio.models import Event
from portfolio.models.events import Kind
from portfolio.templatetags.words import number

QUIET = (
    Kind.RANKING_PUBLISHED.value,
    Kind.CERTAINTY_PUBLISHED.value,
    Kind.RATING_SEALED.value,
    Kind.VIEW_SAVED.value,
    Kind.VIEW_DELETED.value,
    Kind.LOOKALIKES_FOUND.value,
)  # what happens often; shown when asked for


@dataclass(frozen=True)
class Line:
    """One event as the component takes it."""

    by: str
    words: str
    said: str
    at: datetime
    url: str = ""
    reference: str = ""
    title: str = ""
    tail: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Day:
    """The events of one day, counted where the portfolio is."""

    day: date
    lines: list[Line]


def by_day(events: Iterable[Event], zone: str) -> list[Day]:
    """The events in days, in the order they came in."""
    days: list[Day] = []
    for event in events:
        line = told(event, zone)
        if not days or days[-1].day != line.at.date():
            days.append(Day(line.at.date(), []))
        days[-1].lines.append(line)
    return days


def told(event: Event, zone: str) -> Line:
    """The event in words."""
    what = event.what
    use_case = event.use_case
    return Line(
        by=str(event.by) if event.by else "",
        words=words_of(event),
        said=str(what.get("reason") or what.get("note") or ""),
        at=event.at.astimezone(ZoneInfo(zone)),
        url=reverse("portfolio:use_case", args=[use_case.reference]) if use_case else "",
        reference=use_case.reference if use_case else "",
        title=use_case.title if use_case else "",
        tail=tail_of(event),
        notes=notes_of(event),
    )


def tail_of(event: Event) -> str:
    """What follows the name of what it was done to."""
    what = event.what
    if event.kind == Kind.MOVED:
        words = f"to {what.get('to')}"
        return f"{words}, over a gate that was shut" if what.get("overridden") else words
    if event.kind == Kind.USE_CASES_MERGED and what.get("into"):
        return f"into {what['into']}"
    if event.kind == Kind.RETIRED:
        return f"as of {_day(what.get('retired_on'))}"
    if event.kind in (Kind.READING_RECORDED, Kind.READING_CORRECTED):
        return f"{what.get('metric')} {number(what.get('value'), what.get('unit', ''))}"
    if event.kind == Kind.FORECAST_GIVEN:
        return f"on {_day(what.get('ships_on'))}"
    if event.kind == Kind.RANGES_WIDENED:
        return f"by {(what.get('factor') or [''])[-1]}"
    if event.kind in (Kind.VERDICT_COMPUTED, Kind.VERDICT_DECLARED):
        return f"{what.get('verdict')}"
    return ""


def notes_of(event: Event) -> list[str]:
    """What a merge did to the ratings of who rated the same criterion of both."""
    if event.kind != Kind.USE_CASES_MERGED:
        return []
    both = event.what.get("ratings", {}).get("both", [])
    return [_gave_way(one) for one in both if "gave_way" in one]


def _gave_way(said: dict) -> str:
    lost = said["gave_way"]
    (slug,) = _spelled([said["criterion"]])
    why = f" (“{lost['evidence']}”)" if lost["evidence"] else ""
    return (
        f"What {said['name']} said of {slug} for {lost['of']}, {_range(lost['points'])}{why}, gave "
        f"way to what they said later: {_range(said.get('after') or said['kept'])}."
    )


def _range(points: list[str]) -> str:
    low, likely, high = (number(Decimal(point)) for point in points)
    return likely if low == high else f"{low} to {high}, likely {likely}"


def words_of(event: Event) -> str:
    """What was done, as it goes before the name of what it was done to."""
    kind, what = Kind(event.kind), event.what
    label = kind.label
    changed = what.get("changed")
    if kind is Kind.GATE_OVERRIDDEN:
        return f"overrode the gate to {what.get('to')} for"
    if kind is Kind.USE_CASE_PROPOSED and what.get("split_from"):
        return f"split out of {what['split_from']}"
    if kind is Kind.USE_CASE_SPLIT:
        return f"split off {_listed(what.get('into', []))} from"
    if kind is Kind.USE_CASE_EDITED and isinstance(changed, dict):
        return f"edited {_listed(name.replace('_', ' ') for name in changed)} of"
    if kind is Kind.ASKED:
        return f"asked {what.get('asked')} about {_listed(_spelled(what.get('about')))} of"
    if kind is Kind.REQUEST_ENDED:
        return f"{what.get('ending')} a request about {_listed(_spelled([what.get('about')]))} of"
    if kind is Kind.USE_CASES_MERGED:
        other = what.get("from")
        return f"merged {other} into" if other else "merged"
    if kind is Kind.TOLD_APART:
        return f"said that {what.get('other')} is another candidate than"
    if kind is Kind.OWNER_NAMED:
        return f"asked {what.get('owner')} to own"
    if kind in SAYS_AFTER:
        return f"{label} of"
    if kind in (Kind.MILESTONE_SET, Kind.MILESTONE_DONE, Kind.MILESTONE_REMOVED):
        return f"{label}, “{what.get('title')}”, of"
    if kind in (Kind.ROUND_OPENED, Kind.RATING_SEALED, Kind.ROUND_CLOSED):
        return f"{label} “{what.get('name')}”"
    if kind in (Kind.MEMBER_INVITED, Kind.INVITATION_REVOKED):
        return f"{label} {what.get('email')}"
    if kind in (Kind.ROLE_CHANGED, Kind.MEMBER_REMOVED, *RANGES):
        return f"{label} {what.get('name')}"
    if kind in SCENARIOS:
        return f"{label} “{what.get('name')}”"
    if kind in NEEDS_OF:
        return f"{label} of"
    return label


RANGES = (Kind.RANGES_WIDENED, Kind.RANGES_AS_SAID)
SAYS_AFTER = (
    Kind.READING_RECORDED, Kind.READING_CORRECTED, Kind.FORECAST_GIVEN,
    Kind.VERDICT_COMPUTED, Kind.VERDICT_DECLARED,
)  # fmt: skip
SCENARIOS = (
    Kind.SCENARIO_SHARED, Kind.SCENARIO_CHANGED, Kind.SCENARIO_UNSHARED, Kind.SCENARIO_REMOVED,
)  # fmt: skip
NEEDS_OF = (
    Kind.PLAN_CHANGED, Kind.CONTRACT_SEALED, Kind.CONTRACT_AMENDED, Kind.RETROSPECTIVE_WRITTEN,
    Kind.LIGHTHOUSE_ABANDONED,
)  # fmt: skip


def _spelled(slugs: Iterable[object] | None) -> list[str]:
    return [str(slug).replace("_", " ") for slug in slugs or ()]


def _day(iso: str | None) -> str:
    return f"{date.fromisoformat(iso):%-d %B %Y}" if iso else "a day unknown"


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"
