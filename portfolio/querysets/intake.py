from __future__ import annotations

from portfolio.querysets.people import VisibleQuerySet


class ImportQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def newest_first(self):
        return self.select_related("by", "portfolio").order_by("-pk")

    def unfinished(self):
        """Started by a person and not yet at their end."""
        return self.filter(state__in=["queued", "running"])

    def claim(self, pk: int):
        """An unfinished import, locked for a batch; none while another worker holds it."""
        return (
            self.unfinished()
            .filter(pk=pk)
            .select_for_update(of=("self",), skip_locked=True)
            .first()
        )
