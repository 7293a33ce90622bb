"""The four tests, for machines."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from assessments.actions import testing
from assessments.api.doors import UseCaseDoor
from assessments.models import FourTests
from assessments.serializers.four_tests import TestsChangeSerializer, TestsSerializer, tests_body
from portfolio import rights
from portfolio.rules.rights import Right


class Tests(UseCaseDoor):
    """The four tests of one use case."""

    __test__ = False
    serializer_class = TestsSerializer
    queryset = FourTests.objects.none()

    def row_version(self):
        return FourTests.objects.revision_of(self.use_case.pk)

    def present(self, row) -> dict:
        return tests_body(self.use_case)

    def get(self, request, reference):
        return Response(tests_body(self.use_case))

    @extend_schema(request=TestsChangeSerializer, responses=TestsSerializer)
    def patch(self, request, reference):
        """Answer any subset; exactly the fields named are written."""
        rights.require(request.actor, Right.ANSWER_TESTS, self.use_case)
        asked = TestsChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        testing.answer_tests(
            request.actor,
            self.use_case.pk,
            asked.validated_data,
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response(tests_body(self.use_case))
