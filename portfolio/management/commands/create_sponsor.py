import sys

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portfolio.actions.portfolios import make_sponsor


class Command(BaseCommand):
    help = "Lets a person sign in and open portfolios; prints a link to choose a password."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="", help="as others shall see it")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *, email, name, password_stdin, **options):
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
        try:
            user = make_sponsor(email, name=name, password=password)
        except ValidationError as fault:
            raise CommandError(" ".join(fault.messages)) from fault
        if user.has_usable_password():
            self.stdout.write(f"{user.email} may open portfolios. Sign in at {settings.BASE_URL}/")
            return
        self.stdout.write(f"{user.email} may open portfolios. Choose a password here:")
        self.stdout.write(link_to_choose_a_password(user))


def link_to_choose_a_password(user) -> str:
    key = default_token_generator.make_token(user)
    address = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return settings.BASE_URL.rstrip("/") + address
