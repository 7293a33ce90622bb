"""Keeps an exported cell from being run by a spreadsheet, and brings it back as it was."""

import re

# What a spreadsheet runs as a formula when a cell begins with it; apostrophes and blanks before
# it are looked through, so that what was neutralised can be told from what was typed so.
RUNNABLE = re.compile(r"['\s]*[=+\-@\t\r\n＝＋－＠]")
NEUTRALISED = re.compile(r"'['\s]*[=+\-@\t\r\n＝＋－＠]")
PLAIN_NUMBER = re.compile(r"[-+]\d+(?:[.,]\d+)*\s?%?\Z")


def neutralise(cell: str) -> str:
    """The cell as it may stand in an exported file: a spreadsheet will not run it.

    `restore` gives it back as it was. Plain negative numbers stay numbers.
    """
    if RUNNABLE.match(cell) and not PLAIN_NUMBER.match(cell):
        return "'" + cell
    return cell


def restore(cell: str) -> str:
    """The cell as it was before `neutralise`."""
    return cell[1:] if NEUTRALISED.match(cell) else cell
