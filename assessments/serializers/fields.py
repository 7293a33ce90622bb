"""What the shapes of this room have in common."""

from portfolio.serializers.fields import plain

LONG = {"max_length": 5_000, "allow_blank": True, "required": False}
SHORT = {"allow_blank": True, "required": False}


def members(enum) -> list[str]:
    return [member.value for member in enum]


def number(value) -> str | None:
    return None if value is None else plain(value)
