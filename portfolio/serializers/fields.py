"""The shapes that every serializer shares: plain decimals, and bodies without unknown fields."""

from decimal import Decimal

from rest_framework import serializers


class PlainDecimal(serializers.DecimalField):
    """A decimal as a string without trailing zeros or exponent: "0.5", "150000"."""

    def __init__(self, max_digits=18, decimal_places=6, **options) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **options)

    def to_representation(self, value) -> str | None:
        return None if value is None else plain(value)


def plain(value: Decimal | int | str) -> str:
    """The number written as a person would: no exponent, no trailing zeros."""
    number = Decimal(value)
    return f"{number.normalize():f}" if number else "0"


class Strict:
    """Mixed into a serializer: a field that it does not know is an error that names it.

    A field that may only be read counts as unknown: a client that sends it expects an effect.
    """

    def to_internal_value(self, data):
        if isinstance(data, dict):
            known = [name for name, field in self.fields.items() if not field.read_only]
            unknown = {
                name: [f"Not a field of this body. Known: {', '.join(known)}."]
                for name in data
                if name not in known
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class StrictSerializer(Strict, serializers.Serializer):
    """A body that is told what it says too much."""


class StrictModelSerializer(Strict, serializers.ModelSerializer):
    """A model's body that is told what it says too much."""
