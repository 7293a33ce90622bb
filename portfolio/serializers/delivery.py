"""Lighthouses and what is recorded of them, as the API shows and takes them."""

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portfolio import gates
from portfolio.actions.verdicts import Limit
from portfolio.models import Amendment, Forecast, Lighthouse, Milestone, Reading
from portfolio.rules import clock
from portfolio.rules.contract import Draft, what_is_missing
from portfolio.rules.words import Direction, LimitKind, Verdict
from portfolio.serializers.fields import (
    PlainDecimal,
    StrictModelSerializer,
    StrictSerializer,
    plain,
)

LARGEST = 2_147_483_647
DIRECTIONS = [(direction.value, direction.value) for direction in Direction]
DECLARED = [(verdict.value, verdict.value) for verdict in (Verdict.VICTORY, Verdict.FAILURE)]


class GuardrailSerializer(StrictSerializer):
    """A metric that must stay at its limit or better: `at_least` or `at_most`, one of them."""

    metric = serializers.CharField(max_length=120)
    unit = serializers.CharField(max_length=40, allow_blank=True, default="")
    at_least = PlainDecimal(required=False)
    at_most = PlainDecimal(required=False)

    def validate(self, asked):
        if ("at_least" in asked) == ("at_most" in asked):
            raise serializers.ValidationError("Give one of at_least and at_most.")
        return asked

    @staticmethod
    def limit(asked) -> Limit:
        kind = LimitKind.AT_LEAST if "at_least" in asked else LimitKind.AT_MOST
        return Limit(asked["metric"], asked["unit"], kind, asked[kind.value])


class ContractSerializer(serializers.Serializer):
    """The success contract: as sealed, or as far as anybody has said it, with what is missing."""

    is_sealed = serializers.BooleanField()
    sealed_at = serializers.DateTimeField(allow_null=True)
    statement = serializers.CharField()
    metric = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.CharField()
    baseline = PlainDecimal(allow_null=True)
    target = PlainDecimal(allow_null=True)
    segment = serializers.CharField()
    guardrails = GuardrailSerializer(many=True)
    how_measured = serializers.CharField()
    smallest_sample = serializers.IntegerField(allow_null=True)
    last_readings = serializers.IntegerField()
    start_date = serializers.DateField(allow_null=True)
    planned_weeks = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    revision = serializers.IntegerField()


def contract_of(lighthouse: Lighthouse) -> dict:
    """What `ContractSerializer` shows; no query where `with_everything().with_guardrails()`."""
    if lighthouse.is_sealed:
        sealed = lighthouse.contract
        limits = [(row["metric"], row["unit"], row["kind"], row["limit"])
                  for row in sealed.guardrails]  # fmt: skip
        draft, words, missing = sealed, sealed, []
    else:
        rows = guardrails_of(lighthouse)
        limits = [(row.metric, row.unit, row.kind, row.limit) for row in rows]
        draft: Draft = gates.draft_of(lighthouse, rows)
        words = gates.metric_of(lighthouse)
        missing = list(dict.fromkeys(found.field for found in what_is_missing(draft)))
    return {
        "is_sealed": lighthouse.is_sealed,
        "sealed_at": lighthouse.contract.sealed_at if lighthouse.is_sealed else None,
        "statement": words.statement if words else "",
        "segment": words.segment if words else "",
        "metric": draft.metric,
        "unit": draft.unit,
        "direction": str(draft.direction or ""),
        "baseline": draft.baseline,
        "target": draft.target,
        "guardrails": [
            {"metric": metric, "unit": unit, kind: plain(limit)}
            for metric, unit, kind, limit in limits
        ],
        "how_measured": draft.how_measured,
        "smallest_sample": draft.smallest_sample,
        "last_readings": draft.last_readings,
        "start_date": draft.start_date,
        "planned_weeks": draft.planned_weeks,
        "missing": missing,
        "revision": lighthouse.contract.revision if lighthouse.is_sealed else 0,
    }


def guardrails_of(lighthouse: Lighthouse) -> list:
    """The use case's guardrails in force, as prefetched where they were."""
    use_case = lighthouse.use_case
    if hasattr(use_case, "guardrails_in_force"):
        return use_case.guardrails_in_force
    return list(use_case.guardrails.in_force())


