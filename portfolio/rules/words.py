"""The words that a field may hold, where no single rule owns them."""

from decimal import Decimal
from enum import IntEnum, StrEnum


class Direction(StrEnum):
    """Which way of a success metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


class LimitKind(StrEnum):
    """On which side of its limit a guardrail must stay."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class TaskType(StrEnum):
    """What kind of work the model does; it suggests the class of model."""

    REASONING = "reasoning"
    ROUTINE = "routine"
    DOMAIN = "domain"


class Changing(StrEnum):
    """What of many candidates can be changed at once."""

    STAGE = "stage"
    OWNER = "owner"
    BUSINESS_UNIT = "business_unit"
    TASK_TYPE = "task_type"
    PARK = "park"
    TEST = "test"


class Acceptance(StrEnum):
    """What the person named as owner said."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Verdict(StrEnum):
    """What the clock and the readings say of a lighthouse."""

    PENDING = "pending"
    FAILURE = "failure"
    VICTORY = "victory"


class Answer(IntEnum):
    """The answer to a test, as it is published: only YES makes a use case ready."""

    UNKNOWN = 0
    NO = 1
    YES = 2

    @property
    def word(self) -> str:
        return self.name.lower()


def judge_net(net_per_month: Decimal | None) -> Answer:
    """Test 4 as derived: is the net at target scale above zero in the likely case?

    It lives here because two rooms publish what it is read from.
    """
    if net_per_month is None:
        return Answer.UNKNOWN
    return Answer.YES if net_per_month > 0 else Answer.NO


class Place(IntEnum):
    """Which part of the order a candidate stands in."""

    RANKED = 1
    NOT_READY = 2
    DISQUALIFIED = 3


class Disqualifies(IntEnum):
    """What takes a use case out of the ranking: bits, so that one number publishes them all."""

    WRONG_TOOL = 1
    COMPLIANCE_BLOCKER = 2
    LOW_HUMAN_ERROR = 4
    ACCURACY_DEMANDED = 8
    PLATFORM_PLAY = 16


def lowered(words: str) -> str:
    """A sentence as it goes on in another: an abbreviation at its begin stays as it is."""
    return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"


def as_sentence(words: str) -> str:
    """The words as a sentence begins: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]
