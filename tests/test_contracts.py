"""The promises that no tool of the shelf checks: read off the syntax and the models."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import PROTECT

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("portfolio", "assessments", "economics")
CONDITIONS = {
    "filter", "exclude", "annotate", "order_by", "raw", "extra", "aggregate", "select_related",
    "prefetch_related", "select_for_update", "values", "values_list", "distinct", "union",
}  # fmt: skip
MAY_SPELL = {"querysets", "models", "migrations"}


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def part_of(path: Path) -> str:
    """`actions` for portfolio/actions/members.py and for assessments/actions.py."""
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


def spelled_conditions(path: Path) -> list[str]:
    """Every query condition spelled here, except `filter(pk=…)`."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        by_key = name == "filter" and not node.args and [k.arg for k in node.keywords] == ["pk"]
        if name in CONDITIONS and not by_key and not is_plain(node):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}()")
    return found


def is_plain(node: ast.Call) -> bool:
    """`values()` of something that is no queryset: those name their columns, as plain strings."""
    names_columns = any(isinstance(argument, ast.Constant) for argument in node.args)
    return node.func.attr == "values" and not names_columns and not node.keywords


def test_only_querysets_spell_conditions():
    loose = [
        found
        for path in modules()
        if part_of(path) not in MAY_SPELL
        for found in spelled_conditions(path)
    ]
    assert loose == []


def test_a_lock_lets_others_refer_to_the_row():
    """What names a row is checked at commit, while its writer holds the portfolio: a lock that
    forbids naming it would have the two wait for each other."""
    forbids = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "select_for_update"
        and "no_key" not in [keyword.arg for keyword in node.keywords]
    ]
    assert forbids == []


def test_no_room_is_reached_up_into():
    """A model of an upper room leaves no name on a lower room's model."""
    names = []
    for room in ("assessments", "economics"):
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.get_fields():
                remote = getattr(field, "remote_field", None)
                if remote is None or field.auto_created:
                    continue
                if remote.model._meta.app_label != room and not remote.hidden:
                    names.append(f"{model.__name__}.{field.name}")
    assert names == []


HISTORY = {
    "Event", "Reading", "Forecast", "Milestone", "Amendment", "Contract", "Lighthouse", "Rating",
    "Disqualifier", "SealedRating", "Comment", "GateOverride", "UseCase", "SuccessMetric",
    "Guardrail",
}  # fmt: skip


def test_history_is_protected():
    unprotected = [
        f"{model.__name__}.{field.name}"
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if model.__name__ in HISTORY
        for field in model._meta.concrete_fields
        if field.remote_field is not None and field.remote_field.on_delete is not PROTECT
    ]
    assert unprotected == []


NUMBERED = re.compile(r"\d{4}_(?!auto_|initial)[a-z0-9_]+\.py")


@pytest.mark.parametrize("room", ROOMS)
def test_every_migration_says_what_it_changes(room):
    names = [path.name for path in (ROOT / room / "migrations").glob("[0-9]*.py")]
    assert [name for name in names if not NUMBERED.fullmatch(name)] == []


def test_nothing_is_named_for_nothing_in_particular():
    banned = {"utils", "helpers", "common", "services", "managers", "misc"}
    assert [path for path in modules() if banned & set(path.with_suffix("").parts)] == []


def lets_it_rise(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def test_no_swallowed_exception():
    """`except Exception` and a bare `except` hide our own faults, unless they tidy and re-raise."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
        and not lets_it_rise(node)
    ]
    assert found == []
