"""What pages show around and inside themselves, shaped for templates."""

from portfolio import rights
from portfolio.models import Portfolio


def shell(request) -> dict:
    """The frame of every page: where one is, where one can go, what one may do there."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"shell": None}
    current = getattr(request, "portfolio", None)
    may = getattr(request, "may", frozenset())
    if current is not None and not may:
        may = rights.held(actor, current)
    return {
        "shell": {
            "actor": actor,
            "portfolio": current,
            "portfolios": Portfolio.objects.visible_to(actor).by_name(),
            "may": may,
        },
        "may": may,
    }
