import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portfolio.charts.metric import Level, Measured, metric_chart
from portfolio.charts.ranges import whisker
from portfolio.charts.scales import (
    DateScale,
    LinearScale,
    LogScale,
    month_starts,
    nice_step,
    nice_ticks,
    path,
    rounded,
    spread,
)
from portfolio.charts.scatter import Candidate, iso_score, scatter
from portfolio.charts.weeks import Prediction, Promise, week_strip

MONDAY = date(2026, 8, 17)


def test_a_linear_scale_meets_both_ends_and_the_middle():
    scale = LinearScale(0, 10, 100, 0)
    assert [scale.at(value) for value in (0, 5, 10)] == [100, 50, 0]


def test_a_scale_takes_decimals():
    assert LinearScale(0, 10, 0, 100).at(Decimal("2.5")) == 25


def test_a_log_scale_gives_each_power_the_same_room():
    scale = LogScale(1, 1000, 0, 300)
    assert [scale.at(value) for value in (1, 10, 100, 1000)] == [0, 100, 200, 300]


def test_a_date_scale_counts_days():
    scale = DateScale(MONDAY, MONDAY + timedelta(days=10), 0, 100)
    assert scale.at(MONDAY + timedelta(days=3)) == 30


@pytest.mark.parametrize(
    "make",
    [
        lambda: LinearScale(3, 3, 0, 1),
        lambda: LogScale(0, 10, 0, 1),
        lambda: DateScale(MONDAY, MONDAY, 0, 1),
        lambda: nice_step(0, 5),
    ],
)
def test_a_scale_without_two_ends_is_a_mistake(make):
    with pytest.raises(ValueError, match="two different ends"):
        make()


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (4.05, 4.43, 4, [4.1, 4.2, 4.3, 4.4]),
        (-3, 3, 3, [-2, 0, 2]),
        (0, 2_500_000, 5, [0, 500_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000]),
    ],
)
def test_ticks_are_round_numbers(low, high, most, ticks):
    assert nice_ticks(low, high, most) == ticks


@given(st.floats(-1e4, 1e4), st.floats(1e-2, 1e6), st.integers(1, 12))
def test_ticks_lie_inside_rise_evenly_and_are_few(low, span, most):
    ticks = nice_ticks(low, low + span, most)
    step = nice_step(span, most)
    assert len(ticks) <= most + 1
    assert all(low - step * 1e-6 <= tick <= low + span + step * 1e-6 for tick in ticks)
    assert all(
        later - earlier == pytest.approx(step, rel=1e-4)
        for earlier, later in itertools.pairwise(ticks)
    )


def test_month_starts_are_those_inside():
    assert month_starts(MONDAY, date(2026, 11, 1)) == [
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
    ]


def test_a_path_is_one_open_line():
    assert path([(1, 2), (3.25, 4)]) == "M1 2L3.2 4"
    assert path([]) == ""


@given(st.lists(st.floats(0, 100), max_size=6))
def test_spread_words_keep_their_gap_and_their_order(places):
    moved = spread(places, 14, 0, 100)
    order = sorted(range(len(places)), key=lambda at: places[at])
    tops = [moved[at] for at in order]
    assert all(later - earlier >= 13.8 for earlier, later in itertools.pairwise(tops))
    assert all(-0.1 <= top <= 100.1 for top in tops)


def candidate(reference="NWC-1", **changes):
    given_ = {
        "title": "Support triage", "url": "/use-cases/NWC-1/", "impact": Decimal("7.4"),
        "feasibility": Decimal("8.1"), "place": "ranked", "rank": 1, "score": Decimal("60.1"),
        "value": 900,
    }  # fmt: skip
    return Candidate(reference, **{**given_, **changes})


def test_area_not_radius_follows_value():
    chart = scatter([candidate(value=400), candidate("NWC-2", value=100)])
    large, small = chart.bubbles
    assert (large.radius, small.radius) == (20, 10)


