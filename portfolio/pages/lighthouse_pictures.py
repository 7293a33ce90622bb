"""What the lighthouse page shows of the measured: readings in lines, its weeks, and charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portfolio import settling
from portfolio.actions.readings import Measured
from portfolio.charts.metric import Level, metric_chart
from portfolio.charts.metric import Measured as Drawn
from portfolio.charts.scales import day_words
from portfolio.charts.weeks import Prediction, Promise, WeekStrip, week_strip
from portfolio.models import Forecast, Lighthouse, Milestone, Reading
from portfolio.pages.lighthouse_answer import InForce
from portfolio.rules import verdicts
from portfolio.rules.contract import Contract as Agreed
from portfolio.rules.words import as_sentence
from portfolio.templatetags.words import listed, number

METRIC_HEIGHT, GUARDRAIL_HEIGHT = 240, 150  # pixels


@dataclass(frozen=True)
class Line:
    """A reading as the table shows it.

    Its state is in_force, counted, superseded, late, aside (it does not count; `why`) or other (of
    a metric that the contract does not name any more).
    """

    row: Reading
    state: str
    why: str = ""

    @property
    def counts(self) -> bool:
        return self.state in ("in_force", "counted", "late")


def in_force(lighthouse: Lighthouse, agreed: Agreed | None, today: date) -> InForce:
    """The reading in force by guardrail id, none for the success metric."""
    if agreed is None:
        return {}
    readings = settling.measured(lighthouse, agreed)
    judged = verdicts.judge(agreed, readings, lighthouse.shipped_on, today)
    found: dict[int | None, verdicts.Reading] = dict(judged.guardrails_in_force)
    return {**found, None: judged.in_force} if judged.in_force else found


def line(
    row: Reading,
    metrics: Sequence[Measured],
    counting: InForce,
    lighthouse: Lighthouse,
    agreed: Agreed | None,
    today: date,
) -> Line:
    """The reading with what became of it."""
    if row.is_superseded:
        return Line(row, "superseded")
    if any(reading.id == row.pk for reading in counting.values()):
        return Line(row, "in_force")
    if not any(row.is_of(one.metric, one.unit) for one in metrics):
        return Line(row, "other")
    if why := why_aside(row, lighthouse, agreed, today):
        return Line(row, "aside", why)
    return Line(row, "late" if row.is_late else "counted")


def why_aside(row: Reading, lighthouse: Lighthouse, agreed: Agreed | None, today: date) -> str:
    """Why a reading does not count; empty where it does."""
    if agreed is None:
        return "no contract is sealed yet"
    return verdicts.why_not_counted(
        agreed, row.measured_on, row.sample_size, lighthouse.shipped_on, today
    )


def after_reading(done: str, lighthouse: Lighthouse, read: Sequence[Reading], today: date) -> str:
    """What is said once readings are saved: whether the verdict follows them, and why not."""
    agreed = settling.agreed_contract(lighthouse)
    aside = {row.metric: why for row in read if (why := why_aside(row, lighthouse, agreed, today))}
    if not read:
        return done
    told = [f"{as_sentence(metric)} does not count: {why}." for metric, why in aside.items()]
    follows = ["The verdict follows what was read."] if len(aside) < len(read) else []
    return " ".join([done, *told, *follows])


def guardrails(agreed: Agreed | None, counting: InForce) -> list[dict[str, Any]]:
    """Each sealed guardrail with what it stands at and whether it holds."""
    shown = []
    for guardrail in agreed.guardrails if agreed else ():
        reading = counting.get(guardrail.id)
        shown.append(
            {
                "metric": guardrail.metric,
                "limit_number": f"guardrail.{guardrail.id}",
                "kind": guardrail.kind.value,
                "limit": guardrail.limit,
                "unit": guardrail.unit,
                "value": reading.value if reading else None,
                "number": f"reading.{reading.id}" if reading else "",
                "holds": guardrail.allows(reading.value) if reading else None,
            }
        )
    return shown


def milestone_state(milestone: Milestone, today: date) -> str:
    """Whether a promise is kept (done), waits (open), or should have been kept (overdue)."""
    if milestone.done_on is not None:
        return "done"
    return "overdue" if milestone.due_on < today else "open"


def strip(
    lighthouse: Lighthouse,
    milestones: Sequence[Milestone],
    forecasts: Sequence[Forecast],
    today: date,
) -> WeekStrip | None:
    """Its weeks from the start to the verdict; none while no start is set."""
    if lighthouse.start_date is None:
        return None
    return week_strip(
        start=lighthouse.start_date,
        planned_weeks=lighthouse.planned_weeks,
        verdict_due=lighthouse.verdict_due,
        today=today,
        milestones=[
            Promise(row.title, row.due_on, milestone_state(row, today)) for row in milestones
        ],
        forecasts=[Prediction(row.made_on, row.ships_on) for row in reversed(forecasts)],
        shipped_on=lighthouse.shipped_on,
    )


def charts(
    lighthouse: Lighthouse, agreed: Agreed | None, lines: Sequence[Line], today: date
) -> list[dict[str, Any]]:
    """A picture of the success metric, and one of each guardrail that was read."""
    if agreed is None or lighthouse.start_date is None:
        return []
    levels = [
        Level(name, value, f"{name} {number(value, agreed.unit)}")
        for name, value in (("baseline", agreed.baseline), ("target", agreed.target))
    ]
    own = [one for one in lines if one.row.is_of(agreed.metric, agreed.unit)]
    drawn = [
        {
            **_chart(lighthouse, agreed.metric, agreed.unit, levels, own, today, METRIC_HEIGHT),
            "is_guardrail": False,
        }
    ]
    for rail in agreed.guardrails:
        words = f"{rail.kind.value.replace('_', ' ')} {number(rail.limit, rail.unit)}"
        level = Level("guardrail", rail.limit, words)
        own = [one for one in lines if one.row.is_of(rail.metric, rail.unit)]
        if own:
            chart = _chart(
                lighthouse, rail.metric, rail.unit, [level], own, today, GUARDRAIL_HEIGHT
            )
            drawn.append({**chart, "is_guardrail": True})
    return drawn


def _chart(
    lighthouse: Lighthouse,
    metric: str,
    unit: str,
    levels: Sequence[Level],
    own: Sequence[Line],
    today: date,
    height: int,
) -> dict[str, Any]:
    """The picture of one metric from its own readings of the run, the newest of them first."""
    of_run = [one for one in own if one.row.measured_on >= lighthouse.start_date]
    chart = metric_chart(
        [_drawn(one, unit) for one in reversed(of_run)],
        levels,
        first=lighthouse.start_date,
        last=lighthouse.verdict_due,
        verdict_due=lighthouse.verdict_due,
        today=today,
        height=height,
    )
    latest = next((one for one in own if one.counts), None)
    latest = latest or next((one for one in own if one.state == "aside"), None)
    stands = f"latest reading {number(latest.row.value, unit)}" if latest else "no reading yet"
    said = listed([level.words for level in levels])
    return {
        "title": metric,
        "chart": chart,
        "label": f"{metric}: {said}; {stands}.",
        "latest": latest,
        "left_out": len(own) - len(chart.dots),
    }


def _drawn(one: Line, unit: str) -> Drawn:
    words = f"{day_words(one.row.measured_on)}: {number(one.row.value, unit)}"
    corrected = ", corrected since" if one.state == "superseded" else ""
    aside = f", does not count: {one.why}" if one.why else ""
    return Drawn(one.row.measured_on, one.row.value, words + corrected + aside, one.state)
