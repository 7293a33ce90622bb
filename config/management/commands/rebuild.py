from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments import certainty, ranking
from assessments import standing as judged
from economics import costing
from portfolio import settling
from portfolio.models import Lighthouse, Portfolio, UseCase

AT_ONCE = 500


class Command(BaseCommand):
    help = (
        "Computes all published columns again: economics, tests, disqualifiers, rankings, verdicts."
        " With --check it changes nothing, and fails where something differs."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="say what differs, change nothing")
        parser.add_argument("--portfolio", metavar="KEY", help="only this one")

    def handle(self, *, check, portfolio, **options):
        portfolios = Portfolio.objects.by_name()
        if portfolio:
            portfolios = portfolios.with_key(portfolio.upper())
            if not portfolios:
                raise CommandError(f"There is no portfolio {portfolio.upper()}.")
        wrong = sum(self.look_at(one, check) for one in portfolios)
        if not wrong:
            self.stdout.write("Everything published is what follows from what is recorded.")
        elif check:
            raise CommandError(f"{wrong} published values differ. Run rebuild without --check.")
        else:
            self.stdout.write(f"{wrong} published values differed and are published anew.")

    def look_at(self, portfolio: Portfolio, check: bool) -> int:
        """How many values differ in one portfolio; each is told, and mended unless only checked.

        In this order, since each stands on the one before.
        """
        now = timezone.now()
        wrong = 0
        for ids in batches(portfolio):
            for found in costing.differences(ids):
                wrong += self.tell(found.reference, found.figure, found.published, found.computed)
            if not check:
                costing.rebuild(ids, now)
            references = UseCase.objects.in_bulk(ids)
            mended = set()
            for one in judged.differences(ids):
                name = references[one.use_case_id].reference
                wrong += self.tell(name, one.column, one.published, one.derived)
                if not check and one.use_case_id not in mended:
                    judged.rebuild(one.use_case_id)
                    mended.add(one.use_case_id)
        places = ranking.differences(portfolio.pk, timezone.now())
        if places:
            wrong += places
            self.stdout.write(f"{portfolio.key}: {places} places in the ranking differ")
            if not check:
                ranking.rebuild(portfolio.pk, now)
        chances = certainty.differences(portfolio.pk, timezone.now())
        if chances:
            wrong += chances
            self.stdout.write(f"{portfolio.key}: how sure {chances} places are differs")
            if not check:
                certainty.rebuild(portfolio.pk, now)
        for lighthouse in Lighthouse.objects.in_portfolio(portfolio.pk).with_everything():
            if not settling.fresh(lighthouse.pk, now):
                wrong += 1
                self.stdout.write(f"{lighthouse.use_case.reference}: the verdict differs")
                if not check:
                    settling.settle(lighthouse.pk, now)
        return wrong

    def tell(self, name: str, column: str, published: object, derived: object) -> int:
        self.stdout.write(f"{name} {column}: {published} is published, {derived} follows")
        return 1


def batches(portfolio: Portfolio) -> Iterator[list[int]]:
    """The ids of a portfolio's use cases, some at a time."""
    ids = UseCase.objects.in_portfolio(portfolio.pk).ids()
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
