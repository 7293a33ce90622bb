"""The shape of use cases, moves and events in the API."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portfolio.models import GateOverride
from portfolio.models.events import Kind
from portfolio.models.pipeline import TESTS
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Answer, TaskType
from portfolio.serializers.fields import PlainDecimal, StrictSerializer, plain

STAGES = [stage.value for stage in Stage]


class LinesField(serializers.ListField):
    """A list of the scope: lines of text."""

    child = serializers.CharField(max_length=250)

    def __init__(self, **options) -> None:
        super().__init__(**{"required": False, "max_length": 50, **options})


class UseCaseSerializer(StrictSerializer):
    """A use case as lists show it."""

    id = serializers.IntegerField(read_only=True)
    reference = serializers.CharField(read_only=True)
    portfolio = serializers.CharField(max_length=10, help_text="The portfolio's key.")
    title = serializers.CharField(max_length=250)
    problem = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    jobs = LinesField()
    segments = LinesField()
    success_metrics = LinesField()
    business_unit = serializers.CharField(required=False, allow_blank=True, max_length=250)
    external_key = serializers.CharField(required=False, allow_blank=True, max_length=250)
    task_type = serializers.ChoiceField(
        choices=[kind.value for kind in TaskType], required=False, allow_blank=True
    )
    customer_facing = serializers.BooleanField(required=False)
    stage = serializers.ChoiceField(choices=STAGES, read_only=True)
    stage_entered_at = serializers.DateTimeField(read_only=True)
    stage_reason = serializers.CharField(read_only=True)
    parked_from = serializers.CharField(read_only=True)
    source_stage = serializers.CharField(read_only=True)
    split_from = serializers.CharField(read_only=True, allow_null=True)
    retired_on = serializers.DateField(read_only=True, allow_null=True)
    proposed_by = serializers.EmailField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)
    owner = serializers.EmailField(read_only=True, allow_null=True)
    lighthouse = serializers.IntegerField(read_only=True, allow_null=True)
    ready = serializers.BooleanField(read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)
    impact = PlainDecimal(read_only=True, allow_null=True)
    feasibility = PlainDecimal(read_only=True, allow_null=True)
    score = PlainDecimal(read_only=True, allow_null=True)
    rank = serializers.IntegerField(read_only=True, allow_null=True)
    version = serializers.IntegerField(read_only=True)
    revision = serializers.IntegerField(read_only=True)

    def to_representation(self, row: dict) -> dict:
        """The body of a row of `UseCase.objects.listed()`."""
        newest = row["newest"] or {}
        missing = [test for test in TESTS if row[f"standing__{test}"] != Answer.YES]
        return {
            "id": row["pk"],
            "reference": row["reference"],
            "portfolio": row["portfolio__key"],
            "title": row["title"],
            "problem": row["problem"],
            "jobs": row["jobs"],
            "segments": row["segments"],
            "success_metrics": row["success_metrics"],
            "business_unit": row["business_unit"],
            "external_key": row["external_key"],
            "task_type": row["task_type"],
            "customer_facing": row["customer_facing"],
            "stage": row["stage"],
            "stage_entered_at": row["stage_entered_at"],
            "stage_reason": row["stage_reason"],
            "parked_from": row["parked_from"],
            "source_stage": row["source_stage"],
            "split_from": row["split_from__reference"],
            "retired_on": row["retired_on"],
            "proposed_by": row["proposed_by__email"],
            "created_at": row["created_at"],
            "owner": newest.get("owner"),
            "lighthouse": newest.get("lighthouse"),
            "ready": not missing,
            "missing": missing,
            "impact": _number(row["standing__impact"]),
            "feasibility": _number(row["standing__feasibility"]),
            "score": _number(row["standing__score"]),
            "rank": row["standing__rank"],
            "version": row["revision"],
            "revision": row["revision"],
        }


def _number(value) -> str | None:
    return None if value is None else plain(value)


class OverrideSerializer(serializers.Serializer):
    """A gate that a sponsor passed in writing."""

    from_stage = serializers.ChoiceField(choices=STAGES)
    to_stage = serializers.ChoiceField(choices=STAGES)
    conditions = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    reason = serializers.CharField()
    by = serializers.EmailField(allow_null=True, source="by.email", default=None)
    at = serializers.DateTimeField()


class UseCaseDetailSerializer(UseCaseSerializer):
    """A use case with everything that its own address shows."""

    extra = serializers.DictField(read_only=True, help_text="Columns of an import nobody mapped.")
    overrides = OverrideSerializer(many=True, read_only=True)

    def to_representation(self, row: dict) -> dict:
        """The body of a row of `UseCase.objects.listed("extra")`."""
        overrides = GateOverride.objects.of(row["pk"])
        return {
            **super().to_representation(row),
            "extra": row["extra"],
            "overrides": OverrideSerializer(overrides, many=True).data,
        }


class AlikeSerializer(serializers.Serializer):
    """A use case that looks like another one."""

    reference = serializers.CharField(source="use_case.reference")
    title = serializers.CharField(source="use_case.title")
    stage = serializers.ChoiceField(choices=STAGES, source="use_case.stage")
    alike = PlainDecimal(help_text="0 to 1, by the letters of title and problem.")


class ProposedSerializer(UseCaseDetailSerializer):
    """A use case as it was proposed, and what looks like it."""

    possible_duplicates = AlikeSerializer(many=True, read_only=True)


class UseCaseChangeSerializer(UseCaseDetailSerializer):
    """What a PATCH may name: the candidate's own fields."""

    portfolio = serializers.CharField(read_only=True)


