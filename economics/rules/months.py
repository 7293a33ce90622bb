"""What a use case returns month by month, while it ramps up and after. Domain section 8."""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

MONTHS_A_YEAR = 12
_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True)
class Months:
    """The net of each month: what the interactions bring, ramped up, less what is fixed."""

    at_scale: Decimal  # what a month's interactions bring once the ramp is over
    fixed: Decimal
    ramp: Decimal  # in months

    def net(self, month: int) -> Decimal:
        ramped = min(_ONE, month / self.ramp) if self.ramp > 0 else _ONE
        return ramped * self.at_scale - self.fixed

    def npv(self, rate: Decimal) -> Decimal:
        """Twelve months of net, discounted to today."""
        total = _ZERO
        for month in range(1, MONTHS_A_YEAR + 1):
            total += self.net(month) / (_ONE + rate) ** (Decimal(month) / MONTHS_A_YEAR)
        return total

    def payback(self, build_cost: Decimal) -> Decimal | None:
        """The month, interpolated, in which the summed net reaches the build cost; None: never."""
        at_scale = self.at_scale - self.fixed
        if at_scale <= 0:
            return None
        if build_cost <= 0:
            return _ZERO
        summed = _ZERO
        last_ramped = ceil(self.ramp)
        for month in range(1, last_ramped + 1):
            net = self.net(month)
            if summed + net >= build_cost:
                return month - 1 + (build_cost - summed) / net
            summed += net
        # From here on every month brings the same, so the rest is one division.
        return last_ramped + (build_cost - summed) / at_scale
