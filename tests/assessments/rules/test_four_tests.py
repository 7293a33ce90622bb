"""The four tests: derived, with what is missing by stable names, and a person's no above all."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest

from assessments.rules import four_tests
from assessments.rules.four_tests import Outcome, Review, Source, Usable
from portfolio.rules.words import Answer, Direction

OUTCOME = Outcome(
    statement="Cut first response from 8 h to 0.5 h for the top 40 % of queries",
    metric="first response time",
    unit="h",
    direction=Direction.LOWER,
    baseline=Decimal(8),
    target=Decimal("0.5"),
    segment="tier-1 agents",
)
SOURCE = Source(
    "tickets",
    schema_consistent=True,
    clean=True,
    access_cleared=True,
    usable=Usable.YES,
)
REVIEW = Review(
    reviewer="team lead on shift",
    outputs="all",
    decision="approve, edit or reject",
    feedback="edits go to the set",
)


def slugs(state):
    return [missing.slug for missing in state.missing]


def test_a_complete_outcome_is_yes():
    state = four_tests.judge_outcome(OUTCOME)
    assert (state.answer, slugs(state)) == (Answer.YES, [])


@pytest.mark.parametrize(
    ("changes", "answer", "missing"),
    [
        ({"statement": ""}, "unknown", ["statement"]),
        ({"statement": "Improve customer experience"}, "no", ["statement_number"]),
        ({"metric": " "}, "unknown", ["metric"]),
        ({"unit": ""}, "unknown", ["unit"]),
        ({"direction": None}, "unknown", ["direction"]),
        ({"baseline": None}, "unknown", ["baseline"]),
        ({"target": None}, "unknown", ["target"]),
        ({"segment": ""}, "unknown", ["segment"]),
        ({"target": Decimal(8)}, "no", ["target_direction"]),
        ({"target": Decimal(9)}, "no", ["target_direction"]),
        ({"direction": Direction.HIGHER}, "no", ["target_direction"]),
        ({"baseline": Decimal(0), "target": Decimal(-1)}, "yes", []),
        ({"segment": "", "target": Decimal(9)}, "unknown", ["target_direction", "segment"]),
        (
            {"statement": "Cut calls by 50 %. Then cut the rest."},
            "no",
            ["statement_sentence"],
        ),
    ],
)
def test_a_blank_part_is_unknown_and_a_wrong_one_is_no(changes, answer, missing):
    state = four_tests.judge_outcome(replace(OUTCOME, **changes))
    assert (state.answer.word, slugs(state)) == (answer, missing)
    assert all(part.words for part in state.missing)


def test_an_empty_outcome_misses_everything():
    assert slugs(four_tests.judge_outcome(Outcome())) == [
        "statement",
        "metric",
        "unit",
        "direction",
        "baseline",
        "target",
        "segment",
    ]


def test_improve_customer_experience_is_told_why_it_fails():
    state = four_tests.judge_outcome(replace(OUTCOME, statement="Improve customer experience"))
    assert "“Improve” is a direction, not an outcome" in state.why
    assert "how much" in state.why


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("Improve customer experience", False),
        ("Answer with GPT-4 for B2B tier-1 customers in Q3", False),
        ("No one waits any more", False),
        ("Halve the handling time", True),
        ("Answer within two hours", True),
        ("A twenty-minute answer", True),
        ("Answer in 0.5h", True),
        ("Save $1.5M", True),
        ("Resolve 40% more", True),
        ("From .8 to .9", True),
        ("Reach a tense tone", False),
    ],
)
def test_a_number_is_a_number_and_not_a_part_of_a_name(statement, found):
    assert four_tests.has_number(statement) is found


@pytest.mark.parametrize(
    ("sources", "answer", "missing"),
    [
        ([], "unknown", ["sources"]),
        ([replace(SOURCE, required=False)], "unknown", ["sources"]),
        ([SOURCE], "yes", []),
        ([SOURCE, Source("wiki", required=False, usable=Usable.NO)], "yes", []),
        ([replace(SOURCE, usable=None)], "unknown", ["usable"]),
        ([replace(SOURCE, access_cleared=None)], "unknown", ["access_cleared"]),
        ([replace(SOURCE, usable=Usable.NOT_YET)], "no", ["usable"]),
        ([replace(SOURCE, usable=Usable.NO)], "no", ["usable"]),
        ([replace(SOURCE, access_cleared=False)], "no", ["access_cleared"]),
        ([SOURCE, replace(SOURCE, usable=Usable.NO)], "no", ["usable"]),
        (
            [replace(SOURCE, usable=None), replace(SOURCE, usable=Usable.NO)],
            "unknown",
            ["usable", "usable"],
        ),
        ([replace(SOURCE, schema_consistent=None, clean=False)], "yes", []),
    ],
)
def test_every_required_source_must_be_usable_and_cleared(sources, answer, missing):
    state = four_tests.judge_data(sources)
    assert (state.answer.word, slugs(state)) == (answer, missing)


def test_the_data_work_that_comes_first_is_told():
    source = replace(SOURCE, usable=Usable.NOT_YET, schema_consistent=False, clean=False)
    why = four_tests.judge_data([source]).why
    assert why == "tickets is not usable yet: first make its schema consistent and clean it."


@pytest.mark.parametrize("blank", ["reviewer", "outputs", "decision", "feedback"])
def test_all_four_parts_of_the_review_are_asked(blank):
    assert four_tests.judge_review(REVIEW).answer is Answer.YES
    state = four_tests.judge_review(replace(REVIEW, **{blank: "  "}))
    assert (state.answer, slugs(state)) == (Answer.UNKNOWN, [blank])


def test_a_sampled_review_says_how_much_is_sampled():
    sampled = replace(REVIEW, outputs="sampled")
    assert slugs(four_tests.judge_review(sampled)) == ["sampled_percent"]
    assert four_tests.judge_review(replace(sampled, sampled_percent=10)).answer is Answer.YES


@pytest.mark.parametrize(
    ("net", "answer"), [(None, "unknown"), ("-0.01", "no"), ("0", "no"), ("0.01", "yes")]
)
def test_the_economics_answer_by_the_net(net, answer):
    state = four_tests.judge_economics(None if net is None else Decimal(net))
    assert state.answer.word == answer
    assert bool(state.missing) is (answer != "yes")


def test_the_economics_name_their_missing_inputs():
    state = four_tests.judge_economics(None, missing_inputs=["volume_per_month", "route"])
    assert slugs(state) == ["volume_per_month", "route"]
    assert state.why == "Fill in the volume per month. Fill in the route."


def judge_all(persons_no):
    return [
        four_tests.judge_outcome(OUTCOME, persons_no=persons_no),
        four_tests.judge_data([SOURCE], persons_no=persons_no),
        four_tests.judge_review(REVIEW, persons_no=persons_no),
        four_tests.judge_economics(Decimal(1), persons_no=persons_no),
    ]


def test_a_persons_no_wins_and_can_be_withdrawn():
    for state in judge_all("we tried this in spring"):
        assert (state.answer, state.derived, slugs(state)) == (Answer.NO, Answer.YES, ["overruled"])
        assert state.is_overruled
        assert "we tried this in spring" in state.why
    assert not any(state.is_overruled for state in judge_all(None))


def test_a_persons_no_wins_over_unknown_too_and_keeps_what_is_missing():
    state = four_tests.judge_review(Review(), persons_no="")
    assert state.answer is Answer.NO
    assert slugs(state) == ["overruled", "reviewer", "outputs", "decision", "feedback"]


def test_ready_is_four_times_yes():
    states = judge_all(None)
    assert four_tests.is_ready(states)
    assert not four_tests.is_ready(states[:3])
    assert not four_tests.is_ready([*states[:3], judge_all("no")[3]])


@pytest.mark.parametrize(
    ("scope", "wide"),
    [
        ((1, 1, 1), False),
        ((0, 0, 0), False),
        ((2, 1, 1), True),
        ((1, 2, 1), True),
        ((1, 1, 2), True),
    ],
)
def test_more_than_one_of_anything_is_a_platform_play(scope, wide):
    assert four_tests.is_platform_play(*scope) is wide


def readiness_by_hand(sources):
    """Section 4, in fractions."""
    required = [source for source in sources if source.required]
    total = Fraction(0)
    for source in required:
        usable = {"yes": Fraction(1), "not_yet": Fraction(1, 2), "no": Fraction(0)}[source.usable]
        quality = Fraction(1, 2)
        quality += Fraction(1, 4) * bool(source.schema_consistent)
        quality += Fraction(1, 4) * bool(source.clean)
        total += usable * quality / (1 if source.access_cleared else 2)
    likely = 5 * total / len(required)
    return [
        round(v, 6) for v in (max(Fraction(0), likely - 1), likely, min(Fraction(5), likely + 1))
    ]


def test_data_readiness_is_that_of_fractions_for_every_pair_of_sources():
    every = [
        Source("s", True, schema, clean, access, usable)
        for schema, clean, access in product((True, False, None), repeat=3)
        for usable in Usable
    ]
    for number, source in enumerate(every):
        for others in ([], [every[number * 7 % len(every)]], [SOURCE, SOURCE]):
            found = four_tests.data_readiness([source, *others])
            assert [found.low, found.likely, found.high] == readiness_by_hand([source, *others])


@pytest.mark.parametrize(
    "sources", [[], [replace(SOURCE, required=False)], [replace(SOURCE, usable=None)]]
)
def test_without_its_input_data_readiness_is_unrated(sources):
    assert four_tests.data_readiness(sources) is None


def test_what_is_not_required_does_not_weigh():
    found = four_tests.data_readiness([SOURCE, replace(SOURCE, required=False, usable=Usable.NO)])
    assert (found.low, found.likely, found.high) == (4, 5, 5)
