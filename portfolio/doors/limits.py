"""How much one person may ask of the API; it lets everybody in while Redis is away."""

import logging
import time
from functools import cache

import redis
from django.conf import settings
from rest_framework.throttling import BaseThrottle

log = logging.getLogger(__name__)

MINUTE = 60
GIVE_UP_SECONDS = 0.2
LEAVE_ALONE_SECONDS = 5.0


class PerPerson(BaseThrottle):
    """So many requests a minute for one person, over all their tokens. Costs no SQL."""

    left_alone_until = 0.0

    def allow_request(self, request, view) -> bool:
        most = settings.API_REQUESTS_PER_MINUTE
        if not most or time.monotonic() < PerPerson.left_alone_until:
            return True
        now = time.time()
        self.left = MINUTE - now % MINUTE
        key = f"pharos:asked:{request.user.pk}:{int(now // MINUTE)}"
        try:
            asked = broker().incr(key)
            if asked == 1:
                broker().expire(key, 2 * MINUTE)
        except (redis.RedisError, OSError) as trouble:
            # A limit protects the service; it must not become the reason that it is away.
            log.warning("limits not kept because=%s", trouble)
            PerPerson.left_alone_until = time.monotonic() + LEAVE_ALONE_SECONDS
            return True
        return asked <= most

    def wait(self) -> float:
        return self.left


@cache
def broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=GIVE_UP_SECONDS,
        socket_timeout=GIVE_UP_SECONDS,
        retry=None,
    )
