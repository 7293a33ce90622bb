"""How sure the ranking is, against other generators, closed forms and what must always hold."""

from dataclasses import replace
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.rules.criteria import Axis, Criterion
from assessments.rules.simulation import DRAWS, Opinions, chance_ahead, draw_scores, simulate
from tests.bounds import a_part_of, examples

FOUR = (
    Criterion("value", Axis.IMPACT, Decimal(3)),
    Criterion("pull", Axis.IMPACT, Decimal(2)),
    Criterion("fit", Axis.FEASIBILITY, Decimal(3)),
    Criterion("data", Axis.FEASIBILITY, Decimal("1.5")),
)


def held(candidates, criteria=FOUR, names=None) -> Opinions:
    """Opinions from {row: [(low, likely, high), ...]} of each candidate."""
    flat = [
        (row, column, *opinion)
        for column, candidate in enumerate(candidates)
        for row, opinions in candidate.items()
        for opinion in opinions
    ]
    table = np.array(flat, dtype=np.float64).reshape(-1, 5)
    return Opinions(
        criteria=tuple(criteria),
        references=names or [f"ACME-{number}" for number in range(1, len(candidates) + 1)],
        row=table[:, 0].astype(np.int64),
        column=table[:, 1].astype(np.int64),
        low=table[:, 2],
        likely=table[:, 3],
        high=table[:, 4],
    )


def drawn_otherwise(candidates, criteria, draws: int, seed: int):
    """Scores by the plain way and another generator: beta draws, one assessor picked a draw."""
    random = np.random.Generator(np.random.MT19937(seed))
    scores = np.empty((len(candidates), draws))
    for column, candidate in enumerate(candidates):
        summed = {Axis.IMPACT: np.zeros(draws), Axis.FEASIBILITY: np.zeros(draws)}
        weights = dict.fromkeys(summed, 0.0)
        for row, criterion in enumerate(criteria):
            opinions = candidate.get(row, [])
            if not opinions:
                values = random.uniform(0, 5, draws)
            else:
                each = []
                for low, likely, high in opinions:
                    if low == high:
                        each.append(np.full(draws, low))
                        continue
                    alpha = 1 + 4 * (likely - low) / (high - low)
                    beta = 1 + 4 * (high - likely) / (high - low)
                    each.append(low + (high - low) * random.beta(alpha, beta, draws))
                picked = random.integers(0, len(each), draws)
                values = np.choose(picked, each)
            summed[criterion.axis] += float(criterion.weight) * values
            weights[criterion.axis] += float(criterion.weight)
        axes = [2 * summed[axis] / weights[axis] for axis in summed]
        scores[column] = np.round(axes[0] * axes[1], 4)
    return scores


def counted_otherwise(scores):
    """P(first), P(top 3) and the 80 % interval by comparing everybody with everybody."""
    size = len(scores)
    chance = np.zeros((size, size))
    for column in range(size):
        ahead = (scores > scores[column]).sum(axis=0)
        sharing = (scores == scores[column]).sum(axis=0)
        for rank in range(1, size + 1):
            chance[column, rank - 1] = np.clip((rank - ahead) / sharing, 0, 1).mean()
    low = (chance >= 0.10 - 1e-9).argmax(axis=1) + 1
    high = (chance >= 0.90 - 1e-9).argmax(axis=1) + 1
    return chance[:, 0], chance[:, min(3, size) - 1], low, high


RATING = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(
    lambda tenths: tuple(value / 10 for value in sorted(tenths))
)
CANDIDATE = st.dictionaries(st.integers(0, 3), st.lists(RATING, min_size=1, max_size=3), max_size=4)
POINT = st.sampled_from([1.0, 2.0, 3.0]).map(lambda value: (value, value, value))
SURE_CANDIDATE = st.fixed_dictionaries({row: st.tuples(POINT) for row in range(4)})


def a_portfolio(size: int, seed: int):
    random = np.random.default_rng(seed)
    return [
        {
            row: [
                tuple(np.sort(random.integers(0, 51, 3)) / 10) for _ in range(random.integers(0, 4))
            ]
            for row in range(4)
        }
        for _ in range(size)
    ]


@pytest.mark.long
def test_chances_are_those_of_another_generator():
    for seed in a_part_of(range(5), 5):
        portfolio, draws = a_portfolio(8, seed), 200_000
        first, top, *_ = counted_otherwise(drawn_otherwise(portfolio, FOUR, draws, 1_000 + seed))
        found = simulate(held(portfolio))
        for ours, theirs in ((found.first, first), (found.top, top)):
            error = np.sqrt(theirs * (1 - theirs) * (1 / DRAWS + 1 / draws))
            assert np.all(np.abs(ours - theirs) <= 4.5 * error + 1e-4), seed


@pytest.mark.long
def test_the_way_of_drawing_moves_no_chance_by_half_a_point():
    """With so many draws that chance itself moves them by less."""
    portfolio, draws = a_portfolio(3, 77), 1_000_000
    found = simulate(held(portfolio), draws)
    first, top, *_ = counted_otherwise(drawn_otherwise(portfolio, FOUR, draws, 3))
    assert np.abs(found.first - first).max() < 0.005
    assert np.abs(found.top - top).max() < 0.005


