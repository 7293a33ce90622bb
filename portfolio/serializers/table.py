"""Views of the table as the API shows and takes them."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portfolio.models import BulkChange, BulkChangeRow, SavedView
from portfolio.models.base import choices
from portfolio.rules.words import Changing
from portfolio.serializers.fields import StrictModelSerializer, StrictSerializer

CHANGING = choices(Changing)
QUERY = "As in an address: `sort=-score,title&stage=qualified&score_min=20&columns=title,score`."


class SavedViewSerializer(StrictModelSerializer):
    """A view of the ranking under a name."""

    owner = serializers.EmailField(source="owner.email", read_only=True)
    shared = serializers.BooleanField(source="is_shared")
    url = serializers.SerializerMethodField()

    class Meta:
        model = SavedView
        fields = ["id", "name", "owner", "shared", "query", "url", "created_at", "revision"]
        read_only_fields = fields

    def get_url(self, view) -> str:
        return reverse("portfolio:saved_view", args=[view.portfolio.key, view.pk])


class NewViewSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80)
    shared = serializers.BooleanField(required=False, default=False, source="is_shared")
    query = serializers.CharField(
        max_length=4_000, allow_blank=True, required=False, default="", help_text=QUERY
    )


class ViewChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80, required=False)
    shared = serializers.BooleanField(required=False, source="is_shared")
    query = serializers.CharField(
        max_length=4_000, allow_blank=True, required=False, help_text=QUERY
    )


# --- Bulk changes ---------------------------------------------------------------------------------

REFUSALS_SHOWN = 1_000


class BulkChangeSerializer(StrictModelSerializer):
    """A change of many candidates, and how far it is."""

    by = serializers.EmailField(source="by.email", read_only=True)
    asked = serializers.EmailField(
        source="asked.email", read_only=True, default=None, allow_null=True
    )
    undone_by = serializers.EmailField(
        source="undone_by.email", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = BulkChange
        fields = [
            "id", "change", "value", "reason", "asked", "due_on", "by", "state", "total", "done",
            "changed", "unchanged", "refused", "message", "undone_by", "undone", "kept",
            "created_at", "started_at", "finished_at", "undone_at", "revision",
        ]  # fmt: skip
        read_only_fields = fields


class BulkRefusalSerializer(serializers.ModelSerializer):
    """One candidate that was refused, or that an undo left as it was, and why."""

    reference = serializers.CharField(source="use_case.reference")
    conditions = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = BulkChangeRow
        fields = ["reference", "state", "why", "conditions"]
        read_only_fields = fields


class OneBulkChangeSerializer(BulkChangeSerializer):
    """The same, with what was refused and what an undo left (the first thousand of each)."""

    refusals = serializers.SerializerMethodField()

    class Meta(BulkChangeSerializer.Meta):
        fields = [*BulkChangeSerializer.Meta.fields, "refusals"]
        read_only_fields = fields

    @extend_schema_field(BulkRefusalSerializer(many=True))
    def get_refusals(self, bulk: BulkChange) -> list[dict]:
        rows = BulkChangeRow.objects.of(bulk.pk)
        told = [*rows.refused()[:REFUSALS_SHOWN], *rows.kept()[:REFUSALS_SHOWN]]
        return BulkRefusalSerializer(told, many=True).data


class NewBulkChangeSerializer(StrictSerializer):
    """What is to change, in which candidates: named, or all that a query narrows to."""

    change = serializers.ChoiceField(choices=CHANGING)
    value = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=250,
        help_text="A stage, an owner's e-mail, a business unit, a kind of task or a test.",
    )  # fmt: skip
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=5_000,
        help_text="Asked where they are parked or stopped; with a test it goes along as a note.",
    )  # fmt: skip
    asked = serializers.EmailField(
        required=False, default="", allow_blank=True, help_text="Of whom a test is asked."
    )
    due_on = serializers.DateField(
        required=False, default=None, allow_null=True, help_text="By when a test is asked."
    )
    references = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, max_length=25_000
    )
    query = serializers.CharField(
        required=False, allow_blank=True, max_length=4_000, help_text=QUERY
    )

    def validate(self, attributes):
        if ("references" in attributes) == ("query" in attributes):
            raise serializers.ValidationError(
                {"references": "Name references, or a query, and not both."}
            )
        return attributes
