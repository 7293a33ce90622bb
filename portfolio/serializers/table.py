"""Views of the table as the API shows and takes them."""

from django.urls import reverse
from rest_framework import serializers

from portfolio.models import SavedView
from portfolio.serializers.fields import StrictModelSerializer, StrictSerializer

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
