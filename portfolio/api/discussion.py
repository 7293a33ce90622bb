"""The discussion of a use case, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions import discussing
from portfolio.doors.api import Door
from portfolio.errors import NotAllowed
from portfolio.models import Comment, UseCase
from portfolio.rules.rights import Right
from portfolio.serializers.discussion import CommentChangeSerializer, CommentSerializer


class DiscussionDoor(Door):
    """What was said about one use case."""

    serializer_class = CommentSerializer
    queryset = Comment.objects.none()

    @cached_property
    def use_case(self) -> UseCase:
        rows = UseCase.objects.visible_to(self.request.actor)
        return get_object_or_404(rows.with_reference(self.kwargs["reference"]))

    def get_queryset(self):
        rows = Comment.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return rows.with_people()


class Comments(mixins.ListModelMixin, DiscussionDoor):
    """Everything said about one use case, removed comments without their words."""

    is_list = True

    def get(self, request, reference):
        return self.list(request)

    @extend_schema(request=CommentSerializer, responses={201: CommentSerializer})
    def post(self, request, reference):
        """Say something about it, or with `about` of one part of it."""
        rights.require(request.actor, Right.COMMENT, self.use_case)
        asked = CommentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = discussing.comment(
            request.actor, self.use_case.pk, **asked.validated_data, now=timezone.now()
        )
        address = reverse("api:comment", args=[self.use_case.reference, row.pk])
        return Response(
            CommentSerializer(row).data, status.HTTP_201_CREATED, headers={"Location": address}
        )


class OneComment(DiscussionDoor):
    """One comment."""

    @cached_property
    def row(self) -> Comment:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def expect_own(self) -> int:
        """The comment's key, for its author; asked before the body is looked at."""
        pk = self.row.pk
        rights.require(self.request.actor, Right.COMMENT, self.use_case)
        if self.row.by_id != self.request.user.pk:
            raise NotAllowed("A comment is changed or removed by who wrote it.")
        return pk

    def get(self, request, reference, pk):
        return Response(self.present(self.row))

    @extend_schema(request=CommentChangeSerializer, responses=CommentSerializer)
    def patch(self, request, reference, pk):
        """Change the words of one's own."""
        key = self.expect_own()
        asked = CommentChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = discussing.edit_comment(
            request.actor, key, asked.validated_data["text"], now=timezone.now(),
            seen_version=self.seen_version(),
        )  # fmt: skip
        return Response(self.present(row))

    @extend_schema(responses={204: None})
    def delete(self, request, reference, pk):
        """Remove one's own: its words go, that there was one stays."""
        key = self.expect_own()
        discussing.remove_comment(
            request.actor, key, now=timezone.now(), seen_version=self.seen_version()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