class DeclarationSerializer(serializers.Serializer):
    """What a sponsor declared, and what was computed then."""

    verdict = serializers.CharField()
    computed = serializers.CharField()
    by = serializers.EmailField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()


class LighthouseSerializer(serializers.ModelSerializer):
    """A lighthouse. `verdict` is the one that stands: declared, else computed, else pending."""

    use_case = serializers.CharField(source="use_case.reference")
    portfolio = serializers.CharField(source="portfolio.key")
    owner = serializers.EmailField(source="owner.email")
    owner_name = serializers.CharField(source="owner.name")
    week = serializers.SerializerMethodField()
    phase = serializers.SerializerMethodField()
    verdict = serializers.SerializerMethodField()
    computed_verdict = serializers.SerializerMethodField()
    verdict_reasons = serializers.SerializerMethodField()
    verdict_words = serializers.SerializerMethodField()
    is_verdict_stale = serializers.SerializerMethodField()
    declared = serializers.SerializerMethodField()
    would_now_read = serializers.SerializerMethodField()
    contract = serializers.SerializerMethodField()
    is_ship_date_late = serializers.BooleanField(read_only=True)

    class Meta:
        model = Lighthouse
        fields = [
            "id", "revision", "use_case", "portfolio", "owner", "owner_name", "acceptance",
            "answered_at", "decline_reason", "start_date", "start_reason", "planned_weeks",
            "verdict_due", "week", "phase", "production_environment", "reading_plan",
            "review_working_on", "shipped_on", "is_ship_date_late", "verdict", "computed_verdict",
            "verdict_reasons", "verdict_words", "is_verdict_stale", "declared", "would_now_read",
            "contract", "retrospective", "created_at", "abandoned_at",
        ]  # fmt: skip

    def _week(self, lighthouse) -> int | None:
        if lighthouse.start_date is None:
            return None
        today = clock.today_in(lighthouse.portfolio.time_zone, self.context["now"])
        return clock.week_of(lighthouse.start_date, today)

    def get_week(self, lighthouse) -> int | None:
        return self._week(lighthouse)

    @extend_schema_field(
        serializers.ChoiceField(
            [(phase.value, phase.value) for phase in clock.Phase], allow_null=True
        )
    )
    def get_phase(self, lighthouse):
        phase = clock.phase_of(self._week(lighthouse))
        return phase.value if phase else None

    def get_verdict(self, lighthouse) -> str:
        return gates.verdict_of(lighthouse).value

    def get_computed_verdict(self, lighthouse) -> str:
        standing = standing_of(lighthouse)
        return standing.verdict if standing else Verdict.PENDING.value

    def get_verdict_reasons(self, lighthouse) -> list[str]:
        return lighthouse.reasons

    def get_verdict_words(self, lighthouse) -> list[str]:
        return lighthouse.reason_words

    def get_is_verdict_stale(self, lighthouse) -> bool:
        standing = standing_of(lighthouse)
        return standing is None or standing.settle_done < lighthouse.settle_wanted

    @extend_schema_field(DeclarationSerializer(allow_null=True))
    def get_declared(self, lighthouse):
        if lighthouse.declared_at is None:
            return None
        return DeclarationSerializer(
            {
                "verdict": lighthouse.declared_verdict,
                "computed": lighthouse.computed_at_declaration,
                "by": lighthouse.declared_by.email,
                "at": lighthouse.declared_at,
                "reason": lighthouse.declared_reason,
            }
        ).data

    def get_would_now_read(self, lighthouse) -> str | None:
        return lighthouse.would_now_read

    @extend_schema_field(ContractSerializer)
    def get_contract(self, lighthouse):
        return ContractSerializer(contract_of(lighthouse)).data


def standing_of(lighthouse: Lighthouse):
    try:
        return lighthouse.standing
    except ObjectDoesNotExist:
        return None


class NewLighthouseSerializer(StrictSerializer):
    use_case = serializers.CharField(max_length=24, help_text="The reference, such as ACME-12.")
    owner = serializers.EmailField(max_length=254)
    start_date = serializers.DateField(required=False, allow_null=True)
    start_reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    planned_weeks = serializers.IntegerField(required=False, min_value=8, max_value=16)


