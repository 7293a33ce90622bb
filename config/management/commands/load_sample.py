from django.core.management.base import BaseCommand
from django.utils import timezone

from config.sample import story
from config.sample.company import KEY, NAME, PASSWORD, PEOPLE, SHOWN
from config.sample.telling import Teller
from portfolio.models import Portfolio, User


class Command(BaseCommand):
    """Loads the sample portfolio once, and says how to sign in to it."""

    help = (
        "Loads an invented company with two dozen candidates, and prints how to sign in. "
        "Its people share one known password, so it is not for a system with real portfolios."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--beside",
            action="store_true",
            help="load it although there are other portfolios already",
        )

    def handle(self, *, beside: bool, **options) -> None:
        sponsor = User.objects.with_email(PEOPLE[0].email)
        if sponsor is None:
            if Portfolio.objects.exists() and not beside:
                self.stdout.write(
                    "The sample was not loaded: there are portfolios here, and its people share "
                    "a password that everybody knows. Ask for it with load_sample --beside."
                )
                return
            if Portfolio.objects.filter(key=KEY).exists():
                self.stdout.write(f"The sample was not loaded: another portfolio is called {KEY}.")
                return
            teller = Teller(timezone.now())
            story.write(teller)
            teller.tell()
        self.stdout.write(f"{NAME}, the sample. Sign in with the password {PASSWORD} as")
        people = {person.slug: person for person in PEOPLE}
        for slug in SHOWN:
            person = people[slug]
            self.stdout.write(f"  {person.email:<24} {person.role:<12} {person.what}")
