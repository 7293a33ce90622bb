"""Plans what of a use case goes into another one: each room says it of its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from portfolio.models import (
    BulkChangeRow,
    Comment,
    Event,
    GateOverride,
    Guardrail,
    Lighthouse,
    Lookalike,
    MeasuredAssumption,
    PastPlace,
    Standing,
    SuccessMetric,
    UseCase,
)
from portfolio.models.base import Versioned
from portfolio.querysets.merging import hanging, rehang

SCOPE = ("jobs", "segments", "success_metrics")
FILLED = ("problem", "business_unit", "external_key", "task_type", "source_stage")
NUMBERS = ("metric", "unit", "direction", "baseline", "target")  # they only mean something together


@dataclass(frozen=True)
class Carry:
    """What one room does: told in words before, written by `write`, kept in the event."""

    words: Sequence[str] = ()
    warnings: Sequence[str] = ()
    told: dict[str, Any] = field(default_factory=dict)
    write: Callable[[], Iterable[Versioned]] = tuple
    refusal: str = ""  # why the two cannot be merged now


Plan = Callable[[UseCase, UseCase, datetime], Carry]
_plans: list[Plan] = []
_known: set[type[models.Model]] = set()


def merges(plan: Plan, *models: type[models.Model]) -> None:
    """Called by a room once, in `AppConfig.ready()`: `plan(survivor, gone, now)` only reads.

    `models` are those of its models that point at a use case; a test fails where one is missing.
    """
    if plan not in _plans:
        _plans.append(plan)
    _known.update(models)


def follows(model: type[models.Model], name: str) -> None:
    """Rows of this kind go along as they are; `name` is what several of them are called."""

    def plan(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
        rows = hanging(model, gone.pk)

        def write() -> Iterable[Versioned]:
            rehang(model, [row.pk for row in rows], survivor.pk)
            return [row for row in rows if isinstance(row, Versioned)]

        words = [f"{len(rows)} {name} go along."] if rows else []
        return Carry(words, told={name: len(rows)} if rows else {}, write=write)

    if model not in _known:
        merges(plan, model)


def known() -> set[type[models.Model]]:
    """The models that a merge knows what to do with."""
    return set(_known)


def plans(survivor: UseCase, gone: UseCase, now: datetime) -> list[Carry]:
    """What every room would do; nothing is written yet."""
    return [plan(survivor, gone, now) for plan in _plans]


# --- what this room carries -----------------------------------------------------------------------


def merge_own() -> None:
    """Register this room's part. Events, gates passed in writing, changes of many and what was
    published of the one that goes stay with it, as they happened to it; its history shows them in
    the other's. So does what was assumed of it and measured: what was said was said of it."""
    merges(
        carry_own, UseCase, SuccessMetric, Guardrail, Lighthouse, Lookalike,
        Event, GateOverride, MeasuredAssumption, PastPlace, Standing, BulkChangeRow,
    )  # fmt: skip
    follows(Comment, "comments")


def carry_own(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    changed = _fields(survivor, gone)
    metric, filled = _metric(survivor, gone)
    guarded = {row.metric.casefold() for row in hanging(Guardrail, survivor.pk)}
    guardrails = [
        row
        for row in hanging(Guardrail, gone.pk)
        if row.removed_at is None and row.metric.casefold() not in guarded
    ]
    lighthouses = hanging(Lighthouse, gone.pk)
    hands_key = bool(gone.import_key and not survivor.import_key)

    def write() -> Iterable[Versioned]:
        key = gone.import_key
        if hands_key:  # one use case a key: it is free before it is taken
            gone.import_key = ""
            gone.save(update_fields=["import_key"])
            survivor.import_key = key
        for name, (_, after) in changed.items():
            setattr(survivor, name, after)
        survivor.save(update_fields=[*changed, "import_key"])
        if filled:
            metric.save()
        rehang(Guardrail, [row.pk for row in guardrails], survivor.pk)
        rehang(Lighthouse, [row.pk for row in lighthouses], survivor.pk)
        UseCase.objects.lead_on(gone.pk, survivor.pk)
        pairs = list(Lookalike.objects.of(gone.pk).lock_in_order())
        for pair in pairs:
            pair.state = Lookalike.State.GONE
        Lookalike.objects.bulk_update(pairs, ["state"])
        return [*pairs, *guardrails, *lighthouses, *([metric] if filled else [])]

    words = [_said(name, before, after) for name, (before, after) in changed.items()]
    if filled:
        words.append(f"The outcome takes from {gone.reference}: {_names(filled)}.")
    if guardrails:
        words.append(f"Guardrails that go along: {_names(row.metric for row in guardrails)}.")
    if lighthouses:
        words.append(f"{len(lighthouses)} abandoned lighthouse(s) go along.")
    if gone.import_key:
        words.append(
            f"A file that {gone.reference} came in with will know {survivor.reference} by its row."
        )
    wide = [
        name.replace("_", " ")
        for name in SCOPE
        if name in changed and len(changed[name][0]) < 2 <= len(changed[name][1])
    ]
    warnings = (
        [
            f"{survivor.reference} becomes a platform play: more than one of its {_names(wide)}. It"
            " leaves the ranking until it is narrowed or split."
        ]
        if wide
        else []
    )
    told: dict[str, Any] = {"changed": changed} if changed else {}
    if filled:
        told["outcome"] = filled
    return Carry(words, warnings, told, write)


def _fields(survivor: UseCase, gone: UseCase) -> dict[str, list[Any]]:
    """The candidate's own fields that become otherwise, as {field: [before, after]}."""
    after: dict[str, Any] = {
        name: list(dict.fromkeys([*getattr(survivor, name), *getattr(gone, name)]))
        for name in SCOPE
    }
    after |= {name: getattr(survivor, name) or getattr(gone, name) for name in FILLED}
    after["customer_facing"] = survivor.customer_facing or gone.customer_facing
    after["extra"] = {**gone.extra, **survivor.extra}
    return {
        name: [getattr(survivor, name), value]
        for name, value in after.items()
        if getattr(survivor, name) != value
    }


def _metric(survivor: UseCase, gone: UseCase) -> tuple[SuccessMetric, list[str]]:
    """The survivor's outcome with its gaps filled, and the names of what was filled."""
    found = {row.pk: row for row in SuccessMetric.objects.filter(pk=gone.pk)}
    found |= {row.pk: row for row in SuccessMetric.objects.filter(pk=survivor.pk)}
    mine = found.get(survivor.pk) or SuccessMetric(use_case=survivor)
    theirs = found.get(gone.pk)
    if theirs is None:
        return mine, []
    names = ["statement", "segment", "other_metrics"]
    if not any(getattr(mine, name) not in ("", None) for name in NUMBERS):
        names += NUMBERS
    filled = [n for n in names if not getattr(mine, n) and getattr(theirs, n) not in ("", None, [])]
    for name in filled:
        setattr(mine, name, getattr(theirs, name))
    return mine, filled


def _said(name: str, before: Any, after: Any) -> str:
    plain = name.replace("_", " ")
    if name in SCOPE:
        return f"The {plain} take up {_names(f'“{one}”' for one in after if one not in before)}."
    if name == "extra":
        return f"{len(after) - len(before)} more columns of an import are kept."
    if name == "customer_facing":
        return "Customers see what it produces."
    return f"The {plain} is filled in: “{str(after)[:120]}”."


def _names(names: Iterable[str]) -> str:
    words = [name.replace("_", " ") for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
