"""Looks for garbage less often: reference counts free nearly all of it at once.

A request makes tens of thousands of objects and few cycles; Python's usual look after every 700
objects took an eighth of its time. What was imported stays for good and is looked at no more.
"""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 50  # objects, and looks at the younger ones, before each look


def settle() -> None:
    """Called by a process once everything is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
