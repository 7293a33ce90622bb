from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth.models import BaseUserManager
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from portfolio.querysets.searching import Folded, holds

if TYPE_CHECKING:
    from portfolio.models import User
    from portfolio.rights import Actor


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class UserManager(BaseUserManager):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields):
        """A person with a normalised address; without a password they cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None):
        return self.get(email__iexact=email)

    def with_email(self, email: str):
        """The person with this address, or none."""
        return self.filter(email=email.strip().lower()).first()

    def get_for_change(self, pk: int):
        """The person, locked until the transaction ends."""
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def with_ids(self, ids: Iterable[int]) -> dict[int, User]:
        """These people by their keys, whether or not they are still members anywhere."""
        return self.in_bulk(list(ids))

    def members_of(self, portfolio_id: int):
        members = apps.get_model("portfolio", "Membership").objects.filter(
            portfolio_id=portfolio_id, user=OuterRef("pk")
        )
        return self.filter(Exists(members), is_active=True).order_by("name", "email")

    def who_can_own(self, portfolio_id: int):
        """Members whose role lets them own a lighthouse."""
        members = apps.get_model("portfolio", "Membership").objects.filter(
            portfolio_id=portfolio_id, user=OuterRef("pk"), role__in=["contributor", "sponsor"]
        )
        return self.filter(Exists(members), is_active=True).order_by("name", "email")

    def who_can_own_by_email(self, portfolio_id: int, email: str):
        """The one of these with this address, or none."""
        return self.who_can_own(portfolio_id).filter(email=email.strip().lower()).first()

    def who_may_rate(self, portfolio_id: int):
        """Members whose role lets them rate: the same that can own."""
        return self.who_can_own(portfolio_id)


def keyed_portfolio(key: str) -> Subquery:
    """The id of the portfolio with this key, for use inside a condition."""
    rows = apps.get_model("portfolio", "Portfolio").objects.filter(key=key.upper())
    return Subquery(rows.values("pk"))


class VisibleQuerySet(models.QuerySet):
    """Rows inside a portfolio: seen by its members, found by nobody else."""

    portfolio_field = "portfolio_id"

    def visible_to(self, actor: Actor):
        """What the actor may see: the rows of the portfolios in which they have a role."""
        if actor.is_system:
            return self
        return self.filter(**{f"{self.portfolio_field}__in": [*actor.roles]})

    def get_for_change(self, pk: int):
        """The row, locked until the transaction ends.

        The lock lets others refer to the row meanwhile: an event that names a use case must not
        wait for whoever changes it, or the two would wait for each other at the portfolio.
        """
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def changed_since(self, revision: int, horizon: int):
        """Rows changed after `revision`, up to what everybody can see by now, in that order."""
        return self.filter(revision__gt=revision, revision__lte=horizon).order_by("revision", "pk")


class PortfolioQuerySet(VisibleQuerySet):
    portfolio_field = "pk"

    @staticmethod
    def knows_time_zone(name: str) -> bool:
        """Whether the database can count days there."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [name])
            return cursor.fetchone()[0]

    def by_name(self):
        return self.order_by("name", "pk")

    def with_key(self, key: str):
        return self.filter(key=key)

    def awaiting_ranking(self):
        """Portfolios with an input of the ranking changed since it was published."""
        return self.filter(ranking_wanted__gt=F("ranking__done"))

    def with_ranking(self):
        """With how far its ranking and the certainty of that have come."""
        return self.select_related("ranking", "simulation")

    def ranking_wanted(self, portfolio_id: int) -> int:
        return self.values_list("ranking_wanted", flat=True).get(pk=portfolio_id)

    def lock_revision(self, portfolio_id: int) -> None:
        """Nobody else takes a number of this portfolio until this transaction ends.

        The lock makes the numbers of one portfolio visible in order; the shared lock lets
        `horizon` wait for those on their way.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s) FROM portfolio_portfolio"
                " WHERE id = %s FOR NO KEY UPDATE",
                [REVISIONS, portfolio_id],
            )

    def raise_revision(self, portfolio_id: int, *, ranking: bool, count: int = 1) -> int:
        """The next number of a change, under the portfolio's lock until commit.

        `count` numbers are taken and the last is returned.
        """
        self.lock_revision(portfolio_id)
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH taken AS (SELECT max(nextval('portfolio_revision')) AS last"
                "               FROM generate_series(1, %s))"
                " UPDATE portfolio_portfolio SET revision = taken.last,"
                " ranking_wanted = CASE WHEN %s THEN taken.last ELSE ranking_wanted END"
                " FROM taken WHERE id = %s RETURNING revision",
                [count, ranking, portfolio_id],
            )
            return cursor.fetchone()[0]

    def want_ranking(self, portfolio_id: int) -> None:
        """Ask for a ranking though no input changed (a clock or a table of prices moved on)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE portfolio_portfolio"
                " SET ranking_wanted = greatest(ranking_wanted, nextval('portfolio_revision'))"
                " WHERE id = %s",
                [portfolio_id],
            )

    def show_weights(self, portfolio_id: int, weights: dict[str, str]) -> None:
        self.filter(pk=portfolio_id).update(weights=weights)

    def take_numbers(self, portfolio_id: int, count: int) -> int:
        """The first of `count` use case numbers, which nobody else gets."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE portfolio_portfolio SET last_number = last_number + %s"
                " WHERE id = %s RETURNING last_number",
                [count, portfolio_id],
            )
            return cursor.fetchone()[0] - count + 1


REVISIONS = 7_346_001  # the advisory lock of the sequence `portfolio_revision`


def horizon() -> int:
    """The last revision up to which everything is visible: none below it is still to commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REVISIONS])
        cursor.execute("SELECT last_value FROM portfolio_revision")
        return cursor.fetchone()[0]


