"""What finding something out is worth, against drawing twice, closed forms and what must hold."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules.criteria import Axis, Criterion
from assessments.rules.knowing import Waiting, Worth, expected_scores, value_of_knowing
from tests.assessments.rules.test_simulation import FOUR, RATING, a_portfolio, held
from tests.bounds import a_part_of, examples

TWO = (
    Criterion("pull", Axis.IMPACT, Decimal(1)),
    Criterion("fit", Axis.FEASIBILITY, Decimal(1)),
)


def in_order(candidates, criteria=FOUR):
    """Those that have a score, best first: as the ranking gives them."""
    rated = [
        one
        for one in candidates
        if all(
            any(one.get(row) for row, criterion in enumerate(criteria) if criterion.axis is axis)
            for axis in Axis
        )
    ]
    scores = expected_scores(held(rated, criteria))
    return [rated[column] for column in np.argsort(-scores, kind="stable")]


def drawn(opinions, draws: int, random) -> np.ndarray:
    """Values of one criterion from the mixture, by beta draws."""
    if not opinions:
        return random.uniform(0, 5, draws)
    each = []
    for low, likely, high in opinions:
        if low == high:
            each.append(np.full(draws, low))
        else:
            alpha = 1 + 4 * (likely - low) / (high - low)
            each.append(low + (high - low) * random.beta(alpha, 6 - alpha, draws))
    return np.choose(random.integers(0, len(each), draws), each)


class Drawn:
    """Every criterion of every candidate drawn plainly: the inner of two levels of drawing."""

    INNER, OUTER = 200_000, 40_000

    def __init__(self, candidates, criteria, seed: int) -> None:
        self.candidates, self.criteria = candidates, criteria
        self.random = np.random.Generator(np.random.MT19937(seed))
        totals = {axis: sum(float(c.weight) for c in criteria if c.axis is axis) for axis in Axis}
        self.points = [2 * float(c.weight) / totals[c.axis] for c in criteria]
        self.inner = [
            [drawn(one.get(row, []), self.INNER, self.random) for row in range(len(criteria))]
            for one in candidates
        ]
        self.means = [float(np.mean(self.axis(c, 0) * self.axis(c, 1))) for c in self.columns]

    @property
    def columns(self):
        return range(len(self.candidates))

    def axis(self, column: int, axis: int, but: int | None = None) -> np.ndarray:
        summed = np.zeros(self.INNER)
        for row, criterion in enumerate(self.criteria):
            if row != but and list(Axis).index(criterion.axis) == axis:
                summed += self.points[row] * self.inner[column][row]
        return summed

    def known(self, column: int, row: int):
        """The chance that the pick changes, the gain, and what each may be off by."""
        pick = int(np.argmax(self.means))
        mine = list(Axis).index(self.criteria[row].axis)
        rest, other = self.axis(column, mine, but=row), self.axis(column, 1 - mine)
        value = drawn(self.candidates[column].get(row, []), self.OUTER, self.random)
        # The mean over the inner draws of (rest + points × value) × other, for every value.
        score = np.mean(rest * other) + self.points[row] * value * np.mean(other)
        beside = max(mean for one, mean in enumerate(self.means) if one != column)
        ahead = beside - score if column == pick else score - beside
        gains, chance = np.maximum(ahead, 0), float(np.mean(ahead > 0))
        # An error of the inner level moves the line that a score must cross.
        moved = 4.5 * 2 * np.std(self.axis(column, 0) * self.axis(column, 1)) / np.sqrt(self.INNER)
        near = float(np.mean(np.abs(ahead) < moved))
        return (
            chance, 4.5 * np.sqrt(chance * (1 - chance) / self.OUTER) + near + 1e-3,
            float(gains.mean()),
            4.5 * float(gains.std()) / np.sqrt(self.OUTER) + (chance + near) * moved + 1e-3,
        )  # fmt: skip


@pytest.mark.long
def test_what_is_worth_knowing_is_what_drawing_twice_says():
    for seed in a_part_of(range(4), 4):
        is_what_drawing_twice_says(seed)


def is_what_drawing_twice_says(seed: int) -> None:
    candidates = in_order(a_portfolio(7, seed))
    found = {(one.column, one.row): one for one in value_of_knowing(held(candidates), [])}
    assert found
    twice = Drawn(candidates, FOUR, 1_000 + seed)
    for column in twice.columns:
        for row in range(len(FOUR)):
            chance, chance_error, gain, gain_error = twice.known(column, row)
            one = found.get((column, row), Worth(column, row, 0.0, 0.0))
            assert abs(one.chance - chance) <= chance_error, (column, row)
            assert abs(one.gain - gain) <= gain_error, (column, row)


def test_an_unrated_criterion_is_worth_what_a_uniform_one_is():
    """The pick stands at 36; the other at 6 × 5, and at 6 × 2θ once its fit is known."""
    sure, open_one = {0: [(3, 3, 3)], 1: [(3, 3, 3)]}, {0: [(3, 3, 3)]}
    axis_of_its_own = (*TWO, Criterion("data", Axis.FEASIBILITY, Decimal(0)))
    found = value_of_knowing(held([sure, {**open_one, 2: [(1, 1, 1)]}], axis_of_its_own), [])
    assert found == []  # nothing with a weight is rated on its feasibility: it has no score

    three = (*TWO, Criterion("data", Axis.FEASIBILITY, Decimal(1)))
    pick = {0: [(3, 3, 3)], 1: [(3, 3, 3)], 2: [(3, 3, 3)]}
    other = {0: [(3, 3, 3)], 2: [(3, 3, 3)]}  # 6 × (3 + θ), beyond 36 where θ is above 3
    (one,) = value_of_knowing(held([pick, other], three), [])
    assert (one.column, one.row) == (1, 1)
    assert one.chance == pytest.approx(0.4, abs=1e-3)
    assert one.gain == pytest.approx(6 * 2 * 2 / 2 / 5, abs=1e-2)  # ∫ 6 (θ - 3) over 3 to 5, ÷ 5


def test_the_pick_can_be_lost_by_knowing_more_of_it():
    pick = {0: [(1, 4, 5)], 1: [(3, 3, 3)]}
    second = {0: [(3, 3, 3)], 1: [(3, 3, 3)]}
    (one,) = value_of_knowing(held([pick, second], TWO), [])
    assert (one.column, one.row) == (0, 0)
    assert 0 < one.chance < 0.5


def test_open_tests_count_with_the_chance_that_all_come_out_yes():
    pick = {0: [(3, 3, 3)], 1: [(3, 3, 3)]}  # 36
    found = value_of_knowing(
        held([pick], TWO), [Waiting(40.0, 1), Waiting(36.0, 1), Waiting(52.0, 3), Waiting(30.0, 1)]
    )
    assert found == [Worth(0, None, 0.5, 2.0), Worth(2, None, 0.125, 2.0)]


def test_without_a_ranked_candidate_there_is_no_list():
    assert value_of_knowing(held([], TWO), [Waiting(40.0, 1)]) == []


def test_what_everybody_is_sure_of_is_worth_nothing():
    sure = [{0: [(n, n, n)], 1: [(3, 3, 3)]} for n in (4, 3)]
    assert value_of_knowing(held(sure, TWO), []) == []


OPINION = st.fixed_dictionaries({row: st.tuples(RATING) for row in range(4)})


@settings(max_examples=examples(60), deadline=None)
@given(
    candidates=st.lists(OPINION, min_size=2, max_size=5),
    column=st.integers(0, 4),
    row=st.integers(0, 3),
    factor=st.floats(0, 1),
)
def test_shrinking_what_is_held_never_raises_what_it_is_worth(candidates, column, row, factor):
    opinions = held(in_order(candidates))
    column %= len(opinions.references)

    def worth(of):
        found = {(one.column, one.row): one for one in value_of_knowing(of, [])}
        one = found.get((column, row), Worth(column, row, 0.0, 0.0))
        return one.chance, one.gain

    one = (opinions.row == row) & (opinions.column == column)
    mean = (opinions.low + 4 * opinions.likely + opinions.high) / 6
    closer = {
        part: np.where(
            one, mean + factor * (getattr(opinions, part) - mean), getattr(opinions, part)
        )
        for part in ("low", "likely", "high")
    }
    closer["likely"] = np.clip(closer["likely"], closer["low"], closer["high"])
    chance, gain = worth(opinions)
    less_chance, less_gain = worth(replace(opinions, **closer))
    # One level of 1,024, and what a rounded shape moves.
    assert less_chance <= chance + 2e-3
    assert less_gain <= gain + 2e-2


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(OPINION, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_any_order_of_those_behind_gives_the_same_worth(candidates, random):
    candidates = in_order(candidates)
    names = [f"ACME-{number}" for number in range(len(candidates))]
    order = list(range(1, len(candidates)))
    random.shuffle(order)
    order = [0, *order]

    def told(some):
        listed = [candidates[place] for place in some]
        return {
            (names[some[one.column]], one.row): (round(one.chance, 9), round(one.gain, 9))
            for one in value_of_knowing(held(listed), [])
        }

    assert told(order) == told(range(len(candidates)))
