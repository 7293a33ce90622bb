"""Judges who may do what.

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

from enum import StrEnum

from portfolio.rules.pipeline import CANDIDATE_STAGES, Stage, is_forward


class Role(StrEnum):
    SPONSOR = "sponsor"
    CONTRIBUTOR = "contributor"
    VIEWER = "viewer"


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
