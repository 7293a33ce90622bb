"""Ratings, for machines."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.response import Response

from assessments.actions.rating import Judgement, mine_of, rate
from assessments.api.doors import UseCaseDoor
from assessments.models import Rating, Round, SealedRating
from assessments.pages.rating import Ages
from assessments.serializers.rating import JudgementSerializer, RatingSerializer
from assessments.serializers.sealed import SealedSerializer
from portfolio import rights
from portfolio.doors.paging import KeyPagination
from portfolio.rules.rights import Right


class RatingsPagination(KeyPagination):
    """A page of ratings, and beside it one's own that are sealed in open blind rounds."""

    def paginate_queryset(self, queryset, request, view=None):
        self.view = view
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data):
        response = super().get_paginated_response(data)
        response.data["sealed"] = self.view.sealed()
        return response

    def get_paginated_response_schema(self, schema):
        page = super().get_paginated_response_schema(schema)
        one = {"$ref": "#/components/schemas/Sealed"}
        page["properties"]["sealed"] = {"type": "array", "items": one}
        page["required"] = [*page["required"], "sealed"]
        return page


class Ratings(mixins.ListModelMixin, UseCaseDoor):
    """Everybody's ratings of one use case; a PUT writes one's own.

    What one rates in an open blind round is sealed: it is listed under `sealed`, for its author
    alone, and becomes a rating when the round closes.
    """

    is_list = True
    pagination_class = RatingsPagination
    serializer_class = RatingSerializer
    queryset = Rating.objects.none()

    def get_queryset(self):
        rows = Rating.objects.visible_to(self.request.actor).of(self.use_case.pk)
        return rows.of_criteria_in_force().with_names()

    def row_version(self):
        """The version of one's own ratings: others' never stand in the way of an edit."""
        rounds = Round.objects.cells_of(self.use_case.pk, self.request.user.pk)
        mine = mine_of(self.use_case.pk, self.request.user.pk, rounds)
        return max((row.revision for row in mine.values()), default=0)

    def mine(self):
        return Rating.objects.of(self.use_case.pk).by_person(self.request.user.pk)

    def sealed(self) -> list:
        """One's own ratings in open rounds."""
        rows = SealedRating.objects.of(self.use_case.pk).by_person(self.request.user.pk)
        return SealedSerializer(rows.still_sealed().with_names().in_order(), many=True).data

    def get_serializer_context(self):
        ages = Ages.here(self.use_case.portfolio, timezone.now())
        return {**super().get_serializer_context(), "ages": ages}

    def present(self, row) -> dict:
        rows = self.mine().with_names().in_order()
        return {"results": self.get_serializer(rows, many=True).data, "sealed": self.sealed()}

    def get(self, request, reference):
        return self.list(request)

    @extend_schema(request=JudgementSerializer(many=True), responses=RatingSerializer(many=True))
    def put(self, request, reference):
        """Rate the criteria named; one's other ratings stay as they are."""
        rights.require(request.actor, Right.RATE, self.use_case)
        asked = JudgementSerializer(data=request.data, many=True)
        asked.is_valid(raise_exception=True)
        rate(
            request.actor,
            self.use_case.pk,
            [Judgement(**given) for given in asked.validated_data],
            now=timezone.now(),
            seen_version=self.seen_version(),
        )
        return Response({"next": None, "previous": None, **self.present(None)})