def test_large_bubbles_are_drawn_first_so_that_small_ones_stay_in_reach():
    chart = scatter([candidate(value=1), candidate("NWC-2", value=900)])
    assert [bubble.reference for bubble in chart.bubbles] == ["NWC-2", "NWC-1"]
    assert [bubble.order for bubble in chart.bubbles] == [1, 0]


def test_the_shortlist_is_drawn_on_top():
    chart = scatter([candidate(place="shortlist"), candidate("NWC-2", value=1)])
    assert [bubble.reference for bubble in chart.bubbles] == ["NWC-2", "NWC-1"]


def test_ranks_are_written_only_where_they_can_be_read():
    chart = scatter([candidate(), candidate("NWC-2", rank=2), candidate("NWC-3", impact=2)])
    assert {bubble.reference: bubble.label for bubble in chart.bubbles} == {
        "NWC-1": "1",
        "NWC-2": "",
        "NWC-3": "1",
    }


def test_many_bubbles_are_drawn_smaller():
    few = scatter([candidate(f"NWC-{at}") for at in range(10)])
    many = scatter([candidate(f"NWC-{at}") for at in range(100)])
    assert few.bubbles[0].radius > many.bubbles[0].radius


@pytest.mark.parametrize("value", [None, 0, -5_000])
def test_a_bubble_without_value_is_small_and_still_there(value):
    chart = scatter([candidate(value=900), candidate("NWC-2", value=value)])
    assert chart.bubbles[-1].reference == "NWC-2"
    assert chart.bubbles[-1].radius == 4.5


def test_a_bubble_says_its_rank_and_numbers():
    [bubble] = scatter([candidate()]).bubbles
    assert bubble.words == "1. Support triage: score 60.1, impact 7.4, feasibility 8.1"
    [bubble] = scatter([candidate(rank=None, score=None, place="not_ready")]).bubbles
    assert bubble.words == "Support triage: impact 7.4, feasibility 8.1, not ready"


@given(st.lists(st.tuples(st.decimals(0, 10, places=1), st.decimals(0, 10, places=1)), max_size=30))
def test_every_bubble_lies_between_the_axes(pairs):
    chart = scatter(
        [candidate(f"NWC-{at}", impact=x, feasibility=y) for at, (x, y) in enumerate(pairs)]
    )
    for bubble in chart.bubbles:
        assert chart.left <= bubble.x <= chart.right
        assert chart.top <= bubble.y <= chart.bottom


@given(st.floats(5, 95))
def test_on_a_curve_impact_times_feasibility_is_the_score(score):
    across, up = LinearScale(0, 10, 0, 1000), LinearScale(0, 10, 0, 1000)
    points = iso_score(score, across, up)
    assert points
    for x, y in points:
        assert x * y / 10_000 == pytest.approx(score, abs=0.2)


def test_a_curve_outside_the_axes_is_not_drawn():
    across, up = LinearScale(0, 4, 0, 100), LinearScale(0, 4, 0, 100)
    assert iso_score(20, across, up) == []


def test_two_thousand_bubbles_are_drawn():
    many = [candidate(f"NWC-{at}", impact=at % 10, feasibility=at % 7) for at in range(2_000)]
    assert len(scatter(many).bubbles) == 2_000


LEVELS = [
    Level("baseline", Decimal(8), "baseline 8 h"),
    Level("target", Decimal("0.5"), "target 0.5 h"),
]


def metric(readings, levels=LEVELS, **changes):
    return metric_chart(
        readings, levels, **{"first": MONDAY, "last": MONDAY + timedelta(weeks=16), **changes}
    )


def reading(day, value, state="counted"):
    return Measured(MONDAY + timedelta(days=day), Decimal(value), f"{value} h", state)


def test_a_superseded_reading_is_shown_but_off_the_line():
    chart = metric([reading(10, "7"), reading(20, "9", "superseded"), reading(30, "5")])
    assert [dot.state for dot in chart.dots] == ["counted", "superseded", "counted"]
    assert chart.line.count("L") == 1
    assert chart.last == chart.dots[2]


