"""Where a candidate's numbers of an earlier day came from, as they were when that day ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from assessments.origins import past_criteria
from assessments.origins.case import CRITERION, Case
from assessments.origins.certainty import SHARES
from assessments.origins.past_case import PastCase
from assessments.origins.scores import IN_ORDER
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.past import Standard
from portfolio.models import PastPlace
from portfolio.origins import Asked, Origin, Part, page
from portfolio.rules.clock import today_in
from portfolio.rules.words import Place
from portfolio.templatetags.words import chance, day_year, number, score, spelled


def names(asked: Asked, case: Case) -> Sequence[str]:
    """Those that the ranking had published by then, and the criteria in force."""
    old = _past(asked, case)
    if old is None:
        return []
    known = [name for name in _TOLD if getattr(old.kept, name) is not None]
    return [*known, *(f"{CRITERION}{one.slug}" for one in old.standards.criteria)]


def tell(asked: Asked, case: Case, name: str) -> Origin | None:
    """Where one of them came from; None where it is not one, or the ranking had none by then."""
    if name not in _TOLD and not name.startswith(CRITERION):
        return None
    old = _past(asked, case)
    if old is None:
        return None
    if name.startswith(CRITERION):
        return past_criteria.of_criterion(old, name.removeprefix(CRITERION))
    return _TOLD[name](old) if getattr(old.kept, name) is not None else None


def _past(asked: Asked, case: Case) -> PastCase | None:
    """None before the first ranking of it, and for a day to come."""
    return asked.once("assessments.past", lambda: _read(asked, case))


def _read(asked: Asked, case: Case) -> PastCase | None:
    day = asked.as_of
    if day is None or day > today_in(asked.use_case.portfolio.time_zone, asked.now):
        return None
    kept = PastPlace.objects.last_of(asked.use_case.pk, day)
    return None if kept is None else PastCase(case, day, kept)


def _origin(old: PastCase, name: str, title: str, axes: Sequence[Axis], **told: Any) -> Origin:
    as_of = old.oldest(axes) if axes else None
    return Origin(
        number=name,
        title=f"{title} on {day_year(old.day)}",
        as_of=as_of,
        is_stale=old.then.is_stale(as_of),
        url=page("portfolio:history", old.case.reference),
        url_words="What happened to it since",
        **told,
    )


def _of_rank(old: PastCase) -> Origin:
    place = Place(old.kept.place or Place.RANKED)
    return _origin(
        old,
        "rank",
        "Rank",
        list(Axis),
        words=number(old.kept.rank),
        value=old.kept.rank,
        formula=IN_ORDER
        if place is Place.RANKED
        else f"{IN_ORDER}; behind them those that are not ready, then those disqualified",
        parts=_kept_parts(old, "score", "feasibility"),
        notes=[*_unranked(place, old.kept.missing), past_criteria.published(old)],
    )


def _unranked(place: Place, missing: Sequence[str]) -> list[str]:
    """Why the rank was only a place in the list."""
    if place is Place.RANKED:
        return []
    if place is Place.DISQUALIFIED:
        return ["It was disqualified, so this was only its place in the list."]
    why = f": no yes yet to {', '.join(spelled(test) for test in missing)}" if missing else ""
    return [f"It was not ready{why}; so this was only its place in the list."]


def _of_score(old: PastCase) -> Origin:
    return _origin(
        old,
        "score",
        "Score",
        list(Axis),
        words=score(old.kept.score),
        value=old.kept.score,
        formula="impact × feasibility, so 0 to 100",
        parts=_kept_parts(old, "impact", "feasibility"),
        notes=[past_criteria.published(old)],
    )


def _kept_parts(old: PastCase, *wanted: str) -> list[Part]:
    """Other numbers that the ranking had published of it by then."""
    return [
        Part(_TITLES[name], _words(name, getattr(old.kept, name)), number=name)
        for name in wanted
        if getattr(old.kept, name) is not None
    ]


def _words(name: str, value: Decimal | int | None) -> str:
    if name.startswith("p_"):
        return chance(value)
    return number(value) if name.startswith("rank") else score(value)


def _of_axis(old: PastCase, axis: Axis) -> Origin:
    mine = [one for one in old.standards.criteria if one.axis is axis and one.weight > 0]
    total = sum((one.weight for one in mine), Decimal(0))
    value = getattr(old.kept, axis.value)
    return _origin(
        old,
        axis.value,
        axis.value.capitalize(),
        [axis],
        words=score(value),
        value=value,
        formula="2 × the weighted mean of what its criteria were worth, so 0 to 10; a criterion"
        " that nobody had rated stood at 2.5",
        parts=[_share_of(old, one, total) for one in mine],
        notes=[
            *_disagreement(value, getattr(old.placing, axis.value)),
            *old.doubts([one.slug for one in mine]),
            past_criteria.published(old),
        ],
    )


def _disagreement(published: Decimal, rebuilt: Decimal | None) -> list[str]:
    """What is plain where the parts do not give the number."""
    if published == rebuilt:
        return []
    why = (
        "a change came too late for the ranking of that day, or something that is not in the"
        " history counted too."
    )
    if rebuilt is None:
        return [f"Nothing was rated by then as far as the history tells: {why}"]
    say = score if score(published) != score(rebuilt) else number
    return [f"These parts give {say(rebuilt)}; the ranking had published {say(published)}: {why}"]


def _share_of(old: PastCase, criterion: Standard, total: Decimal) -> Part:
    part = old.explained[criterion.slug]
    at = old.then.as_of(criterion)
    who = ", ".join(old.names[person] for person in old.then.of(criterion.slug))
    nothing = "rated by nobody"
    if criterion.derived_from:
        who, nothing = "derived", "nothing to derive it from yet"
    return Part(
        criterion.name,
        f"{number(part.expected)} × {number(criterion.weight)} of {number(total)}"
        f" → {number(part.points)}",
        by=who if part.is_rated else "",
        at=at,
        note=past_criteria.age_then(old, at) if part.is_rated else f"{nothing}: 2.5",
        number=f"{CRITERION}{criterion.slug}",
        is_stale=old.then.is_stale(at),
    )


def _of_count(old: PastCase, name: str) -> Origin:
    """How many criteria with a weight were unrated, or stale: which they were."""
    mine = [one for one in old.standards.criteria if one.weight > 0]
    if name == "unrated":
        title, what = "Criteria unrated", "that nobody had rated: each was 2.5"
        found = [one for one in mine if not old.explained[one.slug].is_rated]
    else:
        title, what = "Criteria stale", "whose input was past its days"
        found = [one for one in mine if old.then.is_stale(old.then.as_of(one))]
    value = getattr(old.kept, name)
    notes = [past_criteria.published(old)]
    if len(found) != value:
        notes = [*old.doubts([one.slug for one in mine]), *notes]
        notes.insert(0, f"The history tells of {len(found)}; the ranking had published {value}.")
    return _origin(
        old,
        name,
        title,
        [],
        words=number(value),
        value=value,
        formula=f"criteria with a weight {what}",
        parts=[
            Part(
                one.name,
                number(old.explained[one.slug].expected),
                at=old.then.as_of(one),
                number=f"{CRITERION}{one.slug}",
            )
            for one in found
        ],
        notes=notes,
    )


def _of_share(old: PastCase, name: str) -> Origin:
    title, formula = SHARES[name]
    value = getattr(old.kept, name)
    others = [other for other in (*SHARES, "impact", "feasibility") if other != name]
    mine = [one for one in old.standards.criteria if one.weight > 0]
    return _origin(
        old,
        name,
        title,
        list(Axis),
        words=_words(name, value),
        value=value,
        formula=formula,
        parts=[*_kept_parts(old, *others), *(_range_of(old, one) for one in mine)],
        notes=[*old.doubts([one.slug for one in mine]), past_criteria.published(old)],
    )


def _range_of(old: PastCase, criterion: Standard) -> Part:
    """Between which ends one criterion was drawn."""
    at = old.then.as_of(criterion)
    return Part(
        criterion.name,
        _range_words(old, criterion),
        at=at,
        number=f"{CRITERION}{criterion.slug}",
        is_stale=old.then.is_stale(at),
    )


def _range_words(old: PastCase, criterion: Standard) -> str:
    if not old.explained[criterion.slug].is_rated:
        return "0 to 5, as nothing was known"
    if criterion.derived_from == Derivation.ANNUAL_VALUE:
        return number(old.explained[criterion.slug].expected)
    if criterion.derived_from == Derivation.DATA_READINESS and old.readiness is not None:
        ends = [old.readiness[0], old.readiness[2]]
    elif not old.may_see_others(criterion.slug):
        return "shown once your own is saved"
    else:
        ages = [old.then.age(who, one) for who, one in old.then.of(criterion.slug).items()]
        ends = [min(age.low for age in ages), max(age.high for age in ages)]
    return f"{number(ends[0])} to {number(ends[1])}"


_TITLES = {
    "score": "Score",
    "impact": "Impact",
    "feasibility": "Feasibility",
    **{name: title for name, (title, _) in SHARES.items()},
}
_TOLD: Mapping[str, Callable[[PastCase], Origin]] = {
    "rank": _of_rank,
    "score": _of_score,
    "impact": lambda old: _of_axis(old, Axis.IMPACT),
    "feasibility": lambda old: _of_axis(old, Axis.FEASIBILITY),
    "p_first": lambda old: _of_share(old, "p_first"),
    "p_top3": lambda old: _of_share(old, "p_top3"),
    "rank_low": lambda old: _of_share(old, "rank_low"),
    "rank_high": lambda old: _of_share(old, "rank_high"),
    "unrated": lambda old: _of_count(old, "unrated"),
    "stale_inputs": lambda old: _of_count(old, "stale_inputs"),
    past_criteria.VALUE: past_criteria.of_value,
}
