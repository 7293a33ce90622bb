from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from portfolio.querysets.people import VisibleQuerySet

if TYPE_CHECKING:
    from portfolio.rights import Actor


class ScenarioQuerySet(VisibleQuerySet):
    def visible_to(self, actor: Actor):
        """One's own and the shared ones of the portfolios that one sees."""
        rows = super().visible_to(actor)
        return rows if actor.is_system else rows.filter(Q(is_shared=True) | Q(by_id=actor.user_id))

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_author(self):
        return self.select_related("by")

    def by_name(self):
        return self.order_by("name", "pk")

    def count_of(self, user_id: int, portfolio_id: int) -> int:
        """How many this person keeps here."""
        return self.filter(by_id=user_id, portfolio_id=portfolio_id).count()
