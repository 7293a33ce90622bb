from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Greatest, JSONObject

from portfolio.errors import MergedAway
from portfolio.querysets.people import VisibleQuerySet, keyed_portfolio
from portfolio.querysets.searching import holds, use_case_text

if TYPE_CHECKING:
    from portfolio.rights import Actor
    from portfolio.rules.searching import Asked

CANDIDATE_STAGES = ("proposed", "qualified")
LISTED = (
    "pk", "reference", "number", "portfolio_id", "portfolio__key", "title", "problem", "jobs",
    "segments", "success_metrics", "business_unit", "external_key", "task_type", "customer_facing",
    "stage", "stage_entered_at", "stage_reason", "parked_from", "source_stage",
    "split_from__reference", "retired_on", "proposed_by__email", "created_at", "revision",
    "standing__outcome", "standing__data", "standing__review", "standing__economics",
    "standing__impact", "standing__feasibility", "standing__score", "standing__rank",
    "standing__order",
)  # fmt: skip
ON_A_CARD = (
    "portfolio", "number", "reference", "title", "jobs", "segments", "success_metrics", "stage",
    "stage_reason", "parked_from", "retired_on", "revision", "standing__rank", "standing__order",
    "standing__place", "standing__score", "standing__outcome", "standing__data",
    "standing__review", "standing__economics",
)  # fmt: skip
READY = {"outcome": 2, "data": 2, "review": 2, "economics": 2}


def lighthouses():
    return apps.get_model("portfolio", "Lighthouse").objects


