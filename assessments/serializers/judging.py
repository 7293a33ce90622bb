"""The shape of tests, ratings, criteria, disqualifiers and the ranking in the API."""

from datetime import datetime

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from assessments import standing
from assessments.models import Criterion, Disqualifier
from assessments.rules.criteria import Axis, Derivation
from assessments.rules.four_tests import Disqualification, Outputs, Test, Usable, Use
from portfolio.models import Guardrail, Standing
from portfolio.rules.words import Direction, Disqualifies, LimitKind, Place
from portfolio.serializers.fields import (
    PlainDecimal,
    StrictModelSerializer,
    StrictSerializer,
    plain,
)

ANSWERS = ["yes", "no", "unknown"]
NO = ["no"]
LONG = {"max_length": 5_000, "allow_blank": True, "required": False}
SHORT = {"allow_blank": True, "required": False}


def members(enum) -> list[str]:
    return [member.value for member in enum]


def number(value) -> str | None:
    return None if value is None else plain(value)


# --- The four tests ---------------------------------------------------------------------------


class PersonsAnswerSerializer(StrictSerializer):
    """What a person may say of any test: no, or null to take it back; never yes."""

    answer = serializers.ChoiceField(
        choices=NO,
        allow_null=True,
        required=False,
        error_messages={
            "invalid_choice": "A yes is derived from the answers, never given. "
            "Say no, or null to withdraw it."
        },
    )
    reason = serializers.CharField(**LONG)
    evidence = serializers.CharField(**LONG)


@extend_schema_serializer(component_name="OutcomeGuardrail")
class GuardrailSerializer(StrictSerializer):
    """A metric that must stay `at_least` or `at_most` its limit."""

    metric = serializers.CharField(max_length=120)
    unit = serializers.CharField(max_length=40, **SHORT)
    at_least = PlainDecimal(required=False)
    at_most = PlainDecimal(required=False)

    def validate(self, body):
        limits = [kind for kind in LimitKind if kind.value in body]
        if len(limits) != 1:
            raise serializers.ValidationError("Give at_least or at_most, one of them.")
        kind = limits[0]
        return {
            "metric": body["metric"],
            "unit": body.get("unit", ""),
            "kind": kind.value,
            "limit": body[kind.value],
        }

    def to_representation(self, row: Guardrail) -> dict:
        return {"metric": row.metric, "unit": row.unit, row.kind: plain(row.limit)}


class OutcomeSerializer(PersonsAnswerSerializer):
    statement = serializers.CharField(**LONG)
    metric = serializers.CharField(max_length=120, **SHORT)
    unit = serializers.CharField(max_length=40, **SHORT)
    direction = serializers.ChoiceField(choices=members(Direction), **SHORT)
    baseline = PlainDecimal(required=False, allow_null=True)
    target = PlainDecimal(required=False, allow_null=True)
    segment = serializers.CharField(max_length=250, **SHORT)
    other_metrics = serializers.ListField(
        child=serializers.CharField(max_length=250), required=False, max_length=50
    )
    guardrails = GuardrailSerializer(many=True, required=False, max_length=50)


class SourceSerializer(StrictSerializer):
    """One data source; null is a question that nobody has answered."""

    name = serializers.CharField(max_length=120)
    system = serializers.CharField(max_length=120, **SHORT)
    use = serializers.ChoiceField(choices=members(Use), **SHORT)
    required = serializers.BooleanField(required=False)
    schema_consistent = serializers.BooleanField(required=False, allow_null=True)
    clean = serializers.BooleanField(required=False, allow_null=True, source="is_clean")
    access_cleared = serializers.BooleanField(required=False, allow_null=True)
    usable = serializers.ChoiceField(choices=members(Usable), **SHORT)


class DataSerializer(PersonsAnswerSerializer):
    sources = SourceSerializer(many=True, required=False, max_length=50)
    confirmed_by = serializers.EmailField(required=False, allow_null=True)


class ReviewSerializer(PersonsAnswerSerializer):
    reviewer = serializers.CharField(max_length=250, **SHORT)
    outputs = serializers.ChoiceField(choices=members(Outputs), **SHORT)
    sampled_percent = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=100
    )
    decision = serializers.CharField(**LONG)
    feedback = serializers.CharField(**LONG)


class TestsChangeSerializer(StrictSerializer):
    """Any subset of the tests; exactly the fields named are written."""

    __test__ = False

    outcome = OutcomeSerializer(required=False)
    data = DataSerializer(required=False)
    review = ReviewSerializer(required=False)
    economics = PersonsAnswerSerializer(required=False, allow_null=True)

    def validate_economics(self, given):
        return {"answer": None} if given is None else given


class AnsweredSerializer(serializers.Serializer):
    """What every test says: its answer, whether it is derived, what is missing for a yes."""

    answer = serializers.ChoiceField(choices=ANSWERS)
    derived = serializers.BooleanField(help_text="False where a person answered no.")
    missing = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField(help_text="The same in words.")
    reason = serializers.CharField(allow_null=True, help_text="Of the person's no.")
    evidence = serializers.CharField()


class AnsweredOutcomeSerializer(AnsweredSerializer):
    statement = serializers.CharField()
    metric = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.CharField()
    baseline = PlainDecimal(allow_null=True)
    target = PlainDecimal(allow_null=True)
    segment = serializers.CharField()
    other_metrics = serializers.ListField(child=serializers.CharField())
    guardrails = GuardrailSerializer(many=True)


class AnsweredDataSerializer(AnsweredSerializer):
    sources = SourceSerializer(many=True)
    confirmed_by = serializers.EmailField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    as_of = serializers.DateTimeField(
        allow_null=True,
        help_text="As old as the oldest required source, or as when somebody confirmed them all.",
    )


