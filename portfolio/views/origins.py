"""Where a number comes from, as a page of its own or in a dialog over the page that shows it."""

from datetime import date
from decimal import Decimal, InvalidOperation

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from portfolio import origins
from portfolio.doors.html import render_page, use_case_or_404
from portfolio.origins import Asked

WEIGHT = "w."
LARGEST_WEIGHT = Decimal(10_000)


@require_safe
def numbers(request, reference):
    """Every number that is known of a use case."""
    asked = _asked(request, reference)
    context = {
        "use_case": asked.use_case,
        "may": request.may,
        "origins": origins.all_origins(asked),
        "query": request.GET.urlencode(),
        "day": asked.as_of,
        "now": asked.now,
    }
    return render_page(request, "portfolio/numbers.html", context, fragment="numbers")


@require_safe
def number(request, reference, number):
    """One of them: from whom, when, from what, how old, by which formula."""
    asked = _asked(request, reference)
    found = origins.origin_of(asked, number)
    if found is None:
        raise Http404
    context = {
        "use_case": asked.use_case,
        "may": request.may,
        "one": found,
        "query": request.GET.urlencode(),
        "now": asked.now,
    }
    return render_page(request, "portfolio/number.html", context, fragment="number")


def _asked(request, reference) -> Asked:
    use_case = use_case_or_404(request, reference)
    day = day_of(request.GET.get("as_of"))
    return Asked(request.actor, use_case, timezone.now(), weights_of(request.GET), day)


def day_of(typed: str | None) -> date | None:
    """The day that this text names; none where it names none."""
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None


def weights_of(query) -> dict[str, Decimal]:
    """The weights to suppose, as the address of a what-if has them; what is none is left out."""
    found = {}
    for name, typed in query.items():
        if not name.startswith(WEIGHT):
            continue
        try:
            weight = Decimal(typed)
        except InvalidOperation:
            continue
        if weight.is_finite() and 0 <= weight <= LARGEST_WEIGHT:
            found[name.removeprefix(WEIGHT)] = weight
    return found