class MembershipQuerySet(VisibleQuerySet):
    def with_people(self):
        return self.select_related("user")

    def by_name(self):
        return self.order_by("user__name", "user__email", "pk")

    def of(self, user_id: int, portfolio_id: int):
        return self.filter(user_id=user_id, portfolio_id=portfolio_id)

    def role_of(self, user_id: int, portfolio_id: int) -> str | None:
        return self.of(user_id, portfolio_id).values_list("role", flat=True).first()

    def whose_role_can_own(self):
        return self.filter(role__in=["contributor", "sponsor"], user__is_active=True)

    def able_to_own(self, named: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """Which of these, each (portfolio, person), are members whose role lets them own."""
        asked = set(named)
        rows = self.whose_role_can_own().filter(
            portfolio_id__in={one for one, _ in asked}, user_id__in={one for _, one in asked}
        )
        return asked.intersection(rows.values_list("portfolio_id", "user_id"))

    def roles_of(self, user_id: int, only: int | None) -> dict[int, str]:
        """This person's role in each portfolio, or in this one only."""
        return dict(self._of_person(user_id, only).values_list("portfolio_id", "role"))

    def revisions_of(self, user_id: int | None, only: int | None) -> list[tuple]:
        """The same as (portfolio, role, revision, ranking published, certainty published): all
        that pages depend on."""
        rows = self._of_person(user_id, only).order_by("portfolio_id")
        numbers = (
            "portfolio__revision", "portfolio__ranking__done", "portfolio__simulation__done",
        )  # fmt: skip
        return list(rows.values_list("portfolio_id", "role", *numbers))

    def _of_person(self, user_id: int | None, only: int | None):
        rows = self.filter(user_id=user_id)
        return rows if only is None else rows.filter(portfolio_id=only)

    def of_people_called(self, words: str):
        """Those whose person's name or address holds these words, with person and portfolio."""
        rows = self.filter(user__is_active=True)
        rows = rows.filter(Q(holds(Folded("user__name"), words)) | Q(user__email__icontains=words))
        return rows.select_related("user", "portfolio").order_by("user__name", "pk")

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def lock_all(self, portfolio_id: int):
        """Every membership of a portfolio, locked in order: roles are judged together."""
        return list(
            self.filter(portfolio_id=portfolio_id)
            .select_related("user")
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )

    def led_by_nobody_but(self, user_id: int):
        """This person's memberships as the only sponsor who can still sign in."""
        others = self.model.objects.filter(
            portfolio=OuterRef("portfolio"), role="sponsor", user__is_active=True
        ).exclude(user_id=user_id)
        rows = self.filter(~Exists(others), user_id=user_id, role="sponsor")
        return rows.select_related("portfolio").order_by("portfolio__name")


class InvitationQuerySet(VisibleQuerySet):
    def open(self, now: datetime):
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def waiting(self):
        """Neither accepted nor revoked, expired or not."""
        return self.filter(accepted_at=None, revoked_at=None).order_by("-created_at", "pk")

    def in_portfolio(self, portfolio_id: int):
        return self.filter(portfolio_id=portfolio_id)

    def behind_link(self, pk: int | None):
        """The invitation with its portfolio, whoever asks: its signed link is the right to it."""
        return self.filter(pk=pk).select_related("portfolio", "invited_by").first()

    def with_inviter(self):
        return self.select_related("invited_by")

    def newest_first(self):
        return self.order_by("-created_at", "-pk")

    def lock_open(self, portfolio_id: int, email: str):
        """The invitation of this address that is neither accepted nor revoked, locked; or none."""
        waiting = self.filter(portfolio_id=portfolio_id, accepted_at=None, revoked_at=None)
        return waiting.to(email).select_for_update(of=("self",), no_key=True).first()

    def to(self, email: str):
        return self.filter(email=email.strip().lower())

    def unsent(self, now: datetime):
        return self.open(now).filter(sent_at=None)

    def ids(self) -> list[int]:
        return list(self.values_list("pk", flat=True))

    def claim_unsent(self, pk: int):
        """The invitation, locked, when its e-mail is still to be sent and nobody else sends it."""
        return (
            self.filter(pk=pk, sent_at=None, revoked_at=None, accepted_at=None)
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("portfolio", "invited_by")
            .first()
        )


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


@cache
def _columns(model: type[models.Model], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


class ApiTokenQuerySet(models.QuerySet):
    def usable(self, secret: str, now: datetime):
        """The token with this secret that is neither revoked nor expired, with its person.

        It says as `sees` what `revisions_of` its person would: one statement, written out,
        because every question of a script begins with it and many end there, in a 304.
        """
        person = self.model._meta.get_field("user").related_model
        tokens, people = _columns(self.model, "token"), _columns(person, "person")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {tokens}, {people}, (SELECT json_agg(json_build_array("
                "  portfolio.id, member.role, portfolio.revision, ranking.done, simulation.done)"
                "  ORDER BY portfolio.id)"
                " FROM portfolio_membership AS member"
                " JOIN portfolio_portfolio AS portfolio ON portfolio.id = member.portfolio_id"
                " LEFT JOIN portfolio_ranking AS ranking ON ranking.portfolio_id = portfolio.id"
                " LEFT JOIN portfolio_simulation AS simulation"
                "   ON simulation.portfolio_id = portfolio.id"
                " WHERE member.user_id = token.user_id"
                " AND coalesce(token.portfolio_id, portfolio.id) = portfolio.id)"
                " FROM portfolio_apitoken AS token"
                " JOIN portfolio_user AS person ON person.id = token.user_id"
                " WHERE token.digest = %s AND token.revoked_at IS NULL AND person.is_active"
                " AND (token.expires_at IS NULL OR token.expires_at > %s)",
                [digest_of(secret), now],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        width = len(self.model._meta.concrete_fields)
        token = self.model.from_db(self.db, _names(self.model), row[:width])
        token.user = person.from_db(self.db, _names(person), row[width:-1])
        token.sees = [tuple(seen) for seen in row[-1] or ()]
        return token

    def of_user(self, user_id: int | None):
        return self.filter(user_id=user_id).order_by("-created_at")

    def get_for_change(self, pk: int):
        """The token, locked until the transaction ends."""
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def live(self):
        return self.filter(revoked_at=None)

    def with_portfolio(self):
        return self.select_related("portfolio")

    def note_use(self, pk: int, last: datetime | None, now: datetime) -> None:
        """Remember the use, at most once a minute."""
        if last is None or last < now - timedelta(minutes=1):
            self.filter(pk=pk).update(last_used_at=now)
