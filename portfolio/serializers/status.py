"""The shape of a portfolio's status in the API."""

from rest_framework import serializers

from portfolio.rules.clock import Phase
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Verdict
from portfolio.serializers.fields import PlainDecimal

STAGES = [stage.value for stage in Stage]
VERDICTS = [verdict.value for verdict in Verdict]


class ShortlistedSerializer(serializers.Serializer):
    """A ranked candidate, with the ranking's fields."""

    reference = serializers.CharField()
    title = serializers.CharField()
    stage = serializers.ChoiceField(choices=STAGES)
    ready = serializers.BooleanField(source="standing.ready")
    missing = serializers.ListField(child=serializers.CharField(), source="standing.missing")
    impact = PlainDecimal(source="standing.impact", allow_null=True)
    feasibility = PlainDecimal(source="standing.feasibility", allow_null=True)
    score = PlainDecimal(source="standing.score", allow_null=True)
    rank = serializers.IntegerField(source="standing.rank", allow_null=True)
    rank_low = serializers.IntegerField(source="standing.rank_low", allow_null=True)
    rank_high = serializers.IntegerField(source="standing.rank_high", allow_null=True)
    p_first = PlainDecimal(source="standing.p_first", allow_null=True)
    p_top3 = PlainDecimal(source="standing.p_top3", allow_null=True)


class RankingStateSerializer(serializers.Serializer):
    """Whether the ranking is behind its inputs, how sure it is behind the ranking; the first."""

    stale = serializers.BooleanField(source="is_stale")
    certainty_stale = serializers.BooleanField(source="portfolio.is_certainty_stale")
    computed_at = serializers.DateTimeField(allow_null=True)
    shortlist = ShortlistedSerializer(many=True)


class DeliverySerializer(serializers.Serializer):
    """A lighthouse under way."""

    id = serializers.IntegerField(source="lighthouse.pk")
    use_case = serializers.CharField(source="use_case.reference")
    title = serializers.CharField(source="use_case.title")
    stage = serializers.ChoiceField(choices=STAGES, source="use_case.stage")
    owner = serializers.EmailField(source="lighthouse.owner.email")
    acceptance = serializers.CharField(source="lighthouse.acceptance")
    start_date = serializers.DateField(source="lighthouse.start_date", allow_null=True)
    week = serializers.IntegerField(allow_null=True)
    phase = serializers.ChoiceField(choices=[phase.value for phase in Phase], allow_null=True)
    planned_weeks = serializers.IntegerField(source="lighthouse.planned_weeks")
    verdict_due = serializers.DateField(source="lighthouse.verdict_due", allow_null=True)
    forecast = serializers.DateField(allow_null=True)
    shipped_on = serializers.DateField(source="lighthouse.shipped_on", allow_null=True)
    verdict = serializers.ChoiceField(choices=VERDICTS)
    verdict_reasons = serializers.ListField(child=serializers.CharField(), source="reasons")


class VerdictCountsSerializer(serializers.Serializer):
    """How lighthouses ended: declared, computed and undeclared, pending, abandoned."""

    victory = serializers.IntegerField()
    failure = serializers.IntegerField()
    undeclared = serializers.IntegerField()
    pending = serializers.IntegerField()
    abandoned = serializers.IntegerField()


class PortfolioEconomicsSerializer(serializers.Serializer):
    """What the ranked candidates would bring a year, where they know it."""

    ranked = serializers.IntegerField()
    annual_net_value = PlainDecimal(allow_null=True, max_digits=24)


class AttentionSerializer(serializers.Serializer):
    """Something that a sponsor should look at."""

    kind = serializers.CharField()
    use_case = serializers.CharField(source="reference")
    title = serializers.CharField()
    what = serializers.CharField(source="words")
    url = serializers.CharField()


class StatusSerializer(serializers.Serializer):
    """All that a status page needs, in one call."""

    key = serializers.CharField(source="portfolio.key")
    name = serializers.CharField(source="portfolio.name")
    currency = serializers.CharField(source="portfolio.currency")
    as_of = serializers.DateField()
    ranking = RankingStateSerializer(source="*")
    pipeline = serializers.DictField(child=serializers.IntegerField())
    lighthouses = DeliverySerializer(many=True, source="deliveries")
    verdicts = VerdictCountsSerializer()
    economics = PortfolioEconomicsSerializer(source="*")
    attention = AttentionSerializer(many=True)
    revision = serializers.IntegerField(source="portfolio.revision")
