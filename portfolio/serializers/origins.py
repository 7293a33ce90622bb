"""The shape of where a number comes from."""

from rest_framework import serializers

from portfolio.serializers.fields import PlainDecimal


class PartSerializer(serializers.Serializer):
    """One thing that a number comes from."""

    name = serializers.CharField()
    words = serializers.CharField()
    by = serializers.CharField(help_text="Who said it; empty where it was worked out.")
    at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    number = serializers.CharField(help_text="Its own name among the numbers; empty for none.")
    stale = serializers.BooleanField(source="is_stale")


class OriginSerializer(serializers.Serializer):
    """A number with its formula, and from whom, when and what it comes."""

    number = serializers.CharField(help_text="Its name in addresses.")
    title = serializers.CharField()
    words = serializers.CharField(help_text="As a page shows it.")
    value = PlainDecimal(max_digits=40, decimal_places=12, allow_null=True)
    formula = serializers.CharField()
    by = serializers.CharField(help_text="Who said it, or Pharos where it was worked out.")
    at = serializers.DateTimeField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="As old as its oldest input.")
    stale = serializers.BooleanField(source="is_stale")
    parts = PartSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class NumbersSerializer(serializers.Serializer):
    """Every number that is known of a use case."""

    numbers = OriginSerializer(many=True)
