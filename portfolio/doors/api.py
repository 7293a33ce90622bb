"""The frame of every API door: who asks, what version, and once only."""

import hashlib
import re
from datetime import UTC, datetime

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from portfolio.doors.paging import whole_parameter
from portfolio.doors.problems import (
    AccessChanged,
    BodyDiffers,
    NotModified,
    StillRunning,
    TooLarge,
)
from portfolio.models import ApiToken, Event, KeptAnswer, Membership, Tombstone
from portfolio.querysets.people import horizon
from portfolio.rights import Actor

LIST_PARAMETERS = frozenset({"cursor", "page_size", "updated_since"})
VERSION = re.compile(r'(?:W/)?"?v(\d+)\.')
MOST_REVISION = 2**63 - 1
QUARTER = 15 * 60  # seconds: days begin at quarters of an hour, in every time zone
MULTIPART_ROOM = 100_000  # what the frame of a multipart body may take beside its file


class Door(GenericAPIView):
    """An API door: `request.actor`, ETag and If-Match, Idempotency-Key, strict parameters.

    A view names its `order` (key columns, the last one unique), its further query `parameters`,
    and, for one row, `row_version()`. Lists understand `updated_since=`; a view whose rows can be
    deleted names the `buried` kind of their tombstones and narrows `tombstones()` to its rows.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    order: tuple[str, ...] = ("pk",)
    parameters: frozenset[str] = frozenset()
    buried = ""
    is_list = False
    revision_column = "revision"
    horizon: int | None = None  # set where the client catches up with `updated_since=`
    etag = ""
    question: KeptAnswer | None = None

    # --- who asks, and whether they asked before ------------------------------------------------

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and request.headers.get("Idempotency-Key"):
            with transaction.atomic():
                return self._kept(super().dispatch(request, *args, **kwargs))
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        token = request.auth
        actor = Actor(
            user=request.user,
            portfolio_id=token.portfolio_id if token else None,
            may_write=token is None or token.scope == ApiToken.Scope.WRITE,
        )
        if token:
            actor.knows({pk: role for pk, role, *_ in token.sees})
        request.actor = request._request.actor = actor
        self._refuse_unknown_parameters(request)
        if request.method in ("GET", "HEAD"):
            self._answer_304(request)
            return
        self._refuse_large_body(request)
        if request.method == "POST":
            self._answer_again(request)

    def _refuse_unknown_parameters(self, request) -> None:
        known = set(self.parameters)
        if request.method in ("GET", "HEAD") and self.is_listing():
            known |= LIST_PARAMETERS
            if getattr(self, "filterset_class", None):
                known |= set(self.filterset_class.base_filters)
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            allowed = ", ".join(sorted(known)) or "none"
            raise exceptions.ValidationError(
                {name: [f"Not a parameter of this address. Known: {allowed}."] for name in unknown}
            )

    def _refuse_large_body(self, request) -> None:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type.startswith("multipart/"):
            most = settings.UPLOAD_MOST_BYTES + MULTIPART_ROOM
        given = request.META.get("CONTENT_LENGTH") or "0"
        if given.isdigit() and int(given) > most:
            raise TooLarge(f"At most {most:,} bytes here.")

    # --- versions -------------------------------------------------------------------------------

    def row_version(self) -> int | None:
        """The version of the one row that this address shows, from one query; none for lists."""
        return None

    def revisions(self) -> list[tuple]:
        """What the actor sees by now: (portfolio, role, revision, ranking, certainty) of each;
        one query."""
        actor = self.request.actor
        seen = Membership.objects.revisions_of(actor.user_id, actor.portfolio_id)
        actor.knows({pk: role for pk, role, *_ in seen})
        return seen

    def under_way(self) -> list:
        """What a worker has yet to do here, and how far it is: not every step is an event."""
        return []

    def ticket(self) -> int | None:
        """The ticket of the order that cursors point into, where it can be replaced."""
        return None

    def _answer_304(self, request) -> None:
        self.etag = self._make_etag(request)
        given = request.headers.get("If-None-Match", "").split(",")
        # A proxy that packs the answer makes the tag a weak one.
        if self.etag in [tag.strip().removeprefix("W/") for tag in given]:
            raise NotModified

    def _make_etag(self, request) -> str:
        # A token brings along what it sees: the statement that found it asked for that too.
        seen = request.auth.sees if request.auth else self.revisions()
        version = self.row_version() or 0
        newest = max((revision for _, _, revision, *_ in seen), default=0)
        # Weeks and days that are over follow the clock, not a revision.
        quarter = int(timezone.now().timestamp() // QUARTER)
        told = f"{request.get_full_path()} {quarter} {seen} {self.under_way()}"
        kind = f"{request.user.pk} {told}".encode()
        digest = hashlib.blake2b(kind, digest_size=9).hexdigest()
        return f'"v{version}.r{newest}.{digest}"'

    def seen_version(self) -> int | None:
        """The version that `If-Match` names; None where the client does not mind."""
        given = self.request.headers.get("If-Match")
        if given is None or given.strip() == "*":
            return None
        match = VERSION.match(given.strip())
        return int(match[1]) if match else -1  # not one of ours: matches no row

    def present(self, row) -> dict:
        """A row as this address shows it: the body of a 412."""
        return self.get_serializer(row).data

    # --- answering ------------------------------------------------------------------------------

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        etag = self.etag or self._etag_of_written(request, response)
        if etag and response.status_code in (200, 201, 304):
            response["ETag"] = etag
        if response.status_code == 304:
            response.headers.pop("Content-Type", None)
        return response

    def _etag_of_written(self, request, response) -> str:
        """A tag good for the next `If-Match`, from the row that a write answers with."""
        row = getattr(response, "data", None)
        if request.method in ("GET", "HEAD") or not isinstance(row, dict):
            return ""
        revision = row.get("revision")
        return f'"v{revision}.r{revision}.written"' if isinstance(revision, int) else ""

    def _answer_again(self, request) -> None:
        """Hold the key until commit; raise the first answer where there is one (section POST)."""
        key = request.headers.get("Idempotency-Key")
        if not key:
            return
        if len(key) > 255 or "\x00" in key:
            raise exceptions.ValidationError({"Idempotency-Key": ["At most 255 characters."]})
        question = {
            "user_id": request.user.pk, "method": request.method,
            "path": request.get_full_path()[:500], "key": key,
        }  # fmt: skip
        if not KeptAnswer.objects.hold(**question):
            raise StillRunning
        digest = digest_of_body(request)
        kept = KeptAnswer.objects.fresh(timezone.now(), **question)
        if kept is None:
            self.question = KeptAnswer(**question, body_digest=digest, at=timezone.now())
        elif kept.body_digest != digest:
            raise BodyDiffers
        elif not set(kept.headers.get("seen", [])) <= self._seen():
            raise AccessChanged
        else:
            raise AnsweredBefore(kept)

    def _seen(self) -> set[str]:
        """The portfolios that the actor sees and in what role: a kept answer may tell of them."""
        return {f"{pk} {role}" for pk, role, *_ in self.revisions()}

    def handle_exception(self, exception):
        if isinstance(exception, AnsweredBefore):
            kept = exception.kept
            headers = {name: value for name, value in kept.headers.items() if name != "seen"}
            return Response(
                orjson.loads(bytes(kept.body)) if kept.body else None,
                status=kept.status,
                headers={**headers, "Idempotent-Replayed": "true"},
                content_type=headers.get("Content-Type"),
            )
        return super().handle_exception(exception)

    def _kept(self, response):
        """The answer, rendered and kept in the transaction of what it tells of.

        A refusal for who one is or when one asks is no answer to the question itself.
        """
        if response.status_code >= 500:
            transaction.set_rollback(True)
        elif self.question is not None and response.status_code not in (401, 403, 404, 429):
            response.render()
            self.question.status = response.status_code
            self.question.body = response.content
            self.question.headers = {
                name: response[name]
                for name in ("Content-Type", "Location", "ETag")
                if name in response
            } | {"seen": sorted(self._seen())}
            KeptAnswer.objects.keep(self.question)
        return response

    # --- lists ----------------------------------------------------------------------------------

    def is_listing(self) -> bool:
        return self.is_list or getattr(self, "action", None) == "list"

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        if self.is_listing() and "updated_since" in self.request.query_params:
            self.since = self._since()
            self.horizon = horizon()
            queryset = queryset.changed_since(self.since, self.horizon)
        return queryset

    def _since(self) -> int:
        """The revision to catch up from: given as such, or as an instant."""
        raw = self.request.query_params["updated_since"]
        moment = as_instant(raw)
        if moment is not None:
            return Event.objects.visible_to(self.request.actor).last_before(moment)
        try:
            return whole_parameter(self.request, "updated_since", 0, least=0, most=MOST_REVISION)
        except exceptions.ValidationError as fault:
            words = "Give a revision (a whole number) or an instant such as 2026-11-22T10:00:00Z."
            raise exceptions.ValidationError({"updated_since": [words]}) from fault

    def changed_tombstones(self):
        """The tombstones of what was deleted meanwhile; None where nothing here can be."""
        if not self.buried:
            return None
        return self.tombstones().changed_since(self.since, self.horizon)

    def tombstones(self):
        """The tombstones of rows that this list showed; a view of one parent narrows it."""
        return Tombstone.objects.visible_to(self.request.actor).of_kind(self.buried)


def as_instant(raw: str) -> datetime | None:
    """The instant that this text names, in UTC; None where it names none."""
    try:
        # In a query a plus sign that nobody quoted arrives as a space.
        moment = parse_datetime(raw) or parse_datetime(raw.replace(" ", "+"))
        if moment is None or moment.tzinfo is None:
            return None
        return moment.astimezone(UTC)  # Postgres takes no offset past 15:59
    except (ValueError, OverflowError):
        return None


def digest_of_body(request) -> str:
    """What was asked, as one number: the bytes, or for a form its fields and files.

    Two tries of one upload have different boundaries, so their bytes differ.
    """
    digest = hashlib.sha256()
    if not request.content_type.startswith("multipart/"):
        digest.update(request._request.body)
        return digest.hexdigest()
    for name in sorted(request.data):
        for value in request.data.getlist(name):
            digest.update(f"\x00{name}\x00".encode())
            if hasattr(value, "chunks"):
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
            else:
                digest.update(str(value).encode())
    return digest.hexdigest()


class AnsweredBefore(exceptions.APIException):
    """This question was answered; the kept answer is given again."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.kept = kept
