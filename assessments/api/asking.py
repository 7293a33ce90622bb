"""Requests to members for an answer or a rating, for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from assessments.actions.asking import ask, end_request
from assessments.api.doors import UseCaseDoor
from assessments.models import Request
from assessments.serializers.asking import AskSerializer, EndingSerializer, RequestSerializer
from portfolio import rights
from portfolio.rules.rights import Right


class Requests(mixins.ListModelMixin, UseCaseDoor):
    """Who was asked what about one use case, ended or not."""

    is_list = True
    serializer_class = RequestSerializer
    queryset = Request.objects.none()

    def get_queryset(self):
        rows = Request.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return rows.with_names()

    def get(self, request, reference):
        return self.list(request)

    @extend_schema(request=AskSerializer, responses={201: RequestSerializer})
    def post(self, request, reference):
        """Ask a member; it stands in their work list until it is answered."""
        rights.require(request.actor, Right.ASK, self.use_case)
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        (row,) = ask(
            request.actor,
            self.use_case.pk,
            email=given["asked"],
            tests=[given["test"]] if "test" in given else [],
            criteria=[given["criterion"]] if "criterion" in given else [],
            note=given.get("note", ""),
            due_on=given.get("due_on"),
            now=timezone.now(),
        )
        address = reverse("api:request", args=[self.use_case.reference, row.pk])
        return Response(
            RequestSerializer(row).data, status.HTTP_201_CREATED, headers={"Location": address}
        )


class OneRequest(UseCaseDoor):
    """One request."""

    serializer_class = RequestSerializer
    queryset = Request.objects.none()

    @cached_property
    def row(self) -> Request:
        rows = Request.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return get_object_or_404(rows.with_names(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, reference, pk):
        return Response(self.present(self.row))

    @extend_schema(request=EndingSerializer, responses=RequestSerializer)
    def patch(self, request, reference, pk):
        """End it: answered or declined by who was asked, or withdrawn."""
        key = self.row.pk
        rights.require(request.actor, Right.ASK, self.use_case)
        asked = EndingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = end_request(
            request.actor,
            key,
            asked.validated_data["ending"],
            asked.validated_data.get("words", ""),
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response(self.present(row))
