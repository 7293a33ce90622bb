"""What went wrong, in the manner of who asked; for the API a problem (RFC 9457)."""

import logging
from http import HTTPStatus

import orjson
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import OperationalError
from django.http import Http404, HttpResponse, HttpResponseNotFound
from django.utils.cache import patch_vary_headers
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from portfolio.errors import EditedMeanwhile, GateRefused, MergedAway, NotAllowed, RuleBroken

PROBLEM = "application/problem+json"
API = "/api/"
NOT_THERE = "Not there, or not yours to see."

log = logging.getLogger(__name__)


class NotModified(exceptions.APIException):
    """What the client has is what there is."""

    status_code = 304


class BodyDiffers(exceptions.APIException):
    status_code = 422
    default_detail = "This Idempotency-Key was used with another body."
    default_code = "idempotency_key_reused"


class StillRunning(exceptions.APIException):
    status_code = 409
    default_detail = "The first request with this Idempotency-Key is still running."
    default_code = "still_running"
    wait = 1


class AccessChanged(exceptions.APIException):
    status_code = 409
    default_detail = (
        "This was done once, and what you may see has changed since. Look at the row itself."
    )
    default_code = "access_changed"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class TookTooLong(exceptions.APIException):
    status_code = 503
    default_detail = "This took too long, or the database is away. Try again in a moment."
    default_code = "took_too_long"
    wait = 2


def problem(exception: Exception, context: dict) -> Response | None:
    """The answer to an exception; None for a fault of ours, which is logged and becomes a 500."""
    if isinstance(exception, NotModified):
        return Response(status=304)
    answer = _known(exception, context)
    if answer is None:
        return None
    status, code, detail, extra, headers = answer
    body = as_problem(status, code, detail, **extra)
    return Response(body, status=status, headers=headers, content_type=PROBLEM)


def as_problem(status: int, code: str, detail: str, **extra) -> dict:
    """The body of a problem (RFC 9457)."""
    return {
        "type": f"urn:pharos:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **extra,
    }


def plain_problem(status: int, code: str, detail: str, **extra) -> HttpResponse:
    """The same for what never reached a door: an address nobody knows, a fault of ours."""
    body = orjson.dumps(as_problem(status, code, detail, **extra))
    response = HttpResponse(body, status=status, content_type=PROBLEM)
    response["Cache-Control"] = "private, no-cache"
    return response


def page_not_found(request, exception):
    """404 in the manner of who asks: a problem under /api/, a line for htmx, else a page."""
    if request.path.startswith(API):
        return plain_problem(404, "not_found", NOT_THERE)
    if getattr(request, "htmx", False):  # the page says it in its own words and swaps nothing
        answer = HttpResponseNotFound(NOT_THERE, content_type="text/plain; charset=utf-8")
    else:
        answer = defaults.page_not_found(request, exception)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def bad_request(request, exception):
    if request.path.startswith(API):
        return plain_problem(400, "wrong_shape", "This request is malformed.")
    return defaults.bad_request(request, exception)


def server_error(request):
    if request.path.startswith(API):
        return plain_problem(500, "our_fault", "Our fault. It is logged under X-Request-ID.")
    return defaults.server_error(request)


def _known(exception: Exception, context: dict):
    if isinstance(exception, GateRefused):
        conditions = [
            {
                "condition": finding.condition,
                "holds": finding.holds,
                "why": finding.why,
                "mend": str(finding.mend),
            }
            for finding in exception.conditions
        ]
        return 409, exception.code, exception.words, {"conditions": conditions}, {}
    if isinstance(exception, EditedMeanwhile):
        current = context["view"].present(exception.row)
        return 412, exception.code, exception.words, {"current": current}, {}
    if isinstance(exception, MergedAway):
        return 409, exception.code, exception.words, {"into": exception.into}, {}
    if isinstance(exception, RuleBroken):
        return 409, exception.code, exception.words, {}, {}
    if isinstance(exception, NotAllowed):
        return 403, "not_allowed", exception.words, {}, {}
    if isinstance(exception, PermissionDenied):
        return 403, "not_allowed", "Your role does not allow this.", {}, {}
    if isinstance(exception, Http404 | exceptions.NotFound) or is_gone(exception):
        return 404, "not_found", NOT_THERE, {}, {}
    if isinstance(exception, OperationalError):
        log.exception("database trouble")
        exception = TookTooLong()
    if isinstance(exception, ModelValidationError):
        exception = exceptions.ValidationError(as_detail(exception))
    if isinstance(exception, exceptions.ValidationError):
        errors = list(flatten(exception.detail))
        detail = errors[0]["message"] if len(errors) == 1 else "Some fields need another value."
        return 400, "wrong_shape", detail, {"errors": errors}, {}
    if isinstance(exception, exceptions.APIException):
        headers = {}
        if getattr(exception, "wait", None):
            headers["Retry-After"] = str(int(exception.wait))
        if getattr(exception, "auth_header", None):
            headers["WWW-Authenticate"] = exception.auth_header
        return exception.status_code, exception.default_code, str(exception.detail), {}, headers
    return None


def is_gone(exception: Exception) -> bool:
    """Whether a row that was looked for is not there, or not any more: somebody was faster.

    An attribute that a row lacks is a fault of ours.
    """
    return isinstance(exception, ObjectDoesNotExist) and not isinstance(exception, AttributeError)


def as_detail(error: ModelValidationError):
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def flatten(detail, path: str = ""):
    """Every message with the dotted path of its field: `outcome.baseline`, `0.low`."""
    if isinstance(detail, dict):
        for name, part in detail.items():
            here = "" if name in ("non_field_errors", "__all__") else str(name)
            yield from flatten(part, ".".join(filter(None, (path, here))))
    elif isinstance(detail, list):
        for position, part in enumerate(detail):
            nested = isinstance(part, dict | list)
            yield from flatten(
                part, ".".join(filter(None, (path, str(position)))) if nested else path
            )
    else:
        yield {"field": path, "message": str(detail)}
