"""Asks a WSGI application in this process, as a web server would."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Asker:
    """Somebody who asks an application: their headers go with every question."""

    application: Callable
    headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, method: str, address: str, body: bytes = b"", **more: str) -> Answer:
        """The whole answer, its body read and closed."""
        path = urlsplit(address)
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.path,
            "QUERY_STRING": path.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
            **dict(self.headers),
            **more,
        }
        begun: list = []
        parts = self.application(environ, lambda status, headers, _=None: begun.extend(
            (status, headers)))  # fmt: skip
        try:
            whole = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return Answer(int(begun[0][:3]), dict(begun[1]), whole)

    def expect(self, status: int, method: str, address: str, body: bytes = b"", **more: str):
        """The answer, which has this status: a bench of refusals would be quick."""
        answer = self(method, address, body, **more)
        if answer.status != status:
            raise AssertionError(f"{method} {address}: {answer.status} {answer.body[:2000]!r}")
        return answer


def with_token(application: Callable, secret: str) -> Asker:
    """A script that shows its token."""
    return Asker(
        application,
        (("HTTP_AUTHORIZATION", f"Bearer {secret}"), ("CONTENT_TYPE", "application/json")),
    )


def signed_in(application: Callable, user) -> Asker:
    """A browser with a session, and the CSRF token that its script sends along."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    secret = "b" * 32
    return Asker(
        application,
        (
            ("HTTP_COOKIE", f"pharos_session={session.session_key}; pharos_csrf={secret}"),
            ("HTTP_X_CSRFTOKEN", secret),
            ("HTTP_ACCEPT_ENCODING", "gzip"),
            ("CONTENT_TYPE", "application/x-www-form-urlencoded"),
        ),
    )
