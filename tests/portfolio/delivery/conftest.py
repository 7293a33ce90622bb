from datetime import UTC, date, datetime

import pytest

from portfolio.models import Lighthouse
from tests import make

START = date(2026, 3, 2)  # a Monday; after 16 weeks the verdict day is 21 June 2026


@pytest.fixture
def now() -> datetime:
    """The fifth week of the lighthouse."""
    return datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio, stage="building")


@pytest.fixture
def lighthouse(use_case, owner) -> Lighthouse:
    """Sealed, in its fifth week, owned by the owner."""
    return make.make_sealed(use_case, owner, start=START)
