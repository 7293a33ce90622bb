from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Coalesce

from portfolio.querysets.people import VisibleQuerySet


class ImportQuerySet(VisibleQuerySet):
    def position_of(self, import_id: int) -> int | None:
        """How many rows of the file are behind it."""
        return self.filter(pk=import_id).values_list("position", flat=True).first()

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def newest_first(self):
        return self.select_related("by", "portfolio").order_by("-pk")

    def with_people(self):
        return self.select_related("by", "portfolio")

    def unfinished(self):
        """Work for a worker: started by a person and not yet at its end."""
        return self.filter(state__in=["looking", "queued", "running"])

    def progress(self) -> list[tuple]:
        """(key, state, rows done) of those unfinished."""
        rows = self.unfinished().order_by("pk")
        return list(rows.values_list("pk", "state", "done"))

    def left_unfinished(self):
        """Unfinished, and no worker is at them now."""
        return self.unfinished().select_for_update(of=("self",), skip_locked=True, no_key=True)

    def with_outlived_file(self, before: datetime):
        """Those that rest since before then and still have a file; locked, and held by nobody."""
        return (
            self.annotate(rests_since=Coalesce("finished_at", "created_at"))
            .filter(state__in=["uploaded", "done", "failed"], rests_since__lt=before)
            .exclude(file="")
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))

    def claim(self, pk: int):
        """An unfinished import, locked for a batch; none while another worker holds it."""
        return (
            self.unfinished()
            .filter(pk=pk)
            .select_related("by")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .first()
        )


class ImportProblemQuerySet(models.QuerySet):
    def of(self, import_id: int):
        return self.filter(running_id=import_id)

    def by_row(self):
        return self.order_by("row", "pk")

    def forget(self) -> None:
        self.delete()


class RememberedMappingQuerySet(models.QuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_digest(self, digest: str):
        return self.filter(columns_digest=digest)

    def latest_first(self):
        return self.order_by("-used_at")