@extend_schema_field({"oneOf": [{"type": "string", "maxLength": 5_000}, {"type": "boolean"}]})
class ReasonOrTrue(serializers.Field):
    """A written reason; or `true`, where `reason` is the one."""

    def to_internal_value(self, given):
        if isinstance(given, bool):
            return given
        return serializers.CharField(max_length=5_000, allow_blank=True).run_validation(given)

    def to_representation(self, value):
        return value


class MoveSerializer(StrictSerializer):
    """Where to, and why where that is asked."""

    to = serializers.ChoiceField(choices=STAGES)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    override = ReasonOrTrue(
        required=False,
        help_text="A sponsor's written reason for passing a gate that does not open; or true, "
        "where `reason` says it.",
    )

    def validate(self, body):
        override = body.get("override", "")
        if override is True:
            override = body.get("reason", "").strip()
            if not override:
                raise serializers.ValidationError({"reason": ["An override needs its reason."]})
        return {
            "to": Stage(body["to"]),
            "reason": body.get("reason", ""),
            "override": override or "",
        }


class PartSerializer(StrictSerializer):
    """One narrow candidate out of a scope that is too wide."""

    title = serializers.CharField(max_length=250)
    job = serializers.CharField(required=False, allow_blank=True, default="", max_length=250)
    segment = serializers.CharField(required=False, allow_blank=True, default="", max_length=250)
    success_metric = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=250
    )


class SplitSerializer(StrictSerializer):
    """The parts, the first of which stays where it is."""

    parts = PartSerializer(many=True, min_length=2, max_length=30)


class RetirementSerializer(StrictSerializer):
    """Since when nobody uses it, and why."""

    retired_on = serializers.DateField()
    reason = serializers.CharField(max_length=5_000)


class EventSerializer(serializers.Serializer):
    """Something that happened; a later one has a higher id."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    at = serializers.DateTimeField()
    by = serializers.EmailField(allow_null=True)
    portfolio = serializers.CharField()
    use_case = serializers.CharField(allow_null=True)
    what = serializers.DictField()
    revision = serializers.IntegerField()

    def to_representation(self, event) -> dict:
        return {
            "id": event.pk,
            "kind": event.kind,
            "at": event.at,
            "by": event.by.email if event.by else None,
            "portfolio": event.portfolio.key,
            "use_case": event.use_case.reference if event.use_case else None,
            "what": event.what,
            "revision": event.pk,
        }
