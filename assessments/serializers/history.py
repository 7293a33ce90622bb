"""The shape of a past ranking: that of the ranking itself."""

from assessments.serializers.judging import RankedSerializer


class PastRankedSerializer(RankedSerializer):
    """One candidate in the place that it had; title and stage are those of now."""

    def to_representation(self, row) -> dict:
        row.revision = row.use_case.revision
        return {**super().to_representation(row), "id": row.use_case_id}
