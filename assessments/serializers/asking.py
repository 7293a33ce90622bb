"""The shape of requests in the API."""

from rest_framework import serializers

from assessments.models import Ending, Request
from assessments.rules.four_tests import Test
from portfolio.serializers.fields import StrictModelSerializer, StrictSerializer


class RequestSerializer(StrictModelSerializer):
    """One person asked for the answer to a test, or for their rating of a criterion."""

    test = serializers.ChoiceField(choices=["", *(test.value for test in Test)], required=False)
    criterion = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    asked = serializers.EmailField(source="asked.email")
    by = serializers.EmailField(source="by.email", read_only=True, default=None)
    ending = serializers.ChoiceField(choices=["", *Ending.values], read_only=True)

    class Meta:
        model = Request
        fields = [
            "id", "test", "criterion", "asked", "by", "note", "due_on", "made_at", "reminded_at",
            "ending", "words", "ended_at", "revision",
        ]  # fmt: skip


class AskSerializer(StrictSerializer):
    """Who is asked for what: a test or a criterion, one of them."""

    test = serializers.ChoiceField(choices=[test.value for test in Test], required=False)
    criterion = serializers.CharField(max_length=40, required=False)
    asked = serializers.EmailField()
    note = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
    due_on = serializers.DateField(required=False, allow_null=True)

    def validate(self, body):
        if ("test" in body) == ("criterion" in body):
            raise serializers.ValidationError("Give test or criterion, one of them.")
        return body


class EndingSerializer(StrictSerializer):
    """How a request ends; who was asked says in words what they found out, or why they cannot."""

    ending = serializers.ChoiceField(choices=Ending.values)
    words = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
