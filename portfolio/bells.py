"""The bells: what may ask a worker to look. A bell carries ids only; the rows say what to do."""

import logging
from enum import StrEnum
from functools import cache

from celery import Celery, current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Bell(StrEnum):
    """One task name each; only the room that owns the work answers."""

    RANK = "assessments.recompute_ranking"
    SETTLE = "portfolio.settle"
    IMPORT = "portfolio.run_import"
    INVITE = "portfolio.send_invitation"


def ring(bell: Bell, *ids: int) -> None:
    """Send the bell after commit. A broker that is away costs the save nothing."""
    transaction.on_commit(lambda: send(bell, *ids), robust=True)


def send(bell: Bell, *ids: int, expires: float | None = None) -> bool:
    """Whether the bell reached the broker; the sweep finds what a lost one left behind."""
    try:
        publisher().send_task(
            bell.value, args=ids, retry=False, ignore_result=True, expires=expires
        )
    except (OperationalError, RedisError, OSError) as trouble:
        log.warning("bell unheard bell=%s ids=%s because=%s", bell.name, ids, trouble)
        return False
    return True


@cache
def publisher() -> Celery:
    """A sender that gives up at once: by default each refused connection costs 0.6 to 6 s."""
    app = Celery("bells", broker=current_app.conf.broker_url, set_as_current=False)
    app.conf.update(
        task_routes=current_app.conf.task_routes,
        task_default_queue=current_app.conf.task_default_queue,
        broker_connection_timeout=0.5,
        broker_transport_options={
            "socket_connect_timeout": 0.5,
            "socket_timeout": 1,
            "retry_on_timeout": False,
            "max_retries": 0,
        },
    )
    return app
