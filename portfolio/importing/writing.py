"""Writes one batch of an import: new use cases with all that belongs to them, and changed ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from portfolio import events, gates
from portfolio.importing.guessing import Field
from portfolio.importing.planning import Planned
from portfolio.models import GateOverride, Import, Portfolio, Standing, UseCase
from portfolio.models.events import Kind
from portfolio.querysets.copying import copy_like, take_keys
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage

Changed = tuple[UseCase, list[str]]  # and the names of its columns that differ
# A file's fields are columns of a use case, but for the source's stage, which has one of its own.
COPIED = tuple(field.value for field in Field if field is not Field.STAGE)
NO_GATE = (Stage.PROPOSED, Stage.PARKED, Stage.STOPPED)


@dataclass
class Made:
    """A new use case: its row of the file, the key and number that it got, its stage."""

    row: Planned
    pk: int
    number: int
    stage: Stage
    revision: int = 0


def write(
    running: Import,
    actor: Actor,
    new: Sequence[Planned],
    changed: Sequence[Changed],
    now: datetime,
) -> None:
    """Everything that a batch brings, in the caller's transaction; the portfolio's lock is taken
    after the locks of the changed rows."""
    if not new and not changed:
        return
    portfolio = Portfolio.objects.get(pk=running.portfolio_id)
    made = list(_make(running, portfolio, new))
    happened: list[tuple[int | None, Kind, dict[str, Any]]] = [
        (one.pk, Kind.USE_CASE_IMPORTED, _told(running, one)) for one in made
    ]
    happened += [
        (use_case.pk, Kind.USE_CASE_UPDATED_BY_IMPORT, {"import": running.pk, "fields": columns})
        for use_case, columns in changed
    ]
    ids = iter(events.record_many(portfolio.pk, happened, by=actor))
    for one in made:
        one.revision = next(ids)
    for use_case, _ in changed:
        use_case.revision = next(ids)
    _copy(running, portfolio, made, now)
    _override(running, made, now)
    if changed:
        columns = sorted({name for _, names in changed for name in names} | {"revision"})
        UseCase.objects.bulk_update([use_case for use_case, _ in changed], columns)


def _make(running: Import, portfolio: Portfolio, new: Sequence[Planned]) -> Iterator[Made]:
    """The new use cases with keys and numbers of their own, not written yet."""
    if not new:
        return
    first = Portfolio.objects.take_numbers(portfolio.pk, len(new))
    keys = take_keys(UseCase, len(new))
    for number, (pk, row) in enumerate(zip(keys, new, strict=True), start=first):
        yield Made(row, pk, number, row.stage if running.already_there else Stage.PROPOSED)


def _copy(running: Import, portfolio: Portfolio, made: Sequence[Made], now: datetime) -> None:
    plain = UseCase(
        portfolio=portfolio, stage_entered_at=now, created_at=now, proposed_by_id=running.by_id
    )
    defaults = [getattr(plain, name) for name in COPIED]
    columns = ("id", "revision", "number", "reference", "stage", "stage_reason", "import_key",
               "source_stage", "extra", *COPIED)  # fmt: skip
    copy_like(
        plain,
        columns,
        (
            (
                one.pk,
                one.revision,
                one.number,
                f"{portfolio.key}-{one.number}",
                one.stage.value,
                running.override_reason if one.stage is not Stage.PROPOSED else "",
                one.row.key,
                one.row.source_stage,
                one.row.extra,
                *(one.row.fields.get(n, d) for n, d in zip(COPIED, defaults, strict=True)),
            )
            for one in made
        ),
    )
    copy_like(
        Standing(portfolio=portfolio),
        ("use_case_id", "number", "revision"),
        ((one.pk, one.number, one.revision) for one in made),
    )


def _override(running: Import, made: Sequence[Made], now: datetime) -> None:
    """One override for each use case that was already past proposed, in the sponsor's words."""
    past = sorted((one for one in made if one.stage not in NO_GATE), key=lambda one: one.stage)
    overrides = []
    for stage, entering in groupby(past, key=lambda one: one.stage):
        findings = gates.look(stage, [one.pk for one in entering])
        overrides += [
            GateOverride(
                use_case_id=pk,
                from_stage=Stage.PROPOSED.value,
                to_stage=stage.value,
                conditions=[
                    {"condition": finding.condition, "why": finding.why}
                    for finding in found
                    if not finding.holds
                ],
                reason=running.override_reason,
                by_id=running.by_id,
                at=now,
            )
            for pk, found in findings.items()
        ]
    GateOverride.objects.bulk_create(overrides)


def _told(running: Import, one: Made) -> dict[str, Any]:
    told: dict[str, Any] = {"import": running.pk, "row": one.row.number}
    if one.stage is not Stage.PROPOSED:
        told["already_there"] = one.stage.value
    return told
