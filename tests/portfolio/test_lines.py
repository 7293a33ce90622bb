import itertools
from datetime import date

from portfolio.lines import Track, rank_lines

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def track(reference: str, *points, **more) -> Track:
    return Track(reference, f"Title of {reference}", "/", points, **more)


def test_a_rank_is_held_until_the_next():
    chart = rank_lines([track("A-1", (FIRST, 2), (date(2026, 3, 16), 1))], FIRST, LAST)
    (line,) = chart.lines
    assert line.path.count("L") == 3  # held, changed, held
    assert line.label.startswith("1 Title")
    assert not line.has_left


def test_who_moved_on_is_named_where_it_did():
    chart = rank_lines(
        [track("A-1", (FIRST, 1), (date(2026, 3, 11), None)), track("A-2", (FIRST, 2))],
        FIRST, LAST,
    )  # fmt: skip
    gone, stays = chart.lines
    assert gone.has_left
    assert gone.label == "Title of A-1"
    assert gone.label_x < chart.right < stays.label_x


def test_who_left_before_is_not_drawn():
    before = track("A-1", (date(2026, 2, 1), 1), (date(2026, 2, 2), None))
    chart = rank_lines([before, track("A-2", (FIRST, 1))], FIRST, LAST)
    assert [line.label for line in chart.lines] == ["1 Title of A-2"]


def test_labels_stand_apart():
    chart = rank_lines([track(f"A-{n}", (FIRST, n)) for n in range(1, 40)][:12], FIRST, LAST)
    places = sorted(line.label_y for line in chart.lines)
    assert all(b - a >= 14 for a, b in itertools.pairwise(places))


def test_many_places_crowd_towards_the_end():
    chart = rank_lines([track("A-1", (FIRST, 1)), track("A-2", (FIRST, 2_000))], FIRST, LAST)
    places = {mark.words: mark.at for mark in chart.up}
    assert places["10"] - places["1"] > places["1000"] - places["100"] - 1 > 0
    assert places["10"] > 70  # the first ten take a third of the height


def test_without_ranks_or_days_there_is_no_picture():
    assert rank_lines([], FIRST, LAST) is None
    assert rank_lines([track("A-1", (FIRST, None))], FIRST, LAST) is None
    assert rank_lines([track("A-1", (FIRST, 1))], FIRST, FIRST) is None
