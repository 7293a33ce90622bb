"""The shape of criteria in the API."""

from datetime import datetime

from rest_framework import serializers

from assessments.models import Criterion
from assessments.rules.criteria import Axis, Derivation
from assessments.serializers.fields import members
from portfolio.serializers.fields import PlainDecimal, StrictModelSerializer


class CriterionSerializer(StrictModelSerializer):
    """What candidates are rated on; `derived_from` names what a derived one follows from."""

    axis = serializers.ChoiceField(choices=members(Axis))
    weight = PlainDecimal(max_digits=6, decimal_places=2, min_value=0, required=False)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    derived_from = serializers.ChoiceField(choices=["", *members(Derivation)], read_only=True)

    class Meta:
        model = Criterion
        fields = [
            "id", "slug", "name", "axis", "weight", "question", "anchor_0", "anchor_3", "anchor_5",
            "derived_from", "position", "retired_at", "revision",
        ]  # fmt: skip
        read_only_fields = ["id", "retired_at", "revision"]
        extra_kwargs = {"slug": {"validators": []}, "question": {"max_length": 2_000}}


class CriterionChangeSerializer(CriterionSerializer):
    """What of a criterion may change: its slug stays for good."""

    retired_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null brings it back; DELETE retires it."
    )

    class Meta(CriterionSerializer.Meta):
        read_only_fields = ["id", "slug", "revision"]

    def validate_retired_at(self, given: datetime | None) -> None:
        if given is not None:
            raise serializers.ValidationError("Retire it by DELETE; null brings it back.")
