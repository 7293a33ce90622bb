"""Finds what is past its days, portfolio by portfolio."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import models
from django.db.models import Q


def stale_by_candidate(
    rows: models.QuerySet,
    begins: Mapping[int, datetime],
    *dated: str,
    use_case: str = "use_case",
):
    """How many of the rows are stale, by candidate: reference, title and count, most first.

    `begins` holds the instant of each portfolio from which on a value is fresh; a row is stale
    where each of the `dated` columns lies before it.
    """
    given = Q()
    for portfolio_id, begin in begins.items():
        before = {f"{column}__lt": begin for column in dated}
        given |= Q(**{f"{use_case}__portfolio_id": portfolio_id}, **before)
    if not begins:
        return rows.none()
    rows = rows.filter(given, **{f"{use_case}__stage__in": ["proposed", "qualified"]})
    named = {name: models.F(f"{use_case}__{name}") for name in ("reference", "title")}
    counted = rows.values(candidate=models.F(f"{use_case}__pk"), **named)
    return counted.annotate(count=models.Count("pk")).order_by("-count", "candidate")
