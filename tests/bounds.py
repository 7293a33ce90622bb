"""How much is tried of what could be: a part, which the run's seed chooses, or all on asking."""

import os
import random
from collections.abc import Iterable

EVERYTHING = os.environ.get("TRY_EVERYTHING") == "yes"


def a_part_of(values: Iterable, one_in: int) -> list:
    """One in so many of these, at least one, in their order."""
    every = list(values)
    if EVERYTHING:
        return every
    count = -(-len(every) // one_in)
    return [every[place] for place in sorted(random.sample(range(len(every)), count))]


def examples(count: int) -> int:
    """How many of so many examples are drawn."""
    return count if EVERYTHING else max(count // 4, 10)
