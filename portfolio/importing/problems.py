"""Writes the rows that did not come in as a file that can be mended and sent again."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from portfolio.importing.formulas import neutralise
from portfolio.importing.tables import PROBLEM_COLUMN, ROW_COLUMN
from portfolio.models import ImportProblem

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets take UTF-8 for something else


def mended_file(
    heading: Sequence[str], problems: Iterable[ImportProblem]
) -> Iterator[Sequence[str]]:
    """The source's own columns, then our two: where the row stood, and what is wrong with it.

    Ours are left out when the file is read again, and every cell comes back as it was.
    """
    names = [neutralise(name) for name in heading]
    yield [BYTE_ORDER_MARK + names[0] if names else BYTE_ORDER_MARK, *names[1:],
           ROW_COLUMN, PROBLEM_COLUMN]  # fmt: skip
    for number, of_row in groupby(problems, key=lambda problem: problem.row):
        told = list(of_row)
        cells = [neutralise(cell) for cell in told[0].cells]
        words = " ".join(
            f"{problem.column}: {problem.message}" if problem.column else problem.message
            for problem in told
        )
        # Cells beyond the last heading stay beside ours, so that nothing of the row is lost.
        fitting = [*cells[: len(names)], *[""] * (len(names) - len(cells))]
        yield [*fitting, str(number), neutralise(words), *cells[len(names) :]]
