"""Makers of this room: through the real actions, with fixed values."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from assessments.actions.rating import Judgement, rate
from assessments.actions.rounds import Asked, open_round
from assessments.actions.testing import answer_tests
from assessments.ranking import recompute
from portfolio import events, standing
from portfolio.bells import Bell
from portfolio.models import UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from tests.make import NOW, make_use_case

OUTCOME = {
    "statement": "Cut first response from 8 h to 0.5 h for the top 40 % of queries",
    "metric": "first response time",
    "unit": "h",
    "direction": "lower",
    "baseline": "8",
    "target": "0.5",
    "segment": "tier-1 agents",
    "other_metrics": [],
    "guardrails": [{"metric": "CSAT", "unit": "points", "kind": "at_least", "limit": "4.2"}],
}
SOURCE = {
    "name": "tickets",
    "system": "Zendesk",
    "use": "retrieve",
    "required": True,
    "schema_consistent": True,
    "is_clean": True,
    "access_cleared": True,
    "usable": "yes",
}
REVIEW = {
    "reviewer": "team lead on shift",
    "outputs": "all",
    "decision": "approve, edit or reject in the queue",
    "feedback": "edits go to the evaluation set weekly",
}


def answer_all(
    use_case: UseCase, by: User, *, net: str | None = "12183.33", now: datetime = NOW
) -> None:
    """All four tests answered so that they are yes; the net as the economics publish it."""
    answer_tests(
        Actor(user=by),
        use_case.pk,
        {"outcome": OUTCOME, "data": {"sources": [SOURCE]}, "review": REVIEW},
        now=now,
    )
    if net is not None:
        publish_net(use_case, net)


@transaction.atomic
def publish_net(use_case: UseCase, net: str, as_of: datetime | None = None) -> None:
    amount = Decimal(net)
    row = standing.publish_economics(
        use_case.pk, net_per_month=amount, annual_net_value=12 * amount, as_of=as_of
    )
    events.record(
        use_case, Kind.ECONOMICS_CHANGED, by=Actor.system(), wants=Bell.RANK, touched=[row]
    )


def judgement(slug: str, low="2", likely="3", high="4", evidence="VP Care asked twice"):
    return Judgement(slug, Decimal(low), Decimal(likely), Decimal(high), evidence)


def rate_both_axes(use_case: UseCase, by: User, likely: str = "3") -> None:
    """One rating on each axis, so that there is a score."""
    rate(
        Actor(user=by),
        use_case.pk,
        [
            judgement("stakeholder_pull", likely, likely, likely),
            judgement("ai_fit", likely, likely, likely),
        ],
        now=NOW,
    )


def make_rivals(portfolio, by: User) -> list[UseCase]:
    """Candidate 0 leads by pull, Candidate 1 by fit; Candidate 2 is rated and not ready."""
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in range(4)]
    for row, pull, fit in zip(rows, "532", "245", strict=False):
        given = [
            judgement("stakeholder_pull", pull, pull, pull),
            judgement("ai_fit", fit, fit, fit),
        ]
        rate(Actor(user=by), row.pk, given, now=NOW)
    for row in rows[:2]:
        answer_all(row, by)
    recompute(portfolio.pk, NOW)
    return rows


def make_round(portfolio, by: User, use_cases, criteria, assessors, *, due_on=None, now=NOW):
    """An open blind round that ends a week from `now`."""
    asked = Asked(
        [row.reference for row in use_cases],
        list(criteria),
        [user.email for user in assessors],
        due_on or (now + timedelta(days=7)).date(),
        "Spring round",
    )
    return open_round(Actor(user=by), portfolio.pk, asked, now=now)
