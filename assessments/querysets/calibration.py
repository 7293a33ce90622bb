from __future__ import annotations

from portfolio.querysets.people import VisibleQuerySet


class WideningQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def of_person(self, user_id: int):
        return self.filter(person_id=user_id)

    def with_people(self):
        return self.select_related("person", "set_by")

    def factors(self, portfolio_id: int) -> dict[int, int]:
        """By how many tenths each person's ranges are widened here: 15 for a factor of 1.5."""
        rows = self.in_portfolio(portfolio_id).values_list("person_id", "factor")
        return {person_id: int(factor * 10) for person_id, factor in rows}
