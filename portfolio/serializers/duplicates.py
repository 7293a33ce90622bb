"""The shape of pairs that look the same."""

from rest_framework import serializers

from portfolio.serializers.fields import PlainDecimal, StrictSerializer


class LookalikeSerializer(serializers.Serializer):
    """Two use cases that look the same, or were said to be different."""

    id = serializers.IntegerField()
    first = serializers.CharField(source="first.reference")
    second = serializers.CharField(source="second.reference")
    alike = PlainDecimal(help_text="0 to 1, by the letters of title and problem.")
    open = serializers.BooleanField(help_text="Nobody told them apart, and they are still alike.")
    different = serializers.BooleanField(help_text="Somebody said so.")
    told_apart_by = serializers.EmailField(
        source="told_apart_by.email", allow_null=True, default=None
    )
    told_apart_at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()


class ToldApartSerializer(StrictSerializer):
    """What a person says of a pair."""

    different = serializers.BooleanField()

    def validate_different(self, different: bool) -> bool:
        if not different:
            raise serializers.ValidationError("Give true; what was told apart stays apart.")
        return different


class MergeSerializer(StrictSerializer):
    """What it goes into."""

    into = serializers.CharField(max_length=24, help_text="The reference of the one that stays.")
