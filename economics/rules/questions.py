"""Says what is asked about cost and return, and why: the words of each input, no judgement."""

from dataclasses import dataclass

from economics.rules.inputs import SHARES


@dataclass(frozen=True)
class Question:
    """One input as the form asks for it."""

    name: str
    label: str
    why: str
    unit: str = ""
    good: str = ""
    bad: str = ""
    is_money: bool = False

    @property
    def is_share(self) -> bool:
        return self.name in SHARES or self.name == "discount_rate"


@dataclass(frozen=True)
class Group:
    slug: str
    title: str
    why: str
    questions: tuple[Question, ...]


GROUPS = (
    Group(
        "value",
        "What it is worth",
        "At target scale: the volume that you would be proud of, not the pilot's.",
        (
            Question(
                "volume_per_month", "Interactions a month", "How often it runs at target scale.",
                "a month", "50,000: the tickets of tier 1, from last quarter's report",
                "“Lots”, or the ten a day of the pilot",
            ),
            Question(
                "success_share", "Share that succeeds",
                "Of all interactions, those whose outcome is as good as wanted.",
                "0.6 or 60 %", "0.6: as in the trial on 400 tickets", "1: nothing always works",
            ),
            Question(
                "value_per_success", "Value of one success",
                "What is saved or earned each time, before any cost of running it.",
                good="1.50: 3 minutes of an agent at 30 an hour",
                bad="The whole price of a ticket, when only its triage is saved", is_money=True,
            ),
        ),
    ),
    Group(
        "model",
        "What the model does",
        "Tokens and calls, which the price table turns into money.",
        (
            Question(
                "calls", "Calls per interaction", "An agent that plans, searches and answers: 3.",
                "calls", "3, counted in ten traces", "1, for an agent with tools",
            ),
            Question(
                "input_tokens", "Input tokens per call",
                "Instructions, examples, retrieved text and the question; 1,000 tokens are about "
                "750 English words.",
                "tokens", "800 to 2,500, likely 1,200: twenty real prompts counted",
                "The question alone, without what is retrieved for it",
            ),
            Question(
                "cached_share", "Of these, cached",
                "The share that repeats from call to call and is billed at the cached price. "
                "0 when in doubt.",
                "0.3 or 30 %",
            ),
            Question(
                "output_tokens", "Output tokens per call",
                "What the model writes, its reasoning included.", "tokens",
            ),
            Question(
                "retry_share", "Retries",
                "Extra calls for each call: time-outs, broken formats, a second try.",
                "0.05 or 5 %", "0.05: what the logs of a similar service show", "0: always some",
            ),
            Question(
                "tool_cost", "Tools and search per call",
                "Vector search, web search, an external API. 0 where there is none.",
                is_money=True,
            ),
        ),
    ),
    Group(
        "review",
        "What people do",
        "Human review is often the largest cost, and the one that pilots leave out.",
        (
            Question(
                "review_share", "Share that is reviewed",
                "Of all outputs, those that a person looks at. 0 means nobody, ever.",
                "0.1 or 10 %", "0.1: low confidence only, as test 3 says",
                "0, while test 3 says that all are reviewed",
            ),
            Question(
                "review_minutes", "Minutes for each",
                "Reading, deciding, correcting. Not asked where nobody reviews.", "minutes",
            ),
            Question(
                "hourly_rate", "Reviewer's cost an hour", "With all that an hour really costs.",
                is_money=True,
            ),
        ),
    ),
    Group(
        "fixed",
        "What it costs whatever it does",
        "And what it takes to build. Only the fixed cost is needed for test 4.",
        (
            Question(
                "fixed_per_month", "Fixed cost a month",
                "Hosting, licences, monitoring, the share of a team that keeps it running.",
                good="2,000: observability 400, index 600, a tenth of an engineer 1,000",
                bad="0, because the servers are there anyway", is_money=True,
            ),
            Question(
                "estimated_build_cost", "Cost of building it",
                "Once: people × weeks, data work, integration, evaluation.", is_money=True,
            ),
            Question(
                "discount_rate", "Discount rate a year",
                "What your finance people use. It makes later months worth less.", "0.1 or 10 %",
            ),
            Question(
                "ramp_months", "Months until full scale",
                "Usage grows in a straight line until then. 0 or empty: full at once.", "months",
            ),
        ),
    ),
)  # fmt: skip

QUESTIONS = {question.name: question for group in GROUPS for question in group.questions}
