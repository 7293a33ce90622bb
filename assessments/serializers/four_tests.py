"""The shape of the four tests in the API."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from assessments import standing
from assessments.rules.four_tests import Outputs, Test, Usable, Use
from assessments.serializers.fields import LONG, SHORT, members, number
from portfolio.models import Guardrail
from portfolio.rules.words import Direction, LimitKind
from portfolio.serializers.fields import PlainDecimal, StrictSerializer, plain

ANSWERS = ["yes", "no", "unknown"]
NO = ["no"]


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
