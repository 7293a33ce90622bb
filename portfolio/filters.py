"""What a list can be narrowed to: one filter serves the page and the API alike."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import django_filters
from django_filters.fields import MultipleChoiceField

from portfolio.models.events import Kind
from portfolio.rules.pipeline import Stage

STAGES = [(stage.value, stage.value.capitalize()) for stage in Stage]
YES_NO = [("true", "yes"), ("false", "no")]

# What one may order use cases by, each with the key columns it is paged by.
ORDERINGS = {
    "number": ("portfolio_id", "number"),
    "-number": ("-portfolio_id", "-number"),
    "rank": ("standing__order", "pk"),
    "updated": ("revision", "pk"),
    "-updated": ("-revision", "-pk"),
}


class _AnyOfField(MultipleChoiceField):
    def to_python(self, value):
        return [one for one in super().to_python(value) if one]


class AnyOf(django_filters.MultipleChoiceFilter):
    """Any of several; an empty one, as a form sends where nothing is chosen, narrows nothing."""

    field_class = _AnyOfField


class UseCaseFilter(django_filters.FilterSet):
    """Use cases by portfolio, stage, readiness, owner and words."""

    portfolio = django_filters.CharFilter(method="of_portfolio", label="Portfolio key")
    stage = AnyOf(method="in_stages", choices=STAGES, label="Stage")
    ready = django_filters.ChoiceFilter(method="readiness", choices=YES_NO, label="Ready")
    owner = django_filters.CharFilter(method="of_owner", label="Owner's e-mail")
    q = django_filters.CharFilter(method="with_words", label="Words", max_length=200)
    ordering = django_filters.ChoiceFilter(
        method="as_it_is", choices=[(name, name) for name in ORDERINGS], label="Order"
    )

    def of_portfolio(self, rows, name, key):
        return rows.in_portfolio_keyed(key)

    def in_stages(self, rows, name, stages):
        return rows.in_stages(stages) if stages else rows

    def readiness(self, rows, name, wanted):
        return rows.ready(wanted == "true")

    def of_owner(self, rows, name, email):
        return rows.owned_by_address(email)

    def with_words(self, rows, name, words):
        return rows.matching(words.strip())

    def as_it_is(self, rows, name, ordering):
        return rows  # the door pages by the key of this order


class EventFilter(django_filters.FilterSet):
    """Events by kind, person, use case and days, counted where the portfolio is."""

    portfolio = django_filters.CharFilter(method="of_portfolio", label="Portfolio key")
    kind = AnyOf(method="of_kinds", choices=Kind.choices, label="What happened")
    by = django_filters.CharFilter(method="by_person", label="Person's e-mail")
    use_case = django_filters.CharFilter(method="about", label="Use case")
    since = django_filters.DateFilter(method="since_day", label="From")
    until = django_filters.DateFilter(method="until_day", label="To")

    def of_portfolio(self, rows, name, key):
        return rows.in_portfolio_keyed(key)

    def of_kinds(self, rows, name, kinds):
        return rows.of_kinds(kinds) if kinds else rows

    def by_person(self, rows, name, email):
        return rows.by_address(email)

    def about(self, rows, name, reference):
        return rows.about_reference(reference)

    def since_day(self, rows, name, day):
        return rows.since(self._midnight(day))

    def until_day(self, rows, name, day):
        return rows.until(self._midnight(day) + timedelta(days=1, microseconds=-1))

    def _midnight(self, day) -> datetime:
        here = getattr(self.request, "portfolio", None)
        return datetime.combine(day, time.min, ZoneInfo(here.time_zone if here else "UTC"))
