"""The refusals: each is said in words fit for the person, and translated once per door."""

from collections.abc import Sequence

from portfolio.rules.findings import Finding


class RuleBroken(Exception):
    """A rule refuses. The message says what to do instead."""

    code = "rule_broken"

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotAllowed(Exception):
    """The actor may see this but not do that."""

    def __init__(self, words: str = "Your role does not allow this.") -> None:
        super().__init__(words)
        self.words = words


class MergedAway(RuleBroken):
    """The use case went into another one; `into` is the reference that goes on."""

    code = "merged"

    def __init__(self, reference: str, into: str) -> None:
        super().__init__(f"{reference} was merged into {into}. Go on there.")
        self.into = into


class EditedMeanwhile(RuleBroken):
    """Somebody changed the row after it was read; `row` is what stands now."""

    code = "edited_meanwhile"

    def __init__(self, row: object) -> None:
        super().__init__("Somebody changed this while you were editing. Look at both and choose.")
        self.row = row


class GateRefused(RuleBroken):
    """The gate does not open; `conditions` say which hold and how to mend the rest."""

    code = "gate_refused"

    def __init__(self, words: str, conditions: Sequence[Finding]) -> None:
        super().__init__(words)
        self.conditions = list(conditions)
