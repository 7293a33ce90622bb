"""Who asks the API and in what form: tokens, scopes, and nothing but JSON."""

from decimal import Decimal

import orjson
from django.utils import timezone
from rest_framework import authentication, exceptions, negotiation, parsers, permissions, renderers

from portfolio.models import ApiToken


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request):
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        now = timezone.now()
        token = ApiToken.objects.usable(secret.strip(), now)
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown, expired or revoked.")
        ApiToken.objects.note_use(token.pk, token.last_used_at, now)
        return token.user, token

    def authenticate_header(self, request):
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The signed-in browser; writing needs the CSRF token."""

    def authenticate_header(self, request):
        return "Bearer"


class SignedInAndScoped(permissions.BasePermission):
    """Signed in; a token that reads does not write."""

    message = "This token may read, not write."

    def has_permission(self, request, view) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        token = request.auth
        if token is None or request.method in permissions.SAFE_METHODS:
            return True
        return token.scope == ApiToken.Scope.WRITE


class JSONRenderer(renderers.BaseRenderer):
    """JSON; decimals as strings."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if data is None:
            return b""
        return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def _plain(value):
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return dict(value)
    if hasattr(value, "__iter__"):
        return list(value)
    return str(value)


class JSONParser(parsers.BaseParser):
    """JSON of today's rules: no NaN, no half of a character, no bottomless nesting."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as fault:
            raise exceptions.ParseError(f"This is not JSON: {fault}.") from fault


class JSONNegotiation(negotiation.BaseContentNegotiation):
    """Whatever the client would like, it gets JSON: never HTML."""

    def select_parser(self, request, parsers):
        return negotiation.DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
