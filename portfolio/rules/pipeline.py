"""Judges which moves a use case may make, who may do what, and what a gate still misses.

The rights are those of domain section 2. Where it is silent, this is how it is read:

- *Editing.* A contributor edits in `proposed` and `qualified` only, so not in `parked`; the owner
  and sponsors edit in every stage. Answering tests (the unit economics and confirming the data are
  part of them), rating, and raising or resolving a disqualifier are open to contributors in every
  stage: the sealed contract is a copy, so no answer given later can move a verdict.
- *Parking.* Contributors may park what stands in `proposed` or `qualified`, and bring back what was
  parked from there. Everything that ends or rewinds a delivery is a sponsor's: parking from
  `selected` on, stopping, moving back from `selected` on, and the retry of a decided use case.
- *Owners.* The owner named accepts or declines, and needs a role that can own. Naming the owner and
  setting another start date are a sponsor's; drawing up the contract is also the owner's.
- *Importing* is proposing and editing in bulk, so a contributor's; "already there" is an override.
- *Scenarios* move no ranking, yet a shared one is shown to all: contributors save them.
- *Tokens* are one's own: every member manages theirs, and none can do more than its person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.rules.words import Verdict


class Role(StrEnum):
    SPONSOR = "sponsor"
    CONTRIBUTOR = "contributor"
    VIEWER = "viewer"


class Stage(StrEnum):
    PROPOSED = "proposed"
    QUALIFIED = "qualified"
    SELECTED = "selected"
    MOBILISING = "mobilising"
    BUILDING = "building"
    LIVE = "live"
    DECIDED = "decided"
    PARKED = "parked"
    STOPPED = "stopped"


class Mend(StrEnum):
    """Where a finding is mended; the doors turn it into a link."""

    TESTS = "tests"
    SCOPE = "scope"
    DISQUALIFIERS = "disqualifiers"
    RATINGS = "ratings"
    RANKING = "ranking"
    LIGHTHOUSE = "lighthouse"
    CONTRACT = "contract"
    VERDICT = "verdict"
    RETROSPECTIVE = "retrospective"


@dataclass(frozen=True)
class Finding:
    """One condition of a gate: whether it holds, why (not), and where it is mended."""

    condition: str
    holds: bool
    why: str
    mend: str


@dataclass(frozen=True)
class Objection:
    """One thing wrong with what was entered: the field at fault and words for the person."""

    field: str
    words: str


def passes(findings: Iterable[Finding]) -> bool:
    """Whether every condition holds."""
    return all(finding.holds for finding in findings)


PATH: tuple[Stage, ...] = (
    Stage.PROPOSED,
    Stage.QUALIFIED,
    Stage.SELECTED,
    Stage.MOBILISING,
    Stage.BUILDING,
    Stage.LIVE,
    Stage.DECIDED,
)
CANDIDATE_STAGES = frozenset({Stage.PROPOSED, Stage.QUALIFIED})
WAYS_OUT = (Stage.PARKED, Stage.STOPPED)
NEEDS_REASON = frozenset(WAYS_OUT)


def what_moves(stage: Stage, *, verdict: Verdict = Verdict.PENDING) -> tuple[Stage, ...]:
    """The stages a use case may be moved to: forward first, then back, then the ways out.

    A verdict of failure opens `decided` from `building` too: it never counts as having been live.
    """
    if stage is Stage.STOPPED:
        return ()
    if stage in (Stage.PARKED, Stage.DECIDED):
        return (Stage.PROPOSED,)
    here = PATH.index(stage)
    forward = [PATH[here + 1]]
    if stage is Stage.BUILDING and verdict is Verdict.FAILURE:
        forward.append(Stage.DECIDED)
    return (*forward, *reversed(PATH[:here]), *WAYS_OUT)


def is_forward(source: Stage, target: Stage) -> bool:
    """Whether the move goes on along the path, so that the target's gate guards it."""
    return source in PATH and target in PATH and PATH.index(target) > PATH.index(source)


def closes_lighthouse(source: Stage, target: Stage) -> bool:
    """Whether the move leaves an active lighthouse abandoned, without a verdict."""
    return target in WAYS_OUT and source in PATH


def leaves_behind(target: Stage) -> bool:
    """Whether the move leaves a declared lighthouse behind: what follows is another attempt.

    A verdict belongs to the lighthouse it was declared of; it answers no gate of the next one.
    """
    return target in PATH and PATH.index(target) < PATH.index(Stage.BUILDING)


