"""Imports as the API shows and takes them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portfolio.importing.delimited import DELIMITERS, ENCODINGS
from portfolio.models import Import, ImportProblem
from portfolio.serializers.fields import StrictSerializer

ERRORS_SHOWN = 1_000


class ImportSerializer(serializers.ModelSerializer):
    """Where an import stands."""

    portfolio = serializers.CharField(source="portfolio.key", read_only=True)
    by = serializers.EmailField(source="by.email", read_only=True)
    heading_row = serializers.IntegerField(source="header_row", read_only=True)
    duplicates = serializers.ListField(child=serializers.DictField(), read_only=True)
    retitled = serializers.ListField(
        child=serializers.DictField(),
        read_only=True,
        help_text="The first candidates whose new title has no word of the old one.",
    )

    class Meta:
        model = Import
        fields = [
            "id", "portfolio", "file_name", "by", "state", "dry_run", "total", "done", "created",
            "updated", "unchanged", "failed", "message", "encoding", "delimiter", "sheet",
            "heading_row", "mapping", "stages", "key_columns", "already_there", "duplicate_count",
            "duplicates", "retitled_count", "retitled", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class ImportErrorSerializer(serializers.ModelSerializer):
    """What is wrong with a row or a cell; `kept_out` is false where the row came in without it."""

    class Meta:
        model = ImportProblem
        fields = ["row", "column", "message", "kept_out"]
        read_only_fields = fields


class OneImportSerializer(ImportSerializer):
    """Where an import stands, with what is wrong with its rows (the first thousand of them)."""

    errors = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "errors"]
        read_only_fields = fields

    @extend_schema_field(ImportErrorSerializer(many=True))
    def get_errors(self, running: Import) -> list[dict]:
        rows = ImportProblem.objects.of(running.pk).by_row()[:ERRORS_SHOWN]
        return ImportErrorSerializer(rows, many=True).data


class WordsField(serializers.DictField):
    """Words by words. The names are looked at as closely as what they stand for."""

    def to_internal_value(self, data):
        found = super().to_internal_value(data)
        for name in found:
            serializers.CharField(allow_blank=True).run_validation(name)
        return found


class SentFileSerializer(StrictSerializer):
    """A file to bring in. What is not said is guessed, or as it was the last time."""

    file = serializers.FileField(help_text="CSV or XLSX, up to 50 MB and 100,000 rows.")
    mapping = WordsField(
        child=serializers.CharField(allow_blank=True), required=False,
        help_text='A JSON object: {"column": "field"}. Fields: title, problem, jobs, segments, '
        "success_metrics, business_unit, external_key, task_type, customer_facing, stage.",
    )  # fmt: skip
    stages = WordsField(
        child=serializers.CharField(), required=False,
        help_text='A JSON object: {"the source\'s stage": "ours"}.',
    )  # fmt: skip
    key_columns = serializers.ListField(
        child=serializers.CharField(), required=False,
        help_text="A JSON array: the columns that tell rows apart; empty for the whole row.",
    )  # fmt: skip
    dry_run = serializers.BooleanField(required=False, default=False)
    already_there = serializers.BooleanField(
        required=False, default=False,
        help_text="Stages past proposed are taken over; a sponsor's, and recorded as an override.",
    )  # fmt: skip
    override_reason = serializers.CharField(required=False, default="", max_length=2_000)
    encoding = serializers.ChoiceField(choices=list(ENCODINGS), required=False)
    delimiter = serializers.ChoiceField(choices=list(DELIMITERS), required=False)
    sheet = serializers.CharField(required=False, max_length=250)
    heading_row = serializers.IntegerField(required=False, min_value=1, max_value=1_000)
