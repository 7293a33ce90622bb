"""Where the figures of the unit economics come from: each input with who gave it, each formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from economics import pages
from economics.models import Assumption, RouteStep, UnitEconomics
from economics.pages import Figure
from economics.rules.inputs import INPUT_NAMES, LABELS, Basis
from economics.rules.questions import QUESTIONS
from portfolio.origins import PHAROS, Asked, Origin, Part, named, page
from portfolio.templatetags.words import day_year, money_plain, number, share

# What each figure follows from: other figures, inputs, and the route over models.
FROM: Mapping[str, Sequence[str]] = {
    "llm_cost": ("calls", "retry_share", "input_tokens", "cached_share", "output_tokens", "route"),
    "cost_per_interaction": (
        "llm_cost", "calls", "retry_share", "tool_cost", "review_share", "review_minutes",
        "hourly_rate",
    ),
    "value_per_month": ("volume_per_month", "success_share", "value_per_success"),
    "net_per_month": (
        "value_per_month", "volume_per_month", "cost_per_interaction", "fixed_per_month",
    ),
    "annual_net_value": ("net_per_month",),
    "gross_margin": ("value_per_month", "volume_per_month", "cost_per_interaction"),
    "net_margin": ("net_per_month", "value_per_month"),
    "break_even_volume": (
        "fixed_per_month", "success_share", "value_per_success", "cost_per_interaction",
    ),
    "build_cost": ("estimated_build_cost",),
    "npv_12": (
        "value_per_month", "volume_per_month", "cost_per_interaction", "fixed_per_month",
        "ramp_months", "discount_rate", "build_cost",
    ),
    "payback_months": ("net_per_month", "ramp_months", "build_cost"),
}  # fmt: skip
FIGURES = {figure.name: figure for figure in pages.FIGURES}
PRECISE = frozenset({"llm_cost", "cost_per_interaction"})


def names(asked: Asked) -> Sequence[str]:
    """Every figure that there is, then every input that somebody gave."""
    if asked.as_of is not None:
        return []  # what the figures were on an earlier day is not kept here
    case = _case(asked)
    given = case.assumptions_there if case.revision else {}
    return [
        *(name for name in FIGURES if getattr(case, name) is not None),
        *(name for name in INPUT_NAMES if name in given),
    ]


def tell(asked: Asked, name: str) -> Origin | None:
    """Where a figure or an input comes from; None where it is neither, or is not known."""
    if asked.as_of is not None or (name not in FIGURES and name not in INPUT_NAMES):
        return None
    case = _case(asked)
    if not case.revision:
        return None
    if name in FIGURES:
        return _figure(asked, case, FIGURES[name])
    given = case.assumptions_there.get(name)
    return None if given is None else _input(asked, case, given)


def _case(asked: Asked) -> UnitEconomics:
    return asked.once("economics", lambda: UnitEconomics.objects.case_of(asked.use_case))


def _figure(asked: Asked, case: UnitEconomics, figure: Figure) -> Origin | None:
    value = getattr(case, figure.name)
    if value is None:
        return None
    parts = [part for name in FROM[figure.name] for part in _parts(asked, case, name)]
    as_of = min((at for at in _dates(case, figure.name)), default=None)
    if as_of is not None and case.confirmed_at is not None:
        as_of = max(as_of, case.confirmed_at)
    notes = [f"The likely case: every input at its likely value, in {case.currency}."]
    if case.confirmed_at is not None:
        who = f" by {case.confirmed_by}" if case.confirmed_by else ""
        notes.append(f"Stood by{who} on {day_year(case.confirmed_at)}.")
    return Origin(
        number=figure.name,
        title=figure.label,
        words=_figure_words(case, figure, value),
        value=value,
        formula=figure.formula,
        at=case.computed_at,
        as_of=as_of,
        is_stale=asked.is_stale(as_of),
        parts=parts,
        notes=notes,
        url=page("economics:economics", asked.use_case.reference),
        url_words="The unit economics",
    )


def _dates(case: UnitEconomics, name: str) -> list:
    """When each input was given that a figure follows from, through the figures between."""
    if name in FROM:
        return [at for part in FROM[name] for at in _dates(case, part)]
    if name == "route":
        return [step.at for step in case.steps.all()]
    given = case.assumptions_there.get(name)
    return [] if given is None else [given.at]


def _parts(asked: Asked, case: UnitEconomics, name: str) -> list[Part]:
    if name == "route":
        return [_step(case, step) for step in case.steps.all()]
    if name in FIGURES:
        figure, value = FIGURES[name], getattr(case, name)
        words = "unknown" if value is None else _figure_words(case, figure, value)
        return [Part(figure.label, words, number=name if value is not None else "")]
    given = case.assumptions_there.get(name)
    if given is None:
        return []
    at = max(given.at, case.confirmed_at) if case.confirmed_at else given.at
    return [
        Part(
            LABELS[name].capitalize(),
            _input_words(case, given, given.likely),
            by=named(given.by),
            at=given.at,
            note=_basis(given),
            number=name,
            is_stale=asked.is_stale(at),
        )
    ]


def _step(case: UnitEconomics, step: RouteStep) -> Part:
    price = "no price" if step.price_per_call is None else money_plain(
        step.price_per_call.normalize(), case.currency
    )  # fmt: skip
    told = f"a call by {case.priced_by} as of {day_year(case.price_date)}"
    return Part(
        f"{step.provider} {step.model}".strip() or "A model",
        f"{share(step.share_likely)} at {price}",
        by=named(step.by),
        at=step.at,
        note=step.price_words or (step.manual_reason if step.manual else told),
        url=page("economics:economics", case.use_case.reference, "route"),
    )


def _input(asked: Asked, case: UnitEconomics, given: Assumption) -> Origin:
    at = max(given.at, case.confirmed_at) if case.confirmed_at else given.at
    parts = []
    if not given.range.is_point:
        ends = (("Low", given.low), ("Likely", given.likely), ("High", given.high))
        parts = [Part(name, _input_words(case, given, value)) for name, value in ends]
    return Origin(
        number=given.name,
        title=QUESTIONS[given.name].label,
        words=_input_words(case, given, given.likely),
        value=given.likely,
        formula="as given by a person, not worked out"
        if given.basis == Basis.ASSUMPTION
        else "as measured",
        by=named(given.by) or PHAROS,
        at=given.at,
        as_of=at,
        is_stale=asked.is_stale(at),
        parts=parts,
        notes=[_basis(given)],
        url=page("economics:economics", asked.use_case.reference, f"id_{given.name}-likely"),
        url_words="Where it is given",
    )


def _basis(given: Assumption) -> str:
    return f"{given.get_basis_display()}{f': {given.source}' if given.source else ''}"


def _input_words(case: UnitEconomics, given: Assumption, value: Decimal) -> str:
    question = QUESTIONS[given.name]
    if question.is_money:
        return money_plain(value, case.currency)
    return share(value) if question.is_share else number(value)


def _figure_words(case: UnitEconomics, figure: Figure, value: Decimal) -> str:
    match figure.kind:
        case "money":
            places = Decimal("0.000001") if figure.name in PRECISE else Decimal("0.01")
            return money_plain(value.quantize(places), case.currency)
        case "share":
            return share(value)
        case "months":
            return f"{value.quantize(Decimal('0.1'))} months"
    return number(value.quantize(Decimal(1)))
