"""The one refusal of this package: words for the person who typed the command."""


class CannotStart(Exception):
    """What is in the way and what to do about it, in words."""
