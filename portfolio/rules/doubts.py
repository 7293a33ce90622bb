"""Judges what is asked back once before it is kept: allowed, and yet more likely a slip."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

FAR_TIMES = 20  # so many times as large or as small as everything known is hardly meant


@dataclass(frozen=True)
class Read:
    """A reading of one metric, as it is entered or as it stands."""

    value: Decimal
    measured_on: date
    sample_size: int | None = None


def doubts_of_reading(
    new: Read, standing: Iterable[Read], agreed: Iterable[Decimal | None]
) -> list[str]:
    """What makes a new reading doubtful beside those that stand and the values agreed on."""
    known = list(standing)
    found = []
    if new in known:
        sample = "" if new.sample_size is None else f" with a sample of {new.sample_size:,}"
        found.append(
            f"{_plain(new.value)} was read for {new.measured_on:%-d %B %Y}{sample} already."
        )
    before = sorted((one for one in known if one != new), key=lambda one: one.measured_on)
    beside = [*agreed, *(one.value for one in before[-1:])]
    if is_far(new.value, beside):
        found.append(
            f"{_plain(new.value)} is more than {FAR_TIMES} times away from what was agreed "
            "and what was read before."
        )
    return found


def is_far(value: Decimal, beside: Iterable[Decimal | None]) -> bool:
    """Whether a value is of another order than each of these; zero has no order."""
    sizes = [abs(one) for one in beside if one]
    size = abs(value)
    if not size or not sizes:
        return False
    return all(max(size, one) > FAR_TIMES * min(size, one) for one in sizes)


def _plain(value: Decimal) -> str:
    words = f"{value:,f}"
    return words.rstrip("0").rstrip(".") if "." in words else words
