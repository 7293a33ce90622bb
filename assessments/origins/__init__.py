"""Where a candidate's numbers come from: score and rank, how sure they are, and every criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from assessments.origins import certainty, criteria, flips, past, scores
from assessments.origins.case import CRITERION, Case
from assessments.rules.criteria import Axis
from portfolio.origins import Asked, Origin


def names(asked: Asked) -> Sequence[str]:
    """Those of a use case that is ranked or rated at all, then its criteria."""
    if asked.as_of is not None:
        return past.names(asked, _case(asked))
    row = asked.use_case.standing
    shown = [name for name in _TOLD if getattr(row, name, True) is not None]
    return [*shown, *(f"{CRITERION}{one.slug}" for one in _case(asked).criteria)]


def tell(asked: Asked, name: str) -> Origin | None:
    """Where one of them comes from; None where it is not one, or there is none."""
    if asked.as_of is not None:
        return past.tell(asked, _case(asked), name)
    if name.startswith(certainty.KNOWING):
        return certainty.of_knowing(_case(asked), name.removeprefix(certainty.KNOWING))
    if name.startswith(certainty.BEST_OF):
        return certainty.of_best(_case(asked), name.removeprefix(certainty.BEST_OF))
    if name.startswith(CRITERION):
        return criteria.of_criterion(_case(asked), name.removeprefix(CRITERION))
    return _TOLD[name](_case(asked)) if name in _TOLD else None


def _case(asked: Asked) -> Case:
    return asked.once("assessments", lambda: Case(asked))


_TOLD: Mapping[str, Callable[[Case], Origin | None]] = {
    "rank": scores.of_rank,
    "score": scores.of_score,
    "impact": lambda case: scores.of_axis(case, Axis.IMPACT),
    "feasibility": lambda case: scores.of_axis(case, Axis.FEASIBILITY),
    "p_first": lambda case: certainty.of_share(case, "p_first"),
    "p_top3": lambda case: certainty.of_share(case, "p_top3"),
    "rank_low": lambda case: certainty.of_share(case, "rank_low"),
    "rank_high": lambda case: certainty.of_share(case, "rank_high"),
    "p_lead": certainty.of_lead,
    "flip_weight": lambda case: flips.of_flip(case, "weight"),
    "flip_value": lambda case: flips.of_flip(case, "value"),
    "flip_rating": flips.of_rating,
    "unrated": lambda case: scores.of_count(
        case,
        "unrated",
        "Criteria unrated",
        "criteria with a weight that nobody has rated: each is 2.5",
    ),
    "stale_inputs": lambda case: scores.of_count(
        case,
        "stale_inputs",
        "Criteria stale",
        "criteria with a weight whose input is past its days",
    ),
}
