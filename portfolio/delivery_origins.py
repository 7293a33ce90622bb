"""Where the numbers of a lighthouse come from: weeks, contract, readings, forecast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from portfolio import settling
from portfolio.models import Amendment, Forecast, Guardrail, Lighthouse, LighthouseStanding, Reading
from portfolio.origins import Asked, Origin, Part, named, page
from portfolio.rules import clock
from portfolio.rules.contract import Guardrail as AgreedGuardrail
from portfolio.rules.contract import LimitKind
from portfolio.templatetags.words import day_year, number

LIGHTHOUSE = "portfolio:lighthouse"
READING, GUARDRAIL = "reading.", "guardrail."


def names(asked: Asked) -> Sequence[str]:
    """The numbers of the newest lighthouse, and of the metric that it is to move."""
    if asked.as_of is not None:
        return []  # a lighthouse tells of now
    found = [*_OF_THE_METRIC]
    if _newest(asked) is not None:
        found += list(_OF_A_LIGHTHOUSE)
    return [*found, *(f"{GUARDRAIL}{one.id}" for one in _guardrails(asked))]


def tell(asked: Asked, name: str) -> Origin | None:
    """Where one of them comes from; None where it is not one, or is not known."""
    if asked.as_of is not None:
        return None
    if name in _OF_THE_METRIC:
        return _OF_THE_METRIC[name](asked)
    if name.startswith(READING):
        return _one_reading(asked, name.removeprefix(READING))
    if name.startswith(GUARDRAIL):
        return _one_guardrail(asked, name.removeprefix(GUARDRAIL))
    lighthouse = _newest(asked)
    if name not in _OF_A_LIGHTHOUSE or lighthouse is None:
        return None
    return _OF_A_LIGHTHOUSE[name](asked, lighthouse)


def _newest(asked: Asked) -> Lighthouse | None:
    return next(iter(getattr(asked.use_case, "newest_lighthouse", ())), None)


def _week(asked: Asked, lighthouse: Lighthouse) -> Origin | None:
    if lighthouse.start_date is None:
        return None
    today = clock.today_in(asked.use_case.portfolio.time_zone, asked.now)
    week = clock.week_of(lighthouse.start_date, today)
    return Origin(
        number="week",
        title="Week",
        words="not begun" if week is None else f"{week} of {lighthouse.planned_weeks}",
        value=week,
        formula="whole weeks since the start, in the portfolio’s time zone, plus one",
        at=asked.now,
        parts=[
            Part("Start", day_year(lighthouse.start_date), note=lighthouse.start_reason),
            Part("Today", f"{day_year(today)}, {asked.use_case.portfolio.time_zone}"),
        ],
        url=page(LIGHTHOUSE, asked.use_case.reference),
        url_words="The lighthouse",
    )


def _verdict_due(asked: Asked, lighthouse: Lighthouse) -> Origin | None:
    if lighthouse.verdict_due is None or lighthouse.start_date is None:
        return None
    sealed = lighthouse.contract if lighthouse.is_sealed else None
    return Origin(
        number="verdict_due",
        title="Verdict due",
        words=day_year(lighthouse.verdict_due),
        formula="start + 7 × planned weeks − 1 day: the last day of the last planned week",
        by=named(sealed.sealed_by) if sealed else "",
        at=sealed.sealed_at if sealed else None,
        parts=[
            Part("Start", day_year(lighthouse.start_date), note=lighthouse.start_reason),
            Part("Planned weeks", str(lighthouse.planned_weeks)),
            *_amended(lighthouse, "start_date", "planned_weeks"),
        ],
        notes=["Sealed with the success contract."] if sealed else ["Not sealed yet: a plan."],
        url=page(LIGHTHOUSE, asked.use_case.reference),
        url_words="The lighthouse",
    )


def _amended(lighthouse: Lighthouse, *fields: str) -> list[Part]:
    """The amendments that changed one of these."""
    return [
        Part(
            "Amended",
            ", ".join(
                f"{before} → {after}"
                for name, (before, after) in row.changes.items()
                if name in fields
            ),
            by=named(row.by),
            at=row.at,
            note=row.reason,
        )
        for row in Amendment.objects.of(lighthouse.pk).in_order()
        if set(fields) & set(row.changes)
    ]


def _value_in_force(asked: Asked, lighthouse: Lighthouse) -> Origin | None:
    standing = LighthouseStanding.objects.of(lighthouse.pk)
    agreed = settling.agreed_contract(lighthouse)
    if standing is None or standing.value_in_force is None or agreed is None:
        return None
    rows = Reading.objects.of(lighthouse.pk).with_people().with_history().newest_first()
    mine = [row for row in rows if row.is_of(agreed.metric, agreed.unit)]
    said = next((row for row in mine if row.value == standing.value_in_force), None)
    return Origin(
        number="value_in_force",
        title=f"{agreed.metric}, in force".capitalize(),
        words=number(standing.value_in_force, agreed.unit),
        value=standing.value_in_force,
        formula="the latest reading that nobody corrected, with at least the agreed sample, from"
        " the ship date to the verdict day",
        at=standing.computed_at,
        as_of=said.entered_at if said else None,
        parts=[_reading(row) for row in mine],
        url=page(LIGHTHOUSE, asked.use_case.reference, "readings"),
        url_words="All readings",
    )


def _reading(row: Reading) -> Part:
    sample = f"n = {row.sample_size:,}" if row.sample_size is not None else "sample not said"
    source = f", {row.source}" if row.source else ""
    corrected = "; corrected since" if getattr(row, "is_superseded", False) else ""
    return Part(
        f"Reading of {day_year(row.measured_on)}",
        number(row.value, row.unit),
        by=named(row.entered_by),
        at=row.entered_at,
        note=f"{sample}{source}{corrected}",
        number=f"{READING}{row.pk}",
    )


def _one_reading(asked: Asked, key: str) -> Origin | None:
    """One reading of any lighthouse of the use case, with what it corrects."""
    rows = Reading.objects.of_use_case(asked.use_case.pk).with_everything().with_history()
    found = rows.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if found is None:
        return None
    notes = [f"Measured on {day_year(found.measured_on)}."]
    if found.is_late:
        notes.append("Entered late: after the verdict day, for a day before it.")
    if getattr(found, "is_superseded", False):
        notes.append("Corrected since; the correction counts.")
    corrects = found.supersedes
    return Origin(
        number=f"{READING}{found.pk}",
        title=f"A reading of {found.metric}",
        words=number(found.value, found.unit),
        value=found.value,
        formula="as measured" + (f" by {found.source}" if found.source else ""),
        by=named(found.entered_by),
        at=found.entered_at,
        as_of=found.entered_at,
        parts=[
            Part(
                "Sample", f"{found.sample_size:,}" if found.sample_size is not None else "not said"
            ),
            *(
                [
                    Part(
                        "Corrects",
                        number(corrects.value, corrects.unit),
                        number=f"{READING}{corrects.pk}",
                    )
                ]
                if corrects
                else []
            ),
        ],
        notes=notes,
        url=page(LIGHTHOUSE, asked.use_case.reference, "readings"),
        url_words="All readings",
    )


def _forecast(asked: Asked, lighthouse: Lighthouse) -> Origin | None:
    rows = list(Forecast.objects.of(lighthouse.pk).with_people().newest_first())
    if not rows:
        return None
    newest = rows[0]
    return Origin(
        number="forecast",
        title="In production",
        words=day_year(newest.ships_on),
        formula="as its owner says; every earlier word stays, so that a date that recedes is seen",
        by=named(newest.made_by),
        at=newest.made_at,
        as_of=newest.made_at,
        parts=[
            Part(
                f"Said on {day_year(row.made_on)}",
                day_year(row.ships_on),
                by=named(row.made_by),
                at=row.made_at,
                note=row.note,
            )
            for row in rows
        ],
        url=page(LIGHTHOUSE, asked.use_case.reference, "forecasts"),
        url_words="All forecasts",
    )


def _of_the_contract(name: str, title: str) -> Callable[[Asked], Origin | None]:
    """Baseline and target: sealed with the contract, before that as the first test says."""

    def tell(asked: Asked) -> Origin | None:
        lighthouse = _newest(asked)
        sealed = lighthouse.contract if lighthouse is not None and lighthouse.is_sealed else None
        metric = sealed or getattr(asked.use_case, "success_metric", None)
        value = getattr(metric, name, None)
        if metric is None or value is None:
            return None
        return Origin(
            number=name,
            title=f"{title} of {metric.metric}",
            words=number(value, metric.unit),
            value=value,
            formula="as agreed in the success contract" if sealed else "as the outcome test says",
            by=named(sealed.sealed_by) if sealed else "",
            at=sealed.sealed_at if sealed else None,
            parts=[
                Part("The outcome", metric.statement),
                *(_amended(sealed.lighthouse, name) if sealed else []),
            ],
            notes=[] if sealed else ["Not sealed yet: it can still be changed, see the history."],
            url=page("portfolio:history", asked.use_case.reference),
            url_words="Who changed it when",
        )

    return tell


def _guardrails(asked: Asked) -> Sequence[AgreedGuardrail]:
    """As sealed with the contract; before that as the outcome test has them."""
    lighthouse = _newest(asked)
    agreed = settling.agreed_contract(lighthouse) if lighthouse is not None else None
    if agreed is not None:
        return agreed.guardrails
    rows = Guardrail.objects.of(asked.use_case.pk).in_force()
    return [
        AgreedGuardrail(row.pk, row.metric, LimitKind(row.kind), row.limit, row.unit)
        for row in rows
    ]


def _one_guardrail(asked: Asked, key: str) -> Origin | None:
    """The limit of one guardrail, and the reading that it is held against."""
    found = next((one for one in _guardrails(asked) if str(one.id) == key), None)
    if found is None:
        return None
    lighthouse = _newest(asked)
    sealed = lighthouse.contract if lighthouse is not None and lighthouse.is_sealed else None
    rows = Reading.objects.of(lighthouse.pk) if lighthouse is not None else Reading.objects.none()
    rows = rows.with_people().with_history().newest_first()
    return Origin(
        number=f"{GUARDRAIL}{key}",
        title=f"Guardrail: {found.metric}",
        words=f"{found.kind.value.replace('_', ' ')} {number(found.limit, found.unit)}",
        value=found.limit,
        formula="as agreed in the success contract; the verdict is no victory past it"
        if sealed
        else "as the outcome test says",
        by=named(sealed.sealed_by) if sealed else "",
        at=sealed.sealed_at if sealed else None,
        parts=[
            *(_promised_anew(sealed.lighthouse, found.metric) if sealed else []),
            *(_reading(row) for row in rows if row.is_of(found.metric, found.unit)),
        ],
        notes=[] if sealed else ["Not sealed yet: it can still be changed, see the history."],
        url=page("portfolio:history", asked.use_case.reference),
        url_words="Who changed it when",
    )


def _promised_anew(lighthouse: Lighthouse, metric: str) -> list[Part]:
    """The amendments of this guardrail, with the limit before each and after it."""

    def limit(listed: list[dict]) -> str:
        return next((number(one["limit"]) for one in listed if one["metric"] == metric), "none")

    found = []
    for row in Amendment.objects.of(lighthouse.pk).in_order():
        before, after = (limit(listed) for listed in row.changes.get("guardrails", ([], [])))
        if before != after:
            words = f"{before} → {after}"
            found.append(Part("Amended", words, by=named(row.by), at=row.at, note=row.reason))
    return found


def _days_in_stage(asked: Asked) -> Origin:
    use_case = asked.use_case
    zone = use_case.portfolio.time_zone
    entered: date = clock.today_in(zone, use_case.stage_entered_at)
    days = (clock.today_in(zone, asked.now) - entered).days
    return Origin(
        number="days_in_stage",
        title=f"Days in {use_case.stage}",
        words=str(days),
        value=days,
        formula="today less the day on which it was moved there",
        at=use_case.stage_entered_at,
        parts=[Part("Moved there on", day_year(entered), note=use_case.stage_reason)],
        url=page("portfolio:history", use_case.reference),
        url_words="All its moves",
    )


_OF_THE_METRIC: dict[str, Callable[[Asked], Origin | None]] = {
    "days_in_stage": _days_in_stage,
    "baseline": _of_the_contract("baseline", "Baseline"),
    "target": _of_the_contract("target", "Target"),
}
_OF_A_LIGHTHOUSE: dict[str, Callable[[Asked, Lighthouse], Origin | None]] = {
    "week": _week,
    "verdict_due": _verdict_due,
    "forecast": _forecast,
    "value_in_force": _value_in_force,
}
