"""Clients in which the cast is signed in without waiting for it."""

from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from tests import cast


class _SignedIn:
    """`force_login` as Django has it, but for the cast: their sessions are there already."""

    def force_login(self, user, backend=None):
        session = cast.SESSIONS.get((user.pk, user.password))
        if session is None:
            super().force_login(user, backend)
        else:
            self.cookies[settings.SESSION_COOKIE_NAME] = session


class Browser(_SignedIn, Client):
    """A browser."""


class Api(_SignedIn, APIClient):
    """A script that has a session."""
