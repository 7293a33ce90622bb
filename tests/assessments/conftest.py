import pytest

from assessments.actions.rating import rate
from assessments.ranking import recompute
from tests.assessments.making import answer_all, judgement
from tests.make import NOW, make_use_case


@pytest.fixture
def signed_in(client):
    def as_person(user):
        client.force_login(user)
        return client

    return as_person


@pytest.fixture
def rivals(portfolio, contributor, act):
    """Candidate 0 leads by pull, Candidate 1 by fit; Candidate 2 is rated and not ready."""
    rows = [make_use_case(portfolio, title=f"Candidate {n}") for n in range(4)]
    for row, pull, fit in zip(rows, "532", "245", strict=False):
        given = [
            judgement("stakeholder_pull", pull, pull, pull),
            judgement("ai_fit", fit, fit, fit),
        ]
        rate(act(contributor), row.pk, given, now=NOW)
    for row in rows[:2]:
        answer_all(row, contributor)
    recompute(portfolio.pk, NOW)
    return rows