@pytest.mark.parametrize(("better", "feasible"), [(0.0, 3.0), (0.1, 3.0), (0.2, 4.0), (0.4, 2.0)])
def test_two_of_many_small_criteria_part_as_normal_ones_do(better, feasible):
    """P(first) is near Φ(Δμ ÷ √(σ₁² + σ₂²)): a sum of 40 draws is nearly normal."""
    many = [Criterion(f"i{row}", Axis.IMPACT, Decimal(1)) for row in range(40)]
    many.append(Criterion("f", Axis.FEASIBILITY, Decimal(1)))
    point = [(feasible, feasible, feasible)]
    one = {**{row: [(1.0 + better, 2.0 + better, 4.0 + better)] for row in range(40)}, 40: point}
    other = {**{row: [(1.0, 2.0, 4.0)] for row in range(40)}, 40: point}
    alpha, beta = 1 + 4 / 3, 1 + 8 / 3
    variance = 9 * alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1)) / 40
    expected = NormalDist().cdf(better / (2 * variance) ** 0.5)
    opinions = held([one, other], many)
    assert simulate(opinions).first[0] == pytest.approx(expected, abs=0.02)
    assert chance_ahead(opinions) == pytest.approx(expected, abs=0.02)


@given(st.lists(CANDIDATE, min_size=1, max_size=6))
@settings(max_examples=examples(40), deadline=None)
def test_draws_are_counted_as_by_comparing_everybody(portfolio):
    opinions = held(portfolio)
    found = simulate(opinions, 400)
    first, top, low, high = counted_otherwise(draw_scores(opinions, 400))
    assert found.first == pytest.approx(first)
    assert found.top == pytest.approx(top)
    assert found.rank_low.tolist() == low.tolist()
    assert found.rank_high.tolist() == high.tolist()


@given(st.lists(SURE_CANDIDATE, min_size=1, max_size=6))
@settings(max_examples=examples(40), deadline=None)
def test_equals_share_a_place(portfolio):
    opinions = held(portfolio)
    found = simulate(opinions, 40)
    scores = draw_scores(opinions, 40)[:, 0]
    leaders = scores == scores.max()
    assert found.first == pytest.approx(np.where(leaders, 1 / leaders.sum(), 0))
    assert found.top.sum() == pytest.approx(min(3, len(portfolio)))
    low, high = counted_otherwise(scores[:, None].astype(float))[2:]
    assert (found.rank_low.tolist(), found.rank_high.tolist()) == (low.tolist(), high.tolist())


@given(st.lists(CANDIDATE, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=examples(30), deadline=None)
def test_the_order_of_candidates_changes_nothing(portfolio, random):
    names = [f"ACME-{number}" for number in range(len(portfolio))]
    order = list(range(len(portfolio)))
    random.shuffle(order)
    plain = simulate(held(portfolio, names=names), 200)
    turned = simulate(held([portfolio[i] for i in order], names=[names[i] for i in order]), 200)
    assert turned.first == pytest.approx(plain.first[order])
    assert turned.top == pytest.approx(plain.top[order])
    assert turned.rank_low.tolist() == plain.rank_low[order].tolist()
    assert turned.rank_high.tolist() == plain.rank_high[order].tolist()


@given(st.lists(CANDIDATE, min_size=2, max_size=5))
@settings(max_examples=examples(30), deadline=None)
def test_who_is_below_another_in_all_that_is_possible_is_never_first(portfolio):
    best = {row: [(5.0, 5.0, 5.0)] for row in range(4)}
    worse = {row: [(0.0, 2.0, 4.9)] for row in range(4)}
    assert simulate(held([*portfolio, worse, best]), 200).first[-2] == 0


def test_an_edit_leaves_every_other_draw_as_it_was():
    portfolio = a_portfolio(5, 9)
    before = draw_scores(held(portfolio))
    portfolio[2] = {**portfolio[2], 1: [(4.0, 4.5, 5.0)]}
    after = draw_scores(held(portfolio))
    same = [0, 1, 3, 4]
    assert np.array_equal(before[same], after[same])
    assert not np.array_equal(before[2], after[2])
    fewer = draw_scores(held(portfolio[3:], names=["ACME-4", "ACME-5"]))
    assert np.array_equal(fewer, after[3:])


def test_the_mean_of_the_draws_is_the_score_that_the_ranking_gives():
    candidate = {
        0: [(1.0, 2.0, 4.0), (3.0, 4.0, 5.0)], 1: [(0.0, 0.5, 3.0)], 2: [(2.0, 2.0, 2.0)],
    }  # fmt: skip
    impact = 2 * (3 * (13 / 6 + 4) / 2 + 2 * 5 / 6) / 5
    feasibility = 2 * (3 * 2 + 1.5 * 2.5) / 4.5
    mean = draw_scores(held([candidate]), 1_000_000).mean() / 10_000
    assert mean == pytest.approx(impact * feasibility, rel=2e-3)


def test_two_assessors_are_a_mixture_not_a_mean():
    agree = held([{row: [(3.0, 3.0, 3.0), (3.0, 3.0, 3.0)] for row in range(4)}])
    differ = held([{row: [(1.0, 1.0, 1.0), (5.0, 5.0, 5.0)] for row in range(4)}])
    assert set(draw_scores(agree)[0]) == {360_000}
    seen = set(draw_scores(differ)[0])
    assert {40_000, 1_000_000} <= seen


def test_a_criterion_without_a_weight_moves_nothing():
    weightless = (*FOUR, Criterion("mood", Axis.IMPACT, Decimal(0)))
    portfolio = a_portfolio(3, 4)
    plain = draw_scores(held(portfolio))
    for candidate in portfolio:
        candidate[4] = [(5.0, 5.0, 5.0)]
    assert np.array_equal(draw_scores(held(portfolio, weightless)), plain)


def test_nobody_to_rank_is_no_fault():
    found = simulate(held([]))
    assert len(found.first) == len(found.rank_low) == 0


def test_opinions_that_are_none_are_refused():
    opinions = held([{0: [(1.0, 2.0, 3.0)]}])
    with pytest.raises(ValueError, match="rise"):
        replace(opinions, low=np.array([2.5]))
    with pytest.raises(ValueError, match="three values"):
        replace(opinions, low=np.array([1.0, 2.0]))
