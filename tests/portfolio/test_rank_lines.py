import itertools
from datetime import date

from portfolio.charts.ranks import Track, rank_lines

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


def test_who_moved_on_is_named_where_its_line_ends_however_often_that_is_noted():
    noted = [(FIRST, 1), (date(2026, 3, 11), None), (date(2026, 3, 30), None)]
    chart = rank_lines([track("A-1", *noted), track("A-2", (FIRST, 2))], FIRST, LAST)
    assert chart.lines[0].label_x < (chart.left + chart.right) / 2


def test_who_left_before_is_not_drawn():
    before = track("A-1", (date(2026, 2, 1), 1), (date(2026, 2, 2), None))
    chart = rank_lines([before, track("A-2", (FIRST, 1))], FIRST, LAST)
    assert [line.label for line in chart.lines] == ["1 Title of A-2"]


def test_labels_stand_apart():
    chart = rank_lines([track(f"A-{n}", (FIRST, n)) for n in range(1, 40)][:12], FIRST, LAST)
    places = sorted(line.label_y for line in chart.lines)
    assert all(b - a >= 14 for a, b in itertools.pairwise(places))


def test_each_doubling_takes_the_same_room():
    chart = rank_lines([track("A-1", (FIRST, 1)), track("A-2", (FIRST, 2_000))], FIRST, LAST)
    assert [chart.up[0].words, chart.up[1].words] == ["1", "2"]
    assert [chart.up[-2].words, chart.up[-1].words] == ["500", "1000"]
    first, last = chart.up[1].at - chart.up[0].at, chart.up[-1].at - chart.up[-2].at
    assert first > 0
    assert abs(first - last) < 0.2


def test_ranks_are_numbered_evenly():
    for lowest, ranks in ((9, range(1, 10)), (30, range(1, 31, 2))):
        chart = rank_lines([track("A-1", (FIRST, 1)), track("A-2", (FIRST, lowest))], FIRST, LAST)
        assert [mark.words for mark in chart.up] == [str(rank) for rank in ranks]


def test_a_label_uses_the_room_and_stays_in_the_picture():
    title = "Booking e-mails into orders"
    chart = rank_lines(
        [
            Track("A-1", title, "/", [(FIRST, 1)]),
            Track("A-2", title, "/", [(FIRST, 1), (date(2026, 3, 9), None)]),
        ],
        FIRST, LAST,
    )  # fmt: skip
    stays, gone = chart.lines
    assert stays.label == f"1 {title}"
    assert stays.label_x + 6.5 * len(stays.label) <= chart.width
    assert gone.label == title
    assert gone.label_x - 6.5 * len(gone.label) >= 0
    assert gone.label_y >= 14  # whole letters over the first line


def test_neighbouring_lines_can_be_told_apart():
    chart = rank_lines([track(f"A-{n}", (FIRST, n)) for n in range(1, 8)], FIRST, LAST)
    assert [line.stroke for line in chart.lines] == [1, 2, 3, 4, 5, 6, 1]


def test_without_ranks_or_days_there_is_no_picture():
    assert rank_lines([], FIRST, LAST) is None
    assert rank_lines([track("A-1", (FIRST, None))], FIRST, LAST) is None
    assert rank_lines([track("A-1", (FIRST, 1))], FIRST, FIRST) is None


def test_names_of_those_that_moved_on_do_not_run_into_each_other():
    """Both leave the first place, two days apart: one name has room, the words keep both."""
    tracks = [
        track("A-1", (FIRST, 1), (date(2026, 3, 20), None)),
        track("A-2", (FIRST, 1), (date(2026, 3, 22), None)),
        track("A-3", (FIRST, 9), (date(2026, 3, 22), None)),
    ]
    chart = rank_lines(tracks, FIRST, LAST)
    assert [line.label for line in chart.lines] == ["Title of A-1", "", "Title of A-3"]
    assert all(line.words for line in chart.lines)
