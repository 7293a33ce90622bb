"""The bells: what may ask a worker to look. A bell carries ids only; the rows say what to do."""

import logging
from enum import StrEnum
from functools import cache

from celery import Celery, current_app
from django.core import checks
from django.db import transaction
from django.utils.module_loading import autodiscover_modules
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class Bell(StrEnum):
    """One task name each; only the room that owns the work answers."""

    RANK = "assessments.recompute_ranking"
    SIMULATE = "assessments.simulate_ranking"
    REMIND = "assessments.send_reminder"
    CLOSE_ROUND = "assessments.close_round"
    SETTLE = "portfolio.settle"
    LIKEN = "portfolio.look_for_duplicates"
    IMPORT = "portfolio.run_import"
    CHANGE_MANY = "portfolio.run_bulk_change"
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


@checks.register
def every_bell_has_a_task(app_configs, **options) -> list[checks.CheckMessage]:
    """An error for each bell that nobody would answer."""
    autodiscover_modules("tasks")  # Celery's own discovery runs the checks again, without end
    return [
        checks.Error(
            f"No task answers the bell {bell.name}.",
            hint=f"Name a task “{bell.value}” in the tasks of the room that owns the work.",
            obj=f"portfolio.bells.Bell.{bell.name}",
            id="portfolio.E001",
        )
        for bell in Bell
        if bell.value not in current_app.tasks
    ]