class Right(StrEnum):
    READ = "read"
    COMMENT = "comment"
    MANAGE_TOKENS = "manage_tokens"
    SAVE_VIEW = "save_view"  # a view of the table, for oneself or shared
    PROPOSE = "propose"
    EDIT = "edit"
    IMPORT = "import"
    CHANGE_MANY = "change_many"  # each row is asked for its own right besides
    ANSWER_TESTS = "answer_tests"
    RATE = "rate"
    ASK = "ask"  # somebody for an answer or a rating
    SAVE_SCENARIOS = "save_scenarios"
    RAISE_DISQUALIFIER = "raise_disqualifier"
    RESOLVE_DISQUALIFIER = "resolve_disqualifier"
    MOVE_EARLY = "move_early"
    ACCEPT_OWNERSHIP = "accept_ownership"
    PLAN_LIGHTHOUSE = "plan_lighthouse"
    RECORD = "record"  # readings, milestones, forecasts, the ship date, the retrospective
    MOVE_DELIVERY = "move_delivery"
    SELECT = "select"
    PARK = "park"
    STOP = "stop"
    MOVE_BACK = "move_back"
    NAME_OWNER = "name_owner"
    SET_START = "set_start"
    OVERRIDE = "override"
    OVERRULE_DISQUALIFIER = "overrule_disqualifier"
    AMEND = "amend"
    DECLARE = "declare"
    RETIRE = "retire"
    UNDO_FOR_OTHERS = "undo_for_others"
    REMOVE_SHARED_VIEW = "remove_shared_view"
    MERGE = "merge"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_CRITERIA = "manage_criteria"
    MANAGE_WEIGHTS = "manage_weights"
    MANAGE_ROUNDS = "manage_rounds"
    WIDEN_RANGES = "widen_ranges"  # of people whose ranges held too little of what came true
    MANAGE_SETTINGS = "manage_settings"


