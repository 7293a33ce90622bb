"""What waits for a person now, over all their portfolios."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.urls import reverse

from portfolio import gates
from portfolio.duties import TEST_WORDS, Duty, Group, of_other_rooms
from portfolio.models import Forecast, Lighthouse, Milestone, Portfolio, Reading, UseCase
from portfolio.pages import board, frame
from portfolio.rights import Actor
from portfolio.rules import clock
from portfolio.rules.findings import Mend, passes
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Role
from portfolio.rules.words import Acceptance, Verdict

MILESTONES_AHEAD = timedelta(days=7)
READINGS_EVERY = timedelta(days=14)
FORECAST_FROM_WEEK = 5
MOST_PROPOSALS = 20
MOST_READY = 20


@dataclass(frozen=True)
class Work:
    """Everything that waits for somebody, in the order in which to take it."""

    groups: list[Group]
    today: date

    @property
    def count(self) -> int:
        return sum(len(group.duties) + group.more for group in self.groups)


def work_of(actor: Actor, portfolios: Sequence[Portfolio], now: datetime) -> Work:
    """What waits for the actor; the number of queries does not grow with what waits."""
    today = {row.pk: clock.today_in(row.time_zone, now) for row in portfolios}
    lighthouses = Lighthouse.objects.visible_to(actor)
    named = lighthouses.owned_by(actor.user_id).active().with_everything().by_due()
    asked = [row for row in named if row.acceptance == Acceptance.ASKED]
    mine = [row for row in named if row.acceptance == Acceptance.ACCEPTED]
    judged = [row.pk for row in portfolios if actor.roles[row.pk] == Role.SPONSOR]
    groups = [
        Group("You are asked to own", [_asked(row) for row in asked]),
        Group("Verdicts to declare", _verdicts(lighthouses, judged)),
        *of_other_rooms(actor, today),
        Group("Milestones", _milestones(mine, today)),
        Group("Readings and forecasts", _readings(mine, today)),
        Group("Ready to move on", _ready(actor, portfolios, mine)),
        _proposals(actor),
    ]
    only_seen = {row.key for row in portfolios if actor.roles[row.pk] == Role.VIEWER}
    first = min(today.values(), default=clock.today_in("UTC", now))
    found = [_outside(group, only_seen) for group in groups]
    return Work([group for group in found if group.duties], first)


def _outside(group: Group, only_seen: Collection[str]) -> Group:
    """Without the portfolios in which the actor only looks on by now: nothing waits for them."""
    duties = [one for one in group.duties if one.reference.partition("-")[0] not in only_seen]
    return replace(group, duties=duties)


def _duty(use_case: UseCase, words: str, mend: Mend, act: str, due: date | None = None) -> Duty:
    url = frame.mend_address(use_case.reference, mend)
    return Duty(words, url, act, use_case.reference, use_case.title, due)


def _asked(lighthouse: Lighthouse) -> Duty:
    return _duty(lighthouse.use_case, "Will you own it?", Mend.LIGHTHOUSE, "Answer")


def _verdicts(lighthouses, portfolio_ids: Sequence[int]) -> list[Duty]:
    if not portfolio_ids:
        return []
    rows = lighthouses.in_portfolios(portfolio_ids).awaiting_declaration()
    return [
        _duty(
            row.use_case,
            f"The verdict is {gates.verdict_of(row).value}.",
            Mend.VERDICT,
            "Declare",
            row.verdict_due,
        )
        for row in rows.with_everything().by_due()
    ]


def _milestones(mine: Sequence[Lighthouse], today: dict[int, date]) -> list[Duty]:
    by_id = {row.pk: row for row in mine}
    duties = []
    for milestone in Milestone.objects.for_lighthouses(by_id).open().by_due():
        lighthouse = by_id[milestone.lighthouse_id]
        if milestone.due_on <= today[lighthouse.portfolio_id] + MILESTONES_AHEAD:
            duties.append(
                _duty(lighthouse.use_case, milestone.title, Mend.LIGHTHOUSE, "Update",
                      milestone.due_on)
            )  # fmt: skip
    return duties


def _readings(mine: Sequence[Lighthouse], today: dict[int, date]) -> list[Duty]:
    """Shipped: a reading at least every fortnight. Not shipped: a forecast from week 5 on."""
    ids = [row.pk for row in mine]
    last = Reading.objects.last_days(ids)
    forecasts = Forecast.objects.latest_of(ids)
    duties = []
    for row in mine:
        here = today[row.portfolio_id]
        if gates.verdict_of(row) is not Verdict.PENDING or row.start_date is None:
            continue
        if row.shipped_on is not None:
            due = max(row.shipped_on, last.get(row.pk, row.shipped_on)) + READINGS_EVERY
            if due <= here:
                duties.append(
                    _duty(row.use_case, "A reading is due.", Mend.LIGHTHOUSE, "Record it", due)
                )
            continue
        week = clock.week_of(row.start_date, here)
        if row.pk not in forecasts and week is not None and week >= FORECAST_FROM_WEEK:
            duties.append(
                _duty(row.use_case, "Say when it will be in production.", Mend.LIGHTHOUSE,
                      "Forecast")
            )  # fmt: skip
    return duties


def _ready(actor: Actor, portfolios: Sequence[Portfolio], mine: Sequence[Lighthouse]) -> list[Duty]:
    """Use cases whose next gate is open and which the actor may move through it."""
    roles = {row.pk: Role(actor.roles[row.pk]) for row in portfolios}
    visible = UseCase.objects.visible_to(actor)
    rows = list(visible.close_to_a_gate(row.use_case_id for row in mine)[:MOST_READY])
    lighthouses = board.newest_lighthouses(row.pk for row in rows)
    found = board.next_findings(rows)
    duties = []
    for row in rows:
        to = board.next_stage(Stage(row.stage))
        viewer = board.Viewer(actor.user_id, roles[row.portfolio_id])
        ways = board.ways_of(row, lighthouses.get(row.pk), viewer)
        if to is not None and to in ways and passes(found[row.pk]):
            url = reverse("portfolio:move", args=[row.reference])
            duties.append(
                Duty(f"Everything that {to} asks for is there.", url, "Move it", row.reference,
                     row.title)
            )  # fmt: skip
    return duties


def _proposals(actor: Actor) -> Group:
    """What the actor proposed and nobody has answered in full. Who brought a file in proposed
    none of its rows: they wait for whoever knows them."""
    rows = UseCase.objects.visible_to(actor).proposed_by_person(actor.user_id).candidates()
    rows = rows.ready(False).entered_by_hand()
    duties = [
        _duty(row, f"Open: {_listed(row.standing.missing)}.", Mend.TESTS, "Answer")
        for row in rows.with_standing().newest_first()[:MOST_PROPOSALS]
    ]
    more = rows.count() - MOST_PROPOSALS if len(duties) == MOST_PROPOSALS else 0
    return Group("Your proposals with open tests", duties, more)


def _listed(tests: Iterable[str]) -> str:
    return ", ".join(TEST_WORDS[test] for test in tests)
