"""Makers: plain functions with sensible, fixed values."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from portfolio.actions.candidates import propose_use_case
from portfolio.actions.contract import seal_contract
from portfolio.models import (
    Guardrail,
    Lighthouse,
    LighthouseStanding,
    MeasuredAssumption,
    Membership,
    Portfolio,
    Standing,
    SuccessMetric,
    UseCase,
    User,
)
from portfolio.rights import Actor

PASSWORD = "lantern-at-dusk-7"
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def make_user(email: str, name: str = "", **fields) -> User:
    """A person who can sign in with PASSWORD."""
    return User.objects.create_user(email, PASSWORD, name=name, **fields)


def make_member(portfolio: Portfolio, email: str, name: str, role: str) -> User:
    user = make_user(email, name)
    Membership.objects.create(portfolio=portfolio, user=user, role=role)
    return user


def make_use_case(
    portfolio: Portfolio, *, stage: str = "proposed", by: User | None = None, **fields
) -> UseCase:
    """A candidate proposed through the action, put straight into the stage."""
    actor = Actor(user=by) if by else Actor.system()
    use_case = propose_use_case(
        actor,
        portfolio.pk,
        {
            "title": "Support triage",
            "problem": "Tickets wait for hours until somebody sorts them.",
            "jobs": ["triage support tickets"],
            "segments": ["tier-1 agents"],
            "success_metrics": ["first response time"],
            "business_unit": "Care",
            **fields,
        },
        now=NOW,
    )
    if stage != "proposed":
        use_case.stage = stage
        use_case.save(update_fields=["stage"])
    return use_case


def make_ready(use_case: UseCase, *, rank: int = 1, score: str = "49.0000") -> Standing:
    """What the workers publish of a candidate whose tests are all yes and that is ranked."""
    standing = use_case.standing
    standing.outcome = standing.data = standing.review = standing.economics = 2
    standing.rank, standing.place, standing.score = rank, 1, score
    standing.impact, standing.feasibility = "7.0000", "7.0000"
    standing.save()
    standing.refresh_from_db()
    return standing


def make_lighthouse(use_case: UseCase, owner: User, **fields) -> Lighthouse:
    """A lighthouse whose owner accepted, with its standing."""
    lighthouse = Lighthouse.objects.create(
        use_case=use_case,
        portfolio=use_case.portfolio,
        owner=owner,
        created_at=NOW,
        **{"acceptance": "accepted", "answered_at": NOW, **fields},
    )
    LighthouseStanding.objects.create(lighthouse=lighthouse)
    return lighthouse


def make_metric(use_case: UseCase, **fields) -> SuccessMetric:
    """The one number: first response time from 8 h to 0.5 h, guarded by CSAT at least 4.2."""
    metric = SuccessMetric.objects.create(
        use_case=use_case,
        **{
            "statement": "Cut first response from 8 h to 0.5 h for the top 40 % of queries",
            "metric": "first response time",
            "unit": "h",
            "direction": "lower",
            "baseline": Decimal(8),
            "target": Decimal("0.5"),
            "segment": "tier-1 agents",
            **fields,
        },
    )
    Guardrail.objects.create(
        use_case=use_case, metric="CSAT", unit="points", kind="at_least", limit=Decimal("4.2")
    )
    return metric


def make_sealed(use_case: UseCase, owner: User, *, start: date, weeks: int = 16) -> Lighthouse:
    """A lighthouse with a sealed contract that has run since `start`."""
    make_metric(use_case)
    lighthouse = make_lighthouse(
        use_case,
        owner,
        start_date=start,
        planned_weeks=weeks,
        how_measured="median of the week, from the BI export",
        smallest_sample=100,
    )
    with transaction.atomic():
        seal_contract(lighthouse, Actor.system(), NOW)
    lighthouse.refresh_from_db()
    return lighthouse


def make_measured(
    use_case: UseCase, by: User, *, hits: int = 0, misses: int = 0
) -> list[MeasuredAssumption]:
    """What this person assumed of inputs, 2 to 4, likely 3, and what was measured: 3, or 4.5."""
    return MeasuredAssumption.objects.bulk_create(
        MeasuredAssumption(
            use_case=use_case,
            name=f"input_{place}",
            low=2,
            likely=3,
            high=4,
            said_by=by,
            said_at=NOW,
            measured=Decimal("4.5") if place < misses else 3,
            measured_by=by,
            measured_at=NOW + timedelta(days=90),
            source="the bill",
        )
        for place in range(misses + hits)
    )
