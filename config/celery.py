"""The Celery application; tasks live in the rooms' `tasks.py`."""

import os

from celery import Celery
from celery.signals import worker_process_init

from config import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("pharos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.hearing:Watchdog")


@worker_process_init.connect
def settle(**kwargs: object) -> None:
    """A child of the pool begins: everything is imported."""
    garbage.settle()


@app.task(name="config.echo")
def echo() -> None:
    """Nothing, from a worker that hears itself."""
