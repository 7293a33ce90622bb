"""The shape of disqualifiers in the API."""

from rest_framework import serializers

from assessments.models import Disqualifier
from assessments.rules.four_tests import Disqualification
from assessments.serializers.fields import members
from portfolio.serializers.fields import StrictModelSerializer, StrictSerializer


class DisqualifierSerializer(StrictModelSerializer):
    """Why a use case should not be taken on, and what became of that."""

    kind = serializers.ChoiceField(choices=members(Disqualification))
    evidence = serializers.CharField(max_length=5_000)
    is_open = serializers.BooleanField(read_only=True)
    raised_by = serializers.EmailField(source="raised_by.email", read_only=True, default=None)
    resolved_by = serializers.EmailField(
        source="resolved_by.email", read_only=True, allow_null=True, default=None
    )
    overruled_by = serializers.EmailField(
        source="overruled_by.email", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Disqualifier
        fields = [
            "id", "kind", "evidence", "is_open", "raised_by", "raised_at", "resolution",
            "resolved_by", "resolved_at", "overruled_reason", "overruled_by", "overruled_at",
            "revision",
        ]  # fmt: skip
        read_only_fields = [
            "id", "raised_at", "resolution", "resolved_at", "overruled_reason", "overruled_at",
            "revision",
        ]  # fmt: skip
        validators = []


class DisqualifierEndSerializer(StrictSerializer):
    """How it ends: resolved, or overruled by a sponsor; one of them, in writing."""

    resolution = serializers.CharField(max_length=5_000, required=False)
    overruled_reason = serializers.CharField(max_length=5_000, required=False)

    def validate(self, body):
        if len(body) != 1:
            raise serializers.ValidationError("Give resolution or overruled_reason, one of them.")
        return body
