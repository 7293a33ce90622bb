import pytest

from tests.assessments.making import make_rivals


@pytest.fixture
def signed_in(client):
    def as_person(user):
        client.force_login(user)
        return client

    return as_person


@pytest.fixture
def rivals(portfolio, contributor):
    return make_rivals(portfolio, contributor)
