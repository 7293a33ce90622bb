"""The Celery application; tasks live in the rooms' `tasks.py`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("pharos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("config.hearing:Watchdog")


@app.task(name="config.echo")
def echo() -> None:
    """Nothing, from a worker that hears itself."""
