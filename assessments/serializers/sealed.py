"""The shape of what is sealed in a blind round in the API."""

from rest_framework import serializers

from portfolio.serializers.fields import PlainDecimal


class SealedSerializer(serializers.Serializer):
    """One of my ratings in an open round: nobody else sees it until the round closes."""

    round = serializers.IntegerField(source="round_id")
    criterion = serializers.CharField(source="criterion.slug")
    low = PlainDecimal()
    likely = PlainDecimal()
    high = PlainDecimal()
    evidence = serializers.CharField()
    rated_at = serializers.DateTimeField()
    revision = serializers.IntegerField()
