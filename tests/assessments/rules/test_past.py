"""What was in force on an earlier day, rebuilt from what was told, is what was in force."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules import past, scoring
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.past import Merged, Opinion, Standard, Then, Told
from tests.bounds import examples

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINE, OTHER = 1, 2
SILENT = 9  # who rated, and nothing told of it
DAYS = 12
D = Decimal


def at(day: int) -> datetime:
    return BEGIN + timedelta(days=day)


def end_of(day: int) -> datetime:
    return at(day) + timedelta(hours=12)


def points(low: str, likely: str, high: str) -> past.Points:
    return D(low), D(likely), D(high)


tenths = st.lists(st.integers(0, 50), min_size=3, max_size=3)
days = st.integers(0, DAYS - 1)
ratings = st.tuples(
    days,
    st.sampled_from([MINE, OTHER]),
    st.sampled_from(["fit", "pull", "reach"]),
    st.sampled_from([5, 6, SILENT]),
    tenths,
    st.booleans(),  # said a day before it is told, as in a blind round
)


@pytest.mark.long
@settings(max_examples=examples(1_000), deadline=None)
@given(st.lists(ratings, max_size=14), st.none() | days)
def test_ratings_of_every_day_are_those_that_were_in_force(said, merged_on):
    rows: dict[int, dict[past.Key, Opinion]] = {MINE: {}, OTHER: {}}
    history: list[Told | Merged] = []
    by_day: list[dict[past.Key, Opinion]] = []
    for day in range(DAYS):
        for _, case, slug, who, raw, is_blind in (one for one in said if one[0] == day):
            if merged_on is not None and day > merged_on:
                case = MINE
            if who == SILENT:
                if (slug, who) not in rows[MINE] and case == MINE:
                    rows[MINE][slug, who] = Opinion(_risen(raw), at(day))
                continue
            given_at = at(day) - timedelta(days=1 if is_blind else 0)
            before = rows[case].get((slug, who))
            opinion = rows[case][slug, who] = Opinion(_risen(raw), given_at, f"on {day}")
            told = before.points if before else None
            history.append(Told(at(day), case, (slug, who), told, opinion))
        if day == merged_on:
            history.append(Merged(at(day), MINE, OTHER))
            for key, one in rows[OTHER].items():
                if key not in rows[MINE] or one.given_at > rows[MINE][key].given_at:
                    rows[MINE][key] = one
        by_day.append(dict(rows[MINE]))
    for day, there in enumerate(by_day):
        found = past.held_at(MINE, history, rows[MINE], end_of(day))
        if merged_on is not None and day < merged_on:
            # What nothing tells of may have come with the merge: it is named, and not taken.
            silent = {key for key in there if key[1] == SILENT}
            assert silent <= found.unsure
            there = {key: one for key, one in there.items() if key not in silent}
        else:
            assert found.unsure == frozenset()
        assert found.opinions == there


def _risen(raw: list[int]) -> past.Points:
    low, likely, high = (D(value) / 10 for value in sorted(raw))
    return low, likely, high


def test_a_rating_that_nothing_told_of_before_it_was_revised_is_named_and_not_guessed():
    said = Opinion(points("1", "2", "3"), at(5))
    history = [Told(at(5), MINE, ("fit", 5), points("4", "4", "4"), said)]
    before = past.held_at(MINE, history, {("fit", 5): said}, end_of(2))
    assert (before.opinions, before.unsure) == ({}, {("fit", 5)})
    assert past.held_at(MINE, history, {("fit", 5): said}, end_of(5)).unsure == frozenset()


def test_a_rating_changed_past_the_history_is_named():
    first = Opinion(points("1", "2", "3"), at(1))
    later = Opinion(points("2", "2", "2"), at(6))
    history = [
        Told(at(1), MINE, ("fit", 5), None, first),
        Told(at(6), MINE, ("fit", 5), points("0", "0", "0"), later),
    ]
    found = past.held_at(MINE, history, {("fit", 5): later}, end_of(3))
    assert found.opinions == {("fit", 5): first}
    assert found.unsure == {("fit", 5)}


def standard(slug: str, axis: Axis = Axis.IMPACT, weight: str = "1", **more) -> Standard:
    return Standard(slug, slug.capitalize(), axis, D(weight), **more)


changes = st.tuples(
    st.sampled_from(["weights", "edit", "axis", "retire", "bring_back", "add"]),
    st.sampled_from(["fit", "pull", "reach", "more"]),
    st.integers(0, 900),
)


@pytest.mark.long
@settings(max_examples=examples(1_000), deadline=None)
@given(st.lists(changes, max_size=12))
def test_criteria_before_any_change_are_those_that_were_there(happened):
    held = {slug: standard(slug) for slug in ("fit", "pull", "reach")}
    told: list[dict] = []
    seen = [dict(held)]
    for what, slug, amount in happened:
        one = held.get(slug)
        weight = D(amount) / 100
        if what == "add" and one is None:
            held[slug] = standard(slug, Axis.FEASIBILITY, str(weight))
            told.append({"added": slug, "weight": str(weight)})
        elif one is None or what == "add":
            continue
        elif what == "weights":
            held[slug] = replace(one, weight=weight)
            told.append({"weights": {slug: [str(one.weight), str(weight)]}})
        elif what == "edit":
            held[slug] = replace(one, weight=weight, name=f"Name {amount}")
            pairs = {"weight": [str(one.weight), str(weight)], "name": [one.name, f"Name {amount}"]}
            told.append({"edited": slug, "changed": {**pairs, "anchor_0": ["", "none"]}})
        elif what == "axis":
            other = Axis.IMPACT if one.axis is Axis.FEASIBILITY else Axis.FEASIBILITY
            held[slug] = replace(one, axis=other)
            pair = [one.axis.value, other.value]
            told.append({"edited": slug, "changed": {"axis": pair}})
        elif one.is_in_force == (what == "retire"):
            held[slug] = replace(one, is_in_force=not one.is_in_force)
            told.append({"retired" if what == "retire" else "brought_back": slug})
        else:
            continue
        seen.append(dict(held))
    for place, there in enumerate(seen):
        found = past.standards_at(held.values(), reversed(told[place:]))
        assert {one.slug: one for one in found.criteria} == {
            slug: one for slug, one in there.items() if one.is_in_force
        }
        assert found.unsure == frozenset()


def test_a_weight_changed_past_the_history_is_named():
    changed = [{"weights": {"fit": ["1", "2"]}}]
    found = past.standards_at([standard("fit", weight="7")], changed)
    assert found.unsure == {"fit"}
    assert found.criteria[0].weight == 1


def test_the_first_change_since_says_what_was_before():
    now = {"a": 3, "b": 5}
    assert past.rolled_back(now, [("a", 1), ("a", 2), ("c", 9)]) == {"a": 1, "b": 5, "c": 9}


class TestWhatItGives:
    DAY = date(2026, 3, 2)

    def then(self, **changed) -> Then:
        told = {
            "day": self.DAY,
            "zone": "UTC",
            "fresh_days": 90,
            "criteria": [standard("pull"), standard("fit", Axis.FEASIBILITY)],
            "opinions": {
                ("pull", 5): Opinion(points("2", "3", "4"), BEGIN),
                ("pull", 6): Opinion(points("4", "5", "5"), BEGIN),
                ("fit", 5): Opinion(points("1", "2", "3"), BEGIN),
            },
        }
        return Then(**{**told, **changed})

    def test_it_is_the_ranking_s_own_rule(self):
        placed = scoring.rank(self.then().sheet()).placing(0)
        # (3 + 4.8333) / 2 and 2, each twice
        assert (placed.impact, placed.feasibility) == (D("7.8333"), D("4"))

    @pytest.mark.parametrize(("days_on", "stale", "wider"), [(90, 0, 0), (91, 2, 0), (120, 2, 3)])
    def test_what_was_said_was_as_old_as_it_was_by_then(self, days_on, stale, wider):
        then = self.then(day=self.DAY + timedelta(days=days_on))
        assert scoring.rank(then.sheet()).placing(0).stale == stale
        assert sum(then.age(5, one).is_wider for one in then.opinions.values()) == wider

    def test_a_widened_range_counts_as_it_did(self):
        lopsided = {("fit", 5): Opinion(points("2", "4", "4"), BEGIN)}
        one = lopsided["fit", 5]
        assert self.then(opinions=lopsided).counted(5, one) == D("3.6667")
        assert self.then(opinions=lopsided, factors={5: D("1.5")}).counted(5, one) == D("3.5")

    def test_what_is_derived_counts_where_it_was_known(self):
        derived = [
            standard("value", derived_from=Derivation.ANNUAL_VALUE),
            standard("data", Axis.FEASIBILITY, derived_from=Derivation.DATA_READINESS),
        ]
        scale = [D(n) for n in (0, 1, 2, 3, 4, 5)]
        known = self.then(
            criteria=derived, scale=scale, value=D("2.5"), readiness=points("3", "4", "5")
        )
        placed = scoring.rank(known.sheet()).placing(0)
        assert (placed.impact, placed.feasibility) == (D("5"), D("8"))
        nothing = self.then(criteria=derived, scale=scale)
        assert scoring.rank(nothing.sheet()).placing(0).score is None