def test_every_level_and_reading_is_in_view():
    chart = metric([reading(10, "12")])
    assert all(chart.top <= dot.y <= chart.bottom for dot in chart.dots)
    assert all(chart.top <= level.y <= chart.bottom for level in chart.levels)


def test_levels_that_nearly_meet_keep_their_words_apart():
    near = [
        Level("target", Decimal("4.20"), "target"),
        Level("guardrail", Decimal("4.21"), "at least"),
        Level("baseline", Decimal(9), "baseline"),
    ]
    chart = metric([], near)
    assert abs(chart.levels[0].words_y - chart.levels[1].words_y) >= 13.9


def test_a_chart_without_readings_still_shows_what_is_promised():
    chart = metric([])
    assert chart.line == ""
    assert chart.last is None
    assert len(chart.levels) == 2


def test_a_chart_of_nothing_at_all_does_not_fail():
    chart = metric([], [], first=MONDAY, last=MONDAY)
    assert chart.dots == []


def test_today_and_the_verdict_day_are_drawn_only_where_they_are_in_view():
    chart = metric([], today=MONDAY - timedelta(days=1), verdict_due=MONDAY + timedelta(days=111))
    assert chart.today_x is None
    assert chart.left < chart.verdict_x < chart.right


def strip(**changes):
    weeks = changes.pop("planned_weeks", 16)
    given_ = {
        "start": MONDAY, "planned_weeks": weeks,
        "verdict_due": MONDAY + timedelta(days=7 * weeks - 1), "today": MONDAY + timedelta(days=60),
    }  # fmt: skip
    return week_strip(**{**given_, **changes})


def test_the_strip_has_its_weeks_and_phases():
    chart = strip(planned_weeks=8)
    assert [week.words for week in chart.weeks] == [str(week) for week in range(1, 9)]
    assert [phase.words.split(",")[0] for phase in chart.phases] == ["confirm", "mobilise", "build"]


@pytest.mark.parametrize(("day", "phase"), [(0, 0), (13, 0), (14, 1), (27, 1), (28, 2), (111, 2)])
def test_the_phase_of_today_is_marked(day, phase):
    chart = strip(today=MONDAY + timedelta(days=day))
    assert [span.is_now for span in chart.phases].index(True) == phase


@pytest.mark.parametrize("day", [-1, 112])
def test_outside_its_weeks_no_phase_is_now(day):
    assert not any(span.is_now for span in strip(today=MONDAY + timedelta(days=day)).phases)


def test_the_verdict_line_closes_the_last_planned_week():
    chart = strip()
    last = chart.phases[-1]
    assert chart.verdict_x == pytest.approx(last.x + last.width + 1, abs=0.2)
    assert chart.verdict_words.words == "verdict 6 Dec"


@given(st.integers(8, 16), st.integers(0, 200), st.lists(st.integers(0, 300), max_size=3))
def test_today_and_the_verdict_stand_apart_and_in_the_strip(weeks, day, promised):
    due = [Promise("ship", MONDAY + timedelta(days=promise)) for promise in promised]
    chart = strip(planned_weeks=weeks, today=MONDAY + timedelta(days=day), milestones=due)
    both = [words for words in (chart.today_words, chart.verdict_words) if words is not None]
    for words in both:
        begins, ends = words.span
        assert begins >= 0
        assert ends <= chart.width
        assert words.y < chart.height
    if len(both) == 2 and both[0].y == both[1].y:
        (begins, ends), (other_begins, other_ends) = both[0].span, both[1].span
        assert ends < other_begins or other_ends < begins


def test_forecasts_run_from_old_to_new_and_a_receding_trail_is_told():
    made = [MONDAY + timedelta(days=day) for day in (40, 14, 28)]
    ships = [MONDAY + timedelta(days=day) for day in (120, 70, 90)]
    chart = strip(forecasts=[Prediction(*pair) for pair in zip(made, ships, strict=True)])
    assert [guess.x for guess in chart.guesses] == sorted(guess.x for guess in chart.guesses)
    assert [guess.is_late for guess in chart.guesses] == [False, False, True]
    assert chart.is_receding


