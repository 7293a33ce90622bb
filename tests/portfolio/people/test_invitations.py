from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from portfolio import inviting
from portfolio.actions.invitations import (
    InvitationClosed,
    InvitedSomebodyElse,
    MemberAlready,
    accept_invitation,
    come_in,
    invite,
    resend_invitation,
    revoke_invitation,
)
from portfolio.errors import NotAllowed
from portfolio.models import Event, Invitation, Membership, User
from tests import make

NOW = timezone.now()
PASSWORD = "harbour-bell-at-nine"


@pytest.fixture
def invitation(act, sponsor, portfolio) -> Invitation:
    return invite(act(sponsor), portfolio.pk, email="Dana@Acme.example", role="viewer", now=NOW)


def address(invitation) -> str:
    return inviting.link_of(invitation).replace("http://", "").partition("/")[2].join(["/", ""])


def test_an_invitation_is_normalised_recorded_and_lasts_two_weeks(invitation, portfolio):
    assert invitation.email == "dana@acme.example"
    assert invitation.expires_at == NOW + timedelta(days=14)
    event = Event.objects.in_portfolio(portfolio.pk).newest_first().first()
    assert (event.kind, event.pk) == ("member_invited", invitation.revision)


@pytest.mark.parametrize("who", ["owner", "contributor", "viewer"])
def test_only_sponsors_invite(request, act, who, portfolio):
    with pytest.raises(NotAllowed):
        invite(
            act(request.getfixturevalue(who)), portfolio.pk,
            email="x@acme.example", role="viewer", now=NOW,
        )  # fmt: skip
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(act, sponsor, viewer, portfolio):
    with pytest.raises(MemberAlready):
        invite(act(sponsor), portfolio.pk, email=viewer.email, role="sponsor", now=NOW)


def test_an_address_has_one_open_invitation(act, sponsor, portfolio, invitation):
    with pytest.raises(ValidationError, match="open invitation"):
        invite(act(sponsor), portfolio.pk, email=invitation.email, role="viewer", now=NOW)


def test_an_expired_invitation_makes_room_for_the_next(act, sponsor, portfolio, invitation):
    later = NOW + timedelta(days=15)
    second = invite(act(sponsor), portfolio.pk, email=invitation.email, role="viewer", now=later)
    invitation.refresh_from_db()
    assert invitation.revoked_at == later
    assert second.is_open(later)


@pytest.mark.django_db(transaction=True)
def test_inviting_rings_for_the_letter(act, sponsor, portfolio, rung):
    row = invite(act(sponsor), portfolio.pk, email="x@acme.example", role="viewer", now=NOW)
    assert ("portfolio.send_invitation", (row.pk,)) in rung()


def test_the_letter_goes_out_once(invitation):
    assert inviting.send_invitation(invitation.pk, NOW) is True
    assert inviting.send_invitation(invitation.pk, NOW) is False
    letter = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert letter.to == ["dana@acme.example"]
    assert inviting.link_of(invitation) in letter.body
    assert "Sam Sponsor invites you to Acme Care" in letter.subject


def test_a_revoked_or_expired_invitation_is_not_sent(act, sponsor, invitation):
    assert inviting.send_invitation(invitation.pk, NOW + timedelta(days=15)) is False
    revoke_invitation(act(sponsor), invitation.pk, now=NOW)
    assert inviting.send_invitation(invitation.pk, NOW) is False
    assert mail.outbox == []


def test_sending_again_gives_a_fresh_term(act, sponsor, invitation):
    inviting.send_invitation(invitation.pk, NOW)
    later = NOW + timedelta(days=13)
    row = resend_invitation(act(sponsor), invitation.pk, now=later)
    assert (row.sent_at, row.expires_at) == (None, later + timedelta(days=14))
    assert inviting.send_invitation(invitation.pk, later) is True


def test_a_new_person_comes_in_with_the_role_offered(invitation, portfolio):
    user = come_in(invitation.pk, name="Dana Doe", password=PASSWORD, now=NOW)
    assert Membership.objects.role_of(user.pk, portfolio.pk) == "viewer"
    assert user.check_password(PASSWORD)


