"""The shape of the ranking in the API."""

from rest_framework import serializers

from assessments import standing
from assessments.serializers.fields import number
from portfolio.models import Standing
from portfolio.rules.words import Disqualifies, Place
from portfolio.serializers.fields import PlainDecimal

INTERVAL = "One end of the ranks that it takes in 80 % of the simulation's draws."
PLACES = {place.value: place.name.lower() for place in Place}


class RankedSerializer(serializers.Serializer):
    """One candidate in its place."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    title = serializers.CharField()
    stage = serializers.CharField()
    ready = serializers.BooleanField()
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="The tests that are not answered yes."
    )
    disqualifiers = serializers.ListField(
        child=serializers.CharField(), help_text="What keeps it out of the ranking."
    )
    place = serializers.ChoiceField(choices=list(PLACES.values()), allow_null=True)
    impact = PlainDecimal(allow_null=True)
    feasibility = PlainDecimal(allow_null=True)
    score = PlainDecimal(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    rank_low = serializers.IntegerField(allow_null=True, help_text=INTERVAL)
    rank_high = serializers.IntegerField(allow_null=True, help_text=INTERVAL)
    p_first = PlainDecimal(allow_null=True, help_text="The chance that it is the best, 0 to 1.")
    p_top3 = PlainDecimal(allow_null=True, help_text="The chance that it is among the best three.")
    unrated = serializers.IntegerField(help_text="Criteria that stand at 2.5, rated by nobody.")
    stale_inputs = serializers.IntegerField(help_text="Criteria with a rating that is stale.")
    business_unit = serializers.CharField()
    task_type = serializers.CharField()
    external_key = serializers.CharField()
    annual_net_value = PlainDecimal(allow_null=True)
    revision = serializers.IntegerField()

    def to_representation(self, row: Standing) -> dict:
        return {
            "id": row.pk,
            "reference": row.use_case.reference,
            "title": row.use_case.title,
            "stage": row.use_case.stage,
            "ready": row.ready,
            "missing": row.missing,
            "disqualifiers": disqualifiers_of(row),
            "place": PLACES.get(row.place),
            "impact": number(row.impact),
            "feasibility": number(row.feasibility),
            "score": number(row.score),
            "rank": row.rank,
            **certainty_of(row),
            "unrated": row.unrated,
            "stale_inputs": row.stale_inputs,
            "business_unit": row.use_case.business_unit,
            "task_type": row.use_case.task_type,
            "external_key": row.use_case.external_key,
            "annual_net_value": number(row.annual_net_value),
            "revision": row.revision,
        }


def certainty_of(row: Standing) -> dict:
    """How sure its place is; nothing where it has none any more."""
    is_ranked = row.place == Place.RANKED
    return {
        "rank_low": row.rank_low if is_ranked else None,
        "rank_high": row.rank_high if is_ranked else None,
        "p_first": number(row.p_first) if is_ranked else None,
        "p_top3": number(row.p_top3) if is_ranked else None,
    }


def disqualifiers_of(row: Standing) -> list[str]:
    """What keeps a candidate out: the open ones as published, and a scope that is too wide."""
    bits = row.disqualified
    if standing.is_too_wide(row.use_case):
        bits |= Disqualifies.PLATFORM_PLAY
    return names_of(bits)


def names_of(bits: int) -> list[str]:
    """Each disqualifier of these bits, as the API calls it."""
    return [kind.name.lower() for kind in Disqualifies if bits & kind]
