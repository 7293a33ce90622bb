import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portfolio.doors import limits

HERE = "/api/v1/portfolios/"


@pytest.fixture(autouse=True)
def fresh_limits(settings, rung):
    limits.broker.cache_clear()
    limits.PerPerson.left_alone_until = 0.0
    settings.API_REQUESTS_PER_MINUTE = 3
    yield
    limits.broker.cache_clear()
    limits.PerPerson.left_alone_until = 0.0


def test_who_asks_too_often_is_told_when_to_go_on(api, viewer):
    client = api(viewer)
    statuses = [client.get(HERE).status_code for _ in range(9)]
    assert statuses[:3] == [200, 200, 200]
    assert 429 in statuses
    answer = next(a for a in (client.get(HERE) for _ in range(9)) if a.status_code == 429)
    assert answer["Content-Type"] == "application/problem+json"
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_one_person_does_not_use_up_anothers_share(api, viewer, sponsor):
    for _ in range(9):
        api(viewer).get(HERE)
    assert api(sponsor).get(HERE).status_code == 200


def test_it_costs_no_sql(api, viewer, settings):
    client = api(viewer)
    counts = []
    for most in (0, 1000):
        settings.API_REQUESTS_PER_MINUTE = most
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(HERE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_everybody_comes_in_while_redis_is_away(api, viewer, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits.broker.cache_clear()
    assert {api(viewer).get(HERE).status_code for _ in range(9)} == {200}
    assert limits.PerPerson.left_alone_until > 0


def test_zero_is_without_limit(api, viewer, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    assert {api(viewer).get(HERE).status_code for _ in range(9)} == {200}


def test_redis_is_really_asked(settings, api, viewer):
    api(viewer).get(HERE)
    broker = redis.Redis.from_url(settings.REDIS_URL)
    assert broker.keys("pharos:asked:*")
    broker.close()
