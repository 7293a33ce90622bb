"""The shape of pairs that look the same."""

from rest_framework import serializers

from portfolio.models import Lookalike
from portfolio.serializers.fields import PlainDecimal, StrictSerializer


class LookalikeSerializer(serializers.Serializer):
    """Two use cases that look the same, or were said to be different."""

    id = serializers.IntegerField()
    first = serializers.CharField(source="first.reference")
    second = serializers.CharField(source="second.reference")
    alike = PlainDecimal(help_text="0 to 1, by the letters of title and problem.")
    state = serializers.ChoiceField(choices=Lookalike.State.choices)
    told_apart_by = serializers.EmailField(
        source="told_apart_by.email", allow_null=True, default=None
    )
    told_apart_at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()


class ToldApartSerializer(StrictSerializer):
    """What a person says of a pair."""

    state = serializers.ChoiceField(choices=[Lookalike.State.DIFFERENT.value])
