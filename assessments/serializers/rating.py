"""The shape of ratings in the API."""

from rest_framework import serializers

from assessments.serializers.fields import LONG
from portfolio.serializers.fields import PlainDecimal, StrictSerializer


class JudgementSerializer(StrictSerializer):
    """One of my ratings, by the criterion's slug; a derived criterion is refused."""

    criterion = serializers.CharField(max_length=40)
    low = PlainDecimal(max_digits=2, decimal_places=1, min_value=0, max_value=5)
    likely = PlainDecimal(max_digits=2, decimal_places=1, min_value=0, max_value=5)
    high = PlainDecimal(max_digits=2, decimal_places=1, min_value=0, max_value=5)
    evidence = serializers.CharField(**LONG)
    still_holds = serializers.BooleanField(
        required=False, help_text="Makes one that says what it said before fresh again."
    )


class RatingSerializer(serializers.Serializer):
    """Somebody's rating of one criterion. Past the portfolio's `fresh_days` it is stale, and with
    every 30 days more it counts as wider than it was said."""

    id = serializers.IntegerField()
    criterion = serializers.CharField(source="criterion.slug")
    assessor = serializers.EmailField(source="assessor.email")
    low = PlainDecimal()
    likely = PlainDecimal()
    high = PlainDecimal()
    evidence = serializers.CharField()
    rated_at = serializers.DateTimeField()
    after_seeing = serializers.BooleanField(
        help_text="Whether it was given after a blind round had shown what everybody said."
    )
    stale = serializers.BooleanField(source="age.is_stale", help_text="A fresh look is due.")
    widened_by = PlainDecimal(
        allow_null=True, help_text="The factor by which a sponsor has this person's ranges widened."
    )
    counts_low = PlainDecimal(
        source="age.low", help_text="Between which ends it counts: widened by factor, then by age."
    )
    counts_high = PlainDecimal(source="age.high")
    revision = serializers.IntegerField()

    def to_representation(self, rating):
        rating.age = self.context["ages"].of(rating)
        return super().to_representation(rating)
