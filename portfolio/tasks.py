"""What workers are asked to do: one line each, calling the room's work."""

from celery import shared_task
from django.utils import timezone

from portfolio import changing, inviting, likening, settling, sweeping
from portfolio.importing import forgetting, running


@shared_task(name="portfolio.sweep", ignore_result=True, time_limit=30)
def sweep() -> None:
    try:
        sweeping.sweep(timezone.now())
    finally:
        forgetting.forget_files(timezone.now())


@shared_task(name="portfolio.send_invitation", ignore_result=True, time_limit=60)
def send_invitation(invitation_id: int) -> None:
    inviting.send_invitation(invitation_id, timezone.now())


@shared_task(name="portfolio.settle", ignore_result=True, time_limit=60)
def settle(lighthouse_id: int) -> None:
    settling.settle(lighthouse_id, timezone.now())


@shared_task(name="portfolio.settle_due", ignore_result=True, time_limit=600)
def settle_due() -> None:
    settling.settle_due(timezone.now())


# The first look at a large portfolio takes minutes; each batch of it is committed.
@shared_task(name="portfolio.look_for_duplicates", ignore_result=True, time_limit=600)
def look_for_duplicates(portfolio_id: int) -> None:
    likening.look(portfolio_id)


# A large file takes minutes; a killed import goes on from its last batch all the same.
@shared_task(
    name="portfolio.run_import", ignore_result=True, time_limit=3_600, soft_time_limit=3_500
)
def run_import(import_id: int) -> None:
    running.run(import_id, timezone.now)


# Thousands of rows take minutes; a killed one goes on from its last row all the same.
@shared_task(
    name="portfolio.run_bulk_change", ignore_result=True, time_limit=3_600, soft_time_limit=3_500
)
def run_bulk_change(bulk_id: int) -> None:
    changing.run(bulk_id, timezone.now)
