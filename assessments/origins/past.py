"""What the ranking said of a candidate on an earlier day."""

from __future__ import annotations

from datetime import date

from portfolio.models import PastPlace
from portfolio.origins import Asked, Origin, Part, page
from portfolio.templatetags.words import chance, day_year, number, score

PAST = {
    "rank": (number, "Rank"),
    "score": (score, "Score"),
    "impact": (score, "Impact"),
    "feasibility": (score, "Feasibility"),
    "p_first": (chance, "Best"),
    "p_top3": (chance, "Among the best three"),
    "rank_low": (number, "Best rank in 80 %"),
    "rank_high": (number, "Worst rank in 80 %"),
}


def of_day(asked: Asked, day: date, name: str) -> Origin | None:
    """What the ranking said of it at the end of an earlier day."""
    kept = PastPlace.objects.last_of(asked.use_case.pk, day)
    value = getattr(kept, name) if kept is not None else None
    if kept is None or value is None:
        return None
    told, title = PAST[name]
    return Origin(
        number=name,
        title=f"{title} on {day_year(day)}",
        words=told(value),
        value=value,
        formula=f"what the ranking last said up to then: published on {day_year(kept.day)}",
        parts=[
            Part(other, say(getattr(kept, part)), number=part)
            for part, (say, other) in PAST.items()
            if part != name and getattr(kept, part) is not None
        ],
        notes=["Numbers of a past day are kept as they were; nothing is worked out anew."],
        url=page("portfolio:history", asked.use_case.reference),
        url_words="What happened to it since",
    )
