"""Sends the e-mail of an invitation, and knows the signed link that it carries."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse

from portfolio.models import Invitation

log = logging.getLogger(__name__)

SALT = "portfolio.invitation"


def link_of(invitation: Invitation) -> str:
    """The address that lets the invited person in; the row says whether it still does."""
    signed = signing.Signer(salt=SALT).sign(str(invitation.pk))
    return f"{settings.BASE_URL.rstrip('/')}{reverse('portfolio:invitation', args=[signed])}"


def invited_by_link(signed: str) -> int | None:
    """The invitation's id, or None for a link that was not made here."""
    try:
        return int(signing.Signer(salt=SALT).unsign(signed))
    except signing.BadSignature:
        return None


def send_invitation(invitation_id: int, now: datetime) -> bool:
    """Whether an e-mail went out: once for each time it is wanted, however often this is called.

    The row stays locked while the mail is handed over. A mail server that refuses leaves the row
    unsent, and the sweep asks again.
    """
    with transaction.atomic():
        invitation = Invitation.objects.claim_unsent(invitation_id)
        if invitation is None or not invitation.is_open(now):
            return False
        letter(invitation).send()
        invitation.sent_at = now
        invitation.save(update_fields=["sent_at"])
    log.info("invitation sent invitation=%s portfolio=%s", invitation_id, invitation.portfolio_id)
    return True


def letter(invitation: Invitation) -> EmailMessage:
    """The e-mail: who asks, to what, and the one link."""
    portfolio, inviter = invitation.portfolio, invitation.invited_by
    body = (
        f"{inviter} invites you to {portfolio.name} in Pharos, as {invitation.role}.\n\n"
        f"{portfolio.name} is a portfolio of GenAI use cases: what to build next, how each is "
        "doing against its clock, and what came of it.\n\n"
        f"Come in here:\n{link_of(invitation)}\n\n"
        f"The link is for {invitation.email} and works until "
        f"{invitation.expires_at:%-d %B %Y}. If you did not expect this, leave it be: "
        "nothing happens.\n"
    )
    return EmailMessage(
        subject=f"{inviter} invites you to {portfolio.name}",
        body=body,
        to=[invitation.email],
        reply_to=[inviter.email],
    )
