"""Disqualifiers: raised with evidence, resolved, or overruled by a sponsor in writing."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments import standing
from assessments.models import Disqualifier
from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.errors import RuleBroken
from portfolio.models import UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right


class DisqualifierClosed(RuleBroken):
    """It was resolved or overruled before."""

    code = "disqualifier_closed"


@transaction.atomic
def raise_disqualifier(
    actor: Actor, use_case_id: int, kind: str, evidence: str, *, now: datetime
) -> Disqualifier:
    """An open disqualifier; the use case is out of the ranking from now on."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.RAISE_DISQUALIFIER, use_case)
    row = Disqualifier(
        use_case=use_case,
        kind=kind,
        evidence=evidence.strip(),
        raised_by=actor.user,
        raised_at=now,
    )
    row.full_clean(exclude=["raised_by", "resolved_by", "overruled_by"])
    row.save()
    return _published(actor, use_case, row, Kind.DISQUALIFIER_RAISED, row.evidence)


@transaction.atomic
def resolve_disqualifier(
    actor: Actor,
    disqualifier_id: int,
    resolution: str,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> Disqualifier:
    """The disqualifier, resolved: what stood against the use case no longer does."""
    use_case, row = _open_one(actor, disqualifier_id)
    rights.require(actor, Right.RESOLVE_DISQUALIFIER, use_case)
    _expect(row, seen_version)
    row.resolution = _written("resolution", resolution, "Say what changed.")
    row.resolved_by, row.resolved_at = actor.user, now
    row.save(update_fields=["resolution", "resolved_by", "resolved_at"])
    return _published(actor, use_case, row, Kind.DISQUALIFIER_RESOLVED, row.resolution)


@transaction.atomic
def overrule_disqualifier(
    actor: Actor,
    disqualifier_id: int,
    reason: str,
    *,
    now: datetime,
    seen_version: int | None = None,
) -> Disqualifier:
    """The disqualifier, overruled in writing: it still stands there, and no longer counts."""
    use_case, row = _open_one(actor, disqualifier_id)
    rights.require(actor, Right.OVERRULE_DISQUALIFIER, use_case)
    _expect(row, seen_version)
    row.overruled_reason = _written("overruled_reason", reason, "An overruling needs its reason.")
    row.overruled_by, row.overruled_at = actor.user, now
    row.save(update_fields=["overruled_reason", "overruled_by", "overruled_at"])
    return _published(actor, use_case, row, Kind.DISQUALIFIER_OVERRULED, row.overruled_reason)


def _open_one(actor: Actor, disqualifier_id: int) -> tuple[UseCase, Disqualifier]:
    """The disqualifier and its use case, both locked."""
    seen = Disqualifier.objects.visible_to(actor).get(pk=disqualifier_id)
    use_case = UseCase.objects.visible_to(actor).get_for_change(seen.use_case_id)
    return use_case, Disqualifier.objects.get_for_change(disqualifier_id)


def _expect(row: Disqualifier, seen_version: int | None) -> None:
    row.expect_version(seen_version)
    if not row.is_open:
        how = "resolved" if row.resolved_at else "overruled"
        raise DisqualifierClosed(f"It was {how} already. Raise it again if it still holds.")


def _written(field: str, words: str, otherwise: str) -> str:
    if not words.strip():
        raise ValidationError({field: [otherwise]})
    return words.strip()


def _published(
    actor: Actor, use_case: UseCase, row: Disqualifier, kind: Kind, said: str
) -> Disqualifier:
    published = standing.publish_disqualified(use_case.pk)
    events.record(
        use_case,
        kind,
        by=actor,
        what={"disqualifier": row.kind, "reason": said},
        wants=Bell.RANK,
        touched=[row, published],
    )
    return row
