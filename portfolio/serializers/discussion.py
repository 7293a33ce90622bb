"""The shape of comments in the API."""

from rest_framework import serializers

from portfolio.models import Comment
from portfolio.serializers.fields import StrictModelSerializer


class CommentSerializer(StrictModelSerializer):
    """A comment; one that was removed has no text."""

    by = serializers.EmailField(source="by.email", read_only=True)
    text = serializers.CharField(max_length=5_000)

    class Meta:
        model = Comment
        fields = ["id", "about", "text", "by", "at", "edited_at", "removed_at", "revision"]
        read_only_fields = ["id", "at", "edited_at", "removed_at", "revision"]
        validators = []


class CommentChangeSerializer(CommentSerializer):
    """What of a comment may change: its words."""

    class Meta(CommentSerializer.Meta):
        read_only_fields = ["id", "about", "at", "edited_at", "removed_at", "revision"]
