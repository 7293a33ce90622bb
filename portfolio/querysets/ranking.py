"""Places, how sure they are, and the tickets of who computes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q

from portfolio.querysets.pipeline import CANDIDATE_STAGES, READY
from portfolio.querysets.table import TableQuerySet
from portfolio.rules.words import Place


class StandingQuerySet(TableQuerySet):
    def value_of_ranked(self):
        """How many candidates are ranked, and the annual net value of those that know theirs."""
        rows = self.filter(place=1, use_case__stage__in=CANDIDATE_STAGES)
        found = rows.aggregate(count=Count("pk"), value=models.Sum("annual_net_value"))
        return found["count"], found["value"]

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def with_derived_values(self):
        """Those for which the data test or the unit economics say how feasible or worth it is."""
        return self.filter(Q(data_as_of__isnull=False) | Q(value_as_of__isnull=False))

    def with_value(self):
        """Those whose unit economics say what they net."""
        return self.filter(annual_net_value__isnull=False)

    def of_candidates(self):
        """Those of use cases that a ranking ranks."""
        return self.filter(use_case__stage__in=CANDIDATE_STAGES)

    def with_use_case(self):
        return self.select_related("use_case")

    def with_score(self):
        return self.filter(score__isnull=False)

    def in_rank_order(self):
        return self.order_by("order", "pk")

    def with_reference(self, reference: str):
        """The one of this reference, or the one that it was merged into."""
        known = apps.get_model("portfolio", "UseCase").objects.keys_known_as(reference)
        return self.filter(pk__in=known)

    def in_part(self, part: str):
        """One part of the order: ranked, not_ready or disqualified; all for another word."""
        places = {place.name.lower(): place.value for place in Place}
        return self.filter(place=places[part]) if part in places else self

    def matching(self, words: str):
        """Those whose title, reference or business unit holds these words."""
        return self.filter(
            Q(use_case__title__icontains=words)
            | Q(use_case__reference__istartswith=words)
            | Q(use_case__business_unit__icontains=words)
            | Q(use_case__in=apps.get_model("portfolio", "UseCase").objects.merged_as(words))
        )

    def best_not_ready(self):
        """The not ready one with the highest score; none where none has a score."""
        rows = self.filter(place=Place.NOT_READY, score__isnull=False)
        return rows.select_related("use_case").order_by("-score", "order").first()

    def first_keys(self, most: int) -> list[int]:
        """The keys of the first of these, in the order of the ranking."""
        return list(self.order_by("order", "pk").values_list("pk", flat=True)[:most])

    def would_be_number(self, score) -> int:
        """The place that a ready candidate with this score would take."""
        return self.filter(place=Place.RANKED, score__gte=score).count() + 1

    def closest_to_ready(self):
        """The one that nothing disqualifies with the fewest tests open, then the best score."""
        opens = [
            models.Case(models.When(**{test: answer}, then=0), default=1)
            for test, answer in READY.items()
        ]
        rows = self.filter(disqualified=0, place=Place.NOT_READY)
        rows = rows.annotate(tests_open=opens[0] + opens[1] + opens[2] + opens[3])
        return (
            rows.select_related("use_case")
            .order_by("tests_open", F("score").desc(nulls_last=True), "pk")
            .first()
        )

    def changed_since(self, revision: int, horizon: int):
        """Rows changed themselves or by their use case: a title is part of what is listed."""
        changed = Q(revision__gt=revision, revision__lte=horizon)
        changed |= Q(use_case__revision__gt=revision, use_case__revision__lte=horizon)
        return self.filter(changed, use_case__merged_into=None).order_by("revision", "pk")

    def lock_in_order(self):
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(pk__in=list(ids))

    def columns(self, names: Iterable[str]):
        """(use case, *columns) of each row."""
        return self.values_list("pk", *names)

    def named(self):
        """(use case, reference, title, business unit, annual net value) of each candidate."""
        case = ("use_case__reference", "use_case__title", "use_case__business_unit")
        return self.of_candidates().columns((*case, "annual_net_value"))

    def simulated_besides(self, ids: Iterable[int]) -> list[int]:
        """The use cases that a simulation has said something of, but for these."""
        rows = self.filter(p_first__isnull=False).exclude(pk__in=list(ids))
        return list(rows.values_list("pk", flat=True))

    def stage(self, columns: dict[str, str], rows: Iterable[tuple]) -> None:
        """Lay rows of (use case, *columns) beside the table until commit, by COPY.

        `columns` is {name: type}. `lock_changed` and `write_changed` then speak of them.
        """
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS news")
            cursor.execute(f"CREATE TEMP TABLE news (use_case_id bigint, {typed}) ON COMMIT DROP")
            with cursor.copy("COPY news FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    def lock_changed(self, columns: Iterable[str]) -> int:
        """How many published rows differ from the staged ones; they stay locked until commit."""
        differs = " OR ".join(f"old.{name} IS DISTINCT FROM news.{name}" for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH locked AS ("
                f" SELECT old.use_case_id FROM {self.model._meta.db_table} AS old"
                f" JOIN news USING (use_case_id) WHERE {differs}"
                " ORDER BY old.use_case_id FOR NO KEY UPDATE OF old)"
                ", same AS ("
                " DELETE FROM news WHERE use_case_id NOT IN (SELECT use_case_id FROM locked))"
                " SELECT count(*) FROM locked"
            )
            return cursor.fetchone()[0]

    def write_changed(self, columns: Iterable[str], revision: int) -> None:
        """Write the staged rows that `lock_changed` found different."""
        sets = ", ".join(f"{name} = news.{name}" for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.model._meta.db_table} AS old SET {sets}, revision = %s"
                " FROM news WHERE old.use_case_id = news.use_case_id",
                [revision],
            )


class RankingQuerySet(models.QuerySet):
    def claim(self, portfolio_id: int):
        """The portfolio's ranking, locked for publishing; none while somebody else holds it."""
        return self.filter(pk=portfolio_id).select_for_update(skip_locked=True, no_key=True).first()

    def time_zones(self) -> list[str]:
        return sorted(self.order_by().values_list("portfolio__time_zone", flat=True).distinct())

    def ranked_before(self, today, time_zone: str):
        """Those of this time zone with anything that ages, published last on an earlier day."""
        begins = datetime.combine(today, time.min, ZoneInfo(time_zone))
        here = self.filter(portfolio__time_zone=time_zone, computed_at__lt=begins)
        derived = apps.get_model("portfolio", "Standing").objects.with_derived_values()
        is_derived = Exists(derived.in_portfolio(OuterRef("pk")))
        return here.filter(Q(ratings__gt=0) | is_derived).order_by("pk")

    def behind(self):
        """Those that an input has overtaken and nobody is publishing now."""
        return self.filter(portfolio__ranking_wanted__gt=F("done")).select_for_update(
            of=("self",), skip_locked=True, no_key=True
        )

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))


class SimulationQuerySet(models.QuerySet):
    def forget(self, portfolio_id: int) -> None:
        """As if no ranking of this portfolio had been simulated yet."""
        self.filter(pk=portfolio_id).update(done=0)

    def claim(self, portfolio_id: int):
        """The portfolio's simulation, locked for publishing; none while somebody else holds it."""
        return self.filter(pk=portfolio_id).select_for_update(skip_locked=True, no_key=True).first()

    def behind(self):
        """Those whose ranking was published anew, and that nobody is working on now."""
        return self.filter(portfolio__ranking__done__gt=F("done")).select_for_update(
            of=("self",), skip_locked=True, no_key=True
        )

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))
