"""The table of candidates as one view of it shows them: narrowed, sorted, each column at hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, NullIf

from portfolio.querysets.paging import in_key_order
from portfolio.querysets.people import VisibleQuerySet
from portfolio.rules.table import NAMED, Filter, Kind, TableView
from portfolio.rules.words import Answer, Place

# Where a column is found. What is not named here is annotated by `_expression`.
PATHS = {
    "rank": "rank",
    "title": "use_case__title",
    "reference": "use_case__number",
    "stage": "use_case__stage",
    "business_unit": "use_case__business_unit",
    "task_type": "use_case__task_type",
    "customer_facing": "use_case__customer_facing",
    "external_key": "use_case__external_key",
    "source_stage": "use_case__source_stage",
    "outcome": "outcome",
    "data": "data",
    "review": "review",
    "economics": "economics",
    "impact": "impact",
    "feasibility": "feasibility",
    "score": "score",
    "annual_net_value": "annual_net_value",
    "unrated": "unrated",
}
TESTS = ("outcome", "data", "review", "economics")
OF_RANKED = frozenset({"p_first", "p_top3", "rank_low", "rank_high"})
LONG_AGO = datetime(1, 1, 2, tzinfo=ZoneInfo("UTC"))
STAGE_ORDER = ("proposed", "qualified")


class TableQuerySet(VisibleQuerySet):
    """Rows of the table, by the words of a view."""

    def seen_through(self, view: TableView, zone: str):
        """The rows that the view narrows to, each with what its columns tell.

        `zone` is where the portfolio counts its days.
        """
        rows = self.with_columns_of(view)
        if view.words:
            rows = rows.matching(view.words)
        if view.part:
            rows = rows.in_part(view.part)
        for one in view.filters:
            rows = rows.filter(_condition(one, zone))
        return rows

    def with_columns_of(self, view: TableView):
        """Each with the columns that no row holds itself: owner, last change, what is ranked."""
        used = view.uses()
        found = {f"{name}_told": _expression(name) for name in used if name not in PATHS}
        if "owner" in used:
            found["owner_email"] = _of_owner("owner__email")
        return self.annotate(**found).select_related("use_case")

    def sorted_through(self, view: TableView) -> tuple[QuerySet, Sequence[str]]:
        """The rows with columns to sort by that are never null, and the names of these.

        What is not known comes last, whichever way a column is sorted.
        """
        if view.is_in_order:
            return self, ("order", "pk")
        keys, order = {}, []
        for key in view.sort:
            name = key.removeprefix("-")
            way = "-" if key.startswith("-") else ""
            if name == "rank":
                order.append(f"{way}order")
                continue
            value = _to_sort_by(name)
            keys[f"lacks_{name}"] = Case(
                When(_is_empty(name), then=1), default=0, output_field=IntegerField()
            )
            keys[f"by_{name}"] = value
            order += [f"lacks_{name}", f"{way}by_{name}"]
        last = [] if "order" in [name.lstrip("-") for name in order] else ["order"]
        return self.annotate(**keys), (*order, *last, "pk")

    def in_this_order(self, order: Sequence[str]):
        """All rows in one go, a few thousand at a time, in the order of `sorted_through`."""
        return in_key_order(self, order).iterator(chunk_size=2_000)


def _place(name: str) -> str:
    return PATHS.get(name, f"{name}_told")


def _of_owner(path: str | Coalesce) -> Subquery:
    lighthouses = apps.get_model("portfolio", "Lighthouse").objects
    newest = lighthouses.filter(use_case=OuterRef("pk")).of_this_attempt().newest_first()
    return Subquery(newest.values(told=F(path) if isinstance(path, str) else path)[:1])


def _expression(name: str):
    """A column that is worked out from others, in the database."""
    ready = Q(**dict.fromkeys(TESTS, Answer.YES.value))
    if name in OF_RANKED:
        return Case(When(place=Place.RANKED.value, then=F(name)))
    if name == "owner":
        return _of_owner(
            Coalesce(NullIf("owner__name", Value("")), "owner__email", output_field=CharField())
        )
    if name == "ready":
        return Case(When(ready, then=1), default=0, output_field=IntegerField())
    if name == "missing":
        parts = [
            Case(When(**{test: Answer.YES.value}, then=0), default=1, output_field=IntegerField())
            for test in TESTS
        ]
        return parts[0] + parts[1] + parts[2] + parts[3]
    if name == "changed":
        events = apps.get_model("portfolio", "Event").objects.filter(use_case=OuterRef("pk"))
        return Subquery(events.newest_first().values("at")[:1])
    raise LookupError(name)


def _is_empty(name: str) -> Q:
    """Whether the row has nothing in this column."""
    column, place = NAMED[name], _place(name)
    if name in ("reference", "stage", "customer_facing", "ready", *TESTS):
        return Q(pk=None)  # always said
    if name == "missing":
        return Q(**{place: 0})
    if column.kind is Kind.TEXT or name == "task_type":
        return Q(**{place: ""})
    return Q(**{f"{place}__isnull": True})


def _to_sort_by(name: str):
    column, place = NAMED[name], _place(name)
    if name == "reference":
        return F(place)
    if name == "stage":
        steps = [When(use_case__stage=stage, then=at) for at, stage in enumerate(STAGE_ORDER)]
        return Case(*steps, default=len(STAGE_ORDER), output_field=IntegerField())
    if name == "customer_facing":
        return Case(When(**{place: True}, then=1), default=0, output_field=IntegerField())
    if column.kind is Kind.MOMENT:
        return Coalesce(F(place), Value(LONG_AGO), output_field=DateTimeField())
    if column.kind is Kind.COUNT or name in ("ready", "missing", *TESTS):
        return Coalesce(F(place), Value(0), output_field=IntegerField())
    if column.is_number:
        return Coalesce(F(place), Value(Decimal(0)), output_field=DecimalField())
    text = Coalesce(F(place), Value(""), output_field=TextField())
    return Lower(text, output_field=CharField())


def _condition(one: Filter, zone: str) -> Q:
    """What a row must be for this filter to let it through."""
    column, place = NAMED[one.column], _place(one.column)
    found = Q()
    if one.is_empty is not None:
        found &= _is_empty(one.column) if one.is_empty else ~_is_empty(one.column)
    if one.any_of:
        found &= _any_of(one)
    if column.kind is Kind.MOMENT:
        first, last = one.days()
        if first is not None:
            found &= Q(**{f"{place}__gte": datetime.combine(first, time.min, ZoneInfo(zone))})
        if last is not None:
            end = datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(zone))
            found &= Q(**{f"{place}__lt": end})
    elif column.is_number:
        least, most = one.bounds()
        if least is not None:
            found &= Q(**{f"{place}__gte": least})
        if most is not None:
            found &= Q(**{f"{place}__lte": most})
    return found


def _any_of(one: Filter) -> Q:
    name, place = one.column, _place(one.column)
    if name == "owner":
        return Q(owner_email__in=one.any_of)
    if name in TESTS:
        return Q(**{f"{place}__in": [Answer[value.upper()].value for value in one.any_of]})
    if name == "missing":
        lacks = [~Q(**{test: Answer.YES.value}) for test in one.any_of]
        return _either(lacks)
    if name == "ready":
        return Q(**{f"{place}__in": [int(value == "yes") for value in one.any_of]})
    if name == "customer_facing":
        return Q(**{f"{place}__in": [value == "yes" for value in one.any_of]})
    if NAMED[name].kind is Kind.CHOICE:
        return Q(**{f"{place}__in": one.any_of})
    path = "use_case__reference" if name == "reference" else place
    held = _either([Q(**{f"{path}__icontains": value}) for value in one.any_of])
    if name == "reference":
        held |= Q(
            use_case__in=apps.get_model("portfolio", "UseCase").objects.merged_as(*one.any_of)
        )
    return held


def _either(conditions: Sequence[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found


class SavedViewQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """One's own, and what others share."""
        rows = super().visible_to(actor)
        if actor.is_system:
            return rows
        return rows.filter(Q(is_shared=True) | Q(owner_id=actor.user_id))

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_people(self):
        return self.select_related("owner", "portfolio")

    def in_order(self):
        """By name, one's own and others' alike."""
        return self.order_by(Lower("name"), "pk")

    def named(self, name: str, owner_id: int | None):
        return self.filter(name__iexact=name, owner_id=owner_id)

    def count_of(self, owner_id: int | None) -> int:
        return self.filter(owner_id=owner_id).count()


class BulkChangeQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_people(self):
        return self.select_related("by", "undone_by", "asked", "portfolio")

    def newest_first(self):
        return self.order_by("-pk")

    def unfinished(self):
        """Work for a worker."""
        return self.filter(state__in=["queued", "running", "undoing"])

    def progress(self) -> list[tuple]:
        """(key, state, candidates done, undone, kept as they are) of those unfinished."""
        rows = self.unfinished().order_by("pk")
        return list(rows.values_list("pk", "state", "done", "undone", "kept"))

    def left_unfinished(self):
        """Unfinished, and no worker is at them now."""
        return self.unfinished().select_for_update(of=("self",), skip_locked=True, no_key=True)

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))

    def claim(self, pk: int):
        """An unfinished one, locked for one row of it; none while another worker holds it."""
        return (
            self.unfinished()
            .filter(pk=pk)
            .select_related("by", "undone_by", "asked")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .first()
        )


class BulkChangeRowQuerySet(QuerySet):
    def of(self, bulk_id: int):
        return self.filter(bulk_id=bulk_id)

    def next_waiting(self):
        """The next to change, in the order in which they were chosen."""
        return self.filter(state="waiting").order_by("position").first()

    def next_to_undo(self):
        """The next to restore: the last changed comes first."""
        return self.filter(state="changed").order_by("-position").first()

    def refused(self):
        return self.filter(state="refused").select_related("use_case").order_by("position")

    def kept(self):
        """What an undo could not restore."""
        return self.filter(state="kept").select_related("use_case").order_by("position")

    def in_order(self):
        return self.select_related("use_case").order_by("position")
