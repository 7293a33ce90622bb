"""What follows from the unit economics, shaped for the page."""

from dataclasses import dataclass

from economics.actions import Judgement
from economics.models import Assumption, UnitEconomics
from economics.rules.inputs import LABELS, Range
from economics.rules.questions import QUESTIONS, Question
from portfolio.serializers.fields import plain


@dataclass(frozen=True)
class Figure:
    """One figure that follows, with its formula in words and what it stands on."""

    name: str
    label: str
    formula: str
    kind: str  # money, share, number, months
    never: str = ""  # the flag that says never, in its place
    never_words: str = ""


FIGURES = (
    Figure(
        "llm_cost", "Model cost of an interaction",
        "calls × (1 + retries) × the route's price of a call", "money",
    ),
    Figure(
        "cost_per_interaction", "Cost of an interaction",
        "model cost + calls × (1 + retries) × tools + reviewed share × minutes ÷ 60 × hourly rate",
        "money",
    ),
    Figure(
        "value_per_month", "Value a month", "volume × share that succeeds × value of one success",
        "money",
    ),
    Figure(
        "net_per_month", "Net a month", "value − volume × cost of an interaction − fixed cost",
        "money",
    ),
    Figure("annual_net_value", "Net a year", "12 × net a month", "money"),
    Figure("gross_margin", "Gross margin", "(value − volume × cost) ÷ value", "share"),
    Figure("net_margin", "Net margin", "net ÷ value", "share"),
    Figure(
        "break_even_volume", "Break-even volume",
        "fixed cost ÷ (share that succeeds × value of one success − cost)", "number",
        "never_breaks_even", "never: each interaction costs more than it brings",
    ),
    Figure("build_cost", "Build cost", "as estimated", "money"),
    Figure(
        "npv_12", "Net present value of 12 months",
        "each month's net, ramped up and discounted, less the build cost", "money",
    ),
    Figure(
        "payback_months", "Payback",
        "the month in which the summed net reaches the build cost", "months",
        "never_pays_back", "never: a month at full scale nets nothing",
    ),
)  # fmt: skip


def words_of(name: str) -> str:
    """An input's own words in the middle of a sentence."""
    return QUESTIONS[name].label.lower() if name in QUESTIONS else LABELS[name]


# What a sentence says is missing, where the question's own label is no part of one.
NEEDED = {
    "success_share": "the share that succeeds",
    "value_per_success": "the value of one success",
    "cached_share": "the share of input tokens that is cached",
    "tool_cost": "the cost of tools and search per call",
    "review_share": "the share that is reviewed",
    "review_minutes": "the minutes for each review",
    "hourly_rate": "the reviewer's cost an hour",
    "fixed_per_month": "the fixed cost a month",
    "estimated_build_cost": "the build cost",
    "discount_rate": "the discount rate",
    "route": "the models that answer",
    "price": "the price of a model",
    "usd_rate": "the exchange rate of the US dollar",
}


def named(names) -> list[tuple[str, str]]:
    """What is missing, in words, with the id of the field that would tell."""
    anchors = {"route": "route", "price": "route", "usd_rate": "id_usd_rate"}
    return [
        (f"#{anchors.get(name, f'id_{name}-likely')}", NEEDED.get(name) or words_of(name))
        for name in names
    ]  # fmt: skip


def figures(case: UnitEconomics) -> list[dict]:
    """Each figure with its value, or why there is none."""
    shown = []
    for figure in FIGURES:
        missing = case.missing.get(figure.name, ())
        if figure.name == "build_cost" and case.build_cost is None:
            missing = ("estimated_build_cost",)
        shown.append(
            {
                "figure": figure,
                "value": getattr(case, figure.name),
                "never": figure.never_words if getattr(case, figure.never or "pk") is True else "",
                "missing": named(missing),
            }
        )
    return shown


def inputs(case: UnitEconomics) -> list[tuple[Question, Assumption | None]]:
    """Every input as it stands, in the form's order."""
    there = case.assumptions_there
    return [(question, there.get(name)) for name, question in QUESTIONS.items()]


def conflicts(typed: Judgement, case: UnitEconomics) -> list[dict]:
    """Where what was typed differs from what somebody else saved meanwhile."""
    found = []
    there = case.assumptions_there
    for name, question in QUESTIONS.items():
        mine, theirs = typed.inputs.get(name), there.get(name)
        mine_range = mine.range if mine else None
        their_range = theirs.range if theirs else None
        if mine_range != their_range:
            found.append(
                {
                    "label": question.label,
                    "typed": points(mine_range),
                    "stands": points(their_range),
                    "by": theirs.by if theirs else None,
                    "at": theirs.at if theirs else None,
                }
            )
    route = [_step_words(step.provider, step.model, step.share) for step in typed.steps]
    stands = [_step_words(step.provider, step.model, step.share) for step in case.steps.all()]
    if route != stands or (typed.route_kind or "") != case.route_kind:
        found.append(
            {
                "label": "Route",
                "typed": f"{typed.route_kind or ''}: {', '.join(route)}" if route else "nothing",
                "stands": f"{case.route_kind}: {', '.join(stands)}" if stands else "nothing",
                "by": None,
                "at": None,
            }
        )
    return found


def points(given: Range | None) -> str:
    """Three points in words; one where they are equal."""
    if given is None:
        return "nothing"
    if given.is_point:
        return plain(given.likely)
    return f"{plain(given.likely)} ({plain(given.low)} to {plain(given.high)})"


def _step_words(provider: str, model: str, share: Range) -> str:
    return f"{provider} {model} {points(share)}".strip()
