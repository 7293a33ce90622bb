"""Who sends what no person would type."""

import logging

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def without_a_line_for_each_refusal(caplog):
    caplog.set_level(logging.CRITICAL)
    caplog.set_level(logging.CRITICAL, logger="django.request")


@pytest.fixture
def signed_in(world):
    def client(person: str) -> Client:
        made = Client(raise_request_exception=False)
        made.force_login(world.people[person])
        return made

    return client


@pytest.fixture
def by_sponsor(sponsor) -> Client:
    """The sponsor's browser, where no row but those of the test is needed."""
    client = Client(raise_request_exception=False)
    client.force_login(sponsor)
    return client
