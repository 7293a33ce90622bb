"""What a search finds, in groups: use cases, pages, actions and people, each with its address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from portfolio.models import Membership, Portfolio, UseCase
from portfolio.rights import Actor
from portfolio.rules import searching
from portfolio.rules.rights import Right, Role, rights_of
from portfolio.rules.searching import Asked

LOOKED_AT = 100  # use cases of each kind of hit, among which the best are chosen
PAGES = (
    ("Overview", "portfolio:overview", "status health attention"),
    ("Ranking", "assessments:ranking", "candidates shortlist score"),
    ("What if", "assessments:what_if", "weights sliders"),
    ("Scenarios", "assessments:scenarios", "weights"),
    ("Side by side", "assessments:compare_candidates", "compare candidates"),
    ("Calibration", "assessments:calibration", "overconfident ranges forecasts trust people"),
    ("Board", "portfolio:board", "stages pipeline kanban"),
    ("Activity", "portfolio:activity", "events history feed"),
    ("Settings", "portfolio:settings", "currency time zone"),
    ("Members", "portfolio:members", "people roles invite settings"),
    ("Criteria and weights", "assessments:criteria", "value scale settings"),
    ("Imports", "portfolio:imports", "files csv xlsx jira settings"),
    ("API tokens", "portfolio:tokens", "scripts settings"),
)
ACTIONS = (
    ("New candidate", "portfolio:new_use_case", Right.PROPOSE, "add propose use case"),
    ("Import candidates", "portfolio:imports", Right.IMPORT, "upload file csv xlsx"),
    ("Try other weights", "assessments:what_if", Right.READ, "what if scenario"),
    ("Compare candidates", "assessments:compare_candidates", Right.READ, "side by side"),
    ("Invite somebody", "portfolio:members", Right.MANAGE_MEMBERS, "add member person"),
    ("Add a criterion", "assessments:new_criterion", Right.MANAGE_CRITERIA, "rate weight"),
    ("Change the weights", "assessments:criteria", Right.MANAGE_WEIGHTS, "criteria"),
    ("Make an API token", "portfolio:tokens", Right.MANAGE_TOKENS, "script"),
)
PER_USE_CASE = (
    ("Rate", "assessments:ratings", Right.RATE),
    ("Answer the tests of", "assessments:tests", Right.ANSWER_TESTS),
    ("Move", "portfolio:move", Right.MOVE_EARLY),
)


@dataclass(frozen=True)
class Hit:
    """One thing found: what it is called, what is said of it, where it is."""

    kind: str  # use_case, page, action or person
    title: str
    said: str
    url: str
    reference: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind under their heading, best first."""

    kind: str
    heading: str
    hits: Sequence[Hit]


def search(actor: Actor, raw: str, most: int, *, may_open: bool = False) -> list[Group]:
    """What the actor sees that fits, in four queries; nothing typed finds pages and actions."""
    asked = searching.read(raw)
    portfolios = list(Portfolio.objects.visible_to(actor).by_name())
    use_cases = _use_cases(actor, asked)
    actions = _actions(actor, asked, portfolios, use_cases[:1], may_open)
    found = [
        Group("use_case", "Use cases", [_told(row) for row in use_cases[:most]]),
        Group("action", "Actions", actions[:most]),
        Group("page", "Pages", _pages(asked, portfolios)[:most]),
        Group("person", "People", _people(actor, asked, most)),
    ]
    return [group for group in found if group.hits]


def _use_cases(actor: Actor, asked: Asked) -> list[UseCase]:
    rows = UseCase.objects.visible_to(actor).found_by(asked, LOOKED_AT)
    return sorted(rows, key=lambda row: searching.closeness(asked, row.reference, row.title))


def _told(row: UseCase) -> Hit:
    said = [row.reference, row.business_unit, row.stage]
    return Hit(
        "use_case", row.title, " · ".join(part for part in said if part),
        reverse("portfolio:use_case", args=[row.reference]), row.reference,
    )  # fmt: skip


def _pages(asked: Asked, portfolios: Iterable[Portfolio]) -> list[Hit]:
    found = []
    if searching.fits(asked, "My work duties"):
        found.append(Hit("page", "My work", "", reverse("portfolio:work")))
    for portfolio in portfolios:
        found += [
            Hit("page", name, portfolio.name, reverse(address, args=[portfolio.key]))
            for name, address, words in PAGES
            if searching.fits(asked, name, words, portfolio.name, portfolio.key)
        ]
    return found


def _actions(
    actor: Actor,
    asked: Asked,
    portfolios: Iterable[Portfolio],
    best: Sequence[UseCase],
    may_open: bool,
) -> list[Hit]:
    held = {pk: rights_of(Role(role), is_owner=False) for pk, role in actor.roles.items()}
    found = [
        Hit(
            "action", f"{name} “{row.title}”", row.reference, reverse(address, args=[row.reference])
        )
        for row in best
        for name, address, right in PER_USE_CASE
        if right in held.get(row.portfolio_id, ())
    ]
    for portfolio in portfolios:
        found += [
            Hit("action", name, portfolio.name, reverse(address, args=[portfolio.key]))
            for name, address, right, words in ACTIONS
            if right in held[portfolio.pk]
            and searching.fits(asked, name, words, portfolio.name, portfolio.key)
        ]
    if may_open and searching.fits(asked, "Open a portfolio new"):
        found.append(Hit("action", "Open a portfolio", "", reverse("portfolio:open_portfolio")))
    return found


def _people(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    if not asked.has_words:
        return []
    rows = Membership.objects.visible_to(actor).of_people_called(asked.typed)[:most]
    return [
        Hit(
            "person", row.user.name or row.user.email,
            f"{row.user.email} · {row.role} in {row.portfolio.name}",
            reverse("portfolio:members", args=[row.portfolio.key]),
        )
        for row in rows
    ]  # fmt: skip
