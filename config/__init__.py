"""Wiring. Celery's application is loaded with Django, so that rooms' tasks belong to it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