class AnsweredReviewSerializer(AnsweredSerializer):
    reviewer = serializers.CharField()
    outputs = serializers.CharField()
    sampled_percent = serializers.IntegerField(allow_null=True)
    decision = serializers.CharField()
    feedback = serializers.CharField()


class AnsweredEconomicsSerializer(AnsweredSerializer):
    net_per_month = PlainDecimal(allow_null=True)


class TestsSerializer(serializers.Serializer):
    """The four tests of one use case."""

    __test__ = False

    id = serializers.IntegerField()
    reference = serializers.CharField()
    ready = serializers.BooleanField()
    outcome = AnsweredOutcomeSerializer()
    data = AnsweredDataSerializer()
    review = AnsweredReviewSerializer()
    economics = AnsweredEconomicsSerializer()
    revision = serializers.IntegerField()


def tests_body(use_case) -> dict:
    """The four tests as the API shows them."""
    answers = standing.gather([use_case.pk])[use_case.pk]
    states, tests, metric = answers.states(), answers.tests, answers.metric
    guardrails = Guardrail.objects.of(use_case.pk).in_force()
    parts: dict[Test, dict] = {
        Test.OUTCOME: {
            "statement": metric.statement,
            "metric": metric.metric,
            "unit": metric.unit,
            "direction": metric.direction,
            "baseline": number(metric.baseline),
            "target": number(metric.target),
            "segment": metric.segment,
            "other_metrics": metric.other_metrics,
            "guardrails": GuardrailSerializer(guardrails, many=True).data,
        },
        Test.DATA: {
            "sources": SourceSerializer(answers.sources, many=True).data,
            "confirmed_by": tests.data_confirmed_by.email if tests.data_confirmed_by else None,
            "confirmed_at": tests.data_confirmed_at,
            "as_of": answers.data_as_of,
        },
        Test.REVIEW: {
            "reviewer": tests.reviewer,
            "outputs": tests.outputs,
            "sampled_percent": tests.sampled_percent,
            "decision": tests.decision,
            "feedback": tests.feedback,
        },
        Test.ECONOMICS: {"net_per_month": number(answers.net_per_month)},
    }
    body: dict = {"id": use_case.pk, "reference": use_case.reference}
    for test, state in states.items():
        no = answers.noes.get(test)
        body[test.value] = {
            "answer": state.answer.word,
            "derived": no is None,
            "missing": list(dict.fromkeys(missing.slug for missing in state.missing)),
            "why": state.why,
            "reason": no.reason if no else None,
            "evidence": getattr(tests, f"{test}_evidence"),
            **parts[test],
        }
    body["ready"] = all(body[test.value]["answer"] == "yes" for test in Test)
    body["revision"] = tests.revision
    return body


# --- Ratings and criteria ---------------------------------------------------------------------


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


class CriterionSerializer(StrictModelSerializer):
    """What candidates are rated on; `derived_from` names what a derived one follows from."""

    axis = serializers.ChoiceField(choices=members(Axis))
    weight = PlainDecimal(max_digits=6, decimal_places=2, min_value=0, required=False)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    derived_from = serializers.ChoiceField(choices=["", *members(Derivation)], read_only=True)

    class Meta:
        model = Criterion
        fields = [
            "id", "slug", "name", "axis", "weight", "question", "anchor_0", "anchor_3", "anchor_5",
            "derived_from", "position", "retired_at", "revision",
        ]  # fmt: skip
        read_only_fields = ["id", "retired_at", "revision"]
        extra_kwargs = {"slug": {"validators": []}, "question": {"max_length": 2_000}}


class CriterionChangeSerializer(CriterionSerializer):
    """What of a criterion may change: its slug stays for good."""

    retired_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null brings it back; DELETE retires it."
    )

    class Meta(CriterionSerializer.Meta):
        read_only_fields = ["id", "slug", "revision"]

    def validate_retired_at(self, given: datetime | None) -> None:
        if given is not None:
            raise serializers.ValidationError("Retire it by DELETE; null brings it back.")


# --- Disqualifiers ----------------------------------------------------------------------------


class DisqualifierSerializer(StrictModelSerializer):
    """Why a use case should not be taken on, and what became of that."""

    kind = serializers.ChoiceField(choices=members(Disqualification))
    evidence = serializers.CharField(max_length=5_000)
    is_open = serializers.BooleanField(read_only=True)
    raised_by = serializers.EmailField(source="raised_by.email", read_only=True, default=None)
    resolved_by = serializers.EmailField(
        source="resolved_by.email", read_only=True, allow_null=True, default=None
    )
    overruled_by = serializers.EmailField(
        source="overruled_by.email", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Disqualifier
        fields = [
            "id", "kind", "evidence", "is_open", "raised_by", "raised_at", "resolution",
            "resolved_by", "resolved_at", "overruled_reason", "overruled_by", "overruled_at",
            "revision",
        ]  # fmt: skip
        read_only_fields = [
            "id", "raised_at", "resolution", "resolved_at", "overruled_reason", "overruled_at",
            "revision",
        ]  # fmt: skip
        validators = []


class DisqualifierEndSerializer(StrictSerializer):
    """How it ends: resolved, or overruled by a sponsor; one of them, in writing."""

    resolution = serializers.CharField(max_length=5_000, required=False)
    overruled_reason = serializers.CharField(max_length=5_000, required=False)

    def validate(self, body):
        if len(body) != 1:
            raise serializers.ValidationError("Give resolution or overruled_reason, one of them.")
        return body


# --- The ranking ------------------------------------------------------------------------------

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