class Who(StrEnum):
    """Whom the table of rights speaks of: the roles, and two ties to one lighthouse."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    EARLY_CONTRIBUTOR = "contributor, while the use case is a candidate"
    OWNER = "owner"  # accepted, and still a contributor or sponsor
    NAMED = "owner named"  # asked, not yet accepted
    SPONSOR = "sponsor"


_EVERYBODY = frozenset({Who.VIEWER, Who.CONTRIBUTOR, Who.SPONSOR})
_CONTRIBUTORS = frozenset({Who.CONTRIBUTOR, Who.SPONSOR})
_DELIVERY = frozenset({Who.OWNER, Who.SPONSOR})
_SPONSORS = frozenset({Who.SPONSOR})

RIGHTS: dict[Right, frozenset[Who]] = {
    Right.READ: _EVERYBODY,
    Right.COMMENT: _EVERYBODY,
    Right.MANAGE_TOKENS: _EVERYBODY,
    Right.SAVE_VIEW: _EVERYBODY,
    Right.PROPOSE: _CONTRIBUTORS,
    Right.EDIT: frozenset({Who.EARLY_CONTRIBUTOR, Who.OWNER, Who.SPONSOR}),
    Right.IMPORT: _CONTRIBUTORS,
    Right.CHANGE_MANY: _CONTRIBUTORS,
    Right.UNDO_FOR_OTHERS: _SPONSORS,
    Right.ANSWER_TESTS: _CONTRIBUTORS,
    Right.RATE: _CONTRIBUTORS,
    Right.ASK: _CONTRIBUTORS,
    Right.SAVE_SCENARIOS: _CONTRIBUTORS,
    Right.RAISE_DISQUALIFIER: _CONTRIBUTORS,
    Right.RESOLVE_DISQUALIFIER: _CONTRIBUTORS,
    Right.MOVE_EARLY: _CONTRIBUTORS,
    Right.ACCEPT_OWNERSHIP: frozenset({Who.NAMED}),  # accepting for somebody else is no acceptance
    Right.PLAN_LIGHTHOUSE: _DELIVERY,
    Right.RECORD: _DELIVERY,
    Right.MOVE_DELIVERY: _DELIVERY,
    Right.SELECT: _SPONSORS,
    Right.PARK: _SPONSORS,
    Right.STOP: _SPONSORS,
    Right.MOVE_BACK: _SPONSORS,
    Right.NAME_OWNER: _SPONSORS,
    Right.SET_START: _SPONSORS,
    Right.OVERRIDE: _SPONSORS,
    Right.OVERRULE_DISQUALIFIER: _SPONSORS,
    Right.AMEND: _SPONSORS,
    Right.DECLARE: _SPONSORS,
    Right.RETIRE: _SPONSORS,
    Right.REMOVE_SHARED_VIEW: _SPONSORS,
    Right.MERGE: _SPONSORS,  # it moves what others rated
    Right.MANAGE_MEMBERS: _SPONSORS,
    Right.MANAGE_CRITERIA: _SPONSORS,
    Right.MANAGE_WEIGHTS: _SPONSORS,
    Right.MANAGE_ROUNDS: _SPONSORS,
    Right.WIDEN_RANGES: _SPONSORS,
    Right.MANAGE_SETTINGS: _SPONSORS,
}

_ROLE_TIES = {
    Role.VIEWER: frozenset({Who.VIEWER}),
    Role.CONTRIBUTOR: frozenset({Who.CONTRIBUTOR}),
    Role.SPONSOR: frozenset({Who.SPONSOR}),
}


def _ties(role: Role, is_owner: bool, stage: Stage | None, is_named: bool) -> frozenset[Who]:
    ties = set(_ROLE_TIES[role])
    if role is Role.CONTRIBUTOR and (stage is None or stage in CANDIDATE_STAGES):
        ties.add(Who.EARLY_CONTRIBUTOR)
    if can_own(role):
        if is_owner:
            ties.add(Who.OWNER)
        if is_named:
            ties.add(Who.NAMED)
    return frozenset(ties)


def can_own(role: Role | None) -> bool:
    """Whether a member with this role can be the owner of a lighthouse."""
    return role in (Role.CONTRIBUTOR, Role.SPONSOR)


def may(
    role: Role | None,
    is_owner: bool,
    right: Right,
    *,
    stage: Stage | None = None,
    is_named: bool = False,
) -> bool:
    """Whether a member may do this.

    `role` is None for a stranger, who may nothing. `is_owner`: accepted the ownership of this
    lighthouse; `is_named`: is the person asked to. `stage` is that of the use case at hand; without
    one the question is whether the right exists for the member at all.
    """
    if role is None:
        return False
    return not RIGHTS[right].isdisjoint(_ties(role, is_owner, stage, is_named))


def rights_of(
    role: Role | None,
    is_owner: bool = False,
    *,
    stage: Stage | None = None,
    is_named: bool = False,
) -> frozenset[Right]:
    """Every right a member has here, for templates that show only what may be done."""
    return frozenset(
        right for right in Right if may(role, is_owner, right, stage=stage, is_named=is_named)
    )


def right_to_move(source: Stage, target: Stage, *, parked_from: Stage | None = None) -> Right:
    """The right that a move needs. Without `parked_from`, bringing back is a sponsor's."""
    if target is Stage.STOPPED:
        return Right.STOP
    if target is Stage.PARKED:
        return Right.MOVE_EARLY if source in CANDIDATE_STAGES else Right.PARK
    if source is Stage.PARKED:
        return Right.MOVE_EARLY if parked_from in CANDIDATE_STAGES else Right.PARK
    if source in CANDIDATE_STAGES and target in CANDIDATE_STAGES:
        return Right.MOVE_EARLY
    if not is_forward(source, target):
        return Right.MOVE_BACK
    return Right.SELECT if target is Stage.SELECTED else Right.MOVE_DELIVERY


FEWEST_WEEKS = 8
MOST_WEEKS = 16


@dataclass(frozen=True)
class SelectedFacts:
    owner_name: str | None


@dataclass(frozen=True)
class MobilisingFacts:
    owner_name: str | None
    has_accepted: bool
    contract_missing: tuple[str, ...]  # the words of `contract.what_is_missing`
    planned_weeks: int | None


@dataclass(frozen=True)
class BuildingFacts:
    production_environment: str


@dataclass(frozen=True)
class LiveFacts:
    shipped_on: date | None
    reading_plan: str
    review_working_on: date | None = None


@dataclass(frozen=True)
class DecidedFacts:
    verdict: Verdict
    is_declared: bool
    retrospective: str