def test_a_link_lets_in_once(invitation):
    come_in(invitation.pk, name="Dana Doe", password=PASSWORD, now=NOW)
    with pytest.raises(InvitationClosed, match="accepted"):
        come_in(invitation.pk, name="Dana Two", password=PASSWORD, now=NOW)


def test_an_expired_or_revoked_link_lets_nobody_in(act, sponsor, invitation):
    with pytest.raises(InvitationClosed, match="expired"):
        come_in(invitation.pk, name="D", password=PASSWORD, now=NOW + timedelta(days=14))
    revoke_invitation(act(sponsor), invitation.pk, now=NOW)
    with pytest.raises(InvitationClosed, match="taken back"):
        come_in(invitation.pk, name="D", password=PASSWORD, now=NOW)
    assert not User.objects.with_email("dana@acme.example")


@pytest.mark.parametrize(
    ("name", "password", "field"), [("Dana", "short", "password"), (" ", PASSWORD, "name")]
)
def test_name_and_password_are_told_at_their_fields(invitation, name, password, field):
    with pytest.raises(ValidationError) as refusal:
        come_in(invitation.pk, name=name, password=password, now=NOW)
    assert list(refusal.value.message_dict) == [field]
    assert not User.objects.with_email("dana@acme.example")


def test_somebody_with_an_account_accepts_as_themselves(act, invitation, portfolio):
    dana = make.make_user("dana@acme.example", "Dana Doe")
    with pytest.raises(InvitedSomebodyElse, match="Sign in"):
        come_in(invitation.pk, name="Dana", password=PASSWORD, now=NOW)
    accept_invitation(act(dana), invitation.pk, now=NOW)
    assert Membership.objects.role_of(dana.pk, portfolio.pk) == "viewer"


def test_nobody_accepts_for_somebody_else(act, stranger, invitation, portfolio):
    with pytest.raises(InvitedSomebodyElse):
        accept_invitation(act(stranger), invitation.pk, now=NOW)
    assert Membership.objects.role_of(stranger.pk, portfolio.pk) is None


# --- the page ---------------------------------------------------------------------------------


def test_a_new_person_fills_in_the_page_and_is_signed_in(client, invitation):
    page = client.get(address(invitation))
    assert page.status_code == 200
    assert "Join Acme Care" in page.content.decode()
    answer = client.post(address(invitation), {"name": "Dana Doe", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/portfolios/ACME/")
    assert client.session["_auth_user_id"]


def test_a_weak_password_leaves_the_name_as_typed(client, invitation):
    answer = client.post(address(invitation), {"name": "Dana Doe", "password": "12345678"})
    assert answer.status_code == 422
    assert 'value="Dana Doe"' in answer.content.decode()


def test_a_forged_link_is_not_there(client, invitation):
    assert client.get(address(invitation)[:-4] + "AAA/").status_code == 404


def test_a_closed_link_says_so(client, act, sponsor, invitation):
    revoke_invitation(act(sponsor), invitation.pk, now=NOW)
    page = client.get(address(invitation))
    assert page.status_code == 409
    assert "taken back" in page.content.decode()


def test_who_is_signed_in_as_somebody_else_is_told(client, viewer, invitation):
    client.force_login(viewer)
    page = client.get(address(invitation))
    assert page.status_code == 409
    assert "dana@acme.example" in page.content.decode()
    assert client.post(address(invitation)).status_code == 409


def test_who_has_an_account_is_asked_to_sign_in_and_joins_by_one_click(invitation, portfolio):
    dana = make.make_user("dana@acme.example", "Dana Doe")
    client = Client()
    assert "Sign in to join" in client.get(address(invitation)).content.decode()
    client.force_login(dana)
    answer = client.post(address(invitation))
    assert (answer.status_code, answer.url) == (302, "/portfolios/ACME/")
    assert Membership.objects.role_of(dana.pk, portfolio.pk) == "viewer"


def test_nobody_signs_up_without_an_invitation(client, db):
    answer = client.post("/account/sign-up/", {"email": "x@acme.example", "password1": PASSWORD})
    assert answer.status_code == 200
    assert not User.objects.with_email("x@acme.example")
