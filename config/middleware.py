"""What every request passes: its id, who acts, and refusals in words."""

import logging
import re
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from config.logs import request_id
from portfolio.doors.problems import bad_request, is_gone, page_not_found, plain_problem
from portfolio.errors import MergedAway, NotAllowed, RuleBroken
from portfolio.models import UseCase
from portfolio.rights import Actor

BUSY = "The database did not answer in time, so nothing was saved. Try again in a moment."
ONLY_SENT = "This address takes a form that was filled in, and nothing else."
TAKEN = "pharos_taken"  # read and thrown away by static/js/draft.js
MOST_TAKEN = 20
TAKEN_FOR = 24 * 3600  # seconds
log = logging.getLogger(__name__)
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}\Z")


class RequestIdMiddleware:
    """Gives the request an id, or keeps the one that a proxy gave it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        given = request.headers.get("X-Request-ID", "")
        request.id = given if GIVEN_ID.match(given) else uuid.uuid4().hex[:16]
        token = request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = request.id
        return response


class _SameQuestion(HttpResponsePermanentRedirect):
    """Elsewhere, by the same method and with the same body."""

    def __init__(self, to: str) -> None:
        super().__init__(to, preserve_request=True)
        del self["Content-Type"]  # there is nothing to read


class AddressMiddleware(CommonMiddleware):
    """Leads to an address that only lacks its last slash: what was sent there is not lost."""

    response_redirect_class = _SameQuestion


class WithoutNulMiddleware:
    """Refuses an address or a form with a NUL in it: no text of ours has one, and Postgres takes
    none. Not every door reads its fields through a form that would say so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, None)
        return self.get_response(request)

    def process_view(self, request, view, arguments, options):
        is_form = request.method == "POST" and not request.path.startswith("/api/")
        if not is_form or not request.user.is_authenticated:
            return None  # the API names the field itself, and so do the forms of signing in
        for name, values in request.POST.lists():
            if any("\x00" in text for text in (name, *values)):
                plain = name.replace("\x00", "")
                return refusal(request, 422, f"“{plain}” holds a character that no text has.")
        return None


class HtmxSignInMiddleware:
    """An expired session answers htmx with 401 and the way to the sign-in page.

    A redirect would be followed by the browser and swap the sign-in form into a table.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        asks_piece = request.headers.get("HX-Request") == "true"
        sign_in = reverse("account_login")
        if asks_piece and response.status_code == 302 and response.url.startswith(sign_in):
            here = request.headers.get("HX-Current-URL", "")
            path = re.sub(r"^https?://[^/]+", "", here) or "/"
            answer = HttpResponse(status=401)
            answer["HX-Redirect"] = f"{sign_in}?{urlencode({'next': path})}"
            return answer
        return response


class ActorMiddleware:
    """Names who acts on a page: the person of the session, with all their portfolios."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.actor = Actor(user=request.user)
        return self.get_response(request)


class LeadOnMiddleware:
    """Leads from the reference of a merged use case to the one that it went into.

    Every door finds a merged one as little as one that never was; whoever may see it is told here
    where it went: readers by a redirect to the same tab, writers by a refusal that names it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code != 404 or match is None or "reference" not in match.kwargs:
            return response
        actor = getattr(request, "actor", None)
        reference = match.kwargs["reference"]
        into = UseCase.objects.survivor_of(actor, reference) if actor else None
        if into is None:
            return response
        is_api = request.path.startswith("/api/")
        if request.method not in ("GET", "HEAD"):
            refused = MergedAway(reference.upper(), into)
            if is_api:
                return plain_problem(409, refused.code, refused.words, into=into)
            return refusal(request, 409, refused.words)
        address = reverse(match.view_name, kwargs={**match.kwargs, "reference": into})
        query = request.META.get("QUERY_STRING", "")
        answer = HttpResponsePermanentRedirect(
            f"{address}?{query}" if query else address, preserve_request=is_api
        )
        answer["Cache-Control"] = "private, no-cache"  # who may see it can change
        return answer


class TakenDraftMiddleware:
    """Tells the browser which of the drafts that it keeps were taken, by the names it gave them.

    A page answers a form that it took with a redirect, and one that it refused by showing it
    again. Who has to sign in first has had nothing taken.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_taken = request.method == "POST" and response.status_code in (302, 303)
        if not is_taken or not request.user.is_authenticated:
            return response
        name = request.POST.get("draft", "")
        if GIVEN_ID.match(name):
            before = [
                one for one in request.COOKIES.get(TAKEN, "").split(".") if GIVEN_ID.match(one)
            ]
            response.set_cookie(
                TAKEN, ".".join([*before[-MOST_TAKEN + 1 :], name]), max_age=TAKEN_FOR,
                secure=settings.CSRF_COOKIE_SECURE, samesite="Lax",
            )  # fmt: skip
        return response


class RefusalMiddleware:
    """Turns a refusal that no form caught into a page in plain words."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith("/api/"):
            answer = refusal(request, 405, ONLY_SENT)
            answer["Allow"] = response["Allow"]
            return answer
        return response

    def process_exception(self, request, exception):
        if request.path.startswith("/api/"):
            return None
        if isinstance(exception, NotAllowed):
            return refusal(request, 403, exception.words)
        if isinstance(exception, RuleBroken):
            return refusal(request, 409, exception.words)
        if isinstance(exception, ValidationError):
            return refusal(request, 422, " ".join(exception.messages))
        if is_gone(exception):
            return page_not_found(request, exception)
        if isinstance(exception, OperationalError):
            log.exception("database trouble")
            return busy(request)
        return None


def busy(request) -> HttpResponse:
    """The page, or the notice, while the database has no time: it asks the database for nothing."""
    template = "refusal.html#notice" if request.htmx else "503.html"
    answer = HttpResponse(render_to_string(template, {"words": BUSY}), status=503)
    answer["Retry-After"] = "2"
    return as_notice(request, answer)


def refusal(request, status: int, words: str) -> HttpResponse:
    """The page, or for htmx the notice, that says why not."""
    template = "refusal.html#notice" if getattr(request, "htmx", False) else "refusal.html"
    response = render(request, template, {"words": words, "status": status}, status=status)
    return as_notice(request, response)


def as_notice(request, response: HttpResponse) -> HttpResponse:
    """For htmx: into the place of messages, with the page left as it is."""
    if getattr(request, "htmx", False):
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
    patch_vary_headers(response, ["HX-Request"])
    return response
