"""How a portfolio is doing: one answer, for the overview and for machines, so they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio import gates
from portfolio.hindering import why_none_is_ranked
from portfolio.models import Forecast, Lighthouse, Milestone, Portfolio, Standing, UseCase
from portfolio.pages.board import week_words
from portfolio.pages.frame import mend_address
from portfolio.rules import clock
from portfolio.rules.clock import Phase
from portfolio.rules.findings import Mend
from portfolio.rules.gates import cannot_own
from portfolio.rules.pipeline import CANDIDATE_STAGES, Stage
from portfolio.rules.words import Acceptance, Verdict

UNDECLARED_FOR_LONG = timedelta(days=7)
DUE_SOON = timedelta(days=14)
MILESTONE_LATE = timedelta(days=7)
UNANSWERED_FOR_LONG = timedelta(days=7)


@dataclass(frozen=True)
class Delivery:
    """A lighthouse under way, with where its clock stands."""

    lighthouse: Lighthouse
    week: int | None
    phase: Phase | None
    verdict: Verdict
    reasons: Sequence[str]
    reason_words: Sequence[str]
    forecast: date | None
    today: date

    @property
    def use_case(self) -> UseCase:
        return self.lighthouse.use_case

    @property
    def clock_words(self) -> str:
        return week_words(self.lighthouse, self.today)


@dataclass(frozen=True)
class Attention:
    """Something a sponsor should look at; the most urgent have the lowest urgency number."""

    urgency: int
    kind: str
    reference: str
    title: str
    words: str
    mend: str

    @property
    def url(self) -> str:
        return mend_address(self.reference, self.mend)


@dataclass(frozen=True)
class Status:
    """All that a status page needs."""

    portfolio: Portfolio
    as_of: date
    is_stale: bool
    computed_at: datetime | None
    shortlist: list[UseCase]
    pipeline: dict[str, int]
    deliveries: list[Delivery]
    verdicts: dict[str, int]
    ranked: int
    annual_net_value: Decimal | None
    attention: list[Attention]
    hindrance: str  # what keeps all candidates from being ranked; empty where nothing does

    @property
    def pick(self) -> UseCase | None:
        return self.shortlist[0] if self.shortlist else None

    @property
    def total(self) -> int:
        return sum(self.pipeline.values())

    @property
    def candidates(self) -> int:
        return sum(self.pipeline[stage] for stage in CANDIDATE_STAGES)

    @property
    def delivery_words(self) -> str:
        """How many lighthouses are under way, and when the next verdict is due."""
        count = len(self.deliveries)
        if not count:
            return "No lighthouse is under way."
        words = "One lighthouse is" if count == 1 else f"{count} lighthouses are"
        return f"{words} under way{self._due_words()}."

    def _due_words(self) -> str:
        """The next verdict day; where all of them are past, the last one."""
        days = [row.lighthouse.verdict_due for row in self.deliveries]
        known = sorted(day for day in days if day is not None)
        coming = next((day for day in known if day >= self.as_of), None)
        if coming is not None:
            return f"; the next verdict is due on {coming:%-d %B}"
        return f"; the last verdict was due on {known[-1]:%-d %B}" if known else ""


def status_of(portfolio: Portfolio, now: datetime) -> Status:
    """The portfolio's status; eight queries, whatever it holds."""
    today = clock.today_in(portfolio.time_zone, now)
    use_cases = UseCase.objects.in_portfolio(portfolio.pk).alive()
    counts = use_cases.count_by_stage()
    shortlist = list(use_cases.shortlisted(portfolio.shortlist_size))
    active = list(Lighthouse.objects.in_portfolio(portfolio.pk).in_the_open().with_everything())
    forecasts = Forecast.objects.latest_of(row.pk for row in active)
    deliveries = [_delivery(row, forecasts, today) for row in active]
    ranked, value = Standing.objects.in_portfolio(portfolio.pk).value_of_ranked()
    late = Milestone.objects.late_by_lighthouse((row.pk for row in active), today - MILESTONE_LATE)
    return Status(
        portfolio=portfolio,
        as_of=today,
        is_stale=portfolio.ranking.done < portfolio.ranking_wanted,
        computed_at=portfolio.ranking.computed_at,
        shortlist=shortlist,
        pipeline={stage.value: counts.get(stage.value, 0) for stage in Stage},
        deliveries=[row for row in deliveries if row.lighthouse.is_active],
        verdicts=Lighthouse.objects.in_portfolio(portfolio.pk).count_by_end(),
        ranked=ranked,
        annual_net_value=value,
        attention=[*attention(deliveries, late, today, now), *waiting_pick(shortlist)],
        hindrance="" if shortlist else why_none_is_ranked(portfolio),
    )


