"""Signing up is by invitation; everything else of allauth stays as it comes."""

from allauth.account.adapter import DefaultAccountAdapter


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up at allauth's own address: an invitation's page makes the account."""

    def is_open_for_signup(self, request) -> bool:
        return False
