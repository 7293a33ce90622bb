"""Portfolios, members and invitations for machines."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.response import Response

from portfolio import rights
from portfolio.actions import invitations, members, portfolios
from portfolio.doors.api import Door
from portfolio.models import Invitation, Membership, Portfolio
from portfolio.rules.rights import Right
from portfolio.serializers.people import (
    InvitationSerializer,
    MemberSerializer,
    NewInvitationSerializer,
    NewPortfolioSerializer,
    PortfolioChangeSerializer,
    PortfolioSerializer,
)


class Portfolios(mixins.ListModelMixin, Door):
    """The portfolios one belongs to."""

    is_list = True
    serializer_class = PortfolioSerializer
    queryset = Portfolio.objects.none()

    def get_queryset(self):
        return Portfolio.objects.visible_to(self.request.actor)

    def get(self, request):
        return self.list(request)

    @extend_schema(request=NewPortfolioSerializer, responses={201: PortfolioSerializer})
    def post(self, request):
        """Open a portfolio; who opens it is its first sponsor."""
        asked = NewPortfolioSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        opened = portfolios.open_portfolio(request.actor, **asked.validated_data)
        row = self.get_queryset().get(pk=opened.pk)
        address = reverse("api:portfolio", args=[row.key])
        return Response(self.present(row), status.HTTP_201_CREATED, headers={"Location": address})


class OnePortfolio(Door):
    """One portfolio and its settings."""

    serializer_class = PortfolioSerializer
    queryset = Portfolio.objects.none()

    @cached_property
    def row(self) -> Portfolio:
        return find_portfolio(self.request, self.kwargs["key"])

    def row_version(self):
        return self.row.revision

    def get(self, request, key):
        return Response(self.present(self.row))

    @extend_schema(request=PortfolioChangeSerializer, responses=PortfolioSerializer)
    def patch(self, request, key):
        """Change settings; exactly the fields named are written."""
        portfolio_id = self.row.pk
        rights.require(request.actor, Right.MANAGE_SETTINGS, self.row)
        asked = PortfolioChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = portfolios.change_portfolio(
            request.actor, portfolio_id, asked.validated_data, seen_version=self.seen_version()
        )
        return Response(self.present(row))


class PortfolioDoor(Door):
    """What lies under one portfolio."""

    @cached_property
    def portfolio(self) -> Portfolio:
        return find_portfolio(self.request, self.kwargs["key"])


class Members(mixins.ListModelMixin, PortfolioDoor):
    """Who belongs to a portfolio, and in what role."""

    is_list = True
    buried = "member"
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self):
        rows = Membership.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_people()

    def tombstones(self):
        return super().tombstones().in_portfolio(self.portfolio.pk)

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=NewInvitationSerializer, responses={201: InvitationSerializer})
    def post(self, request, key):
        """Invite a person by e-mail: nobody becomes a member without a yes of their own."""
        return invite(self, request)


class Member(PortfolioDoor):
    """One membership; `id` is that of the list."""

    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    @cached_property
    def row(self) -> Membership:
        rows = Membership.objects.visible_to(self.request.actor).in_portfolio(self.portfolio.pk)
        return get_object_or_404(rows.with_people(), pk=self.kwargs["pk"])

    def row_version(self):
        return self.row.revision

    def get(self, request, key, pk):
        return Response(self.present(self.row))

    def patch(self, request, key, pk):
        """Change the role: `{"role": "viewer"}`. It holds from the next request on."""
        membership_id = self.row.pk
        rights.require(request.actor, Right.MANAGE_MEMBERS, self.portfolio)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = members.change_role(
            request.actor,
            membership_id,
            asked.validated_data["role"],
            seen_version=self.seen_version(),
        )
        return Response(self.present(row))

    def delete(self, request, key, pk):
        """Remove the member. What they did stays."""
        members.remove_member(request.actor, self.row.pk, seen_version=self.seen_version())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationDoor(PortfolioDoor):
    """Invitations are a sponsor's to see."""

    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "now": timezone.now()}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        rights.require(request.actor, Right.MANAGE_MEMBERS, self.portfolio)

    def get_queryset(self):
        rows = Invitation.objects.visible_to(self.request.actor)
        return rows.in_portfolio(self.portfolio.pk).with_inviter()

    @cached_property
    def row(self) -> Invitation:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])


class Invitations(mixins.ListModelMixin, InvitationDoor):
    """Everybody who was invited, with what became of it."""

    is_list = True

    def get(self, request, key):
        return self.list(request)

    @extend_schema(request=NewInvitationSerializer, responses={201: InvitationSerializer})
    def post(self, request, key):
        """Invite a person by e-mail."""
        return invite(self, request)


class OneInvitation(InvitationDoor):
    """One invitation."""

    def row_version(self):
        return self.row.revision

    def get(self, request, key, pk):
        return Response(self.present(self.row))

    def delete(self, request, key, pk):
        """Revoke it: its link lets nobody in any more. The row stays, as revoked."""
        invitations.revoke_invitation(request.actor, self.row.pk, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationSending(InvitationDoor):
    """The e-mail of an invitation."""

    @extend_schema(request=None, responses={202: InvitationSerializer})
    def post(self, request, key, pk):
        """Send it again, with a fresh term."""
        row = invitations.resend_invitation(request.actor, self.row.pk, now=timezone.now())
        return Response(self.present(row), status.HTTP_202_ACCEPTED)


def find_portfolio(request, key: str) -> Portfolio:
    return get_object_or_404(Portfolio.objects.visible_to(request.actor).with_key(key.upper()))


def invite(door, request) -> Response:
    """The invitation that both lists of people answer a POST with."""
    rights.require(request.actor, Right.MANAGE_MEMBERS, door.portfolio)
    asked = NewInvitationSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    now = timezone.now()
    row = invitations.invite(request.actor, door.portfolio.pk, **asked.validated_data, now=now)
    address = reverse("api:invitation", args=[door.portfolio.key, row.pk])
    shown = InvitationSerializer(row, context={"now": now}).data
    return Response(shown, status.HTTP_201_CREATED, headers={"Location": address})
