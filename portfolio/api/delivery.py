"""Lighthouses and what is recorded of them, for machines."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions import contract, delivery, milestones, readings, recording, verdicts
from portfolio.doors.api import Door
from portfolio.models import Amendment, Forecast, Lighthouse, Milestone, Reading, UseCase
from portfolio.rules.rights import Right
from portfolio.rules.words import Verdict
from portfolio.serializers.delivery import (
    AcceptanceSerializer,
    AmendmentSerializer,
    ContractSerializer,
    ForecastSerializer,
    LighthouseChangeSerializer,
    LighthouseSerializer,
    MilestoneSerializer,
    NewAmendmentSerializer,
    NewDeclarationSerializer,
    NewLighthouseSerializer,
    ReadingSerializer,
    contract_of,
)

LIGHTHOUSE_FILTERS = {
    "portfolio": (None, "Those of this portfolio, by key."),
    "use_case": (None, "Those of this use case, by reference; the newest is the last."),
    "owner": (None, "Those of this owner, by e-mail address."),
    "verdict": ([verdict.value for verdict in Verdict], "By the verdict as computed."),
    "state": (["active", "closed"], "Active, or closed: declared or abandoned."),
}


class LighthouseDoor(Door):
    """What shows whole lighthouses."""

    serializer_class = LighthouseSerializer
    queryset = Lighthouse.objects.none()

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "now": timezone.now()}

    def get_queryset(self):
        rows = Lighthouse.objects.visible_to(self.request.actor)
        return rows.with_everything().with_guardrails()

    def under_way(self) -> list:
        """The lighthouses whose verdict is stale."""
        return Lighthouse.objects.visible_to(self.request.actor).awaiting_settlement().ids()

    def shown(self, lighthouse_id: int, code: int = 200, **answer) -> Response:
        """The answer with this lighthouse as it stands now."""
        return Response(self.present(self.get_queryset().get(pk=lighthouse_id)), code, **answer)


class Lighthouses(mixins.ListModelMixin, LighthouseDoor):
    """Every lighthouse one may see."""

    is_list = True
    revision_column = "changed_at"  # the newest of the row, its contract and its verdict

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(LIGHTHOUSE_FILTERS) if self.request.method == "GET" else frozenset()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        asked = self.request.query_params
        for name in ("verdict", "state"):
            known, _ = LIGHTHOUSE_FILTERS[name]
            if name in asked and asked[name] not in known:
                raise ValidationError({name: [f"One of: {', '.join(known)}."]})
        words = {
            "portfolio": lambda rows, key: rows.of_portfolio_key(key),
            "use_case": lambda rows, reference: rows.of_reference(reference),
            "owner": lambda rows, email: rows.owned_by_address(email),
            "verdict": lambda rows, verdict: rows.with_verdict(verdict),
            "state": lambda rows, state: rows.active() if state == "active" else rows.closed(),
        }
        for name, word in words.items():
            if name in asked:
                queryset = word(queryset, asked[name].replace("\x00", ""))
        return super().filter_queryset(queryset)

    @extend_schema(
        parameters=[
            OpenApiParameter(name, str, enum=known, description=words)
            for name, (known, words) in LIGHTHOUSE_FILTERS.items()
        ]
    )
    def get(self, request):
        return self.list(request)

    @extend_schema(request=NewLighthouseSerializer, responses={201: LighthouseSerializer})
    def post(self, request):
        """Draw up a lighthouse; the owner named is asked to accept."""
        asked = NewLighthouseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        rows = UseCase.objects.visible_to(request.actor).known_as(fields.pop("use_case"))
        use_case = get_object_or_404(rows)
        drawn = delivery.draw_up(request.actor, use_case.pk, **fields, now=timezone.now())
        address = reverse("api:lighthouse", args=[drawn.pk])
        return self.shown(drawn.pk, status.HTTP_201_CREATED, headers={"Location": address})


class LighthousePart(LighthouseDoor):
    """What lies under one lighthouse."""

    @cached_property
    def lighthouse(self) -> Lighthouse:
        return get_object_or_404(LighthouseDoor.get_queryset(self), pk=self.kwargs["pk"])

    def asked(self, right: Right, serializer, **options) -> dict:
        """The body in its shape, from somebody who holds the right."""
        rights.require(self.request.actor, right, self.lighthouse)
        given = serializer(data=self.request.data, **options)
        given.is_valid(raise_exception=True)
        return given.validated_data


class OneLighthouse(LighthousePart):
    """One lighthouse."""

    def row_version(self):
        return self.lighthouse.revision

    def get(self, request, pk):
        return Response(self.present(self.lighthouse))

    @extend_schema(request=LighthouseChangeSerializer, responses=LighthouseSerializer)
    def patch(self, request, pk):
        """Change owner, plan, ship date or retrospective; exactly the fields named are written."""
        changes = self.asked(Right.PLAN_LIGHTHOUSE, LighthouseChangeSerializer)
        recording.change_lighthouse(
            request.actor, pk, changes, seen_version=self.seen_version(), now=timezone.now()
        )
        return self.shown(pk)


class LighthouseContract(LighthousePart):
    """The success contract."""

    serializer_class = ContractSerializer

    def get(self, request, pk):
        return Response(self.get_serializer(contract_of(self.lighthouse)).data)

    @extend_schema(request=None, responses={201: ContractSerializer})
    def post(self, request, pk):
        """Seal it, where the use case came to mobilising before the contract was complete."""
        rights.require(request.actor, Right.MOVE_DELIVERY, self.lighthouse)
        contract.seal(request.actor, pk, now=timezone.now())
        sealed = LighthouseDoor.get_queryset(self).get(pk=pk)
        return Response(self.get_serializer(contract_of(sealed)).data, status.HTTP_201_CREATED)


class LighthouseAcceptance(LighthousePart):
    """The answer of the person named as owner."""

    @extend_schema(request=AcceptanceSerializer, responses=LighthouseSerializer)
    def post(self, request, pk):
        """Accept or decline; only the person named can."""
        answer = self.asked(Right.ACCEPT_OWNERSHIP, AcceptanceSerializer)
        delivery.answer_ownership(request.actor, pk, **answer, now=timezone.now())
        return self.shown(pk)


class LighthouseDeclaration(LighthousePart):
    """The verdict as a sponsor declares it."""

    @extend_schema(request=NewDeclarationSerializer, responses=LighthouseSerializer)
    def post(self, request, pk):
        """Confirm the computed verdict, or overrule it with a reason. It is fixed afterwards."""
        given = self.asked(Right.DECLARE, NewDeclarationSerializer)
        verdicts.declare(
            request.actor,
            pk,
            verdict=Verdict(given["verdict"]),
            reason=given.get("reason", ""),
            seen_version=self.seen_version(),
            now=timezone.now(),
        )
        return self.shown(pk)


class Children(mixins.ListModelMixin, LighthousePart):
    """Rows that hang on one lighthouse."""

    is_list = True
    model: type

    def get_queryset(self):
        rows = self.model.objects.visible_to(self.request.actor)
        return rows.of(self.lighthouse.pk).with_people()

    def tombstones(self):
        return super().tombstones().under(self.lighthouse.pk)

    def created(self, row) -> Response:
        return Response(self.present(self.get_queryset().get(pk=row.pk)), status.HTTP_201_CREATED)

    def get(self, request, pk):
        return self.list(request)


class Milestones(Children):
    """The dated promises of a lighthouse."""

    model = Milestone
    queryset = Milestone.objects.none()
    serializer_class = MilestoneSerializer
    buried = "milestone"

    @extend_schema(responses={201: MilestoneSerializer})
    def post(self, request, pk):
        """Promise a milestone."""
        given = self.asked(Right.RECORD, MilestoneSerializer)
        return self.created(
            milestones.add_milestone(request.actor, pk, **given, now=timezone.now())
        )


class OneMilestone(LighthousePart):
    """One milestone."""

    serializer_class = MilestoneSerializer
    queryset = Milestone.objects.none()

    def get_queryset(self):
        rows = Milestone.objects.visible_to(self.request.actor)
        return rows.of(self.kwargs["pk"]).with_people()

    @cached_property
    def row(self) -> Milestone:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["milestone_pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, pk, milestone_pk):
        return Response(self.present(self.row))

    def patch(self, request, pk, milestone_pk):
        """Change title, due day or the day it was done; null: not done after all."""
        milestone = self.row
        changes = self.asked(Right.RECORD, MilestoneSerializer, partial=True)
        milestones.change_milestone(
            request.actor,
            milestone.pk,
            changes,
            seen_version=self.seen_version(),
            now=timezone.now(),
        )
        return Response(self.present(self.get_queryset().get(pk=milestone.pk)))

    def delete(self, request, pk, milestone_pk):
        """Take the promise back; the history keeps it."""
        milestones.remove_milestone(
            request.actor, self.row.pk, seen_version=self.seen_version(), now=timezone.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class Forecasts(Children):
    """When it was said to be in production, each time; append-only."""

    model = Forecast
    queryset = Forecast.objects.none()
    serializer_class = ForecastSerializer

    @extend_schema(responses={201: ForecastSerializer})
    def post(self, request, pk):
        """State when it will be in production."""
        given = self.asked(Right.RECORD, ForecastSerializer)
        return self.created(recording.give_forecast(request.actor, pk, **given, now=timezone.now()))


class Readings(Children):
    """The measured values of the success metric and the guardrails; append-only."""

    model = Reading
    queryset = Reading.objects.none()
    serializer_class = ReadingSerializer

    def get_queryset(self):
        return super().get_queryset().with_history()

    @extend_schema(responses={201: ReadingSerializer})
    def post(self, request, pk):
        """Record a reading, or correct one by naming it in `supersedes`; the verdict follows."""
        given = dict(self.asked(Right.RECORD, ReadingSerializer))
        supersedes = given.pop("supersedes_id", None)
        return self.created(
            readings.record_reading(
                request.actor,
                pk,
                readings.NewReading(**given),
                supersedes=supersedes,
                now=timezone.now(),
            )
        )


class Amendments(Children):
    """The changes of the sealed contract; they stand for good."""

    model = Amendment
    queryset = Amendment.objects.none()
    serializer_class = AmendmentSerializer

    @extend_schema(request=NewAmendmentSerializer, responses={201: AmendmentSerializer})
    def post(self, request, pk):
        """Amend the sealed contract, with a reason; never past 16 weeks."""
        rights.require(request.actor, Right.AMEND, self.lighthouse)
        given = NewAmendmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self.created(
            verdicts.amend(
                request.actor,
                pk,
                given.changes(),
                reason=given.validated_data["reason"],
                now=timezone.now(),
            )
        )
