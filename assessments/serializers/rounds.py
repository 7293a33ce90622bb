"""The shape of blind rounds and of what is sealed in them in the API."""

from rest_framework import serializers

from assessments.closing import Progress
from assessments.models import Round
from assessments.rules.rounds import Ending
from assessments.serializers.fields import members
from portfolio.serializers.fields import PlainDecimal, StrictSerializer

SEVERAL = {"max_length": 500, "allow_empty": False}


class NewRoundSerializer(StrictSerializer):
    """What a round asks: candidates by reference, criteria by slug, assessors by address."""

    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    due_on = serializers.DateField(help_text="Its last day, in the portfolio's time zone.")
    use_cases = serializers.ListField(child=serializers.CharField(max_length=40), **SEVERAL)
    criteria = serializers.ListField(child=serializers.CharField(max_length=40), **SEVERAL)
    assessors = serializers.ListField(child=serializers.EmailField(), **SEVERAL)


class RoundSerializer(serializers.Serializer):
    """One blind round; never what anybody said in it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    is_open = serializers.BooleanField()
    due_on = serializers.DateField()
    use_cases = serializers.ListField(child=serializers.CharField())
    criteria = serializers.ListField(child=serializers.CharField())
    assessors = serializers.ListField(child=serializers.EmailField())
    opened_by = serializers.EmailField(allow_null=True)
    opened_at = serializers.DateTimeField()
    closed_by = serializers.EmailField(allow_null=True, help_text="Null where it closed by itself.")
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_because = serializers.ChoiceField(choices=members(Ending), allow_null=True)
    revision = serializers.IntegerField()

    def to_representation(self, row: Round) -> dict:
        return {
            "id": row.pk,
            "name": row.name,
            "is_open": row.is_open,
            "due_on": row.due_on,
            "use_cases": [case.reference for case in row.candidates.all()],
            "criteria": [criterion.slug for criterion in row.criteria.all()],
            "assessors": [user.email for user in row.assessors.all()],
            "opened_by": row.opened_by.email if row.opened_by else None,
            "opened_at": row.opened_at,
            "closed_by": row.closed_by.email if row.closed_by else None,
            "closed_at": row.closed_at,
            "closed_because": row.closed_because or None,
            "revision": row.revision,
        }


class ProgressSerializer(serializers.Serializer):
    """How far one assessor has come."""

    assessor = serializers.EmailField(source="assessor.email")
    given = serializers.IntegerField()
    asked = serializers.IntegerField()
    waited_for = serializers.BooleanField(
        source="is_able", help_text="False for who has left or may not rate any more."
    )


class SaidSerializer(serializers.Serializer):
    """What one assessor said before the close, and what they say now if they revised it."""

    assessor = serializers.EmailField(source="rating.assessor.email")
    low = PlainDecimal(source="rating.low")
    likely = PlainDecimal(source="rating.likely")
    high = PlainDecimal(source="rating.high")
    evidence = serializers.CharField(source="rating.evidence")
    rated_at = serializers.DateTimeField(source="rating.rated_at")
    revised_likely = PlainDecimal(
        source="revised.likely", allow_null=True, default=None, help_text="After seeing the others."
    )


class CellSerializer(serializers.Serializer):
    """Everything said of one criterion of one candidate."""

    use_case = serializers.CharField(source="use_case.reference")
    criterion = serializers.CharField(source="criterion.slug")
    wide = serializers.BooleanField(help_text="Whether the assessors disagree widely.")
    why = serializers.CharField(help_text="In words; empty where they do not.")
    ratings = SaidSerializer(many=True, source="said")

    def to_representation(self, cell) -> dict:
        return {
            "use_case": cell.use_case.reference,
            "criterion": cell.criterion.slug,
            "wide": cell.wide is not None,
            "why": cell.wide.words if cell.wide else "",
            "ratings": SaidSerializer(cell.said, many=True).data,
        }


class WholeRoundSerializer(RoundSerializer):
    """One round with how far it is (all of it for sponsors, else one's own) and, once it has
    closed, with what everybody said."""

    progress = ProgressSerializer(many=True)
    spread = CellSerializer(many=True, help_text="Empty until it closes.")

    def to_representation(self, row: Round) -> dict:
        progress: list[Progress] = self.context["progress"]
        return {
            **super().to_representation(row),
            "progress": ProgressSerializer(progress, many=True).data,
            "spread": CellSerializer(self.context["cells"], many=True).data,
        }
