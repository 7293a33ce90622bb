"""Reads what the outside sets, once and typed; a missing or malformed value stops the start."""

import os
from collections.abc import Callable
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Value = TypeVar("Value")
REQUIRED = object()


def read(
    name: str, parse: Callable[[str], Value], *, example: str, default: object = REQUIRED
) -> Value:
    """The variable `name` as `parse` reads it, or `default`; refuses to start otherwise."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        if default is REQUIRED:
            _refuse(name, "is not set", example)
        return default  # type: ignore[return-value]
    try:
        return parse(raw)
    except ValueError as error:
        _refuse(name, f"cannot be read ({error})", example)


def _refuse(name: str, fault: str, example: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} {fault}. For example: {name}={example}")


def text(raw: str) -> str:
    return raw


def yes_or_no(raw: str) -> bool:
    answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if raw.lower() not in answers:
        raise ValueError("say yes or no")
    return answers[raw.lower()]


def names(raw: str) -> list[str]:
    return [name.strip() for name in raw.split(",") if name.strip()]


def whole(raw: str) -> int:
    return int(raw)


def url(*schemes: str) -> Callable[[str], str]:
    """A parser that accepts an address with one of these schemes."""

    def parse(raw: str) -> str:
        if urlsplit(raw).scheme not in schemes:
            raise ValueError(f"it must begin with {' or '.join(s + '://' for s in schemes)}")
        return raw.rstrip("/")

    return parse


def secret(raw: str) -> str:
    if len(raw) < 50:
        raise ValueError("a secret of at least 50 characters keeps sessions safe")
    return raw
