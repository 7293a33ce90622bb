"""What every row that people edit shares: the event that last changed it is its version."""

from django.db import models

from portfolio.errors import EditedMeanwhile


class Line(models.CharField):
    """A name on one line, as lists and subjects of letters show it: blanks are single spaces."""

    def to_python(self, value):
        value = super().to_python(value)
        return " ".join(value.split()) if isinstance(value, str) else value

    def deconstruct(self):
        name, _, positional, options = super().deconstruct()
        return name, "django.db.models.CharField", positional, options


class Versioned(models.Model):
    """A row that carries the id of the event that last changed it.

    That number is the row's version (`If-Match`, two editors), what `updated_since=` compares,
    and the way from any value to who gave it and when. Only `events.record` writes it.
    """

    revision = models.BigIntegerField(default=0, db_index=True, editable=False)

    class Meta:
        abstract = True

    def expect_version(self, seen: int | None) -> None:
        """Refuse when the row changed after `seen`; None means that the caller does not mind."""
        if seen is not None and seen != self.revision:
            raise EditedMeanwhile(self)


def choices(enum) -> list[tuple[str, str]]:
    """Choices for a field, from an enumeration of the rules; underscores read as spaces."""
    return [(member.value, member.value.replace("_", " ")) for member in enum]
