"""The shape of scenarios and of rankings under other weights in the API."""

from decimal import Decimal

from rest_framework import serializers

from assessments.actions.scenarios import HEAVIEST
from assessments.models import Scenario
from assessments.serializers.fields import number
from assessments.serializers.ranking import PLACES
from assessments.supposing import Candidate
from portfolio.serializers.fields import PlainDecimal, StrictSerializer

WEIGHTS = "By the criterion's slug; one that is not named keeps its saved weight."


class WeightsField(serializers.DictField):
    """Weights by slug, each 0 or more with two decimals at most."""

    child = PlainDecimal(max_digits=6, decimal_places=2, min_value=Decimal(0), max_value=HEAVIEST)

    def __init__(self, **options) -> None:
        super().__init__(help_text=WEIGHTS, **options)


class ScenarioSerializer(StrictSerializer):
    """A named set of weights."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=80)
    weights = WeightsField()
    shared = serializers.BooleanField(
        source="is_shared", required=False, help_text="Whether every member sees it."
    )
    by = serializers.EmailField(source="by.email", read_only=True)
    changed_at = serializers.DateTimeField(read_only=True)
    revision = serializers.IntegerField(read_only=True)

    def to_representation(self, row: Scenario) -> dict:
        return {
            "id": row.pk,
            "name": row.name,
            "weights": row.weights,
            "shared": row.is_shared,
            "by": row.by.email,
            "changed_at": row.changed_at,
            "revision": row.revision,
        }


class WhatIfSerializer(StrictSerializer):
    """Weights to try."""

    weights = WeightsField()


class SupposedSerializer(serializers.Serializer):
    """One candidate in its place under these weights, and in the one it has under the saved."""

    reference = serializers.CharField()
    title = serializers.CharField()
    place = serializers.ChoiceField(choices=list(PLACES.values()))
    impact = PlainDecimal(allow_null=True)
    feasibility = PlainDecimal(allow_null=True)
    score = PlainDecimal(allow_null=True)
    rank = serializers.IntegerField()
    saved_rank = serializers.IntegerField()
    saved_score = PlainDecimal(allow_null=True)

    def to_representation(self, row: Candidate) -> dict:
        return {
            "reference": row.reference,
            "title": row.title,
            "place": row.place if row.is_below else "ranked",
            "impact": number(row.impact),
            "feasibility": number(row.feasibility),
            "score": number(row.score),
            "rank": row.rank,
            "saved_rank": row.before,
            "saved_score": number(row.score_before),
        }


class SupposedPageSerializer(serializers.Serializer):
    """A page of a ranking under other weights; nothing of it is saved."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SupposedSerializer(many=True)
