from __future__ import annotations

from portfolio.querysets.people import VisibleQuerySet


class CommentQuerySet(VisibleQuerySet):
    portfolio_field = "use_case__portfolio_id"

    def of(self, use_case_id: int):
        return self.filter(use_case_id=use_case_id)

    def about(self, subject: str):
        return self.filter(about=subject)

    def with_people(self):
        return self.select_related("by")
