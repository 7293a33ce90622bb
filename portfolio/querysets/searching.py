"""Text as a search reads it: without accents, in small letters, and found by an index."""

from __future__ import annotations

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Left
from django.db.models.lookups import Lookup

FOLDED = "lower(regexp_replace(normalize({}, NFD), '[\\u0300-\\u036F]', '', 'g'))"
OF_PROBLEM = 1_000  # so many characters of a problem are found


class Folded(Func):
    """Text in small letters without its accents."""

    template = FOLDED.format("%(expressions)s")
    output_field = TextField()


class SearchText(Func):
    """Several columns as one folded text; a space stands before each, so that words begin there."""

    template = FOLDED.format("' ' || %(expressions)s")
    arg_joiner = " || ' ' || "
    output_field = TextField()


def use_case_text() -> SearchText:
    """What a use case is found by, as its index has it."""
    return SearchText(F("title"), F("business_unit"), Left("problem", OF_PROBLEM))


class Holds(Lookup):
    """Whether a folded text holds these words, which are folded as it is."""

    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, values = self.process_lhs(compiler, connection)
        right, more = self.process_rhs(compiler, connection)
        return f"{left} LIKE '%%' || {FOLDED.format(right)} || '%%'", [*values, *more]


def holds(text: Func, words: str) -> Holds:
    """A condition: the text holds the words as they were typed, wildcards and all."""
    escaped = words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return Holds(text, Value(escaped))
