"""Writes the rows that need mending as a file that can be sent again when they are mended."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from portfolio.importing.formulas import neutralise
from portfolio.importing.tables import KEY_COLUMN, OURS, PROBLEM_COLUMN, ROW_COLUMN
from portfolio.models import ImportProblem


def mended_file(heading: Sequence[str], problems: Iterable[ImportProblem]) -> Iterator[list[str]]:
    """The source's own columns, then ours: where the row stood, what is wrong, which row it is.

    Ours are left out when the file is read again, and every cell comes back as it was.
    """
    theirs = [place for place, name in enumerate(heading) if name not in OURS]
    yield [
        *(neutralise(heading[place]) for place in theirs),
        ROW_COLUMN,
        PROBLEM_COLUMN,
        KEY_COLUMN,
    ]
    for number, of_row in groupby(problems, key=lambda problem: problem.row):
        told = list(of_row)
        cells = told[0].cells
        words = " ".join(
            f"{problem.column}: {problem.message}" if problem.column else problem.message
            for problem in told
        )
        yield [
            *(neutralise(cells[place]) if place < len(cells) else "" for place in theirs),
            str(number),
            neutralise(words),
            told[0].key,
            # Cells beyond the last heading stay at the end, so that nothing of the row is lost.
            *(neutralise(cell) for cell in cells[len(heading) :]),
        ]
