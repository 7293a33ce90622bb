from celery import shared_task
from django.utils import timezone

from assessments import certainty, closing, ranking, reminding
from portfolio.bells import Bell


@shared_task(name=Bell.RANK.value, soft_time_limit=50, time_limit=60)
def recompute_ranking(portfolio_id: int) -> None:
    ranking.recompute(portfolio_id, timezone.now())


@shared_task(name=Bell.SIMULATE.value, soft_time_limit=100, time_limit=110)
def simulate_ranking(portfolio_id: int) -> None:
    certainty.simulate(portfolio_id, timezone.now())


@shared_task(name=Bell.REMIND.value, ignore_result=True, time_limit=60)
def send_reminder(request_id: int) -> None:
    reminding.send_reminder(request_id, timezone.now())


@shared_task(name=Bell.CLOSE_ROUND.value, soft_time_limit=50, time_limit=60)
def close_round(round_id: int) -> None:
    closing.close_if_over(round_id, timezone.now())
