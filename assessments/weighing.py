"""Whether the weights of a portfolio leave an axis without a score."""

from assessments.models import Criterion
from assessments.rules.criteria import Axis, weightless, weightless_words
from portfolio.models import Portfolio


def weightless_axes(portfolio_id: int) -> list[Axis]:
    """The axes whose saved weights sum to 0."""
    rows = Criterion.objects.in_portfolio(portfolio_id).in_force()
    return weightless((row.axis, row.weight) for row in rows)


def hindrance(portfolio: Portfolio) -> str:
    """Why no candidate can be ranked, where the weights are why."""
    return weightless_words(weightless_axes(portfolio.pk))