class UseCaseQuerySet(VisibleQuerySet):
    def alive(self):
        """Not merged into another one: a merged one is seen nowhere, and its reference leads on."""
        return self.filter(merged_into=None)

    def visible_to(self, actor: Actor):
        return super().visible_to(actor).alive()

    def get_for_change(self, pk: int):
        """The row, locked until the transaction ends; refused where it was merged meanwhile."""
        try:
            return super().get_for_change(pk)
        except self.model.DoesNotExist:
            gone = self.model.objects.filter(pk=pk, merged_into__isnull=False)
            pair = gone.values_list("reference", "merged_into__reference").first()
            if pair is None:
                raise
            raise MergedAway(*pair) from None

    def lock_both(self, one: int, other: int) -> dict[int, models.Model]:
        """These two by key, locked in the order of their keys; one that is not there is not in it.

        Others may refer to them meanwhile, as in `get_for_change`.
        """
        rows = self.filter(pk__in=[one, other]).order_by("pk")
        return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}

    def survivor_of(self, actor: Actor, reference: str) -> str | None:
        """The reference that goes on for a merged one, where the actor may see it."""
        rows = VisibleQuerySet.visible_to(self, actor).with_reference(reference)
        merged = rows.filter(merged_into__isnull=False)
        return merged.values_list("merged_into__reference", flat=True).first()

    def merged_as(self, *references: str):
        """The keys of what the use cases of these references went into."""
        wanted = [reference.upper() for reference in references]
        gone = self.filter(reference__in=wanted, merged_into__isnull=False)
        return gone.values("merged_into")

    def lead_on(self, old: int, new: int) -> None:
        """What was merged into the one, or split from it, points at the other."""
        self.filter(merged_into_id=old).update(merged_into_id=new)
        self.filter(split_from_id=old).exclude(pk=new).update(split_from_id=new)
        self.filter(pk=new, split_from_id=old).update(split_from_id=None)

    def import_keys(self, rows: Iterable[str], external: Iterable[str]):
        """(key, import key, external key, survivor's key) of each that an import knows."""
        found = self.known_to_import(rows, external).order_by("pk")
        return list(found.values_list("pk", "import_key", "external_key", "merged_into_id"))

    def with_ownership(self, actor: Actor):
        """Each with whether the actor owns it now, as `actor_owns`."""
        owned = lighthouses().filter(
            use_case=OuterRef("pk"), owner_id=actor.user_id, acceptance="accepted"
        )
        return self.annotate(actor_owns=Exists(owned.of_this_attempt()))

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def in_portfolio_keyed(self, key: str):
        """Those of one portfolio. It is asked for apart: a join would hide it from the order."""
        return self.filter(portfolio_id=keyed_portfolio(key))

    def with_reference(self, reference: str):
        return self.filter(reference=reference.upper())

    def keys_known_as(self, *references: str):
        """The keys of those of these references, and of what others of these went into."""
        wanted = [reference.upper() for reference in references]
        own = self.model.objects.alive().filter(reference__in=wanted)
        return own.values("pk").union(self.model.objects.merged_as(*wanted), all=True)

    def keys_told_with(self, reference: str):
        """The keys of the one known by this reference and of all that were merged into it."""
        known = self.model.objects.keys_known_as(reference)
        merged = self.model.objects.filter(merged_into__in=known)
        return known.union(merged.values("pk"), all=True)

    def merged_into_it(self, key: int):
        """The keys of all that were merged into the one of this key."""
        return self.model.objects.filter(merged_into=key).values_list("pk", flat=True)

    def known_as(self, *references: str):
        """Those of these references, and what others of these references were merged into."""
        return self.filter(pk__in=self.keys_known_as(*references))

    def by_reference(self, references: Iterable[str]) -> dict[str, models.Model]:
        """{reference: use case} of those found; an old reference is what it was merged into."""
        wanted = [reference.upper() for reference in references]
        merged = dict(self.model.objects.merged_as(*wanted).values_list("reference", "merged_into"))
        asked = Q(reference__in=wanted) | Q(pk__in=set(merged.values()))
        rows = {row.pk: row for row in self.alive().filter(asked)}
        led = {old: rows[pk] for old, pk in merged.items() if pk in rows}
        return {row.reference: row for row in rows.values()} | led

    def key_of(self, reference: str) -> int | None:
        return self.with_reference(reference).values_list("pk", flat=True).first()

    def key_known_as(self, reference: str) -> int | None:
        return self.known_as(reference).values_list("pk", flat=True).first()

    def references_of(self, ids: Iterable[int]) -> dict[int, str]:
        return dict(self.keyed(ids).values_list("pk", "reference"))

    def revision_of(self, reference: str) -> int | None:
        return self.with_reference(reference).values_list("revision", flat=True).first()

    def with_standing(self):
        return self.select_related("standing", "portfolio")

    def with_lighthouse(self):
        """Each with its newest lighthouse, owner and verdict, in one more query.

        The lighthouse says as `owner_can` whether its owner still is a member that can own.
        """
        members = apps.get_model("portfolio", "Membership").objects.whose_role_can_own()
        able = members.filter(portfolio=OuterRef("portfolio"), user=OuterRef("owner"))
        newest = (
            lighthouses()
            .select_related("owner", "standing", "contract")
            .annotate(owner_can=Exists(able))
            .order_by("use_case_id", "-pk")
            .distinct("use_case_id")
        )
        return self.prefetch_related(Prefetch("lighthouses", newest, to_attr="newest_lighthouse"))

    def listed(self, *more: str):
        """Each as a dict of the columns that a list tells, and of `more`: no object a row.

        `newest` is {"lighthouse", "owner"} of the newest one that was not abandoned, if any.
        """
        newest = lighthouses().filter(use_case=OuterRef("pk")).of_this_attempt().order_by("-pk")
        newest = newest.values(told=JSONObject(lighthouse="pk", owner="owner__email"))[:1]
        return self.values(*LISTED, *more, newest=Subquery(newest))

    def changed_since(self, revision: int, horizon: int):
        """Rows of which anything that a list tells changed after `revision`, as `changed_at`: the
        use case itself, what workers and answers publish of it, or a lighthouse of it."""
        changed = {"revision__gt": revision}
        news = self.model.objects.filter(**changed).values("pk").union(
            apps.get_model("portfolio", "Standing").objects.filter(**changed).values("pk"),
            lighthouses().filter(**changed).values("use_case_id"),
        )  # fmt: skip
        own = lighthouses().filter(use_case=OuterRef("pk")).order_by("-revision")
        latest = Subquery(own.values("revision")[:1])
        rows = self.filter(pk__in=news).annotate(
            changed_at=Greatest("revision", "standing__revision", latest)
        )
        return rows.filter(changed_at__lte=horizon).order_by("changed_at", "pk")

    def with_proposer(self):
        return self.select_related("proposed_by")

    def with_metric(self):
        return self.select_related("success_metric")

    def to_judge(self, ids: Iterable[int]):
        """These, each with what this room knows of its four tests: success metric, standing."""
        return self.keyed(ids).select_related("success_metric", "standing")

    def candidates(self):
        """What a ranking ranks: proposed and qualified."""
        return self.filter(stage__in=CANDIDATE_STAGES)

    def in_stage(self, stage: str):
        return self.filter(stage=stage)

    def in_stages(self, stages: Iterable[str]):
        return self.filter(stage__in=list(stages))

    def ranked(self):
        """In the order of the published ranking; what has no rank comes last, by number."""
        return self.order_by("standing__order", "pk")

    def by_number(self):
        return self.order_by("portfolio_id", "number")

    def newest_first(self):
        return self.order_by("-pk")

    def ready(self, wanted: bool):
        ready = Q(**{f"standing__{test}": answer for test, answer in READY.items()})
        return self.filter(ready) if wanted else self.exclude(ready)

    def entered_by_hand(self):
        """Those that came from no file."""
        return self.filter(import_key="")

    def proposed_by_person(self, user_id: int | None):
        return self.filter(proposed_by_id=user_id)

    def close_to_a_gate(self, ids: Iterable[int]):
        """These, and the ranked candidates from the top: what may be ready to move on."""
        keys = list(ids)
        ranked = Q(stage__in=CANDIDATE_STAGES, standing__place=1)
        rows = self.filter(Q(pk__in=keys) | ranked).annotate(
            is_named=models.Case(
                models.When(pk__in=keys, then=True),
                default=False,
                output_field=models.BooleanField(),
            )
        )
        return rows.select_related("standing").order_by("-is_named", "standing__order", "pk")

    def split_from(self, use_case_id: int):
        """What was split off this one."""
        return self.filter(split_from_id=use_case_id).order_by("number")

    def owned_by_address(self, email: str):
        """Use cases whose lighthouse of this attempt has this person as owner."""
        owned = lighthouses().filter(use_case=OuterRef("pk"), owner__email=email.strip().lower())
        return self.filter(Exists(owned.of_this_attempt()))

    def matching(self, words: str):
        """Titles, references, problems that hold these words; an old reference is known whole."""
        return self.filter(
            Q(title__icontains=words)
            | Q(reference__istartswith=words)
            | Q(problem__icontains=words)
            | Q(pk__in=self.model.objects.merged_as(words))
        )

    def found_by(self, asked: Asked, most: int):
        """Up to `most` whose reference begins as typed, or whose texts hold every word.

        Each part is cut off by itself: a common word ends early, a title comes before a problem.
        """
        if not asked.typed:
            return self.none()
        rows = self.order_by()
        parts = [
            rows.filter(reference__startswith=asked.typed.upper()).values("pk")[:most],
            rows.filter(pk__in=self.model.objects.merged_as(asked.typed)).values("pk")[:most],
        ]
        if asked.has_words:
            within = rows
            for word in asked.anywhere:
                within = within.filter(holds(use_case_text(), word))
            for word in asked.beginnings:
                within = within.filter(holds(use_case_text(), f" {word}"))
            titled = within.filter(title__icontains=asked.typed)
            parts += [titled.values("pk")[:most], within.values("pk")[:most]]
        keys = [pk for (pk,) in parts[0].union(*parts[1:], all=True).values_list("pk")]
        return self.model.objects.keyed(keys).select_related("portfolio", "standing").ranked()

    def known_to_import(self, keys: Iterable[str], external_keys: Iterable[str]):
        """Use cases that came in under one of these keys, or were entered with one of these
        external keys and never imported."""
        never = Q(import_key="", external_key__in=list(external_keys))
        return self.filter(Q(import_key__in=list(keys)) | never)

    def titles(self):
        """(title, reference) of each, a few at a time."""
        return self.order_by("pk").values_list("title", "reference").iterator(chunk_size=5_000)

    def lock_in_order(self):
        """These rows, locked in the order of their keys."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def count_by_stage(self) -> dict[str, int]:
        counted = self.order_by().values("stage").annotate(rows=Count("pk"))
        return {row["stage"]: row["rows"] for row in counted}

    def columns(self, stages: Iterable[str], size: int):
        """The first `size` of each stage, in the order of `ranked`, in one query."""
        heads = [self.in_stage(stage).ranked().values("pk")[:size] for stage in stages]
        return heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0]

    def heads(self, stages: Iterable[str], size: int):
        """The first `size` cards of each stage, in the order of `ranked`, each with standing."""
        keys = [pk for (pk,) in self.columns(stages, size).values_list("pk")]
        rows = self.model.objects.keyed(keys).select_related("standing")
        return rows.only(*ON_A_CARD).ranked()

    def shortlisted(self, size: int):
        """The first ranked candidates."""
        ranked = self.candidates().filter(standing__place=1)
        return ranked.select_related("standing").ranked()[:size]

    def ids(self) -> list[int]:
        return list(self.order_by("pk").values_list("pk", flat=True))

    def keyed(self, keys: Iterable[int]):
        return self.filter(pk__in=list(keys))


class GateOverrideQuerySet(models.QuerySet):
    def of(self, use_case_id: int):
        """The gates of one use case that were passed in writing, as it happened."""
        return self.filter(use_case_id=use_case_id).select_related("by").order_by("pk")


class GuardrailQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(removed_at=None).order_by("pk")

    def of(self, use_case_id: int):
        return self.filter(use_case_id=use_case_id)

    def for_use_cases(self, ids: Iterable[int]):
        return self.filter(use_case_id__in=list(ids))

    def named(self, metric: str):
        return self.filter(metric__iexact=metric)

    def remove(self, now: datetime) -> int:
        return self.update(removed_at=now)
