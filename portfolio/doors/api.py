"""The frame of every API door: who asks, what version, and once only."""

import hashlib
import re

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.cache import patch_cache_control
from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from portfolio.doors.paging import whole_parameter
from portfolio.doors.problems import BodyDiffers, NotModified, StillRunning
from portfolio.models import ApiToken, KeptAnswer, Portfolio, Tombstone
from portfolio.querysets.people import horizon
from portfolio.rights import Actor

LIST_PARAMETERS = frozenset({"cursor", "page_size", "updated_since"})
VERSION = re.compile(r'(?:W/)?"?v(\d+)\.')
MOST_REVISION = 2**63 - 1


class Door(GenericAPIView):
    """An API door: `request.actor`, ETag and If-Match, Idempotency-Key, strict parameters.

    A view names its `order` (key columns, the last one unique), its further query `parameters`,
    and, for one row, `row_version()`. Lists understand `updated_since=`; a view whose rows can be
    deleted names the `buried` kind of their tombstones.
    """

    order: tuple[str, ...] = ("pk",)
    parameters: frozenset[str] = frozenset()
    buried = ""
    is_list = False

    # --- who asks, and whether they asked before ------------------------------------------------

    def dispatch(self, request, *args, **kwargs):
        if request.method == "POST" and request.headers.get("Idempotency-Key"):
            with transaction.atomic():
                return self._rendered(super().dispatch(request, *args, **kwargs))
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        token = request.auth
        request.actor = request._request.actor = Actor(
            user=request.user,
            portfolio_id=token.portfolio_id if token else None,
            may_write=token is None or token.scope == ApiToken.Scope.WRITE,
        )
        self._refuse_unknown_parameters(request)
        if request.method in ("GET", "HEAD"):
            self._answer_304(request)
        elif request.method == "POST":
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

    # --- versions -------------------------------------------------------------------------------

    def row_version(self) -> int | None:
        """The version of the one row that this address shows, from one query; none for lists."""
        return None

    def revisions(self) -> list[tuple]:
        """What the actor sees by now: (portfolio, role, revision) of each; one query."""
        rows = Portfolio.objects.visible_to(self.request.actor)
        return list(rows.values_list("pk", "actor_role", "revision").order_by("pk"))

    def ticket(self) -> int | None:
        """The ticket of the order that cursors point into, where it can be replaced."""
        return None

    def _answer_304(self, request) -> None:
        self.etag = self._make_etag(request)
        if self.etag in [
            tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")
        ]:
            raise NotModified

    def _make_etag(self, request) -> str:
        seen = self.revisions()
        newest = max((revision for *_, revision in seen), default=0)
        kind = f"{request.user.pk} {request.get_full_path()} {seen}".encode()
        digest = hashlib.blake2b(kind, digest_size=9).hexdigest()
        return f'"v{self.row_version() or 0}.r{newest}.{digest}"'

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
        etag = getattr(self, "etag", None)
        if etag and response.status_code in (200, 304):
            response["ETag"] = etag
        if response.status_code == 304:
            response.headers.pop("Content-Type", None)
        return response

    def _answer_again(self, request) -> None:
        """Hold the key until commit; raise the first answer where there is one (section POST)."""
        key = request.headers.get("Idempotency-Key")
        if not key:
            return
        if len(key) > 255:
            raise exceptions.ValidationError({"Idempotency-Key": ["At most 255 characters."]})
        digest = hashlib.sha256(request._request.body).hexdigest()
        question = {
            "user_id": request.user.pk, "method": request.method,
            "path": request.get_full_path()[:500], "key": key,
        }  # fmt: skip
        if not KeptAnswer.objects.hold(**question):
            raise StillRunning
        kept = KeptAnswer.objects.fresh(timezone.now(), **question)
        if kept is None:
            self.question = KeptAnswer(**question, body_digest=digest, at=timezone.now())
        elif kept.body_digest != digest:
            raise BodyDiffers
        else:
            raise AnsweredBefore(kept)

    def handle_exception(self, exception):
        if isinstance(exception, AnsweredBefore):
            kept = exception.kept
            self.headers = self.default_response_headers
            return Response(
                orjson.loads(bytes(kept.body)) if kept.body else None,
                status=kept.status,
                headers={**kept.headers, "Idempotent-Replayed": "true"},
                content_type=kept.headers.get("Content-Type"),
            )
        return super().handle_exception(exception)

    def _rendered(self, response):
        """The answer, rendered and kept in the transaction of what it tells of."""
        question = getattr(self, "question", None)
        if question is not None and response.status_code < 500:
            response.render()
            question.status = response.status_code
            question.body = response.content
            question.headers = {
                name: response[name] for name in ("Content-Type", "Location") if name in response
            }
            KeptAnswer.objects.keep(question)
        return response

    # --- lists ----------------------------------------------------------------------------------

    def is_listing(self) -> bool:
        return self.is_list or getattr(self, "action", None) == "list"

    def key_order(self) -> tuple[str, ...]:
        return ("revision", "pk") if "updated_since" in self.request.query_params else self.order

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        if self.is_listing() and "updated_since" in self.request.query_params:
            since = whole_parameter(self.request, "updated_since", 0, least=0, most=MOST_REVISION)
            queryset = queryset.changed_since(since, horizon())
        return queryset

    def tombstones(self):
        """The tombstones of rows that this list showed; a view with deletable rows narrows it."""
        return Tombstone.objects.of_kind(self.buried)


class AnsweredBefore(exceptions.APIException):
    """This question was answered; the kept answer is given again."""

    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.kept = kept