def _delivery(lighthouse: Lighthouse, forecasts: dict[int, date], today: date) -> Delivery:
    week = clock.week_of(lighthouse.start_date, today) if lighthouse.start_date else None
    return Delivery(
        lighthouse=lighthouse,
        week=week,
        phase=clock.phase_of(week),
        verdict=gates.verdict_of(lighthouse),
        reasons=lighthouse.reasons,
        reason_words=lighthouse.reason_words,
        forecast=forecasts.get(lighthouse.pk),
        today=today,
    )


def attention(
    deliveries: Sequence[Delivery], late_milestones: dict[int, str], today: date, now: datetime
) -> list[Attention]:
    """What a sponsor should look at, most urgent first."""
    able = gates.who_can_own(row.lighthouse for row in deliveries)
    found: list[Attention] = []
    for delivery in deliveries:
        lighthouse, due = delivery.lighthouse, delivery.lighthouse.verdict_due

        def say(urgency: int, kind: str, words: str, mend: Mend, row=delivery) -> None:
            case = row.use_case
            found.append(Attention(urgency, kind, case.reference, case.title, words, mend))

        if not lighthouse.is_active:
            say(
                3, "declared_not_decided",
                f"The verdict is declared; it still stands in {delivery.use_case.stage}.",
                Mend.RETROSPECTIVE if not lighthouse.retrospective.strip() else Mend.VERDICT,
            )  # fmt: skip
            continue
        if delivery.verdict is not Verdict.PENDING:
            since = (today - due).days if due else 0
            overdue = since > UNDECLARED_FOR_LONG.days
            say(
                0 if overdue else 1,
                "undeclared_for_long" if overdue else "undeclared",
                f"{delivery.verdict.value.capitalize()} is computed and waits for a sponsor's "
                f"declaration{_since(since)}.",
                Mend.VERDICT,
            )
            continue
        if due and lighthouse.shipped_on is None and today <= due <= today + DUE_SOON:
            say(2, "due_unshipped", f"The verdict is due {_in_days(due, today)} and nothing is "
                "in production.", Mend.LIGHTHOUSE)  # fmt: skip
        elif due and not lighthouse.shipped_on and delivery.forecast and delivery.forecast > due:
            say(4, "forecast_late", f"The owner expects production on {delivery.forecast:%-d %B}, "
                "after the verdict.", Mend.LIGHTHOUSE)  # fmt: skip
        if lighthouse.acceptance == Acceptance.DECLINED:
            say(5, "owner_declined", f"{lighthouse.owner} declined to own it. Name somebody else.",
                Mend.LIGHTHOUSE)  # fmt: skip
        elif lighthouse.pk not in able:
            say(5, "owner_gone", cannot_own(str(lighthouse.owner)), Mend.LIGHTHOUSE)
        elif lighthouse.acceptance == Acceptance.ASKED and (
            now - lighthouse.created_at > UNANSWERED_FOR_LONG
        ):
            say(6, "owner_unanswered", f"{lighthouse.owner} has not said yet whether to own it.",
                Mend.LIGHTHOUSE)  # fmt: skip
        if lighthouse.pk in late_milestones:
            say(7, "milestone_overdue", f"“{late_milestones[lighthouse.pk]}” is more than a week "
                "late.", Mend.LIGHTHOUSE)  # fmt: skip
    return sorted(found, key=lambda row: row.urgency)


def waiting_pick(shortlist: Sequence[UseCase]) -> list[Attention]:
    """The pick, where it only waits to be selected."""
    if not shortlist or shortlist[0].stage != Stage.QUALIFIED:
        return []
    pick = shortlist[0]
    words = "It leads the ranking and waits to be selected."
    return [Attention(8, "pick_waiting", pick.reference, pick.title, words, Mend.LIGHTHOUSE)]


def _since(days: int) -> str:
    if days < 1:
        return ""
    return f", for {days} days" if days > 1 else ", since yesterday"


def _in_days(due: date, today: date) -> str:
    days = (due - today).days
    return "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