class LighthouseChangeSerializer(StrictSerializer):
    """Exactly the fields named are written; what the contract seals, until it is sealed."""

    owner = serializers.EmailField(required=False, max_length=254)
    start_date = serializers.DateField(required=False, allow_null=True)
    start_reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    planned_weeks = serializers.IntegerField(required=False, min_value=8, max_value=16)
    how_measured = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    smallest_sample = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LARGEST
    )
    last_readings = serializers.IntegerField(required=False, min_value=1, max_value=100)
    no_guardrails = serializers.BooleanField(required=False)
    production_environment = serializers.CharField(required=False, allow_blank=True, max_length=250)
    reading_plan = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    review_working_on = serializers.DateField(required=False, allow_null=True)
    shipped_on = serializers.DateField(required=False, allow_null=True)
    retrospective = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class AcceptanceSerializer(StrictSerializer):
    accept = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class NewDeclarationSerializer(StrictSerializer):
    verdict = serializers.ChoiceField(DECLARED)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class MilestoneSerializer(StrictModelSerializer):
    """A dated promise; `done_on` is the day on which it was kept."""

    done_by = serializers.EmailField(
        source="done_by.email", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Milestone
        fields = ["id", "title", "due_on", "done_on", "done_by", "revision"]
        read_only_fields = ["id", "revision"]


class ForecastSerializer(StrictModelSerializer):
    """A statement of when it will be in production; earlier ones stay."""

    made_by = serializers.EmailField(source="made_by.email", read_only=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)

    class Meta:
        model = Forecast
        fields = ["id", "ships_on", "note", "made_on", "made_by", "made_at", "revision"]
        read_only_fields = ["id", "made_on", "made_at", "revision"]


class ReadingSerializer(StrictModelSerializer):
    """A measured value; a correction names the reading that it supersedes."""

    metric = serializers.CharField(max_length=120)
    value = PlainDecimal()
    sample_size = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=LARGEST
    )
    source = serializers.CharField(required=False, allow_blank=True, max_length=250)
    supersedes = serializers.IntegerField(
        source="supersedes_id", required=False, allow_null=True, min_value=1, max_value=2**63 - 1
    )
    is_superseded = serializers.BooleanField(read_only=True)
    entered_by = serializers.EmailField(source="entered_by.email", read_only=True, default=None)

    class Meta:
        model = Reading
        fields = [
            "id", "metric", "value", "measured_on", "source", "sample_size", "supersedes",
            "is_superseded", "is_late", "entered_by", "entered_at", "revision",
        ]  # fmt: skip
        read_only_fields = ["id", "is_late", "entered_at", "revision"]


class AmendmentSerializer(serializers.ModelSerializer):
    """A change of the sealed contract: `changes` holds each field as [before, after]."""

    by = serializers.EmailField(source="by.email")

    class Meta:
        model = Amendment
        fields = ["id", "changes", "reason", "by", "at", "revision"]


class NewAmendmentSerializer(StrictSerializer):
    """The fields to change and why; `guardrails` is the whole new list."""

    reason = serializers.CharField(max_length=4000)
    statement = serializers.CharField(required=False, max_length=4000)
    segment = serializers.CharField(required=False, max_length=250)
    metric = serializers.CharField(required=False, max_length=120)
    unit = serializers.CharField(required=False, max_length=40)
    direction = serializers.ChoiceField(DIRECTIONS, required=False)
    baseline = PlainDecimal(required=False)
    target = PlainDecimal(required=False)
    guardrails = GuardrailSerializer(many=True, required=False, max_length=20)
    how_measured = serializers.CharField(required=False, max_length=4000)
    smallest_sample = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)
    last_readings = serializers.IntegerField(required=False, min_value=1, max_value=100)
    start_date = serializers.DateField(required=False)
    planned_weeks = serializers.IntegerField(required=False, min_value=8, max_value=16)

    def changes(self) -> dict:
        """What to change, without the reason."""
        asked = {name: value for name, value in self.validated_data.items() if name != "reason"}
        if "guardrails" in asked:
            asked["guardrails"] = [GuardrailSerializer.limit(row) for row in asked["guardrails"]]
        return asked
