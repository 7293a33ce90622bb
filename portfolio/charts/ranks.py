"""Where ranks over time stand in a picture: a step a change, the first place on top."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portfolio.charts.scales import DateScale, LinearScale, LogScale, path, rounded, spread

CROWDED = 30  # from so many places on, the first ones get more room than the last
LINE = 15
MOST_LETTERS = 38
LETTER = 6.5  # how wide one is, about
STROKES = 6  # so many kinds of lines can be told apart


@dataclass(frozen=True)
class Track:
    """One candidate's rank on the days on which it changed; none where it had none."""

    reference: str
    title: str
    url: str
    points: Sequence[tuple[date, int | None]]
    is_pick: bool = False


@dataclass(frozen=True)
class Mark:
    at: float
    words: str


@dataclass(frozen=True)
class RankLine:
    """One drawn line with its label beside its end, or where it moved on."""

    path: str
    url: str
    words: str
    label: str
    label_x: float
    label_y: float
    is_pick: bool
    has_left: bool
    stroke: int = 0  # which kind of line it is


@dataclass(frozen=True)
class RankLines:
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    lines: Sequence[RankLine]
    up: Sequence[Mark]
    across: Sequence[Mark]


def rank_lines(
    tracks: Sequence[Track], first: date, last: date, *, width: int = 1000, height: int = 320
) -> RankLines | None:
    """The picture of these tracks between two days; none where there is nothing to draw."""
    ranks = [rank for track in tracks for _, rank in track.points if rank is not None]
    if not ranks or first >= last:
        return None
    left, right, top, bottom = 32.0, float(width - _label_room(tracks)), 26.0, float(height - 26)
    across = DateScale(first, last, left, right)
    lowest = max(*ranks, 2)
    scale = LogScale if lowest > CROWDED else LinearScale
    up = scale(1, lowest, top, bottom)
    drawn = [(track, end) for track in tracks if (end := _ends(track)) is not None]
    staying = [(track, end) for track, end in drawn if _left_on(track) is None]
    places = spread([up.at(end) for _, end in staying], LINE, top, bottom)
    beside = {track.reference: y for (track, _), y in zip(staying, places, strict=True)}
    lines = []
    for at, (track, end) in enumerate(drawn):
        left_on = _left_on(track)
        if left_on is not None and left_on < first:
            continue
        lines.append(
            RankLine(
                path=_steps(track.points, first, last, across, up),
                url=track.url,
                words=f"{track.reference} {track.title}: {_told(track.points)}",
                label=_short(track.title if left_on else f"{end} {track.title}"),
                label_x=across.at(left_on) if left_on else right + 8,
                label_y=rounded(up.at(end) - 6 if left_on else beside[track.reference] + 4),
                is_pick=track.is_pick,
                has_left=left_on is not None,
                stroke=at % STROKES + 1,
            )
        )
    days = [first, first + (last - first) / 2, last]
    return RankLines(
        width, height, left, right, top, bottom, _readable(lines, left),
        [Mark(up.at(rank), f"{rank}") for rank in _marks(lowest, up)],
        [Mark(across.at(day), f"{day:%-d %b}") for day in dict.fromkeys(days)],
    )  # fmt: skip


def _label_room(tracks: Sequence[Track]) -> float:
    """What the longest label beside the lines takes."""
    longest = max(len(track.title) + 3 for track in tracks)
    return LETTER * min(longest, MOST_LETTERS) + 20


def _readable(lines: Sequence[RankLine], left: float) -> list[RankLine]:
    """The names of those that moved on inside the picture, and left out where they would run into
    each other; a line's words and the table beside tell them all the same."""
    taken: list[tuple[float, float, float]] = []
    kept = []
    for line in lines:
        if line.has_left:
            ends = max(line.label_x, rounded(left + LETTER * len(line.label)))
            line = replace(line, label_x=ends)
            begins = line.label_x - LETTER * len(line.label)
            runs_into = any(
                abs(line.label_y - y) < LINE and begins < end and start < line.label_x
                for start, end, y in taken
            )
            if runs_into:
                line = replace(line, label="")
            else:
                taken.append((begins, line.label_x, line.label_y))
        kept.append(line)
    return kept


def _marks(lowest: int, up: LinearScale | LogScale) -> list[int]:
    """The ranks that are numbered: the same distance apart, as many as have room; where the first
    get more room than the last, the round ones."""
    if isinstance(up, LinearScale):
        step = next(step for step in range(1, lowest + 1) if step * _gap(up) >= LINE)
        return list(range(1, lowest + 1, step))
    kept: list[int] = []
    marks = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    for mark in (mark for mark in marks if mark <= lowest):
        if not kept or abs(up.at(mark) - up.at(kept[-1])) >= LINE:
            kept.append(mark)
    return kept


def _gap(up: LinearScale) -> float:
    """How far two ranks that follow each other stand apart."""
    return abs(up.at(2) - up.at(1))


def _left_on(track: Track) -> date | None:
    """The day since which it has no rank; none while it has one."""
    gone = None
    for day, rank in track.points:
        gone = None if rank is not None else gone or day
    return gone


def _ends(track: Track) -> int | None:
    """The last rank that it had."""
    ranks = [rank for _, rank in track.points if rank is not None]
    return ranks[-1] if ranks else None


def _steps(points, first: date, last: date, across: DateScale, up) -> str:
    """A line that holds each rank until the next; broken where there is none."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for at, (day, rank) in enumerate(points):
        until = points[at + 1][0] if at + 1 < len(points) else last
        if rank is None:
            pieces.append([])
            continue
        if until < first:
            continue
        start, end = across.at(max(day, first)), across.at(max(until, first))
        pieces[-1] += [(start, up.at(rank)), (end, up.at(rank))]
    return "".join(path(piece) for piece in pieces if piece)


def _told(points: Sequence[tuple[date, int | None]]) -> str:
    said = [f"{rank or 'none'} on {day:%-d %b}" for day, rank in points[-6:]]
    return ", ".join(said)


def _short(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1].rstrip()}…"
