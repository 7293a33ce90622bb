"""The criteria that every portfolio begins with (domain section 4)."""

from dataclasses import dataclass
from decimal import Decimal

from assessments.models import Criterion
from assessments.rules.criteria import Axis, Derivation
from portfolio import standing
from portfolio.models import Portfolio


@dataclass(frozen=True)
class Default:
    slug: str
    axis: Axis
    weight: int
    name: str
    question: str
    anchor_0: str
    anchor_3: str
    anchor_5: str
    derived_from: str = ""


DEFAULTS = (
    Default(
        "annual_value", Axis.IMPACT, 3, "Annual value",
        "How much does it net in a year at target scale? Read from the unit economics, on the "
        "portfolio's value scale.",
        "Nets nothing, or loses money", "The fourth amount of the value scale",
        "The top of the value scale or more", Derivation.ANNUAL_VALUE,
    ),
    Default(
        "stakeholder_pull", Axis.IMPACT, 2, "Stakeholder pull",
        "Who wants it enough to give time, data and people to it, unasked?",
        "Nobody outside the team has asked for it",
        "One leader asks for it and would send a domain expert to the team",
        "The people with the problem ask every week, and a budget holder put their name to it",
    ),
    Default(
        "headroom", Axis.IMPACT, 2, "Headroom",
        "How much human error, delay or rework is there today that it could remove?",
        "People already do it quickly and almost without a mistake",
        "Every tenth case is late, wrong or done twice, and somebody counts them",
        "Most cases wait for days or come back; everybody concerned knows it",
    ),
    Default(
        "visibility", Axis.IMPACT, 1, "Visibility",
        "If it works, who will see that it works?",
        "A back room notices",
        "One department sees the difference in its weekly numbers",
        "Customers or the whole company see it, and the board will be shown it",
    ),
    Default(
        "reuse", Axis.IMPACT, 1, "Reuse",
        "What does it leave behind that makes the next one cheaper?",
        "Nothing: its data, prompts and connectors serve only this",
        "A connector or an evaluation set that one or two other candidates need",
        "Connectors, an evaluation set and a deployment path that most candidates need",
    ),
    Default(
        "ai_fit", Axis.FEASIBILITY, 3, "Fit for AI",
        "Is it language or judgement in quantity, where a model helps and a rule or form does not?",
        "A rule, a query or a better form would do it",
        "A model does the common cases well; the rare ones need a person",
        "Reading, writing or sorting text all day, in a pattern that models are known to master",
    ),
    Default(
        "data_readiness", Axis.FEASIBILITY, 3, "Data readiness",
        "Could the required data be used by an AI system as it stands? Read from the data test.",
        "A required source cannot be used", "Usable after some cleaning, or access is not cleared",
        "Every required source is usable, clean, consistent and cleared", Derivation.DATA_READINESS,
    ),
    Default(
        "time_to_value", Axis.FEASIBILITY, 2, "Time to value",
        "How soon after it ships will the metric have moved enough to be read?",
        "A year or more: the effect is slow or cannot be told apart",
        "Within two quarters, with some patience",
        "Within one quarter: the metric is counted weekly already",
    ),
    Default(
        "tolerance", Axis.FEASIBILITY, 2, "Tolerance of a first version",
        "What happens when the first version is wrong?",
        "One mistake harms somebody or breaks the law",
        "A mistake costs rework and is caught by a review",
        "A mistake costs a shrug: somebody edits the draft and goes on",
    ),
    Default(
        "compliance", Axis.FEASIBILITY, 2, "Compliance",
        "How clear is the way past legal, privacy and security?",
        "A known blocker, and nobody who could lift it",
        "Questions are open, but they have names and answers are in sight",
        "Cleared already, or of a kind that was cleared before",
    ),
    Default(
        "narrowness", Axis.FEASIBILITY, 2, "Narrowness",
        "Is it one job for one kind of user with one number to move?",
        "A platform, an assistant for everything, a whole department",
        "One job, but for several kinds of users or with exceptions",
        "One job, one segment, one metric: it can be said in a single sentence",
    ),
    Default(
        "review_path", Axis.FEASIBILITY, 1, "Review path",
        "Does somebody already look at this work, where a model's draft could be put before them?",
        "Nobody would look, and nobody has time to",
        "A person could, with a new queue and an hour a day",
        "Every case already passes a person who approves or edits it in a tool",
    ),
)  # fmt: skip


def lay_down_criteria(portfolio: Portfolio) -> list[Criterion]:
    """The default criteria of a new portfolio."""
    standing.publish_weights(
        portfolio.pk, {default.slug: Decimal(default.weight) for default in DEFAULTS}
    )
    return Criterion.objects.bulk_create(
        [
            Criterion(
                portfolio=portfolio,
                slug=default.slug,
                name=default.name,
                axis=default.axis.value,
                weight=Decimal(default.weight),
                question=default.question,
                anchor_0=default.anchor_0,
                anchor_3=default.anchor_3,
                anchor_5=default.anchor_5,
                derived_from=str(default.derived_from),
                position=position,
            )
            for position, default in enumerate(DEFAULTS, start=1)
        ]
    )
