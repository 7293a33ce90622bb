from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portfolio.actions.tokens import create_token
from portfolio.errors import NotAllowed
from portfolio.models import ApiToken, Portfolio, User
from portfolio.rights import Actor


class Command(BaseCommand):
    help = "Prints a new API token of a person. It is shown this once."

    def add_arguments(self, parser):
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--portfolio", metavar="KEY", help="limit it to this portfolio")
        parser.add_argument("--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.READ)
        parser.add_argument("--days", type=int, metavar="N", help="let it expire after N days")
        parser.add_argument("--name", default="from the command line")

    def handle(self, *, email, portfolio, scope, days, name, **options):
        user = User.objects.with_email(email)
        if user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days is from 1 to 3650.")
        actor = Actor(user=user)
        limit = None
        if portfolio:
            limit = Portfolio.objects.visible_to(actor).with_key(portfolio.upper()).first()
            if limit is None:
                raise CommandError(f"{user.email} is not a member of a portfolio {portfolio}.")
        try:
            _, secret = create_token(
                actor, name=name, scope=scope, portfolio=limit, days=days, now=timezone.now()
            )
        except (NotAllowed, ValidationError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(secret)
