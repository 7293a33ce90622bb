"""Who is acting, and whether they may: the one place where roles become permission."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from portfolio.errors import NotAllowed
from portfolio.models import Lighthouse, Membership, Portfolio, UseCase
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import RIGHTS, Right, Role, can_own, may, rights_of

if TYPE_CHECKING:
    from portfolio.models import User

Subject = Portfolio | UseCase | Lighthouse


@dataclass(frozen=True)
class Actor:
    """Who asks: a person, the one portfolio that their token is limited to, whether it writes."""

    user: User | None
    portfolio_id: int | None = None
    may_write: bool = True
    is_system: bool = False

    @classmethod
    def system(cls) -> Actor:
        """Commands and workers: they see everything and act in nobody's name."""
        return cls(user=None, is_system=True)

    @property
    def person(self) -> User:
        """Who acts, where only a person can: no worker amends, declares or rates."""
        if self.user is None:
            raise NotAllowed("Only a person may do this.")
        return self.user

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @cached_property
    def roles(self) -> dict[int, str]:
        """The portfolios that the actor sees, by key, with their role: asked once, at first use.

        It says what is looked at. What is done is judged by the role at that moment: `require`.
        """
        if self.user_id is None:
            return {}
        return Membership.objects.roles_of(self.user_id, self.portfolio_id)

    def knows(self, roles: dict[int, str]) -> Actor:
        """The same actor, who need not be asked for: what let them in has told."""
        vars(self)["roles"] = roles
        return self

    def look_again(self) -> None:
        """Their roles have just changed."""
        vars(self).pop("roles", None)


@dataclass(frozen=True)
class Tie:
    """What binds an actor to a subject: the role, and whether they own or are asked to own it."""

    role: Role | None
    is_owner: bool = False
    is_named: bool = False
    stage: Stage | None = None


def tie(actor: Actor, subject: Subject) -> Tie:
    """The actor's tie to a portfolio, use case or lighthouse, read now: a change acts at once."""
    role = _role(actor, subject)
    return _tied(actor, role, subject, _lighthouse(subject) if role else None)


def tie_as_read(actor: Actor, subject: Subject) -> Tie:
    """The same of a row just looked up by `visible_to`, a use case `with_lighthouse`.

    For what a page shows. What it then asks for is judged by the tie that holds at that moment.
    """
    portfolio_id = subject.pk if isinstance(subject, Portfolio) else subject.portfolio_id
    row: Any = subject  # with what its look-up added
    newest = row.newest_lighthouse if isinstance(subject, UseCase) else ()
    lighthouse = next((one for one in newest if one.is_of_this_attempt), None)
    return _tied(actor, actor.roles.get(portfolio_id), subject, lighthouse)


def _role(actor: Actor, subject: Subject) -> str | None:
    portfolio_id = subject.pk if isinstance(subject, Portfolio) else subject.portfolio_id
    if actor.portfolio_id not in (None, portfolio_id) or actor.user_id is None:
        return None
    return Membership.objects.role_of(actor.user_id, portfolio_id)


def _lighthouse(subject: Subject) -> Lighthouse | None:
    """The one that a use case stands on now; a lighthouse is its own."""
    if not isinstance(subject, UseCase):
        return None
    rows = Lighthouse.objects.of_use_case(subject.pk).of_this_attempt()
    return rows.with_ties().newest_first().first()


def _tied(actor: Actor, role: str | None, subject: Subject, lighthouse: Lighthouse | None) -> Tie:
    if role is None:
        return Tie(None)
    if isinstance(subject, Portfolio):
        return Tie(Role(role))
    if isinstance(subject, Lighthouse):
        lighthouse, stage = subject, Stage(subject.use_case.stage)
    else:
        stage = Stage(subject.stage)
    if lighthouse is None or lighthouse.owner_id != actor.user_id:
        return Tie(Role(role), stage=stage)
    return Tie(
        Role(role),
        is_owner=lighthouse.acceptance == "accepted",
        is_named=lighthouse.acceptance == "asked",
        stage=stage,
    )


def require(actor: Actor, right: Right | str, subject: Subject) -> None:
    """Refuse what the actor's role and ties do not allow. Nothing has been written yet."""
    if actor.is_system:
        return
    if not actor.may_write and right != Right.READ:
        raise NotAllowed("This token may read, not write.")
    role = _role(actor, subject)
    # What a role allows, no lighthouse takes away: it is looked for where the role is not enough.
    if _allows(_tied(actor, role, subject, None), Right(right)):
        return
    if role is None or not _allows(_tied(actor, role, subject, _lighthouse(subject)), Right(right)):
        raise NotAllowed(refusal(Right(right)))


def _allows(ties: Tie, right: Right) -> bool:
    return may(ties.role, ties.is_owner, right, stage=ties.stage, is_named=ties.is_named)


def refusal(right: Right) -> str:
    """Who may do this, in words, for somebody who may not."""
    allowed = sorted(str(who) for who in RIGHTS[right])
    return f"Your role does not allow this. It is open to: {', '.join(allowed)}."


def held(actor: Actor, subject: Subject) -> frozenset[str]:
    """Every right the actor holds here now."""
    return frozenset(Right) if actor.is_system else _rights(actor, tie(actor, subject))


def held_as_read(actor: Actor, subject: Subject) -> frozenset[str]:
    """The same as of the row's look-up: templates show what these allow, and nothing else."""
    return frozenset(Right) if actor.is_system else _rights(actor, tie_as_read(actor, subject))


def _rights(actor: Actor, ties: Tie) -> frozenset[str]:
    rights = rights_of(ties.role, ties.is_owner, stage=ties.stage, is_named=ties.is_named)
    return rights if actor.may_write else rights & {Right.READ}


def can_own_in(user: User, portfolio_id: int) -> bool:
    """Whether this person is a member whose role can own a lighthouse."""
    role = Membership.objects.role_of(user.pk, portfolio_id)
    return can_own(Role(role)) if role else False
