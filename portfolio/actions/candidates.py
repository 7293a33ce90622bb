"""What a candidate is about: proposed, edited, a platform play split into narrow ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portfolio import events, rights
from portfolio.bells import Bell
from portfolio.models import Portfolio, Standing, UseCase, User
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from portfolio.rules.rights import Right

SCOPE = ("jobs", "segments", "success_metrics")
EDITABLE = (
    "title", "problem", *SCOPE, "business_unit", "external_key", "task_type", "customer_facing",
)  # fmt: skip
RELATIONS = ("portfolio", "proposed_by", "split_from")


@transaction.atomic
def propose_use_case(
    actor: Actor, portfolio_id: int, fields: Mapping[str, Any], *, now: datetime
) -> UseCase:
    """A new candidate in `proposed`, with a number that is never given again."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.PROPOSE, portfolio)
    use_case, standing = _lay_down(portfolio, fields, proposed_by=actor.user, now=now)
    events.record(
        use_case,
        Kind.USE_CASE_PROPOSED,
        by=actor,
        what={"title": use_case.title},
        wants=Bell.RANK,
        touched=[use_case, standing],
    )
    return use_case


@transaction.atomic
def edit_use_case(
    actor: Actor,
    use_case_id: int,
    changes: Mapping[str, Any],
    *,
    seen_version: int | None = None,
) -> UseCase:
    """The use case with exactly these fields replaced; nothing is written where nothing differs."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.EDIT, use_case)
    use_case.expect_version(seen_version)
    changed = _apply(use_case, changes)
    if changed:
        use_case.save(update_fields=list(changed))
        events.record(
            use_case,
            Kind.USE_CASE_EDITED,
            by=actor,
            what={"changed": changed},
            wants=Bell.RANK if changed.keys() & set(SCOPE) else (),
            touched=[use_case],
        )
    return use_case


@dataclass(frozen=True)
class Part:
    """One narrow candidate that a platform play is split into; blank where its list is empty."""

    title: str
    job: str = ""
    segment: str = ""
    success_metric: str = ""

    def scope(self) -> dict[str, list[str]]:
        return {
            "jobs": [self.job] if self.job else [],
            "segments": [self.segment] if self.segment else [],
            "success_metrics": [self.success_metric] if self.success_metric else [],
        }


@transaction.atomic
def split_use_case(
    actor: Actor,
    use_case_id: int,
    parts: Sequence[Part],
    *,
    now: datetime,
    seen_version: int | None = None,
) -> list[UseCase]:
    """The candidates that a platform play became: the first is the original, narrowed.

    It keeps its number, ratings and history; the others start open and say where they came from.
    """
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.EDIT, use_case)
    rights.require(actor, Right.PROPOSE, use_case)
    use_case.expect_version(seen_version)
    _expect_split(use_case, parts)
    first, *others = parts
    changed = _apply(use_case, {"title": first.title, **first.scope()})
    use_case.save(update_fields=list(changed))
    born = [
        _lay_down(
            use_case.portfolio,
            {**_inherited(use_case), "title": part.title, **part.scope()},
            proposed_by=actor.user,
            now=now,
            split_from=use_case,
        )
        for part in others
    ]
    for new, standing in born:
        events.record(
            new,
            Kind.USE_CASE_PROPOSED,
            by=actor,
            what={"title": new.title, "split_from": use_case.reference},
            touched=[new, standing],
        )
    events.record(
        use_case,
        Kind.USE_CASE_SPLIT,
        by=actor,
        what={"changed": changed, "into": [new.reference for new, _ in born]},
        wants=Bell.RANK,
        touched=[use_case],
    )
    return [use_case, *(new for new, _ in born)]


def tidy(lines: Sequence[str]) -> list[str]:
    """The lines of a scope list without blanks and repetitions, in their order."""
    return list(dict.fromkeys(stripped for line in lines if (stripped := " ".join(line.split()))))


def _lay_down(
    portfolio: Portfolio,
    fields: Mapping[str, Any],
    *,
    proposed_by: User | None,
    now: datetime,
    split_from: UseCase | None = None,
) -> tuple[UseCase, Standing]:
    number = Portfolio.objects.take_numbers(portfolio.pk, 1)
    use_case = UseCase(
        portfolio=portfolio,
        number=number,
        reference=f"{portfolio.key}-{number}",
        stage=Stage.PROPOSED.value,
        stage_entered_at=now,
        created_at=now,
        proposed_by=proposed_by,
        split_from=split_from,
    )
    _apply(use_case, fields)
    use_case.save(force_insert=True)
    standing = Standing.objects.create(use_case=use_case, portfolio=portfolio, number=number)
    return use_case, standing


def _apply(use_case: UseCase, changes: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set these fields and check them; what differs as {field: [before, after]}."""
    changed = {}
    for name in EDITABLE:
        if name not in changes:
            continue
        before, after = getattr(use_case, name), changes[name]
        if name in SCOPE:
            after = tidy(after)
        elif name == "title":
            after = " ".join(after.split())  # one line, as lists and letters show it
        elif isinstance(after, str):
            after = after.strip()
        setattr(use_case, name, after)
        if before != after:
            changed[name] = [before, after]
    use_case.full_clean(exclude=RELATIONS, validate_unique=False, validate_constraints=False)
    return changed


def _inherited(use_case: UseCase) -> dict[str, Any]:
    return {
        name: getattr(use_case, name)
        for name in ("problem", "business_unit", "task_type", "customer_facing")
    }


def _expect_split(use_case: UseCase, parts: Sequence[Part]) -> None:
    """Refuse parts that are fewer than two, alike, or not taken from the scope."""
    if len(parts) < 2:
        raise ValidationError({"parts": "Choose at least two parts: the first stays here."})
    if len({tuple(map(tuple, part.scope().values())) for part in parts}) < len(parts):
        raise ValidationError({"parts": "Two of the parts have the same scope."})
    for part in parts:
        for name, chosen in part.scope().items():
            offered = getattr(use_case, name)
            if chosen and chosen[0] not in offered:
                raise ValidationError({"parts": f"“{chosen[0]}” is not in the scope."})
            if offered and not chosen:
                raise ValidationError(
                    {"parts": f"Each part needs one of the {name.replace('_', ' ')}."}
                )
