"""Imports for machines."""

import orjson
from django.core.exceptions import ValidationError as ModelValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions.importing import Meaning, Sent, import_file
from portfolio.api.people import PortfolioDoor
from portfolio.importing.refusals import FileRefused
from portfolio.importing.tables import Reading
from portfolio.models import Import
from portfolio.rules.rights import Right
from portfolio.serializers.intake import (
    ImportSerializer,
    OneImportSerializer,
    SentFileSerializer,
)

DOCUMENTS = ("mapping", "stages", "key_columns")
STATES = list(Import.State)


class Imports(mixins.ListModelMixin, PortfolioDoor):
    """The files that were brought in, and a new one."""

    is_list = True
    serializer_class = ImportSerializer
    parser_classes = [MultiPartParser]
    queryset = Import.objects.none()

    def get_queryset(self):
        rows = Import.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_people()

    def under_way(self) -> list:
        return Import.objects.in_portfolio(self.portfolio.pk).progress()

    def get(self, request, key):
        return self.list(request)

    @extend_schema(
        request={"multipart/form-data": SentFileSerializer},
        responses={202: OneImportSerializer},
    )
    def post(self, request, key):
        """Bring a file in: 202 at once, then ask the address in `Location` how far it is."""
        portfolio = self.portfolio
        rights.require(request.actor, Right.IMPORT, portfolio)
        asked = SentFileSerializer(data=as_body(request.data))
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        sent = Sent(
            file=given["file"],
            name=given["file"].name,
            reading=Reading(
                given.get("encoding"), given.get("delimiter"), given.get("sheet"),
                given.get("heading_row"),
            ),
            meaning=Meaning(
                mapping=given.get("mapping"),
                stages=given.get("stages"),
                key_columns=given.get("key_columns"),
                already_there=given["already_there"] or None,
                override_reason=given["override_reason"],
            ),
        )  # fmt: skip
        try:
            running = import_file(
                request.actor, portfolio, sent, timezone.now(), dry_run=given["dry_run"]
            )
        except FileRefused as refusal:
            raise ModelValidationError({"file": refusal.words}) from refusal
        address = reverse("api:import", args=[portfolio.key, running.pk])
        body = OneImportSerializer(running).data
        return Response(body, status.HTTP_202_ACCEPTED, headers={"Location": address})


class OneImport(PortfolioDoor):
    """Where one import stands."""

    serializer_class = OneImportSerializer
    queryset = Import.objects.none()

    @cached_property
    def row(self) -> Import:
        rows = Import.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_people(), pk=self.kwargs["import_id"])

    def row_version(self):
        # Progress is no event; every step of it is another version all the same.
        return self.row.done * len(STATES) + STATES.index(self.row.state)

    def get(self, request, key, import_id):
        return Response(self.present(self.row))


def as_body(parts) -> dict:
    """The parts of a multipart body, those that are JSON read as such."""
    body = dict(parts.items())
    for name in DOCUMENTS:
        if name in body:
            try:
                body[name] = orjson.loads(body[name])
            except (orjson.JSONDecodeError, TypeError) as fault:
                raise ValidationError({name: ["This is not JSON."]}) from fault
    return body
