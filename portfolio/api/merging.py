"""Making one use case of two, for machines."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions.merging import merge_use_cases
from portfolio.api.pipeline import UseCaseDoor
from portfolio.rules.rights import Right
from portfolio.serializers.duplicates import MergeSerializer
from portfolio.serializers.pipeline import UseCaseDetailSerializer


class Merge(UseCaseDoor):
    """The merge of a use case into another one."""

    @extend_schema(request=MergeSerializer, responses=UseCaseDetailSerializer)
    def post(self, request, reference):
        """Merge it into another one, which is answered; its reference leads there from now on."""
        rights.require(request.actor, Right.MERGE, self.row)
        asked = MergeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        into = self.rows().key_known_as(asked.validated_data["into"])
        if into is None:
            raise ValidationError({"into": ["There is no use case with this reference."]})
        survivor = merge_use_cases(
            request.actor,
            self.row.pk,
            into,
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response(self.present(survivor))
