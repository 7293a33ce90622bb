"""Portfolios, members and invitations as the API shows and takes them."""

from rest_framework import serializers

from portfolio.models import Invitation, Membership, Portfolio
from portfolio.rules.rights import Role
from portfolio.serializers.fields import PlainDecimal, StrictModelSerializer, StrictSerializer

ROLES = [(role.value, role.value) for role in Role]


class PortfolioSerializer(StrictModelSerializer):
    """A portfolio; `role` is that of who asks. The key stays for good."""

    role = serializers.SerializerMethodField()
    value_scale = serializers.ListField(
        child=PlainDecimal(max_digits=16, decimal_places=2), min_length=6, max_length=6,
        required=False,
    )  # fmt: skip

    class Meta:
        model = Portfolio
        fields = [
            "id", "key", "name", "currency", "time_zone", "role", "weights", "value_scale",
            "is_value_scale_confirmed", "shortlist_size", "fresh_days", "created_at", "revision",
        ]  # fmt: skip
        read_only_fields = ["id", "created_at", "revision", "weights"]
        extra_kwargs = {"key": {"validators": []}, "name": {"validators": []}}

    def get_role(self, portfolio) -> str:
        return self.context["request"].actor.roles.get(portfolio.pk, "")


class NewPortfolioSerializer(StrictSerializer):
    key = serializers.CharField(max_length=10)
    name = serializers.CharField(max_length=120)
    currency = serializers.CharField(max_length=3, default="USD")
    time_zone = serializers.CharField(max_length=64, default="UTC")


class PortfolioChangeSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120, required=False)
    currency = serializers.CharField(max_length=3, required=False)
    time_zone = serializers.CharField(max_length=64, required=False)
    shortlist_size = serializers.IntegerField(min_value=3, max_value=5, required=False)
    fresh_days = serializers.IntegerField(min_value=7, max_value=3_650, required=False)
    value_scale = serializers.ListField(
        child=PlainDecimal(max_digits=16, decimal_places=2), min_length=6, max_length=6,
        required=False,
    )  # fmt: skip
    is_value_scale_confirmed = serializers.BooleanField(required=False)


class MemberSerializer(StrictModelSerializer):
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    since = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "email", "name", "role", "since", "revision"]
        read_only_fields = ["id", "revision"]


class InvitationSerializer(StrictModelSerializer):
    state = serializers.SerializerMethodField()
    invited_by = serializers.EmailField(source="invited_by.email", read_only=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "email", "role", "state", "invited_by", "created_at", "expires_at", "sent_at",
            "accepted_at", "revoked_at", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state(self, invitation) -> str:
        return invitation.state(self.context["now"])


class NewInvitationSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=ROLES)
