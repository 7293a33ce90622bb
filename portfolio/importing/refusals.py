"""Why a file cannot be read as a table, in words fit for the person who sent it."""

from portfolio.errors import RuleBroken


class FileRefused(RuleBroken):
    """The file is not a table that can be read; the words say what to send instead."""

    code = "file_refused"
