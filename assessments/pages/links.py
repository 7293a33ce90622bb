"""The addresses of other rooms' pages."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def address_of(name: str, reference: str) -> str:
    """The address of another room's page; empty while that room has none."""
    try:
        return reverse(name, args=[reference])
    except NoReverseMatch:
        return ""
