"""The shape of what a search finds."""

from rest_framework import serializers

KINDS = ["use_case", "action", "page", "person"]


class HitSerializer(serializers.Serializer):
    """One thing found, the best of its kind first."""

    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField()
    said = serializers.CharField(help_text="What tells it from others of its name.")
    reference = serializers.CharField(help_text="Of a use case; else empty.")
    url = serializers.CharField(help_text="The address of its page.")


class FoundSerializer(serializers.Serializer):
    results = HitSerializer(many=True)
