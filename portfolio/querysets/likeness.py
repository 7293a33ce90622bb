"""Finds by the indexes of letters what looks like a candidate, and keeps the pairs found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Left

from portfolio.querysets.people import VisibleQuerySet
from portfolio.rules import likeness

Pair = tuple[int, int]  # two use cases, the smaller key first


def closeness(title: str, problem: str) -> str:
    """How alike a row `o` and these two expressions are: `likeness.alike` for Postgres."""
    share, cut = likeness.TITLE_WEIGHT, likeness.COMPARED
    return (
        f"round((CASE WHEN o.problem = '' OR {problem} = ''"
        f" THEN similarity(o.title, {title})"
        f" ELSE {share} * similarity(o.title, {title}) + {1 - share} *"
        f" similarity(left(o.problem, {cut}), left({problem}, {cut})) END)::numeric, 3)"
    )


def open_gate(cursor) -> None:
    """What `%` means until the transaction ends; and it is asked of an index.

    The planner takes comparing letters for cheap: walking over 2,000 rows took it ten times as
    long as their index.
    """
    cursor.execute(
        "SELECT set_config('pg_trgm.similarity_threshold', %s, true),"
        " set_config('enable_seqscan', 'off', true)",
        [str(likeness.GATE)],
    )


def near(title: str, problem: str) -> str:
    """The keys of the rows whose title or problem begins to look like these expressions."""
    begins = f"upper(left({{}}, {likeness.BEGINNING}))"
    return (
        f"SELECT id FROM portfolio_usecase WHERE upper(title) %% upper({title}) UNION"
        f" SELECT id FROM portfolio_usecase WHERE {problem} <> ''"
        f" AND {begins.format('problem')} %% {begins.format(problem)}"
    )


def like_words(
    portfolio_id: int, title: str, problem: str, *, most: int
) -> list[tuple[int, Decimal]]:
    """(use case, how alike) of what looks most like these words; the caller has a transaction."""
    with connection.cursor() as cursor:
        open_gate(cursor)
        cursor.execute(
            f"SELECT id, alike FROM (SELECT o.id, {closeness('given.title', 'given.problem')}"
            " AS alike FROM (SELECT %s::text AS title, %s::text AS problem) AS given"
            f" CROSS JOIN LATERAL ({near('given.title', 'given.problem')}) AS found"
            " JOIN portfolio_usecase AS o ON o.id = found.id WHERE o.portfolio_id = %s) AS close"
            " WHERE alike >= %s ORDER BY alike DESC, id LIMIT %s",
            [title, problem, portfolio_id, likeness.LEAST_AT_ENTRY, most],
        )
        return cursor.fetchall()


def near_rows(ids: Sequence[int]) -> set[Pair]:
    """What begins to look like each of these use cases in its portfolio, one look each."""
    with connection.cursor() as cursor:
        open_gate(cursor)
        cursor.execute(
            "SELECT c.id, o.id FROM portfolio_usecase AS c"
            f" CROSS JOIN LATERAL ({near('c.title', 'c.problem')}) AS found"
            " JOIN portfolio_usecase AS o ON o.id = found.id"
            " WHERE c.id = ANY(%s) AND o.portfolio_id = c.portfolio_id AND o.id <> c.id"
            " AND o.merged_into_id IS NULL",
            [list(ids)],
        )
        return {(min(pair), max(pair)) for pair in cursor.fetchall()}


def like_each_other(pairs: Sequence[Pair]) -> dict[Pair, Decimal]:
    """How alike these pairs are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id, c.id, {closeness('c.title', 'c.problem')}"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS pair(first, second)"
            " JOIN portfolio_usecase AS o ON o.id = pair.first"
            " JOIN portfolio_usecase AS c ON c.id = pair.second",
            [[first for first, _ in pairs], [second for _, second in pairs]],
        )
        return {(first, second): alike for first, second, alike in cursor.fetchall()}


class LikenessQuerySet(models.QuerySet):
    def claim(self, portfolio_id: int):
        """How far the look has come, locked; none while somebody else holds it."""
        self.bulk_create([self.model(portfolio_id=portfolio_id)], ignore_conflicts=True)
        return self.filter(pk=portfolio_id).select_for_update(skip_locked=True, no_key=True).first()


class LookalikeQuerySet(VisibleQuerySet):
    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def touching(self, ids: Iterable[int]):
        """Pairs with any of these use cases."""
        keys = list(ids)
        return self.filter(Q(first_id__in=keys) | Q(second_id__in=keys))

    def of(self, use_case_id: int):
        return self.touching([use_case_id])

    def open(self):
        """Not told apart, and both of them alive."""
        rows = self.filter(state="open").exclude(first__stage="stopped")
        return rows.exclude(second__stage="stopped")

    def with_both(self):
        return self.select_related("first__standing", "second__standing", "told_apart_by")

    def most_alike_first(self):
        return self.order_by("-alike", "pk")

    def lock_in_order(self):
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)


def portfolios_to_look_at(portfolios: models.QuerySet, use_cases: models.QuerySet) -> list[int]:
    """Those with a use case changed after the last look."""
    changed = use_cases.filter(
        portfolio_id=OuterRef("pk"),
        merged_into=None,
        revision__gt=Coalesce(OuterRef("likeness__done"), 0, output_field=models.BigIntegerField()),
    )
    return list(portfolios.filter(Exists(changed)).order_by("pk").values_list("pk", flat=True))


def texts(rows: models.QuerySet) -> list[tuple[int, int, str, str]]:
    """(revision, key, title, how the problem begins) of each, in the order of their changes."""
    begins = Left("problem", likeness.BEGINNING)
    rows = rows.order_by("revision", "pk").annotate(begins=begins)
    return list(rows.values_list("revision", "pk", "title", "begins"))


def changed_after(rows: models.QuerySet, revision: int, most: int) -> list[Pair]:
    """(revision, key) of the first rows changed after this one, in that order."""
    later = rows.filter(revision__gt=revision).order_by("revision", "pk")
    return list(later.values_list("revision", "pk")[:most])