def judge_selected(facts: SelectedFacts) -> list[Finding]:
    """What this room asks before a use case is selected: an owner named."""
    named = bool(facts.owner_name)
    return [
        Finding(
            "An owner is named",
            named,
            f"{facts.owner_name} is named as owner."
            if named
            else "Nobody is named yet. A lighthouse has one accountable person, not a list.",
            Mend.LIGHTHOUSE,
        )
    ]


def judge_mobilising(facts: MobilisingFacts) -> list[Finding]:
    """What this room asks before mobilising: acceptance, a complete contract, 8 to 16 weeks."""
    if not facts.owner_name:
        acceptance = "Nobody is named yet, so nobody could accept."
    elif facts.has_accepted:
        acceptance = f"{facts.owner_name} accepted."
    else:
        acceptance = f"{facts.owner_name} has not accepted yet."
    complete = not facts.contract_missing
    weeks = facts.planned_weeks
    weeks_hold = weeks is not None and FEWEST_WEEKS <= weeks <= MOST_WEEKS
    if weeks is None:
        duration = f"No duration is planned yet. Choose {FEWEST_WEEKS} to {MOST_WEEKS} weeks."
    elif weeks_hold:
        duration = f"{weeks} weeks are planned."
    else:
        duration = f"{weeks} weeks are planned; a lighthouse runs {FEWEST_WEEKS} to {MOST_WEEKS}."
    return [
        Finding(
            "The owner accepted",
            bool(facts.owner_name) and facts.has_accepted,
            acceptance,
            Mend.LIGHTHOUSE,
        ),
        Finding(
            "The success contract is complete",
            complete,
            "Nothing is missing." if complete else f"Missing: {', '.join(facts.contract_missing)}.",
            Mend.CONTRACT,
        ),
        Finding(
            f"The plan is {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
            weeks_hold,
            duration,
            Mend.LIGHTHOUSE,
        ),
    ]


def judge_building(facts: BuildingFacts) -> list[Finding]:
    """What this room asks before building: the production environment named."""
    environment = facts.production_environment.strip()
    return [
        Finding(
            "The production environment is named",
            bool(environment),
            f"It will run on {environment}."
            if environment
            else "Say where it will run in production: a pilot environment would have to be "
            "re-platformed later.",
            Mend.LIGHTHOUSE,
        )
    ]


def judge_live(facts: LiveFacts) -> list[Finding]:
    """What this room asks before going live: shipped, the review path works, a reading plan."""
    shipped = facts.shipped_on is not None
    reviewed = facts.review_working_on is not None
    planned = bool(facts.reading_plan.strip())
    return [
        Finding(
            "The ship date is recorded",
            shipped,
            f"In production since {facts.shipped_on:%-d %B %Y}."
            if facts.shipped_on is not None
            else "No day is recorded on which it reached production.",
            Mend.LIGHTHOUSE,
        ),
        Finding(
            "The review path works",
            reviewed,
            f"People review, correct and feed back since {facts.review_working_on:%-d %B %Y}."
            if facts.review_working_on is not None
            else "Nobody has said yet that reviewers can approve, reject or edit in production.",
            Mend.LIGHTHOUSE,
        ),
        Finding(
            "A reading plan is in place",
            planned,
            "It is written down who reads the metric and how often."
            if planned
            else "Write down who reads the metric, from where and how often; "
            "without readings the verdict is failure.",
            Mend.LIGHTHOUSE,
        ),
    ]


def judge_decided(facts: DecidedFacts) -> list[Finding]:
    """What this room asks before a use case is decided: verdict, declaration, retrospective."""
    computed = facts.verdict is not Verdict.PENDING
    written = bool(facts.retrospective.strip())
    return [
        Finding(
            "The verdict is computed",
            computed,
            f"The verdict is {facts.verdict}."
            if computed
            else "The verdict is pending until the verdict day has ended.",
            Mend.VERDICT,
        ),
        Finding(
            "The verdict is declared",
            facts.is_declared,
            "A sponsor declared it."
            if facts.is_declared
            else "A sponsor has yet to confirm it, or to overrule it in writing.",
            Mend.VERDICT,
        ),
        Finding(
            "The retrospective is written",
            written,
            "It is written."
            if written
            else "Write down what was learnt while it is fresh, so that the next one is cheaper.",
            Mend.RETROSPECTIVE,
        ),
    ]
