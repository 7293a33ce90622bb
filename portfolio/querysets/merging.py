"""Moves rows from a use case that goes to the one that stays."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


def hanging(model: type[models.Model], use_case_id: int) -> list:
    """The rows of this kind that hang on the use case, in the order of their keys."""
    return list(model._default_manager.filter(use_case_id=use_case_id).order_by("pk"))


def rehang(model: type[models.Model], keys: Iterable[int], use_case_id: int) -> None:
    """Let these rows hang on that use case."""
    model._default_manager.filter(pk__in=list(keys)).update(use_case_id=use_case_id)