def test_a_forecast_far_beyond_is_held_at_the_edge_and_says_its_day():
    far = Prediction(MONDAY, MONDAY + timedelta(days=400))
    [guess] = strip(forecasts=[far]).guesses
    assert guess.is_beyond
    assert guess.x <= 948
    assert guess.title.endswith("21 Sep")


def test_only_the_newest_forecasts_are_drawn():
    many = [
        Prediction(MONDAY + timedelta(days=day), MONDAY + timedelta(days=90)) for day in range(30)
    ]
    assert len(strip(forecasts=many).guesses) == 8


def test_crowded_milestones_stand_on_different_lines():
    crowded = [
        Promise("evaluation set frozen", MONDAY + timedelta(days=day)) for day in (30, 34, 38, 90)
    ]
    lines = [mark.words_y for mark in strip(milestones=crowded).milestones]
    assert lines[0] != lines[1] != lines[2]
    assert lines[3] == lines[0]


def test_the_ship_date_is_a_mark_of_its_own():
    chart = strip(shipped_on=MONDAY + timedelta(days=50))
    assert [(mark.words, mark.state) for mark in chart.milestones] == [("shipped", "shipped")]


@given(st.integers(8, 16), st.lists(st.integers(-60, 500), max_size=10), st.integers(-90, 400))
def test_nothing_is_drawn_outside_the_strip(weeks, days, today):
    assume(days or today)
    chart = strip(
        planned_weeks=weeks,
        today=MONDAY + timedelta(days=today),
        milestones=[Promise("ship", MONDAY + timedelta(days=day)) for day in days],
        forecasts=[Prediction(MONDAY, MONDAY + timedelta(days=day)) for day in days],
    )
    for mark in [*chart.milestones, *chart.guesses]:
        assert chart.left <= mark.x <= chart.right
        assert mark.y < chart.height


def test_whiskers_cross_at_the_candidate_and_end_with_the_picture():
    sure = candidate(impact=6, feasibility=5)
    wide = candidate("NWC-2", impact=6.5, feasibility=6)
    wide = replace(wide, impact_ends=(5.9, 7), feasibility_ends=(-100, 100))
    chart = scatter([sure, wide])
    drawn = {bubble.reference: bubble for bubble in chart.bubbles}
    assert drawn[sure.reference].whiskers == ""
    found = drawn["NWC-2"]
    across, down = found.whiskers[1:].split("M")
    begin, end = across.split("H")
    assert begin == f"{rounded(chart.left)} {found.y}"
    assert float(end) == chart.right
    top, bottom = down.split("V")
    assert top.split()[0] == str(found.x)
    assert float(bottom) < found.y < float(top.split()[1])


def test_a_rank_lies_on_its_line_between_the_ends_of_its_interval():
    drawn = whisker(3, 1, 6, 11)
    assert (drawn.start, drawn.at, drawn.end, drawn.width) == (3, 13, 28, 56)
    alone = whisker(1, 1, 1, 1)
    assert alone.start == alone.at == alone.end == 3


def test_what_does_not_count_neither_squeezes_nor_joins_what_does():
    counting = [reading(8, 5), reading(15, 4)]
    aside = [reading(20, 900_000, "aside"), reading(21, 4.5, "aside")]
    chart = metric([*counting, *aside])
    assert [dot.state for dot in chart.dots] == ["counted", "counted", "aside"]
    assert (chart.line, chart.up) == (metric(counting).line, metric(counting).up)


def test_an_axis_over_the_turn_of_a_year_names_the_years():
    first, last = date(2026, 11, 2), date(2027, 2, 28)
    ticks = metric([], first=first, last=last).across
    assert [tick.words for tick in ticks] == ["1 Dec 2026", "1 Jan 2027", "1 Feb"]
