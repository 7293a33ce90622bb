"""What the doors to one portfolio and to one use case have in common."""

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from portfolio.doors.api import Door
from portfolio.models import Portfolio, UseCase


class PortfolioDoor(Door):
    """What lies under one portfolio."""

    @cached_property
    def portfolio(self) -> Portfolio:
        rows = Portfolio.objects.visible_to(self.request.actor).with_key(self.kwargs["key"].upper())
        return get_object_or_404(rows.with_ranking())


class UseCaseDoor(Door):
    """What lies under one use case, found by its reference."""

    @cached_property
    def use_case(self) -> UseCase:
        rows = UseCase.objects.visible_to(self.request.actor)
        return get_object_or_404(rows.with_reference(self.kwargs["reference"]))
