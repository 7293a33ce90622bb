"""The cast: everyone in every room knows these people, and the one portfolio they share."""

import base64
import json
from collections.abc import Iterator

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.template.base import Template
from django.test import override_settings
from pytest_django.plugin import blocking_manager_key
from rest_framework.test import APIClient

from config import garbage
from portfolio.models import Portfolio, User
from portfolio.rights import Actor
from tests import cast
from tests.access_world import World, build
from tests.bounds import examples
from tests.browsing import Api, Browser

hypothesis.settings.register_profile("a part", max_examples=examples(100))
hypothesis.settings.load_profile("a part")
AS_IT_IS = Template._render


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process is left with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    garbage.settle()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None):
    """A test that commits empties every table afterwards: the cast enters again."""
    result = yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            cast.acme()
    return result


@pytest.fixture(autouse=True, scope="session")
def templates_render_as_they_are(django_test_environment) -> None:
    """Django's test environment keeps a copy of every context of every template; nobody asks."""
    Template._render = AS_IT_IS


@pytest.fixture(autouse=True, scope="session")
def lighter_settings(django_test_environment):
    """A slow hash keeps secrets, and the cast has none; static files come from their sources."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**settings.STORAGES, "staticfiles": plain},
        WHITENOISE_USE_FINDERS=True,
        WHITENOISE_AUTOREFRESH=True,
    ):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Every test begins with the cast: written once, so that no test waits for it."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast.enter()


@pytest.fixture(scope="module")
def for_the_module(django_db_setup, django_db_blocker) -> Iterator[None]:
    """What a fixture of the module writes is there for each of its tests, and gone after them."""
    with django_db_blocker.unblock():
        yield
        cast.enter_again()


@pytest.fixture
def sponsor(db) -> User:
    return cast.person("sponsor")


@pytest.fixture
def portfolio(db) -> Portfolio:
    """ACME: the sponsor opened it; owner, contributor and viewer are members.

    Its ratings stay fresh for as long as can be: what is rated at NOW, a fixed day, is then worth
    the same wherever the clock is asked.
    """
    return cast.acme()


@pytest.fixture
def owner(db) -> User:
    return cast.person("owner")


@pytest.fixture
def contributor(db) -> User:
    return cast.person("contributor")


@pytest.fixture
def viewer(db) -> User:
    return cast.person("viewer")


@pytest.fixture
def stranger(db) -> User:
    """Signed in, member of another portfolio, and of none that matters here."""
    return cast.person("stranger")


@pytest.fixture
def nobody_yet(db) -> None:
    """As on the first day: no person, no portfolio."""
    cast.leave()


@pytest.fixture
def world(sponsor, owner, contributor, viewer, stranger, portfolio, settings, tmp_path) -> World:
    """The cast with one row of every kind, in ACME and in the stranger's portfolio."""
    settings.MEDIA_ROOT = tmp_path
    settings.API_REQUESTS_PER_MINUTE = 0
    return build(sponsor, owner, contributor, viewer, stranger, portfolio)


@pytest.fixture
def act():
    """The actor of a person: `act(sponsor)`."""
    return lambda user: Actor(user=user)


@pytest.fixture
def client() -> Browser:
    return Browser()


@pytest.fixture
def api():
    """An API client signed in as this person by session: `api(sponsor).get(...)`."""

    def signed_in(user: User | None) -> APIClient:
        client = Api()
        if user is not None:
            client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def rung():
    """The bells that reached the broker since the test began: [(bell, ids), ...]."""
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.flushdb()

    def heard() -> list[tuple[str, tuple[int, ...]]]:
        bells = []
        for queue in ("default", "imports", "simulations"):
            for raw in reversed(broker.lrange(queue, 0, -1)):
                message = json.loads(raw)
                ids = json.loads(base64.b64decode(message["body"]))[0]
                bells.append((message["headers"]["task"], tuple(ids)))
        return bells

    yield heard
    broker.flushdb()
    broker.close()
