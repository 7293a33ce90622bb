"""Components that look the same as long as their values are the same: formatting, done once."""

from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString

register = template.Library()

MOST_KEPT = 8_192  # of one or two kilobytes each


@register.simple_tag
def remembered(component: str, **values: object) -> SafeString:
    """The component with these values, rendered once and kept for as long as it is asked for.

    The values are all that it depends on, and never change: text, numbers, frozen dataclasses.
    """
    return _rendered(component, tuple(values.items()))


@lru_cache(maxsize=MOST_KEPT)
def _rendered(component: str, values: tuple[tuple[str, object], ...]) -> SafeString:
    return get_template(component).render(dict(values))
