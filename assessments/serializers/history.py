"""The shape of a past ranking: that of the ranking itself."""

from assessments.serializers.ranking import RankedSerializer, names_of
from portfolio.models import PastPlace
from portfolio.rules.words import Disqualifies, Place


class PastRankedSerializer(RankedSerializer):
    """One candidate in the place and stage that it had; title, unit and kind are those of now."""

    def to_representation(self, row) -> dict:
        row.revision = row.use_case.revision
        return {
            **super().to_representation(row),
            "id": row.use_case_id,
            "stage": row.stage_then or row.use_case.stage,
            "disqualifiers": names_of(_held_against(row)),
        }


def _held_against(row: PastPlace) -> int:
    """What kept it out then, as bits: what was raised, or else a scope that was too wide."""
    is_too_wide = row.place == Place.DISQUALIFIED and not row.disqualified
    return Disqualifies.PLATFORM_PLAY if is_too_wide else row.disqualified
