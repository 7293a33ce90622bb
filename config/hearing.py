"""Keeps workers and beat listening: quick to reconnect, and gone rather than deaf.

A worker that lost its broker can look alive and take no more tasks. So each worker sends itself
an echo every second, through the broker, its own queue and its pool. One that stays unanswered,
while the broker takes our messages and nothing is executing, means that the worker is deaf: it
leaves, and whoever started it starts it again.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler
from celery.utils.log import get_logger
from celery.worker import state
from celery.worker.consumer import Consumer
from kombu import Connection, Exchange, Queue
from kombu.exceptions import KombuError

logger = get_logger(__name__)

ECHO = "config.echo"
ECHO_SECONDS = 1.0
DEAF_AFTER_SECONDS = 5.0
FEWEST_UNANSWERED = 3  # a broker that lost its data takes one echo with it, not three
EXIT_DEAF = 70
REGULAR = frozenset({ECHO, "portfolio.sweep"})
RECONNECT = {"interval_start": 0.2, "interval_step": 0.3, "interval_max": 2.0}
IMPATIENT = {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}


def reconnect(connection: Connection, callback: Callable[[], None] | None = None) -> Connection:
    """The connection, as soon as the broker is back: asked at least every two seconds."""

    def say(error: Exception, interval: float) -> None:
        logger.warning("broker away: %s; asking again in %.1f s", error, interval)

    return connection.ensure_connection(say, max_retries=None, callback=callback, **RECONNECT)


class QuickConsumer(Consumer):
    """A consumer that is back two seconds after its broker; Celery's own waits up to 30."""

    def ensure_connected(self, conn: Connection) -> Connection:
        conn = reconnect(conn, callback=state.maybe_shutdown)
        self.first_connection_attempt = False
        self.broker_connection_retry_attempt = 0
        return conn


class QuickScheduler(Scheduler):
    """Beat that is back two seconds after its broker, and keeps no file that a kill could tear."""

    def _ensure_connected(self) -> Connection:
        return reconnect(self.connection)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        super().apply_entry(entry, producer=producer)
        prove_life()


def prove_life() -> None:
    """Leaves a fresh date on the file that a container's health check looks at, if one is named."""
    if os.environ.get("PROOF_OF_LIFE"):
        Path(os.environ["PROOF_OF_LIFE"]).touch()


class WithoutRegular(logging.Filter):
    """Leaves the tasks that run every few seconds out of the log, unless they fail."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno > logging.INFO or not isinstance(record.args, dict):
            return True
        return record.args.get("name") not in REGULAR


class Watchdog(bootsteps.StartStopStep):
    """Ends this worker when it no longer hears itself."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.worker = parent
        # The anonymous exchange needs no binding, so a wiped broker routes at once.
        self.queue = Queue(
            f"echo.{parent.hostname}",
            exchange=Exchange(""),
            routing_key=f"echo.{parent.hostname}",
            expires=60,
        )
        parent.app.amqp.queues.select_add(self.queue)
        self.leaving = threading.Event()
        for talkative in ("celery.worker.strategy", "celery.app.trace"):
            logging.getLogger(talkative).addFilter(WithoutRegular())

    def start(self, parent: Any) -> None:
        self.thread = threading.Thread(target=self.watch_or_leave, name="watchdog", daemon=True)
        self.thread.start()

    def stop(self, parent: Any) -> None:
        self.leaving.set()

    terminate = stop

    def watch_or_leave(self) -> None:
        """Watches; a worker without a watchdog leaves too: nobody would notice it deaf."""
        try:
            self.watch()
        finally:
            if not self.leaving.is_set():
                logger.critical("watchdog broken; leaving", exc_info=True)
                os._exit(EXIT_DEAF)

    def watch(self) -> None:
        """Sends echoes until the worker leaves; ends the worker when they stay unanswered."""
        app = self.worker.app
        line = app.connection_for_write(transport_options={**IMPATIENT, "max_retries": 0})
        answered, unanswered, silent_since = 0, 0, time.monotonic()
        asleep_since = time.monotonic()
        while not self.leaving.wait(ECHO_SECONDS):
            # A machine that lets us oversleep lets the pool be slow too: that is not deafness.
            silent_since += max(0.0, time.monotonic() - asleep_since - ECHO_SECONDS)
            heard = state.total_count[ECHO]
            # Its length alone: the main thread may change the set under an iteration.
            if heard != answered or len(state.active_requests):
                prove_life()
                answered, unanswered, silent_since = heard, 0, time.monotonic()
            if (
                unanswered >= FEWEST_UNANSWERED
                and time.monotonic() - silent_since > DEAF_AFTER_SECONDS
            ):
                logger.critical("worker deaf: %d echoes unanswered; leaving", unanswered)
                os._exit(EXIT_DEAF)  # the pool's children die with this process
            try:
                with line.Producer() as producer:
                    app.send_task(
                        ECHO,
                        producer=producer,
                        queue=self.queue,
                        declare=[],
                        expires=DEAF_AFTER_SECONDS,
                        retry=False,
                    )
                unanswered += 1
            except (KombuError, *line.connection_errors, *line.channel_errors):
                # The broker is away: nobody can hear anything, so nobody is deaf.
                line.collect()
                unanswered, silent_since = 0, time.monotonic()
            asleep_since = time.monotonic()
