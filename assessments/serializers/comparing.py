"""The shape of candidates laid side by side."""

from rest_framework import serializers

from assessments.serializers.fields import number
from assessments.serializers.ranking import PLACES
from portfolio.serializers.fields import PlainDecimal


class WorthSerializer(serializers.Serializer):
    """What one criterion is worth in one candidate; 2.5 where it is not rated."""

    reference = serializers.CharField()
    expected = PlainDecimal()
    points = PlainDecimal(help_text="Of the axis's 0 to 10.")
    low = PlainDecimal(allow_null=True, help_text="The lowest low of its assessors.")
    high = PlainDecimal(allow_null=True, help_text="The highest high.")
    rated = serializers.BooleanField()
    assessors = serializers.ListField(child=serializers.EmailField())


class AcrossSerializer(serializers.Serializer):
    """One criterion across the candidates."""

    criterion = serializers.CharField()
    axis = serializers.CharField()
    weight = PlainDecimal()
    derived = serializers.BooleanField()
    worths = WorthSerializer(many=True)


class ComparedCandidateSerializer(serializers.Serializer):
    """One of the candidates."""

    reference = serializers.CharField()
    title = serializers.CharField()
    place = serializers.ChoiceField(choices=list(PLACES.values()), allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    score = PlainDecimal(allow_null=True)
    impact = PlainDecimal(allow_null=True)
    feasibility = PlainDecimal(allow_null=True)
    ready = serializers.BooleanField()
    missing = serializers.ListField(child=serializers.CharField())
    annual_net_value = PlainDecimal(allow_null=True)
    p_best = PlainDecimal(
        allow_null=True, help_text="The chance that it is the best of just these; 0 to 1."
    )


class GapSerializer(serializers.Serializer):
    """What a criterion brings one candidate ahead of another, in points of the score."""

    of = serializers.CharField()
    against = serializers.CharField()
    criterion = serializers.CharField()
    points = PlainDecimal()


class ComparedSerializer(serializers.Serializer):
    """Two or three candidates side by side; the widest differences first."""

    candidates = ComparedCandidateSerializer(many=True)
    criteria = AcrossSerializer(many=True)
    differences = GapSerializer(many=True)

    def to_representation(self, found) -> dict:
        return {
            "candidates": [
                {
                    "reference": row.use_case.reference,
                    "title": row.use_case.title,
                    "place": PLACES.get(row.place),
                    "rank": row.rank,
                    "score": number(row.score),
                    "impact": number(row.impact),
                    "feasibility": number(row.feasibility),
                    "ready": row.ready,
                    "missing": row.missing,
                    "annual_net_value": number(row.annual_net_value),
                    "p_best": written(found.shares.get(row.pk)),
                }
                for row in found.rows
            ],
            "criteria": [
                {
                    "criterion": one.criterion.slug,
                    "axis": axis,
                    "weight": number(one.criterion.weight),
                    "derived": one.criterion.is_derived,
                    "worths": [
                        {
                            "reference": row.use_case.reference,
                            "expected": number(worth.part.expected),
                            "points": number(worth.part.points),
                            "low": number(worth.low),
                            "high": number(worth.high),
                            "rated": worth.part.is_rated,
                            "assessors": [rating.assessor.email for rating in worth.ratings],
                        }
                        for row, worth in zip(found.rows, one.worths, strict=True)
                    ],
                }
                for axis, across in found.axes
                for one in across
            ],
            "differences": [
                {
                    "of": pair.one.use_case.reference,
                    "against": pair.other.use_case.reference,
                    "criterion": criterion.slug,
                    "points": written(gap.points),
                }
                for pair in found.differences
                for criterion, gap in pair.gaps
            ],
        }


def written(value: float | None) -> str | None:
    return None if value is None else number(f"{value:.4f}")
